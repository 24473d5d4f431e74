//! What everything in a hub shares: figures, time, alarms, connections, whereabouts.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::alarms::Alarms;
use super::clock::Clock;
use super::config::Config;
use super::connections::Connections;
use super::whereabouts::Whereabouts;
use crate::schema::TopicName;
use crate::topic::Time;
use crate::wire::{Code, Fault};

/// What the live topics and connections of a hub share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) config: Config,
    pub(super) alarms: Alarms<TopicName>,
    pub(super) connections: Arc<Connections>,
    pub(super) whereabouts: Whereabouts,
    clock: Box<dyn Clock>,
    closed: AtomicBool,
}

impl Shared {
    pub(super) fn new(config: Config, clock: Box<dyn Clock>) -> Self {
        Self {
            connections: Arc::new(Connections::new(config.max_connections)),
            alarms: Alarms::default(),
            whereabouts: Whereabouts::default(),
            config,
            clock,
            closed: AtomicBool::new(false),
        }
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

    pub(super) fn now(&self) -> Time {
        self.clock.now()
    }
}
