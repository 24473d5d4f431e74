//! What everything in a hub shares: figures, time, alarms, connections, whereabouts.

use std::sync::Arc;

use super::alarms::Alarms;
use super::clock::Clock;
use super::config::Config;
use super::connections::Connections;
use super::whereabouts::Whereabouts;
use crate::schema::TopicName;
use crate::topic::Time;

/// What the live topics and connections of a hub share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) config: Config,
    pub(super) alarms: Alarms<TopicName>,
    pub(super) connections: Arc<Connections>,
    pub(super) whereabouts: Whereabouts,
    clock: Box<dyn Clock>,
}

impl Shared {
    pub(super) fn new(config: Config, clock: impl Clock) -> Self {
        Self {
            connections: Arc::new(Connections::new(config.max_connections)),
            alarms: Alarms::default(),
            whereabouts: Whereabouts::default(),
            config,
            clock: Box::new(clock),
        }
    }

    pub(super) fn now(&self) -> Time {
        self.clock.now()
    }
}
