//! Access: who speaks, and what they may do. The one place where that is decided.
//!
//! Open mode, the only one so far: everybody may read and announce everywhere, and everybody's
//! user is their session id. It answers only to host names that no foreign page can make its own
//! (DNS rebinding), which is why [`Access::host`] is part of it.

use std::sync::Mutex;

use crate::schema::TopicName;
use crate::topic::{Actor, Session, SessionKey, User};
use crate::wire::{Code, Fault};

/// The hosts that are this machine for everybody.
const LOCAL: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// The access rules of a hub.
#[derive(Debug)]
pub(crate) struct Access {
    hosts: Vec<String>,
}

impl Access {
    /// Everybody may do everything, at these host names beside the local ones.
    pub(crate) fn open(hosts: &[String]) -> Self {
        Self {
            hosts: hosts.to_vec(),
        }
    }

    /// Whether requests for this `Host` are answered.
    ///
    /// # Errors
    /// `invalid_host`.
    pub(crate) fn host(&self, host: Option<&str>) -> Result<(), Fault> {
        let name = without_port(host.unwrap_or_default());
        let mut known = LOCAL
            .into_iter()
            .chain(self.hosts.iter().map(String::as_str));
        if known.any(|it| it.eq_ignore_ascii_case(name)) {
            return Ok(());
        }
        let message = "this server answers to localhost, 127.0.0.1 and [::1]; name other hosts in `Config::hosts`";
        Err(Fault::new(Code::InvalidHost, message))
    }

    /// Who speaks, by the session key they hold; nobody without one.
    ///
    /// # Errors
    /// `invalid_session` when the key is not 32 hex digits.
    pub(crate) fn identify(&self, key: Option<&str>) -> Result<Option<Actor>, Fault> {
        let key = key.map(session_key).transpose()?;
        Ok(key.map(|key| identity(&key)))
    }

    /// Who speaks, by the session key they hold, on a connection that may have shown it before.
    ///
    /// # Errors
    /// As [`Access::identify`].
    pub(crate) fn identify_on(
        &self,
        speaker: &Speaker,
        key: Option<&str>,
    ) -> Result<Option<Actor>, Fault> {
        let Some(key) = key.map(session_key).transpose()? else {
            return Ok(None);
        };
        let mut last = speaker.0.lock().expect("nothing panics while it holds it");
        match &*last {
            Some((known, identity)) if *known == key => Ok(Some(identity.clone())),
            _ => {
                let identity = identity(&key);
                *last = Some((key, identity.clone()));
                Ok(Some(identity))
            }
        }
    }

    /// Whether somebody, or nobody in particular, may do something. In open mode they may.
    ///
    /// # Errors
    /// None in open mode.
    pub(crate) fn check(&self, _who: Option<&Actor>, action: Action<'_>) -> Result<(), Fault> {
        match action {
            Action::Read(_) | Action::Locate(_) | Action::List => Ok(()),
        }
    }
}

/// Who spoke last on a connection over HTTP, so that a key is hashed once rather than with every
/// request.
#[derive(Debug, Default)]
pub(crate) struct Speaker(Mutex<Option<(SessionKey, Actor)>>);

/// What somebody wants to do.
#[derive(Debug, Clone, Copy)]
#[expect(dead_code, reason = "open mode has no need to look closer")]
pub(crate) enum Action<'a> {
    /// Read a topic.
    Read(&'a TopicName),
    /// Learn in which topics a user is.
    Locate(&'a User),
    /// Learn in which topics somebody is.
    List,
}

/// Who announces has to hold a key.
///
/// # Errors
/// `invalid_session` without one.
pub(crate) fn announcer(identity: Option<&Actor>) -> Result<&Actor, Fault> {
    identity.ok_or_else(|| {
        let message = "announcing needs a session key of 32 hex digits: the header `Presence-Session`, or `session` in `hello`";
        Fault::new(Code::InvalidSession, message)
    })
}

/// Who watches whom they follow has to be somebody.
///
/// # Errors
/// `invalid_session` without a key.
pub(crate) fn follower(identity: Option<&Actor>) -> Result<&Actor, Fault> {
    identity.ok_or_else(|| {
        let message = "the filter `following` needs a session key: whose list would it be?";
        Fault::new(Code::InvalidSession, message)
    })
}

fn session_key(text: &str) -> Result<SessionKey, Fault> {
    SessionKey::parse(text).map_err(|error| Fault::new(Code::InvalidSession, error.to_string()))
}

/// Who holds the key, where nobody says who they are beside it.
fn identity(key: &SessionKey) -> Actor {
    let session = Session::of(key);
    Actor {
        session,
        user: User::from(session.id),
    }
}

fn without_port(host: &str) -> &str {
    match host.rfind(':') {
        Some(colon) if !host[colon..].contains(']') => &host[..colon],
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_mode_answers_to_local_and_named_hosts_only() {
        let access = Access::open(&["Board.example".to_owned()]);
        for good in [
            "localhost",
            "LOCALHOST:7700",
            "127.0.0.1:1",
            "[::1]",
            "[::1]:80",
            "board.example:443",
        ] {
            assert_eq!(access.host(Some(good)), Ok(()), "{good}");
        }
        for bad in [
            "",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "::1",
            "0.0.0.0",
        ] {
            let fault = access.host(Some(bad)).expect_err(bad);
            assert_eq!(fault.code, Code::InvalidHost, "{bad}");
        }
        assert!(access.host(None).is_err());
    }
}
