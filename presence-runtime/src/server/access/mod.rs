//! Access: who asks, and what they may do. The one place where that is decided.
//!
//! In *open mode* nobody is asked who they are: everybody may read and announce everywhere, and
//! everybody's user is their session id. It answers only to host names that no foreign page can make its
//! own (DNS rebinding).
//!
//! With [`HubBuilder::authenticate`](super::HubBuilder::authenticate) everybody is asked: an
//! [`Authenticate`] turns the [`Credentials`] of a request or `hello` into an [`Identity`]. Then nobody may do
//! anything that no rule allows, see [`HubBuilder::authorize`](super::HubBuilder::authorize). What changes
//! meanwhile is told by [`Hub::reauthorize`](super::Hub::reauthorize) and [`Hub::revoke`](super::Hub::revoke).

// `Access` turns what a request shows into a `Caller`, and a caller with a topic into a `Permit`. Nobody
// else can make either, and whatever reads or changes a topic for a client takes one: a route that forgets
// to ask does not compile.

mod asked;
mod authenticate;
mod caller;
mod decisions;
mod guard;
pub(super) mod host;
mod identity;
#[cfg(feature = "jwt")]
mod jwt;
mod recalls;
mod rule;

use std::time::Duration;

use http::request::Parts;

pub(super) use asked::Asker;
use asked::{Question, Silence};
pub(super) use authenticate::Authenticator;
pub use authenticate::{Authenticate, Credentials, Unauthenticated};
pub(super) use caller::{Caller, Speaker};
use guard::Guard;
pub use identity::{Identity, Kind};
#[cfg(feature = "jwt")]
pub use jwt::{Jwt, JwtBuilder, JwtError, JwtKey};
pub use rule::Action;
pub(super) use rule::{Rule, Rules};

use crate::schema::{TopicName, Topics};
use crate::topic::User;
use crate::wire::{Code, Fault};

/// The access rules of a hub.
#[derive(Debug)]
pub(super) struct Access {
    hosts: Vec<String>,
    /// Nothing in open mode.
    guard: Option<Guard>,
}

/// A topic in which somebody may do something.
#[derive(Debug)]
pub(super) struct Permit<'a> {
    topic: &'a str,
    action: Action,
}

impl<'a> Permit<'a> {
    /// Where.
    pub(super) const fn topic(&self) -> &'a str {
        self.topic
    }

    /// The same for who keeps it beside the topic.
    pub(super) const fn seal(&self) -> Seal {
        Seal(self.action)
    }
}

/// A [`Permit`] without its topic.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seal(Action);

impl Seal {
    /// What may be done.
    pub(super) const fn action(self) -> Action {
        self.0
    }

    /// The permit for the topic that it was given for.
    pub(super) const fn on(self, topic: &str) -> Permit<'_> {
        let Self(action) = self;
        Permit { topic, action }
    }
}

impl Access {
    /// Everybody may do everything, at these host names beside the local ones.
    pub(super) fn open(hosts: &[String]) -> Self {
        Self {
            hosts: hosts.to_vec(),
            guard: None,
        }
    }

    /// Everybody is asked who they are and may do what rules allow, at these host names beside the local
    /// ones; at any where none are named.
    pub(super) fn guarded(
        hosts: &[String],
        authenticator: Authenticator,
        rules: Rules,
        patience: Duration,
    ) -> Self {
        Self {
            hosts: hosts.to_vec(),
            guard: Some(Guard::new(authenticator, rules, patience)),
        }
    }

    /// Whether nobody is asked who they are.
    pub(super) const fn is_open(&self) -> bool {
        self.guard.is_none()
    }

    /// Who asks the application; nobody in open mode.
    pub(super) fn asker(&self) -> Option<&Asker> {
        self.guard.as_ref().map(Guard::asker)
    }

    /// What somebody may do was not found out in time.
    pub(super) fn gave_up(&self) {
        if let Some(asker) = self.asker() {
            asker.count(Question::Rule, Silence::Late);
        }
    }

