//! The hub: the live topics of one process, and the only shared state.

use std::collections::HashMap;
use std::num::NonZeroU64;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, Weak};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Notify;

use super::access::Access;
use super::alarms::Alarms;
use super::clock::{Clock, Monotonic};
use super::config::{Config, ConfigError};
use super::live::{Freed, Live};
use super::outlet::Outlet;
use crate::schema::{Presence, Registered, TopicName, TopicOf, Topics, Value};
use crate::topic::{
    Ack, ConnectionId, Heartbeat, Identity, Leave, Left, Member, Reason, SessionId, Time, Topic,
};
use crate::wire::websocket::{self, CloseCode, Opcode};
use crate::wire::{Code, Fault, HeartbeatFigures, ServerMessage};

/// The live topics of a process. Clones are the same hub.
///
/// A hub costs nothing until a topic is used; its one task ends with its last clone.
#[derive(Debug, Clone)]
pub struct Hub {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    topics: Topics,
    config: Config,
    clock: Box<dyn Clock>,
    access: Access,
    alarms: Arc<Alarms>,
    watch: OnceLock<tokio::task::AbortHandle>,
    live: Mutex<HashMap<TopicName, Arc<Live>>>,
    sessions: Mutex<HashMap<SessionId, ConnectionId>>,
    connections: Mutex<HashMap<ConnectionId, Weak<Outlet>>>,
    next_connection: AtomicU64,
    /// Told when the last connection has ended.
    ended: Notify,
}

