//! Making a hub with more than topic types and figures.

use super::clock::{Clock, Monotonic};
use super::config::{Config, ConfigError};
use super::hook::{Changed, Emptied, Hook, Hooks, Joined, Left};
use super::hub::Hub;
use crate::schema::{Presence, Schema, Topics};

/// A hub in the making, see [`Hub::builder`].
#[derive(Debug)]
#[must_use = "`build` makes the hub"]
pub struct HubBuilder {
    topics: Topics,
    config: Config,
    clock: Box<dyn Clock>,
    hooks: Vec<(&'static Schema, Hook)>,
}

impl Hub {
    /// Begins a hub for these topic types.
    ///
    /// ```
    /// use presence_runtime::{Hub, Presence, Topics, hook};
    ///
    /// #[derive(Presence)]
    /// #[presence(topic = "boards:{board}:cursors")]
    /// struct Cursor { x: f64 }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let hub = Hub::builder(Topics::new().register::<Cursor>())
    ///     .on_join(|it: hook::Joined<Cursor>| {
    ///         if it.first {
    ///             println!("{} came to {}", it.entry.member.user, it.topic);
    ///         }
    ///     })
    ///     .on_leave(|it: hook::Left<Cursor>| {
    ///         if it.last {
    ///             println!("{} was last seen at {}", it.entry.member.user, it.entry.value.x);
    ///         }
    ///     })
    ///     .build()?;
    /// let here = hub.member("bot").join(Cursor::topic("42")?, Cursor { x: 1.0 })?;
    /// here.update(|cursor| cursor.x = 3.0)?;
    /// drop(here); // bot was last seen at 3
    /// # Ok(())
    /// # }
    /// ```
    pub fn builder(topics: Topics) -> HubBuilder {
        HubBuilder {
            topics,
            config: Config::default(),
            clock: Box::new(Monotonic::start()),
            hooks: Vec::new(),
        }
    }
}

impl HubBuilder {
    /// With these figures. Defaults to [`Config::default`].
    pub fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// With another clock, for simulations. Defaults to the machine's.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// Does this when somebody joins a topic of type `T`. See [`hook`](super::hook) for when and
    /// where hooks run.
    pub fn on_join<T: Presence>(self, act: impl Fn(Joined<T>) + Send + Sync + 'static) -> Self {
        self.hook::<T>(Hook::on_join(act))
    }

    /// Does this when somebody in a topic of type `T` changes.
    pub fn on_change<T: Presence>(self, act: impl Fn(Changed<T>) + Send + Sync + 'static) -> Self {
        self.hook::<T>(Hook::on_change(act))
    }

    /// Does this when somebody leaves a topic of type `T`, for whatever reason.
    pub fn on_leave<T: Presence>(self, act: impl Fn(Left<T>) + Send + Sync + 'static) -> Self {
        self.hook::<T>(Hook::on_leave(act))
    }

    /// Does this when the last member leaves a topic of type `T`, after `on_leave`.
    pub fn on_empty<T: Presence>(self, act: impl Fn(Emptied<T>) + Send + Sync + 'static) -> Self {
        self.hook::<T>(Hook::on_empty(act))
    }

    /// Makes the hub.
    ///
    /// # Errors
    /// When a setting is out of range, two types claim the same topics, or a hook is for a type that
    /// is not registered.
    pub fn build(self) -> Result<Hub, ConfigError> {
        let hooks = self.hooks.into_iter().collect::<Hooks>();
        Hub::assemble(self.topics, self.config, self.clock, hooks)
    }

    fn hook<T: Presence>(mut self, hook: Hook) -> Self {
        self.hooks.push((T::SCHEMA, hook));
        self
    }
}