    /// The host that a request is for, where requests for it are answered.
    ///
    /// # Errors
    /// `invalid_request` where it does not name one host once, `invalid_host` where that is another
    /// one's.
    pub(super) fn host<'a>(&self, head: &'a Parts) -> Result<&'a str, Fault> {
        let host = host::named(head)?;
        // Where everybody has to show who they are, a page that made a name its own has nothing to show.
        if self.is_open() || !self.hosts.is_empty() {
            host::check(host, &self.hosts)?;
        }
        Ok(host)
    }

    /// Who shows these credentials and holds this session key, on a connection that may have shown it
    /// before.
    ///
    /// # Errors
    /// `invalid_session` when the key is not 32 hex digits; `unauthenticated`, `token_expired`,
    /// `unavailable`.
    pub(super) async fn admit(
        &self,
        speaker: &Speaker,
        credentials: impl FnOnce() -> Credentials,
        key: Option<&str>,
    ) -> Result<Caller, Fault> {
        let Some(guard) = &self.guard else {
            return Caller::new(speaker, key, None);
        };
        let since = guard.recalls().now();
        let identity = guard.identify(credentials()).await?;
        Ok(Caller::new(speaker, key, Some(identity))?.known_since(since))
    }

    /// The same caller with another token.
    ///
    /// # Errors
    /// As [`Access::admit`]; `forbidden` when the token is somebody else's.
    pub(super) async fn renew(&self, caller: &Caller, token: &str) -> Result<Caller, Fault> {
        let (Some(guard), Some(before)) = (&self.guard, caller.identity()) else {
            return Ok(caller.clone());
        };
        let shown = Credentials::default().with_token(Some(token));
        let identity = guard.identify(shown).await?;
        if identity.user != before.user {
            let message = "the token is another user's; that takes a connection of its own";
            return Err(Fault::new(Code::Forbidden, message));
        }
        Ok(caller.renewed(identity))
    }

    /// Whether a caller may do something in a topic.
    ///
    /// # Errors
    /// `invalid_topic` for a text that is no name. `forbidden`, and where the caller may not even read:
    /// the same as for a topic that does not exist.
    pub(super) async fn permit<'a>(
        &self,
        topics: &Topics,
        caller: &Caller,
        topic: &'a str,
        action: Action,
    ) -> Result<Permit<'a>, Fault> {
        let Some(guard) = &self.guard else {
            return Ok(Permit { topic, action });
        };
        let name = TopicName::parse(topic)?;
        let Some(registered) = topics.of(&name) else {
            return Err(hidden());
        };
        let schema = registered.schema;
        if guard.allows(caller, schema, &name, action).await {
            return Ok(Permit { topic, action });
        }
        let message = match action {
            Action::Read => return Err(hidden()),
            Action::Announce => "you may see who is in this topic, and not be in it yourself",
            Action::Inspect => "you may see who is in this topic, and not what became of others",
        };
        if guard.allows(caller, schema, &name, Action::Read).await {
            return Err(Fault::new(Code::Forbidden, message));
        }
        Err(hidden())
    }

    /// What everybody may do in open mode.
    pub(super) const fn permit_at_once<'a>(
        &self,
        topic: &'a str,
        action: Action,
    ) -> Option<Permit<'a>> {
        match self.guard {
            None => Some(Permit { topic, action }),
            Some(_) => None,
        }
    }

    /// Nothing counts any longer that was decided about a user, nor what is being found out.
    pub(super) fn recall(&self, user: &User) {
        if let Some(guard) = &self.guard {
            guard.recall(user);
        }
    }

    /// Whether what was found out about a caller still counts. Asked after they stand where a recall finds
    /// them, and before they do what lasts: so either of the two notices the other.
    ///
    /// # Errors
    /// `unavailable` when they were recalled meanwhile: they have to come again.
    pub(super) fn still(&self, caller: &Caller) -> Result<(), Fault> {
        match (&self.guard, caller.user()) {
            (Some(guard), Some(user)) if guard.recalls().has(user, caller.since()) => {
                let message = "what you may do has changed meanwhile; try again";
                Err(Fault::new(Code::Unavailable, message))
            }
            _ => Ok(()),
        }
    }
}

/// The answer about a topic that is not there for the caller, whether it exists or not.
fn hidden() -> Fault {
    let message = "there is no such topic, or it is not for you";
    Fault::new(Code::Forbidden, message)
}
