//! The gate: who may see what is for those who run the hub.

use std::sync::Arc;

use data_encoding::BASE64;
use http::header;
use http::request::Parts;
use sha2::{Digest, Sha256};

use crate::server::access::host;
use crate::server::config::ConfigError;
use crate::server::hub::Hub;
use crate::server::refused::Refused;

/// Passwords are not shorter, in characters.
const SHORTEST: usize = 16;

/// Who may pass.
#[derive(Debug, Clone)]
pub(super) enum Gate {
    /// Everybody who reaches it under a name that is nobody else's.
    Open,
    /// Those who show a password, of which this is the digest.
    Guarded(Arc<Secret>),
}

/// The digest of a password. Who sees how long comparing took learns nothing of the password by it.
pub(super) struct Secret([u8; 32]);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl Secret {
    fn of(password: &[u8]) -> Self {
        Self(Sha256::digest(password).into())
    }
}

impl Gate {
    pub(super) fn guarded(password: &str) -> Result<Self, ConfigError> {
        let length = password.chars().count();
        let refused = |found: String| ConfigError::Setting {
            setting: "password",
            allowed: format!("{SHORTEST} or more characters of ASCII that can be seen"),
            found,
        };
        if length < SHORTEST {
            return Err(refused(format!("{length}")));
        }
        if !password.bytes().all(|it| it.is_ascii_graphic()) {
            return Err(refused("another one".to_owned()));
        }
        Ok(Self::Guarded(Arc::new(Secret::of(password.as_bytes()))))
    }

    /// Whether a request may pass.
    ///
    /// # Errors
    /// `invalid_request` where it names no host, `invalid_host`, `forbidden_origin` or `unauthenticated`.
    pub(super) fn check(&self, hub: &Hub, head: &Parts) -> Result<(), Refused> {
        let host = host::named(head)?;
        match self {
            Self::Open => host::check(host, &hub.config().hosts)?,
            Self::Guarded(secret) if shows(head, secret) => {}
            Self::Guarded(_) => return Err(Refused::Password),
        }
        hub.origins().page(head, host)?;
        Ok(())
    }
}

fn shows(head: &Parts, secret: &Secret) -> bool {
    let shown = head.headers.get(header::AUTHORIZATION);
    let Some((scheme, shown)) = shown
        .and_then(|it| it.to_str().ok())
        .and_then(|it| it.split_once(' '))
    else {
        return false;
    };
    let digest = if scheme.eq_ignore_ascii_case("bearer") {
        Secret::of(shown.trim().as_bytes())
    } else if scheme.eq_ignore_ascii_case("basic")
        && let Ok(pair) = BASE64.decode(shown.trim().as_bytes())
        && let Some(colon) = pair.iter().position(|it| *it == b':')
    {
        Secret::of(&pair[colon + 1..])
    } else {
        return false;
    };
    digest.0 == secret.0
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;
    use crate::schema::Topics;
    use crate::server::config::Config;

    const PASSWORD: &str = "correct-horse-battery";

    fn head(pairs: &[(&str, &str)]) -> Parts {
        let request = pairs.iter().fold(Request::builder(), |it, (name, value)| {
            it.header(*name, *value)
        });
        request.body(()).expect("a request").into_parts().0
    }

    fn hub() -> Hub {
        let config = Config {
            hosts: vec!["ops.example".to_owned()],
            ..Config::default()
        };
        Hub::new(Topics::new(), config).expect("sensible figures")
    }

    #[test]
    fn without_a_password_names_that_a_page_could_own_are_refused() {
        let hub = hub();
        for good in [
            "localhost:7799",
            "127.0.0.1",
            "10.0.0.7:9100",
            "[::1]:80",
            "Ops.example",
        ] {
            assert!(
                Gate::Open.check(&hub, &head(&[("host", good)])).is_ok(),
                "{good}"
            );
        }
        for bad in [
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
        ] {
            let refused = Gate::Open.check(&hub, &head(&[("host", bad)]));
            assert_eq!(refused.expect_err(bad).answer().status(), 421, "{bad}");
        }
        for none in [
            &[][..],
            &[("host", "")],
            &[("host", "localhost"), ("host", "localhost")],
        ] {
            let refused = Gate::Open.check(&hub, &head(none));
            assert_eq!(
                refused.expect_err("no host").answer().status(),
                400,
                "{none:?}"
            );
        }
    }

    #[test]
    fn a_foreign_page_may_not_ask() {
        let asks = head(&[("host", "localhost"), ("origin", "https://evil.example")]);
        let refused = Gate::Open.check(&hub(), &asks);
        assert_eq!(refused.expect_err("a foreign page").answer().status(), 403);
    }

    #[test]
    fn the_password_is_shown_as_bearer_or_basic() {
        let gate = Gate::guarded(PASSWORD).expect("a password");
        let basic = |text: &str| format!("Basic {}", BASE64.encode(text.as_bytes()));
        let hub = hub();
        let passes = |shown: &str| {
            let head = head(&[("host", "metrics.internal"), ("authorization", shown)]);
            gate.check(&hub, &head).is_ok()
        };
        for good in [
            format!("Bearer {PASSWORD}"),
            format!("bearer {PASSWORD}"),
            basic(&format!("prometheus:{PASSWORD}")),
            basic(&format!(":{PASSWORD}")),
        ] {
            assert!(passes(&good), "{good}");
        }
        for bad in [
            PASSWORD.to_owned(),
            "Bearer".to_owned(),
            "Bearer ".to_owned(),
            format!("Bearer {PASSWORD}x"),
            format!("Basic {PASSWORD}"),
            basic(PASSWORD),
            basic(&format!("{PASSWORD}:")),
            format!("Digest {PASSWORD}"),
        ] {
            assert!(!passes(&bad), "{bad}");
        }
        let refused = gate.check(&hub, &head(&[("host", "localhost")]));
        let refused = refused.expect_err("nothing is shown").answer();
        assert_eq!(refused.status(), 401);
        assert_eq!(
            refused.headers()["www-authenticate"],
            "Basic realm=\"presence\""
        );
    }

    #[test]
    fn short_passwords_and_those_no_header_can_have_are_refused() {
        for bad in [
            "",
            "fifteen-letters",
            "sixteen letters!",
            "sëchzehn-zeichen",
            "sixteen\nletters!",
        ] {
            let error = Gate::guarded(bad).expect_err(bad).to_string();
            assert!(error.starts_with("password must be 16 or more"), "{error}");
            assert!(bad.is_empty() || !error.contains(bad), "{error}");
        }
        assert!(Gate::guarded("sixteen-letters!").is_ok());
        assert!(!format!("{:?}", Gate::guarded(PASSWORD)).contains("horse"));
    }
}