impl Hub {
    /// A hub for these topic types.
    ///
    /// # Errors
    /// When a setting is out of range or two types claim the same topics.
    pub fn new(topics: Topics, config: Config) -> Result<Self, ConfigError> {
        Self::with_clock(topics, config, Monotonic::start())
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
        config.check(&topics)?;
        let inner = Inner {
            access: Access::open(&config.hosts),
            topics,
            config,
            clock: Box::new(clock),
            alarms: Arc::default(),
            watch: OnceLock::new(),
            live: Mutex::default(),
            sessions: Mutex::default(),
            connections: Mutex::default(),
            next_connection: AtomicU64::new(1),
            ended: Notify::new(),
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

    /// The figures in force.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.inner.config
    }

    /// Who is present in a topic and with what value, in the order of joining.
    #[must_use]
    pub fn members<T: Presence>(&self, topic: &TopicOf<T>) -> Vec<(Member, T)> {
        let members = self.read(topic.name(), |topic, _| {
            let entries = topic.entries();
            let read = entries.filter_map(|it| Some((it.member().clone(), it.value().read()?)));
            read.collect()
        });
        members.unwrap_or_default()
    }

    pub(super) fn access(&self) -> &Access {
        &self.inner.access
    }

    pub(super) fn alarms(&self) -> &Alarms {
        &self.inner.alarms
    }

    pub(super) fn now(&self) -> Time {
        self.inner.clock.now()
    }

    /// Announces or renews.
    ///
    /// # Errors
    /// Whatever keeps the heartbeat from being done; nothing has changed then.
    pub(super) fn heartbeat(
        &self,
        live: &Arc<Live>,
        who: &Identity,
        beat: Heartbeat,
    ) -> Result<Result<Ack, Fault>, Freed> {
        let max_bytes = live.registered().settings.max_bytes;
        if let Some(found) = beat.value.as_ref().map(|it| it.json().len())
            && found > max_bytes
        {
            return Ok(Err(Fault::value_too_large(max_bytes, found)));
        }
        live.with(self, |topic, now| topic.heartbeat(who, beat, now))
            .map(|done| done.map_err(Fault::from))
    }

    /// Checks a value for a topic.
    ///
    /// # Errors
    /// `invalid_value` with everything that is wrong.
    pub(super) fn value(registered: &Registered, json: &str) -> Result<Value, Fault> {
        Value::parse(registered.schema, json.as_bytes()).map_err(Fault::from)
    }

    /// The pace that entries of a topic are asked to keep, for a ttl other than the topic's too.
    pub(super) fn figures(
        &self,
        registered: &Registered,
        ttl: Option<Duration>,
    ) -> HeartbeatFigures {
        let ttl = ttl.unwrap_or(registered.settings.ttl);
        HeartbeatFigures {
            heartbeat_ms: millis(self.inner.config.heartbeat.min(ttl / 3)),
            throttle_ms: millis(registered.settings.throttle),
        }
    }

    /// Stops being present.
    ///
    /// # Errors
    /// When the entry is somebody else's.
    pub(super) fn leave(
        &self,
        name: &TopicName,
        who: &Identity,
        leave: Leave,
    ) -> Result<Left, Fault> {
        self.registered(name)?;
        // A leave with an `n` is remembered even where nobody is present, so it needs the topic.
        let needed = leave.n.is_some();
        loop {
            let live = match (self.existing(name.as_str()), needed) {
                (Some(live), _) => live,
                (None, true) => self.live(name)?,
                (None, false) => return Ok(Left::Absent),
            };
            if let Ok(left) = live.with(self, |topic, now| topic.leave(who, leave, now)) {
                self.free_if_idle(&live);
                return left.map_err(Fault::from);
            }
        }
    }

    /// Reads a topic; nothing when nobody is there and nobody watches.
    pub(super) fn read<R>(&self, name: &TopicName, read: impl Fn(&Topic, Time) -> R) -> Option<R> {
        loop {
            let live = self.existing(name.as_str())?;
            if let Ok(result) = live.with(self, |topic, now| read(topic, now)) {
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

    /// The live topic of this name, made when there is none yet.
    ///
    /// # Errors
    /// `unknown_topic`, or `overloaded` when there are too many.
    pub(super) fn live(&self, name: &TopicName) -> Result<Arc<Live>, Fault> {
        let registered = *self.registered(name)?;
        let mut live = self.lock_live();
        if let Some(live) = live.get(name) {
            return Ok(live.clone());
        }
        if live.len() >= self.inner.config.max_topics {
            let message = "the server has as many live topics as it may have";
            return Err(Fault::new(Code::Overloaded, message));
        }
        let epoch = getrandom::u64()
            .map_err(|_| Fault::new(Code::Internal, "no randomness for a new topic"))?;
        let made = Arc::new(Live::new(name.clone(), registered, epoch));
        live.insert(name.clone(), made.clone());
        drop(live);
        self.watch();
        Ok(made)
    }

    /// The live topic of this name, if there is one.
    pub(super) fn existing(&self, name: &str) -> Option<Arc<Live>> {
        self.lock_live().get(name).cloned()
    }

    /// Forgets a topic that nobody is in and nobody watches.
    pub(super) fn free_if_idle(&self, live: &Arc<Live>) {
        if !live.is_done(self.now()) {
            return;
        }
        // Looked at again under the lock that everybody takes who looks the topic up.
        let mut all = self.lock_live();
        if live.try_free(self.now()) {
            all.remove(live.name());
        }
    }

    /// Counts a new connection; nothing when there are too many.
    pub(super) fn connect(&self, outlet: &Arc<Outlet>) -> Option<Connected> {
        let number = self.inner.next_connection.fetch_add(1, Ordering::Relaxed);
        let id = ConnectionId(NonZeroU64::new(number)?);
        let mut connections = self.lock_connections();
        if connections.len() >= self.inner.config.max_connections {
            return None;
        }
        connections.insert(id, Arc::downgrade(outlet));
        drop(connections);
        Some(Connected {
            hub: self.clone(),
            id,
        })
    }

    /// This connection speaks for the session from now on; an older one of the session ends.
    pub(super) fn take_over(&self, session: SessionId, connection: ConnectionId) {
        let older = self.lock_sessions().insert(session, connection);
        if let Some(older) = older.and_then(|id| self.outlet(id)) {
            older.close(CloseCode::TAKEN_OVER);
        }
    }

    /// This connection no longer speaks for the session. A newer one is left alone.
    pub(super) fn hand_back(&self, session: SessionId, connection: ConnectionId) {
        let mut sessions = self.lock_sessions();
        if sessions.get(&session) == Some(&connection) {
            sessions.remove(&session);
        }
    }

    /// Tells a session that its entry went without its doing.
    pub(super) fn tell_gone(&self, session: SessionId, topic: &TopicName, reason: Reason) {
        let connection = self.lock_sessions().get(&session).copied();
        if let Some(outlet) = connection.and_then(|id| self.outlet(id)) {
            let message = ServerMessage::gone(topic.as_str(), reason).to_json();
            outlet.write(Bytes::from(websocket::frame(Opcode::Text, &message)));
        }
    }

    /// Ends all connections because the server goes; they may come back to the next one.
    pub(super) fn end_connections(&self) {
        let outlets: Vec<_> = self
            .lock_connections()
            .values()
            .filter_map(Weak::upgrade)
            .collect();
        for outlet in outlets {
            outlet.close(CloseCode::RESTART);
        }
    }

    /// Waits until no connection is left.
    pub(super) async fn all_ended(&self) {
        loop {
            let ended = self.inner.ended.notified();
            if self.lock_connections().is_empty() {
                return;
            }
            ended.await;
        }
    }

    fn outlet(&self, connection: ConnectionId) -> Option<Arc<Outlet>> {
        self.lock_connections().get(&connection)?.upgrade()
    }

    /// Starts the one task that rings alarms. It holds no hub, so that it ends with the last one.
    fn watch(&self) {
        self.inner.watch.get_or_init(|| {
            let weak = Arc::downgrade(&self.inner);
            let alarms = self.inner.alarms.clone();
            tokio::spawn(watch(weak, alarms)).abort_handle()
        });
    }

    fn lock_live(&self) -> MutexGuard<'_, HashMap<TopicName, Arc<Live>>> {
        self.inner
            .live
            .lock()
            .expect("nothing panics while it holds the map of topics")
    }

    fn lock_connections(&self) -> MutexGuard<'_, HashMap<ConnectionId, Weak<Outlet>>> {
        self.inner
            .connections
            .lock()
            .expect("nothing panics while it holds the map of connections")
    }

    fn lock_sessions(&self) -> MutexGuard<'_, HashMap<SessionId, ConnectionId>> {
        self.inner
            .sessions
            .lock()
            .expect("nothing panics while it holds the map of sessions")
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(task) = self.watch.get() {
            task.abort();
        }
    }
}

async fn watch(hub: Weak<Inner>, alarms: Arc<Alarms>) {
    loop {
        let Some(inner) = hub.upgrade() else { return };
        let hub_now = Hub { inner };
        for live in alarms.due(hub_now.now()) {
            if let Some(live) = live.upgrade() {
                live.ring(&hub_now);
            }
        }
        let now = hub_now.now();
        drop(hub_now);
        alarms.wait(now).await;
    }
}

/// A counted connection; its end is counted too.
#[derive(Debug)]
pub(super) struct Connected {
    hub: Hub,
    pub(super) id: ConnectionId,
}

impl Drop for Connected {
    fn drop(&mut self) {
        let mut connections = self.hub.lock_connections();
        connections.remove(&self.id);
        if connections.is_empty() {
            self.hub.inner.ended.notify_waiters();
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
