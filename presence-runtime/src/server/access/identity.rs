//! Identities: what authentication says about who asks.

use std::fmt;
use std::time::Duration;

use crate::schema::Claims;
use crate::topic::{InvalidMember, User};

/// What kind of a user somebody is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A person.
    #[default]
    Human,
    /// A program that acts like a person: an assistant at the same board.
    Agent,
    /// A program that belongs to the application.
    Service,
}

impl Kind {
    /// The word for it in claims: `human`, `agent` or `service`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Agent => "agent",
            Self::Service => "service",
        }
    }

    /// The kind with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Human, Self::Agent, Self::Service]
            .into_iter()
            .find(|it| it.as_str() == word)
    }
}

/// Who asks, as [`Authenticate`](super::Authenticate) found out.
///
/// ```
/// use std::time::Duration;
/// use presence_runtime::access::{Identity, Kind};
/// use presence_runtime::Claims;
///
/// let ann = Identity::of("ann")?
///     .with_claims(Claims::none().with("boards", vec!["42", "43"]))
///     .expiring_in(Duration::from_secs(3600));
/// assert!(ann.has("boards", "42") && !ann.has("boards", "4"));
/// assert_eq!(ann.kind, Kind::Human);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Identity {
    /// The user; nothing for a guest, whose user is the id of the session.
    pub user: Option<User>,
    /// Whether that is a person.
    pub kind: Kind,
    /// What else is known: rules decide by it, and fields with `server = "claim"` are set from it.
    /// `user` and `kind` are always the two above.
    pub claims: Claims,
    /// How long this holds; nothing when it holds as long as the connection.
    pub expires_in: Option<Duration>,
}

impl Identity {
    /// A user of this name.
    ///
    /// # Errors
    /// When it is not 1 to 128 bytes of `A-Z a-z 0-9 _ . ~ @ -`.
    pub fn of(user: impl AsRef<str>) -> Result<Self, InvalidMember> {
        let user = User::parse(user.as_ref())?;
        let claims = Claims::none().with("user", user.as_str());
        Ok(Self {
            user: Some(user),
            claims,
            ..Self::guest()
        }
        .with_kind(Kind::Human))
    }

    /// Somebody of whom nothing is known but the session. Where there are guests, no user should have
    /// a name like theirs: 16 characters of a-z and 2-7.
    #[must_use]
    pub fn guest() -> Self {
        Self {
            user: None,
            kind: Kind::Human,
            claims: Claims::none().with("kind", Kind::Human.as_str()),
            expires_in: None,
        }
    }

    /// The same of another kind.
    #[must_use]
    pub fn with_kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self.claims = self.claims.with("kind", kind.as_str());
        self
    }

    /// The same with these claims. `user` and `kind` among them change nothing.
    #[must_use]
    pub fn with_claims(mut self, claims: Claims) -> Self {
        self.claims = claims.without("user");
        if let Some(user) = &self.user {
            self.claims = self.claims.with("user", user.as_str());
        }
        let kind = self.kind;
        self.with_kind(kind)
    }

    /// The same, for this long.
    #[must_use]
    pub const fn expiring_in(mut self, time: Duration) -> Self {
        self.expires_in = Some(time);
        self
    }

    /// Whether a claim is this text, or a list with this text in it. The rule "the parameter equals
    /// the claim" is `|who, [board], _| who.has("board", &board)`.
    #[must_use]
    pub fn has(&self, claim: &str, text: &str) -> bool {
        match self.claims.get(claim) {
            Some(serde_json::Value::String(it)) => it == text,
            Some(serde_json::Value::Array(all)) => all.iter().any(|it| it.as_str() == Some(text)),
            _ => false,
        }
    }
}

/// Claims may be private: only their names show.
impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("user", &self.user)
            .field("kind", &self.kind)
            .field("claims", &self.claims.names().collect::<Vec<_>>())
            .field("expires_in", &self.expires_in)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn user_and_kind_are_claims_that_no_other_claim_replaces() {
        let forged = Claims::none().with("user", "eve").with("kind", "service");
        let ann = Identity::of("ann")
            .expect("a user")
            .with_claims(forged.clone());
        assert_eq!(ann.claims.get("user"), Some(&json!("ann")));
        assert_eq!(ann.claims.get("kind"), Some(&json!("human")));
        let guest = Identity::guest().with_claims(forged);
        assert_eq!(guest.claims.get("user"), None);
        assert_eq!(guest.claims.get("kind"), Some(&json!("human")));
        let bot = guest.with_kind(Kind::Service);
        assert_eq!(bot.claims.get("kind"), Some(&json!("service")));
    }

    #[test]
    fn a_claim_holds_a_text_or_a_list_of_texts() {
        let claims = [
            ("board", json!("42")),
            ("boards", json!(["1", 42, "3"])),
            ("n", json!(42)),
        ];
        let who = Identity::guest().with_claims(claims.into_iter().collect());
        assert!(who.has("board", "42") && who.has("boards", "3"));
        for (claim, text) in [
            ("board", "4"),
            ("board", "420"),
            ("boards", "42"),
            ("n", "42"),
            ("x", ""),
        ] {
            assert!(!who.has(claim, text), "{claim} {text}");
        }
    }

    #[test]
    fn claims_do_not_show() {
        let claims = Claims::none().with("email", "ann@example.org");
        let shown = format!(
            "{:?}",
            Identity::of("ann").expect("a user").with_claims(claims)
        );
        assert!(
            shown.contains("email") && !shown.contains("example.org"),
            "{shown}"
        );
    }

    #[test]
    fn a_kind_is_its_word() {
        for kind in [Kind::Human, Kind::Agent, Kind::Service] {
            assert_eq!(Kind::parse(kind.as_str()), Some(kind));
        }
        assert_eq!(Kind::parse("admin"), None);
    }
}
