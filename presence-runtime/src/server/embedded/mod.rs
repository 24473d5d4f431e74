//! The hub as a library: presence for Rust code, without any server.

mod here;
mod session;
mod watch;

use std::borrow::Borrow;
use std::sync::Arc;
use std::time::Duration;

pub use here::Here;
pub use session::LocalSession;
pub use watch::{Change, Watch};

use super::hub::Hub;
use super::live::Live;
use super::neighbours::Order;
use crate::schema::{Presence, TopicName, TopicOf};
use crate::topic::{Counts, SessionId, User};
use crate::wire::{Code, Fault};

impl Hub {
    /// A new session of a user, for whom this process speaks. It is present once it joins a topic.
    ///
    /// A name that is no user (1 to 128 bytes of `A-Z a-z 0-9 _ . ~ @ -`) is refused when it joins.
    ///
    /// ```
    /// # use presence_runtime::{Config, Hub, Presence, Topics};
    /// # #[derive(Presence)]
    /// # #[presence(topic = "boards:{board}:cursors")]
    /// # struct Cursor { x: f64 }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let hub = Hub::new(Topics::new().register::<Cursor>(), Config::default())?;
    /// let bot = hub.member("bot");
    /// let here = bot.join(Cursor::topic("42")?, Cursor { x: 1.0 })?;
    /// here.update(|cursor| cursor.x = 3.0)?;
    /// assert_eq!(hub.topics_of("bot").len(), 1);
    /// drop(here); // leaves
    /// assert_eq!(hub.topics_of("bot").len(), 0);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn member(&self, user: impl AsRef<str>) -> LocalSession {
        LocalSession::new(self, user.as_ref())
    }

    /// Watches a topic, without being present in it.
    ///
    /// # Errors
    /// `unknown_topic` when `T` is not registered, `overloaded` when there are too many topics or the
    /// hub is closed, `internal` without a tokio runtime.
    ///
    /// ```
    /// # use presence_runtime::{Config, Hub, Presence, Topics};
    /// use presence_runtime::Change;
    ///
    /// # #[derive(Presence)]
    /// # #[presence(topic = "boards:{board}:cursors")]
    /// # struct Cursor { x: f64 }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let hub = Hub::new(Topics::new().register::<Cursor>(), Config::default())?;
    /// let topic = Cursor::topic("42")?;
    /// let mut watch = hub.watch(&topic)?;
    /// let here = hub.member("bot").join(&topic, Cursor { x: 1.0 })?;
    /// // First comes everybody who is there, then what changes.
    /// let Some(Change::Snapshot(entries)) = watch.next().await else { panic!() };
    /// assert_eq!(entries[0].value.x, 1.0);
    /// here.update(|cursor| cursor.x = 3.0)?;
    /// let Some(Change::Updated(entry)) = watch.next().await else { panic!() };
    /// assert_eq!(entry.value.x, 3.0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn watch<T: Presence>(&self, topic: impl Borrow<TopicOf<T>>) -> Result<Watch<T>, Fault> {
        Watch::open(self, topic.borrow())
    }

    /// How many are present in a topic.
    #[must_use]
    pub fn counts(&self, topic: impl AsRef<TopicName>) -> Counts {
        let counts = self.read(topic.as_ref(), |topic, _| topic.counts());
        counts.unwrap_or(Counts::NOBODY)
    }

    /// The topics in which a user is present with any session, by name.
    #[must_use]
    pub fn topics_of(&self, user: impl AsRef<str>) -> Vec<TopicName> {
        let Ok(user) = User::parse(user.as_ref()) else {
            return Vec::new();
        };
        let mut names = self.shared().whereabouts.of(&user, None, usize::MAX);
        // Whoever is due to go is gone.
        names.retain(|name| {
            let here = self.read(name, |topic, _| topic.entries_of(&user).next().is_some());
            here == Some(true)
        });
        names
    }

    /// Removes a session from a topic, with the reason `kicked`, and refuses it there for 60 s. Its
    /// client is told. Returns whether it was present.
    ///
    /// # Errors
    /// `unknown_topic`, or as [`Hub::watch`] where nobody is yet.
    pub fn kick(&self, topic: impl AsRef<TopicName>, session: SessionId) -> Result<bool, Fault> {
        let topic = topic.as_ref();
        let present = self.kick_here(topic, session, Duration::ZERO)?;
        self.order(|| Order::Kick {
            topic: topic.clone(),
            session,
        });
        Ok(present)
    }

    pub(in crate::server) fn kick_here(
        &self,
        topic: &TopicName,
        session: SessionId,
        age: Duration,
    ) -> Result<bool, Fault> {
        loop {
            let live = self.live(topic, None)?;
            if let Ok(present) = live.kick(self.shared(), session, age) {
                return Ok(present);
            }
        }
    }

    /// Removes all sessions of a user from a topic, with the reason `kicked`, and refuses the user there
    /// for 60 s, whatever session they come with. Their clients are told. Returns how many sessions were
    /// present.
    ///
    /// # Errors
    /// `invalid_request` when it is no user; else as [`Hub::kick`].
    pub fn kick_user(
        &self,
        topic: impl AsRef<TopicName>,
        user: impl AsRef<str>,
    ) -> Result<usize, Fault> {
        let user = User::parse(user.as_ref())
            .map_err(|error| Fault::new(Code::InvalidRequest, error.to_string()))?;
        let topic = topic.as_ref();
        let present = self.kick_user_here(topic, &user, Duration::ZERO)?;
        self.order(|| Order::KickUser {
            topic: topic.clone(),
            user,
        });
        Ok(present)
    }

    pub(in crate::server) fn kick_user_here(
        &self,
        topic: &TopicName,
        user: &User,
        age: Duration,
    ) -> Result<usize, Fault> {
        loop {
            let live = self.live(topic, None)?;
            if let Ok(present) = live.kick_user(self.shared(), user, age) {
                return Ok(present);
            }
        }
    }

    /// Removes a session from every topic in which it is present, as [`Hub::kick`] does; when its
    /// user logs out, say. Returns these topics, by name. Looks at all live topics.
    pub fn remove_session(&self, session: SessionId) -> Vec<TopicName> {
        let topics = self.remove_session_here(session, Duration::ZERO);
        self.order(|| Order::RemoveSession(session));
        topics
    }

    pub(in crate::server) fn remove_session_here(
        &self,
        session: SessionId,
        age: Duration,
    ) -> Vec<TopicName> {
        let mut all = self.all_live();
        all.retain(|live| {
            live.kick_present(self.shared(), session, age)
                .unwrap_or(false)
        });
        all.iter().map(|live| live.name().clone()).collect()
    }

    /// Removes everybody everywhere, with the reason `shutdown`, and lets nobody join again. Watches
    /// end once they have told so; hooks have run when this returns, unless another thread is at
    /// them.
    pub fn close(&self) {
        self.shared().close();
        for live in self.all_live() {
            live.close(self.shared());
        }
    }
}

/// The live topic, whose values are sure to be `T`s.
///
/// # Errors
/// As [`Hub::live`].
fn live_of<T: Presence>(hub: &Hub, topic: &TopicOf<T>) -> Result<Arc<Live>, Fault> {
    if hub.registered(topic.name())?.schema != T::SCHEMA {
        let message = format!("`{}` is not registered", T::SCHEMA.name());
        return Err(Fault::new(Code::UnknownTopic, message));
    }
    hub.live(topic.name(), None)
}
