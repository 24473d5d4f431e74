//! Hostile input, as bytes: what is said here, no client of good manners says.

mod hosts;
mod requests;

use crate::server::{Server, Transport};

/// A server over TCP.
async fn server() -> Server {
    Server::start(Transport::Tcp).await
}
