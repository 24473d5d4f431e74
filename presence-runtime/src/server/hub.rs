//! The hub: the live topics of one process, and the only shared state.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, Weak};

use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use super::access::Access;
use super::address::{Address, Proxies};
use super::clock::Clock;
use super::config::{Config, ConfigError};
use super::connections::Connections;
use super::hook::Hooks;
use super::in_force::InForce;
use super::live::Live;
use super::origin::Origins;
use super::shared::Shared;
use crate::schema::{Presence, Registered, Schema, TopicName, TopicOf, Topics};
use crate::topic::{Member, Time, Topic};
use crate::wire::{Code, Fault};

/// The live topics of a process. Clones are the same hub.
///
/// It serves sockets behind a [`Service`](super::Service), and is a library without one: Rust code is
/// present through [`Hub::member`], sees what happens through [`Hub::watch`] and hooks
/// ([`Hub::builder`]).
///
/// A hub costs nothing until a topic is used; its one task ends with its last clone. That task needs a
/// tokio runtime, the one in which the hub was made or first used. What is called may then be called
/// from any thread.
#[derive(Debug, Clone)]
pub struct Hub {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    topics: Topics,
    access: Access,
    origins: Origins,
    proxies: Proxies,
    shared: Arc<Shared>,
    hooks: Hooks,
    live: Mutex<HashMap<TopicName, Arc<Live>>>,
    /// Where the hub was made, if that was inside of a runtime.
    runtime: Option<Handle>,
    /// The one task, once a topic is used.
    ringer: OnceLock<AbortHandle>,
    /// What the routes are, once somebody asks: it takes milliseconds to write.
    openapi: OnceLock<Bytes>,
}

impl Hub {
    /// A hub for these topic types.
    ///
    /// # Errors
    /// When a setting is out of range or two types claim the same topics.
    pub fn new(topics: Topics, config: Config) -> Result<Self, ConfigError> {
        Self::builder(topics).config(config).build()
    }

    /// A hub with another clock, for simulations.
    ///
    /// # Errors
    /// As [`Hub::new`].
    pub fn with_clock(
        topics: Topics,
        config: Config,
        clock: impl Clock,
    ) -> Result<Self, ConfigError> {
        Self::builder(topics).config(config).clock(clock).build()
    }

