//! What everything in a hub shares: figures, time, alarms, connections, whereabouts.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use super::address::Address;
use super::alarms::Alarms;
use super::clock::Clock;
use super::config::Config;
use super::connections::Connections;
use super::doors::Doors;
use super::history::History;
use super::meter::Meter;
use super::neighbours::Neighbours;
use super::newcomers::Newcomers;
use super::whereabouts::Whereabouts;
use crate::schema::{TopicName, Topics};
use crate::topic::{Rate, Time};
use crate::wire::{Code, Fault, millis};

/// What the live topics and connections of a hub share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) config: Config,
    pub(super) alarms: Alarms<TopicName>,
    pub(super) connections: Arc<Connections>,
    pub(super) doors: Arc<Doors>,
    pub(super) newcomers: Newcomers,
    /// How many values of a member are taken in a second.
    pub(super) values: Rate,
    /// How many messages of a WebSocket are heard in a second.
    pub(super) messages: Rate,
    pub(super) whereabouts: Whereabouts,
    pub(super) history: History,
    pub(super) meter: Arc<Meter>,
    clock: Box<dyn Clock>,
    closed: AtomicBool,
    neighbours: OnceLock<Weak<dyn Neighbours>>,
}

impl Shared {
    pub(super) fn new(topics: &Topics, config: Config, clock: Box<dyn Clock>) -> Self {
        let meter = Arc::new(Meter::new(topics));
        Self {
            connections: Arc::new(Connections::new(&config, meter.clone())),
            doors: Arc::new(Doors::new(&config)),
            meter,
            values: Rate::new(config.max_values_per_second, Duration::from_secs(1)),
            messages: Rate::new(config.max_messages_per_second, Duration::from_secs(1)),
            newcomers: Newcomers::new(config.max_new_topics_per_minute),
            alarms: Alarms::default(),
            whereabouts: Whereabouts::new(&config),
            history: History::new(&config),
            config,
            clock,
            closed: AtomicBool::new(false),
            neighbours: OnceLock::new(),
        }
    }

    /// There are other nodes from now on. Whether there were none before.
    pub(super) fn meet(&self, neighbours: Weak<dyn Neighbours>) -> bool {
        self.neighbours.set(neighbours).is_ok()
    }

    /// Those who speak with other nodes, where there are some.
    pub(super) fn neighbours(&self) -> Option<Arc<dyn Neighbours>> {
        self.neighbours.get()?.upgrade()
    }

    /// Nobody joins from now on.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
    }

    /// Whether the hub is open.
    ///
    /// # Errors
    /// `overloaded` once it is closed.
    pub(super) fn check_open(&self) -> Result<(), Fault> {
        if self.closed.load(Ordering::SeqCst) {
            return Err(Fault::new(Code::Overloaded, "the hub is closed"));
        }
        Ok(())
    }

    /// Whether somebody from this address may have a new topic.
    ///
    /// # Errors
    /// `too_many_topics` when too many are new, with when to come back.
    pub(super) fn check_new_topic(&self, from: Address) -> Result<(), Fault> {
        let Err(wait) = self.newcomers.add(from, self.now()) else {
            return Ok(());
        };
        let most = self.config.max_new_topics_per_minute;
        let message = format!("your address has begun {most} new topics within a minute");
        Err(Fault {
            retry_after_ms: Some(millis(wait)),
            ..Fault::new(Code::TooManyTopics, message)
        })
    }

    pub(super) fn now(&self) -> Time {
        self.clock.now()
    }
}
