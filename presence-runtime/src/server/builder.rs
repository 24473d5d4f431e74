//! Making a hub with more than topic types and figures.

use std::sync::Arc;

use super::access::{Access, Action, Authenticate, Authenticator, Identity, Rule, Rules};
use super::clock::{Clock, Monotonic};
use super::config::{Config, ConfigError};
use super::hook::{Changed, Emptied, Hook, Hooks, Joined, Left};
use super::hub::Hub;
use crate::schema::{Presence, Schema, TopicName, Topics};

/// A hub in the making, see [`Hub::builder`].
#[derive(Debug)]
#[must_use = "`build` makes the hub"]
pub struct HubBuilder {
    topics: Topics,
    config: Config,
    clock: Box<dyn Clock>,
    hooks: Vec<(&'static Schema, Hook)>,
    authenticator: Option<Authenticator>,
    rules: Rules,
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
            authenticator: None,
            rules: Rules::default(),
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
    #[track_caller]
    pub fn on_join<T: Presence>(self, act: impl Fn(Joined<T>) + Send + Sync + 'static) -> Self {
        self.hook::<T>(Hook::on_join(act))
    }

    /// Does this when somebody in a topic of type `T` changes.
    #[track_caller]
    pub fn on_change<T: Presence>(self, act: impl Fn(Changed<T>) + Send + Sync + 'static) -> Self {
        self.hook::<T>(Hook::on_change(act))
    }

    /// Does this when somebody leaves a topic of type `T`, for whatever reason.
    #[track_caller]
    pub fn on_leave<T: Presence>(self, act: impl Fn(Left<T>) + Send + Sync + 'static) -> Self {
        self.hook::<T>(Hook::on_leave(act))
    }

    /// Does this when the last member leaves a topic of type `T`, after `on_leave`.
    #[track_caller]
    pub fn on_empty<T: Presence>(self, act: impl Fn(Emptied<T>) + Send + Sync + 'static) -> Self {
        self.hook::<T>(Hook::on_empty(act))
    }

    /// Asks everybody who comes over HTTP or a WebSocket who they are, and lets them do only what rules
    /// allow: see [`HubBuilder::authorize`]. Rust code in this process is not asked.
    ///
    /// Without this the hub is open to everybody who reaches it.
    pub fn authenticate(mut self, authenticate: impl Authenticate) -> Self {
        self.authenticator = Some(Authenticator::new(authenticate));
        self
    }

    /// Lets those do something in topics of type `T` for whom the rule says so: from who they are, the
    /// parameters of the topic and what they want to do. Types without a rule are for nobody.
    ///
    /// The rule answers at once, on the thread that serves the request; one that has to find out is an
    /// [`HubBuilder::authorize_async`]. One that panics says no. What it says holds for a connection and
    /// topic until the token changes or [`Hub::reauthorize`].
    ///
    /// ```
    /// use presence_runtime::access::{Action, Credentials, Identity, Unauthenticated};
    /// use presence_runtime::{Hub, Presence, Topics};
    ///
    /// #[derive(Presence)]
    /// #[presence(topic = "boards:{board}:cursors")]
    /// struct Cursor { x: f64 }
    ///
    /// # async fn authenticate(_: Credentials) -> Result<Identity, Unauthenticated> { Err(Unauthenticated::Missing) }
    /// let hub = Hub::builder(Topics::new().register::<Cursor>())
    ///     .authenticate(authenticate)
    ///     // Whose claim `boards` has the board may see who is there; editors may be there.
    ///     .authorize::<Cursor>(|who, [board], action| {
    ///         who.has("boards", &board) && (action == Action::Read || who.has("role", "editor"))
    ///     })
    ///     .build()?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn authorize<T: Presence>(
        mut self,
        rule: impl Fn(&Identity, T::Parameters, Action) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.rules.set(T::SCHEMA, Rule::plain::<T>(rule));
        self
    }

    /// The same for a rule that has to find out, in a database say. It runs as a task of its own and has
    /// [`Config::access_timeout`]; one that panics or takes longer says no. Over HTTP its answer holds
    /// for 10 s.
    ///
    /// ```
    /// # use presence_runtime::access::{Credentials, Identity, Unauthenticated};
    /// # use presence_runtime::{Hub, Presence, Topics};
    /// # #[derive(Presence)]
    /// # #[presence(topic = "boards:{board}:cursors")]
    /// # struct Cursor { x: f64 }
    /// # async fn authenticate(_: Credentials) -> Result<Identity, Unauthenticated> { Err(Unauthenticated::Missing) }
    /// # async fn is_on_board(_: &str, _: &str) -> bool { true }
    /// let hub = Hub::builder(Topics::new().register::<Cursor>())
    ///     .authenticate(authenticate)
    ///     .authorize_async::<Cursor, _>(|who, [board], _| async move {
    ///         match &who.user {
    ///             Some(user) => is_on_board(user.as_str(), &board).await,
    ///             None => false,
    ///         }
    ///     })
    ///     .build()?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn authorize_async<T: Presence, Found>(
        mut self,
        rule: impl Fn(Arc<Identity>, T::Parameters, Action) -> Found + Send + Sync + 'static,
    ) -> Self
    where
        Found: Future<Output = bool> + Send + 'static,
    {
        self.rules.set(T::SCHEMA, Rule::asking::<T, Found>(rule));
        self
    }

    /// The rule for all types that have none of their own. Without it, those are for nobody.
    pub fn authorize_others(
        mut self,
        rule: impl Fn(&Identity, &TopicName, Action) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.rules.set_others(Rule::Plain(Arc::new(rule)));
        self
    }

    /// Makes the hub.
    ///
    /// # Errors
    /// When a setting is out of range, two types claim the same topics, a hook or rule is for a type
    /// that is not registered, or there are rules without authentication.
    pub fn build(self) -> Result<Hub, ConfigError> {
        let hooks = self.hooks.into_iter().collect::<Hooks>();
        for schema in self.rules.types() {
            if !self.topics.iter().any(|it| it.schema == schema) {
                return Err(ConfigError::Rule(schema.name()));
            }
        }
        let hosts = &self.config.hosts;
        let access = match self.authenticator {
            Some(authenticator) => {
                self.config.check_access()?;
                let patience = self.config.access_timeout;
                Access::guarded(hosts, authenticator, self.rules, patience)
            }
            None if self.rules.is_empty() => Access::open(hosts),
            None => return Err(ConfigError::Rules),
        };
        Hub::assemble(self.topics, self.config, self.clock, hooks, access)
    }

    fn hook<T: Presence>(mut self, hook: Hook) -> Self {
        self.hooks.push((T::SCHEMA, hook));
        self
    }
}
