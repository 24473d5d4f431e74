//! Callers: who asks, as far as it is known.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::Instant;

use super::Identity;
use super::recalls::Since;
use crate::schema::Claims;
use crate::server::address::Address;
use crate::topic::{Actor, Session, SessionKey, User};
use crate::wire::{Code, Fault};

/// Who asks: proof that [`Access`](super::Access) let them in.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// Who acts; nobody without a session key.
    actor: Option<Actor>,
    /// What authentication said; nothing in open mode.
    identity: Option<Arc<Identity>>,
    /// How long that holds; nothing when it does for ever.
    until: Option<Instant>,
    /// When it was begun to find that out.
    since: Since,
    /// From where they ask, where that is counted.
    from: Option<Address>,
}

impl Caller {
    pub(super) fn new(
        speaker: &Speaker,
        key: Option<&str>,
        identity: Option<Arc<Identity>>,
    ) -> Result<Self, Fault> {
        let key = key.map(session_key).transpose()?;
        let user = identity.as_ref().and_then(|it| it.user.as_ref());
        let actor = key.map(|key| speaker.actor(key, user));
        Ok(Self {
            actor,
            until: end(identity.as_deref()),
            identity,
            since: Since::default(),
            from: None,
        })
    }

    /// The same, whom it was begun to find out about then.
    pub(super) fn known_since(self, since: Since) -> Self {
        Self { since, ..self }
    }

    /// When it was begun to find out who this is.
    pub(super) const fn since(&self) -> Since {
        self.since
    }

    /// The same from this address.
    pub(crate) fn coming_from(self, from: Option<Address>) -> Self {
        Self { from, ..self }
    }

    /// From where they ask, where that is counted.
    pub(crate) const fn from(&self) -> Option<Address> {
        self.from
    }

    /// The same with the session of this key, where none was shown before.
    ///
    /// # Errors
    /// `invalid_session` when it is not 32 hex digits.
    pub(crate) fn with_key(&self, key: Option<&str>) -> Result<Self, Fault> {
        let shown = Self::new(&Speaker::default(), key, self.identity.clone())?;
        Ok(Self {
            actor: self.actor.clone().or(shown.actor),
            ..self.clone()
        })
    }

    /// The same session with what is known of it by now.
    pub(super) fn renewed(&self, identity: Arc<Identity>) -> Self {
        Self {
            until: end(Some(&identity)),
            identity: Some(identity),
            ..self.clone()
        }
    }

    /// Who acts, where a session key was shown.
    pub(crate) const fn actor(&self) -> Option<&Actor> {
        self.actor.as_ref()
    }

    /// What authentication said; nothing in open mode.
    pub(crate) const fn identity(&self) -> Option<&Arc<Identity>> {
        self.identity.as_ref()
    }

    /// The user, of a guest the session; nobody for a guest without one.
    pub(crate) fn user(&self) -> Option<&User> {
        let named = self.identity.as_ref().and_then(|it| it.user.as_ref());
        named.or_else(|| self.actor.as_ref().map(|it| &it.user))
    }

    /// Until when what they showed holds; nothing when it does for ever.
    pub(crate) const fn until(&self) -> Option<Instant> {
        self.until
    }

    /// How long what they showed held when they showed it.
    pub(crate) fn expires_in(&self) -> Option<Duration> {
        self.identity.as_ref().and_then(|it| it.expires_in)
    }

    /// What fields that the server sets are set from.
    pub(crate) fn claims(&self) -> &Claims {
        static NONE: Claims = Claims::none();
        self.identity.as_ref().map_or(&NONE, |it| &it.claims)
    }

    /// Who announces has to hold a key.
    ///
    /// # Errors
    /// `invalid_session` without one.
    pub(crate) fn announcer(&self) -> Result<&Actor, Fault> {
        self.actor.as_ref().ok_or_else(|| {
            let message = "announcing needs a session key of 32 hex digits: the header `Presence-Session`, or `session` in `hello`";
            Fault::new(Code::InvalidSession, message)
        })
    }
}

/// Who spoke last on a connection over HTTP, so that a key is hashed once rather than with every
/// request.
#[derive(Debug, Default)]
pub(crate) struct Speaker(Mutex<Option<(SessionKey, Actor)>>);

impl Speaker {
    /// Who holds the key. Without a name, everybody's user is their session id.
    fn actor(&self, key: SessionKey, user: Option<&User>) -> Actor {
        let mut last = self.0.lock().expect("nothing panics while it holds it");
        match &*last {
            Some((known, actor))
                if *known == key
                    && user.map_or_else(|| actor.session.id.as_str(), User::as_str)
                        == actor.user.as_str() =>
            {
                actor.clone()
            }
            _ => {
                let session = Session::of(&key);
                let user = user.cloned().unwrap_or_else(|| User::from(session.id));
                let actor = Actor { session, user };
                *last = Some((key, actor.clone()));
                actor
            }
        }
    }
}

/// Until when what is known by now holds.
fn end(identity: Option<&Identity>) -> Option<Instant> {
    let left = identity?.expires_in?;
    // What is too long to be told holds for ever.
    Instant::now().checked_add(left)
}

fn session_key(text: &str) -> Result<SessionKey, Fault> {
    SessionKey::parse(text).map_err(|error| Fault::new(Code::InvalidSession, error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_that_several_share_keeps_them_apart() {
        let speaker = Speaker::default();
        let key = "00112233445566778899aabbccddeeff";
        let caller = |user: Option<&str>| {
            let identity = match user {
                Some(user) => Identity::of(user).expect("a user"),
                None => Identity::guest(),
            };
            let caller = Caller::new(&speaker, Some(key), Some(Arc::new(identity)));
            caller
                .expect("a key")
                .actor()
                .expect("a key")
                .user
                .to_string()
        };
        assert_eq!(caller(Some("ann")), "ann");
        assert_eq!(caller(None), "g7j3dno6j6q54b34");
        assert_eq!(caller(Some("bob")), "bob");
        assert_eq!(caller(None), "g7j3dno6j6q54b34");
    }
}
