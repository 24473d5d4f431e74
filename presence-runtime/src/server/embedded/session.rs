//! Sessions of Rust code: users for whom this process speaks.

use std::borrow::Borrow;

use super::Here;
use crate::schema::{Claims, Presence, TopicOf};
use crate::server::hub::Hub;
use crate::topic::{Actor, Session, SessionKey, User};
use crate::wire::{Code, Fault};

/// A session of a user for whom this process speaks, see [`Hub::member`]. Clones are the same session.
#[derive(Debug, Clone)]
pub struct LocalSession {
    hub: Hub,
    who: Result<Actor, Fault>,
    claims: Option<Claims>,
}

impl LocalSession {
    pub(super) fn new(hub: &Hub, user: &str) -> Self {
        Self {
            hub: hub.clone(),
            who: identity(user),
            claims: None,
        }
    }

    /// Sets fields that the server sets from these claims, as it does for clients. Without any, this
    /// process vouches for what it says.
    #[must_use]
    pub fn claims(self, claims: Claims) -> Self {
        Self {
            claims: Some(claims),
            ..self
        }
    }

    /// Is present in a topic until the guard is dropped. Joining a topic again takes over from the
    /// earlier guard, which can do nothing then and whose end changes nothing.
    ///
    /// # Errors
    /// `invalid_value` with everything that is wrong; `invalid_request` when the name is no user;
    /// `topic_full`, `kicked`, `too_large`; `forbidden` when a claim is missing; and whatever keeps from watching, see [`Hub::watch`].
    #[expect(clippy::needless_pass_by_value, reason = "the value is given away")]
    pub fn join<T: Presence>(
        &self,
        topic: impl Borrow<TopicOf<T>>,
        value: T,
    ) -> Result<Here<T>, Fault> {
        let who = self.who.clone()?;
        Here::join(&self.hub, who, self.claims.clone(), topic.borrow(), &value)
    }
}

fn identity(user: &str) -> Result<Actor, Fault> {
    let user = User::parse(user)
        .map_err(|error| Fault::new(Code::InvalidRequest, format!("{error}, found {user:?}")))?;
    let mut key = [0; 16];
    getrandom::fill(&mut key)
        .map_err(|_| Fault::new(Code::Internal, "no randomness for a session key"))?;
    let key = format!("{:032x}", u128::from_ne_bytes(key));
    let key = SessionKey::parse(&key).expect("32 hex digits");
    Ok(Actor {
        session: Session::of(&key),
        user,
    })
}
