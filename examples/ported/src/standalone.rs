//! Presence on its own, without another framework around it.

use std::time::Duration;

use presence_runtime::server::StartError;
use presence_runtime::{Config, Server, Topics};

/// Listens on an address. How long an entry lives without a heartbeat over HTTP is up to its type, or to
/// where it is registered: `Topics::new().register::<Editor>().ttl(Duration::from_secs(30))`.
///
/// # Errors
/// When a ttl is less than two heartbeats, or the address cannot be listened on.
pub async fn bind(addr: &str, topics: Topics) -> Result<Server, StartError> {
    let mut config = Config::default();
    config.comment = Duration::from_secs(30);
    Server::bind(addr, topics, config).await
}
