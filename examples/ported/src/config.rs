//! How long somebody stays who is not heard of.

use std::time::Duration;

use presence_runtime::server::ConfigError;
use presence_runtime::{Config, Hub, Topics};

use crate::types::Player;

/// A hub whose clients send a heartbeat every 30 s over HTTP, and whose entries live that long without.
///
/// # Errors
/// When that is less than two heartbeats: the server does not start with what loses people.
pub fn hub(ttl: Duration) -> Result<Hub, ConfigError> {
    let mut config = Config::default();
    config.heartbeat = Duration::from_secs(30);
    Hub::new(Topics::new().register::<Player>().ttl(ttl), config)
}
