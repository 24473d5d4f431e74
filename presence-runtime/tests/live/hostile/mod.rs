//! Hostile input, as bytes: what is said here, no client of good manners says.

mod attacks;
mod descriptors;
mod events;
mod frames;
mod framing;
mod halves;
mod hosts;
mod panics;
mod requests;
mod unheard;
mod upgrades;

use crate::server::{Server, Transport};

/// A server over TCP.
async fn server() -> Server {
    Server::start(Transport::Tcp).await
}
