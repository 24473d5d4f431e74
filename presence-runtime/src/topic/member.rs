//! Members: a user's session present in a topic, and who may speak for it.

use std::cmp::Ordering;
use std::fmt;
use std::num::NonZeroU64;
use std::sync::Arc;

use super::{Session, SessionId};
use crate::schema::valid_parameter;

/// Who somebody is: 1 to 128 bytes of the segment alphabet, as authentication says.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct User(Name);

/// What has the form of a session id is one, so that equal names are equal: in open mode everybody's
/// is, and needs no memory of its own.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Name {
    Session(SessionId),
    Other(Arc<str>),
}

/// Why a text names no user, session or member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidMember {
    /// The user is empty, too long or outside of the alphabet.
    #[error("a user has 1 to 128 bytes of A-Z a-z 0-9 _ . ~ @ -")]
    User,
    /// The session is no session id.
    #[error("a session id has 16 characters of a-z 2-7")]
    Session,
}

impl User {
    /// Reads a user.
    ///
    /// # Errors
    /// When the text is not 1 to 128 bytes of the segment alphabet.
    pub fn parse(text: &str) -> Result<Self, InvalidMember> {
        if !valid_parameter(text) {
            return Err(InvalidMember::User);
        }
        Ok(Self(match SessionId::parse(text) {
            Ok(session) => Name::Session(session),
            Err(_) => Name::Other(text.into()),
        }))
    }

    /// The user as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Name::Session(session) => session.as_str(),
            Name::Other(text) => text,
        }
    }

    fn is(&self, session: SessionId) -> bool {
        matches!(&self.0, Name::Session(it) if *it == session)
    }
}

impl AsRef<str> for User {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl Ord for User {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl PartialOrd for User {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Without authentication, everybody's user is their session id.
impl From<SessionId> for User {
    fn from(session: SessionId) -> Self {
        Self(Name::Session(session))
    }
}

impl fmt::Display for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

/// A user's session present in a topic, written `user.session`; just `session` where the user is
/// no other than the session, because members are in every message.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Member {
    /// Who it is.
    pub user: User,
    /// With which tab or device.
    pub session: SessionId,
}

impl Member {
    /// Reads a member: what stands after the last dot, if there is one, is the session.
    ///
    /// # Errors
    /// When there is no session id, or a dot and no user before it.
    pub fn parse(text: &str) -> Result<Self, InvalidMember> {
        let Some((user, session)) = text.rsplit_once('.') else {
            let session = SessionId::parse(text)?;
            let user = User::from(session);
            return Ok(Self { user, session });
        };
        Ok(Self {
            user: User::parse(user)?,
            session: SessionId::parse(session)?,
        })
    }

    /// The user, where it is another name than the session's.
    #[must_use]
    pub fn named_user(&self) -> Option<&str> {
        (!self.user.is(self.session)).then(|| self.user.as_str())
    }
}

impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(user) = self.named_user() {
            write!(f, "{user}.")?;
        }
        f.write_str(self.session.as_str())
    }
}

impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// One socket or stream; never reused within a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub NonZeroU64);

/// Who acts: a session proven by its key, and a user proven by authentication.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Actor {
    /// The session.
    pub session: Session,
    /// The user.
    pub user: User,
}

impl Actor {
    /// The member that this identity is in every topic it announces itself in.
    #[must_use]
    pub fn member(&self) -> Member {
        Member {
            user: self.user.clone(),
            session: self.session.id,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_split_at_its_last_dot() {
        let member = Member::parse("ann.b@example.org.g7j3dno6j6q54b34").expect("a member");
        assert_eq!(member.user.as_str(), "ann.b@example.org");
        assert_eq!(member.session.as_str(), "g7j3dno6j6q54b34");
        assert_eq!(member.to_string(), "ann.b@example.org.g7j3dno6j6q54b34");
    }

    #[test]
    fn what_is_no_member_is_refused() {
        let refused = |text: &str| Member::parse(text).expect_err(text);
        assert_eq!(refused("ann"), InvalidMember::Session);
        assert_eq!(refused(".g7j3dno6j6q54b34"), InvalidMember::User);
        assert_eq!(refused("a:b.g7j3dno6j6q54b34"), InvalidMember::User);
        assert_eq!(refused("ann.bob"), InvalidMember::Session);
    }

    #[test]
    fn a_user_has_1_to_128_bytes() {
        assert_eq!(User::parse(""), Err(InvalidMember::User));
        assert!(User::parse(&"u".repeat(128)).is_ok());
        assert_eq!(User::parse(&"u".repeat(129)), Err(InvalidMember::User));
    }

    #[test]
    fn without_authentication_the_user_is_the_session() {
        let session = SessionId::parse("g7j3dno6j6q54b34").expect("an id");
        let user = User::from(session);
        assert_eq!(User::parse(user.as_str()), Ok(user.clone()));
        let member = Member { user, session };
        assert_eq!(member.to_string(), "g7j3dno6j6q54b34");
        assert_eq!(Member::parse("g7j3dno6j6q54b34"), Ok(member));
    }
}