    pub(super) fn assemble(
        topics: Topics,
        config: Config,
        clock: Box<dyn Clock>,
        hooks: Hooks,
        access: Access,
    ) -> Result<Self, ConfigError> {
        config.check(&topics)?;
        hooks.check(&topics)?;
        tracing::debug!(settings = %InForce(&config), "configuration");
        let inner = Inner {
            access,
            origins: Origins::read(&config.origins)?,
            proxies: Proxies::read(&config.trusted_proxies, config.proxy_header)?,
            shared: Arc::new(Shared::new(&topics, config, clock)),
            topics,
            hooks,
            live: Mutex::default(),
            runtime: Handle::try_current().ok(),
            ringer: OnceLock::new(),
            openapi: OnceLock::new(),
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// The registered topic types.
    #[must_use]
    pub fn topics(&self) -> &Topics {
        &self.inner.topics
    }

    /// The description of the routes, written once.
    pub(super) fn openapi(&self) -> Bytes {
        let write = || {
            let document = serde_json::to_vec_pretty(&self.inner.topics.openapi());
            Bytes::from(document.expect("a document has string keys only"))
        };
        self.inner.openapi.get_or_init(write).clone()
    }

    /// The figures in force.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.inner.shared.config
    }

    /// Who is present in a topic and with what value, in the order of joining.
    #[must_use]
    pub fn members<T: Presence>(&self, topic: &TopicOf<T>) -> Vec<(Member, T)> {
        let members = self.read(topic.name(), |topic, _| {
            let entries = topic.entries();
            let known = entries.map(|it| (it.member().clone(), it.value().clone()));
            known.collect::<Vec<_>>()
        });
        // The code of the type runs outside of locks.
        let members = members.unwrap_or_default().into_iter();
        let read = members.filter_map(|(member, value)| Some((member, value.read()?)));
        read.collect()
    }

    pub(super) fn access(&self) -> &Access {
        &self.inner.access
    }

    pub(super) fn origins(&self) -> &Origins {
        &self.inner.origins
    }

    pub(super) fn proxies(&self) -> &Proxies {
        &self.inner.proxies
    }

    pub(super) fn shared(&self) -> &Shared {
        &self.inner.shared
    }

    pub(super) fn connections(&self) -> &Arc<Connections> {
        &self.inner.shared.connections
    }

    pub(super) fn downgrade(&self) -> WeakHub {
        WeakHub(Arc::downgrade(&self.inner))
    }

    /// Whether the application wants to be told of members of a type.
    pub(super) fn has_hooks(&self, schema: &'static Schema) -> bool {
        self.inner.hooks.of(schema).is_some()
    }

    /// Reads a topic; nothing when nobody is there and nobody watches.
    pub(super) fn read<R>(&self, name: &TopicName, read: impl Fn(&Topic, Time) -> R) -> Option<R> {
        loop {
            let live = self.existing(name.as_str())?;
            if let Ok(result) = live.with(self.shared(), |topic, now| read(topic, now)) {
                return Some(result);
            }
        }
    }

    /// The type a topic belongs to.
    ///
    /// # Errors
    /// `unknown_topic`.
    pub(super) fn registered(&self, name: &TopicName) -> Result<&Registered, Fault> {
        self.inner.topics.of(name).ok_or_else(|| {
            let message = format!("no registered type has the topic `{name}`");
            Fault::new(Code::UnknownTopic, message)
        })
    }

    /// The live topic of this name, made when there is none yet, for somebody from this address.
    ///
    /// # Errors
    /// `unknown_topic`, `overloaded` when there are too many, or `too_many_topics` when too many are
    /// of this address and of late.
    pub(super) fn live(&self, name: &TopicName, from: Option<Address>) -> Result<Arc<Live>, Fault> {
        let mut live = self.lock_live();
        if let Some(live) = live.get(name) {
            return Ok(live.clone());
        }
        let registered = *self.registered(name)?;
        self.shared().check_open()?;
        if live.len() >= self.config().max_topics {
            let message = "the server has as many live topics as it may have";
            return Err(Fault::new(Code::Overloaded, message));
        }
        if let Some(from) = from {
            self.shared().check_new_topic(from)?;
        }
        let epoch = getrandom::u64()
            .map_err(|_| Fault::new(Code::Internal, "no randomness for a new topic"))?;
        // Written with as many digits as any other: how long a message is follows from what it says.
        let epoch = epoch | 1 << 63;
        self.start_ringing()?;
        let hooks = self.inner.hooks.of(registered.schema);
        let made = Arc::new(Live::new(
            name.clone(),
            registered,
            epoch,
            hooks,
            self.shared(),
        ));
        live.insert(name.clone(), made.clone());
        made.meter().topics.add(1);
        Ok(made)
    }

    /// The live topic of this name, if there is one.
    pub(super) fn existing(&self, name: &str) -> Option<Arc<Live>> {
        self.lock_live().get(name).cloned()
    }

    /// All live topics, by name.
    pub(super) fn all_live(&self) -> Vec<Arc<Live>> {
        let mut all: Vec<_> = self.lock_live().values().cloned().collect();
        all.sort_unstable_by(|a, b| a.name().cmp(b.name()));
        all
    }

    /// Whether there are as many live topics as there may be.
    pub(super) fn is_full(&self) -> bool {
        self.lock_live().len() >= self.config().max_topics
    }

    /// Forgets a topic that nobody is in and nobody watches.
    pub(super) fn free_if_idle(&self, live: &Arc<Live>) {
        if !live.is_done(self.shared().now()) {
            return;
        }
        live.forget_elsewhere(self.shared());
        // Looked at again under the lock that everybody takes who looks the topic up.
        let mut all = self.lock_live();
        // Somebody else may have freed it already, and another one has its name now.
        let known = all.get(live.name()).is_some_and(|it| Arc::ptr_eq(it, live));
        if known && live.try_free(self.shared().now()) {
            all.remove(live.name());
            live.meter().topics.remove(1);
        }
    }

    /// Starts the one task that rings alarms. It holds no hub, so that it ends with the last one.
    ///
    /// # Errors
    /// `internal` where there is no runtime.
    fn start_ringing(&self) -> Result<(), Fault> {
        if self.inner.ringer.get().is_some() {
            return Ok(());
        }
        let here = || Handle::try_current().ok();
        let runtime = self.inner.runtime.clone().or_else(here).ok_or_else(|| {
            let message = "topics need a tokio runtime for their clock: make the hub inside of one";
            Fault::new(Code::Internal, message)
        })?;
        self.inner.ringer.get_or_init(|| {
            let weak = Arc::downgrade(&self.inner);
            let shared = self.inner.shared.clone();
            runtime.spawn(ring_alarms(weak, shared)).abort_handle()
        });
        Ok(())
    }

    fn lock_live(&self) -> MutexGuard<'_, HashMap<TopicName, Arc<Live>>> {
        self.inner
            .live
            .lock()
            .expect("nothing panics while it holds the map of topics")
    }
}

/// A hub that is not kept by this.
#[derive(Debug, Clone)]
pub(crate) struct WeakHub(Weak<Inner>);

impl WeakHub {
    /// The hub, unless its last clone is gone.
    #[cfg_attr(
        not(feature = "redis"),
        expect(dead_code, reason = "only the room `cluster` holds one")
    )]
    pub(crate) fn upgrade(&self) -> Option<Hub> {
        self.0.upgrade().map(|inner| Hub { inner })
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(task) = self.ringer.get() {
            task.abort();
        }
    }
}

async fn ring_alarms(inner: Weak<Inner>, shared: Arc<Shared>) {
    loop {
        while let Some((lag, due)) = shared.alarms.due(shared.now()) {
            shared.meter.lags.took(lag);
            let Some(inner) = inner.upgrade() else {
                return;
            };
            let hub = Hub { inner };
            for topic in &due {
                if let Some(live) = hub.existing(topic.as_str()) {
                    live.ring(&shared);
                    hub.free_if_idle(&live);
                }
            }
            drop(hub);
            shared.history.ring(&shared.alarms, shared.now());
            shared.alarms.reuse(due);
            // Where phases take longer than they last, there is no end of them.
            tokio::task::yield_now().await;
        }
        shared.alarms.wait(shared.now()).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(crate::Presence, Debug)]
    #[presence(topic = "dots", crate = "crate")]
    struct Dot {
        x: u32,
    }

    #[tokio::test]
    async fn a_topic_freed_before_does_not_take_the_next_of_its_name_with_it() {
        let topics = Topics::new().register::<Dot>();
        let hub = Hub::new(topics, Config::default()).expect("sensible figures");
        let name = TopicName::parse("dots").expect("a name");
        let old = hub.live(&name, None).expect("a topic");
        hub.free_if_idle(&old);
        assert!(hub.existing("dots").is_none());
        let new = hub.live(&name, None).expect("a topic");
        hub.free_if_idle(&old);
        let found = hub.existing("dots").expect("the new one");
        assert!(Arc::ptr_eq(&found, &new));
    }
}
