//! Guests: whoever says to be somebody is. An application looks into its logins here instead.

use data_encoding::BASE64;
use presence_runtime::access::{Credentials, Identity, Unauthenticated};

/// The most characters of a name, as `Reader::name` has it.
const MAX_CHARS: usize = 32;

/// Who shows a token such as `ann.QW5uIEJha2Vy`: a user's id, and the base64 of their name in UTF-8.
/// All tabs of a browser show the same id, and so are one user.
pub(crate) async fn by_token(shown: Credentials) -> Result<Identity, Unauthenticated> {
    let token = shown.token().ok_or(Unauthenticated::Missing)?;
    let (user, name) = token
        .rsplit_once('.')
        .ok_or_else(|| Unauthenticated::invalid("no dot between id and name"))?;
    let name = BASE64
        .decode(name.as_bytes())
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .filter(|name| (1..=MAX_CHARS).contains(&name.chars().count()))
        .filter(|name| !name.contains(char::is_control))
        .ok_or_else(|| Unauthenticated::invalid("no base64 of 1 to 32 characters"))?;
    let identity =
        Identity::of(user).map_err(|_| Unauthenticated::invalid("not an id for a user"))?;
    let claims = identity.claims.clone().with("name", name);
    Ok(identity.with_claims(claims))
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use presence_runtime::access::{Credentials, Identity, Unauthenticated};

    use super::by_token;

    async fn shown(token: &str) -> Result<Identity, Unauthenticated> {
        let header = format!("Bearer {token}").parse().expect("a header");
        let headers = HeaderMap::from_iter([(http::header::AUTHORIZATION, header)]);
        by_token(Credentials::of(headers)).await
    }

    #[tokio::test]
    async fn a_token_has_an_id_and_a_name() {
        // "Ann Çelik"
        let ann = shown("a.b.QW5uIMOHZWxpaw==").await.expect("both are there");
        assert_eq!(ann.user.expect("it is a user").as_str(), "a.b");
        assert_eq!(
            ann.claims.get("name").and_then(|it| it.as_str()),
            Some("Ann Çelik")
        );
    }

    #[tokio::test]
    async fn what_is_no_token_is_refused() {
        for wrong in ["ann", "ann.", "ann.QQ", "a b.QW5u", "ann.Cg==", "ann./w=="] {
            let refused = shown(wrong).await.expect_err(wrong);
            assert!(matches!(refused, Unauthenticated::Invalid(_)), "{wrong}");
        }
        let long = data_encoding::BASE64.encode("x".repeat(33).as_bytes());
        assert!(shown(&format!("ann.{long}")).await.is_err());
    }
}
