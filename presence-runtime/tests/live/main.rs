//! The real server under strangers' clients: tungstenite and hyper.
//!
//! What takes time runs in memory on a clock that is turned forward; what is quick runs over TCP
//! too, because the two write by different ways.

#![cfg(feature = "server")]

mod access;
mod announcing;
mod bounds;
mod contracts;
mod crowds;
mod draining;
#[allow(dead_code, reason = "the simulation's eyes close too")]
mod eye;
mod filtering;
mod floods;
mod history;
mod hostile;
mod http;
mod inspector;
mod leaving;
mod limits;
mod listing;
mod logging;
mod metrics;
mod network;
mod operations;
mod origins;
#[allow(dead_code, reason = "not every test asks a log everything")]
#[path = "../promises/mod.rs"]
mod promises;
mod protocol;
mod raw;
mod routes;
mod server;
mod sessions;
mod slow;
mod socket;
mod streams;
mod together;
mod topics;
#[allow(dead_code, reason = "the vectors ask a view other things")]
mod view;
mod waiting;
mod watching;

/// Makes two tests of a function that takes a [`server::Transport`]: in memory on paused time, and
/// over TCP.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            #[tokio::test(start_paused = true)]
            async fn in_memory() {
                super::$name(crate::server::Transport::Memory).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn over_tcp() {
                super::$name(crate::server::Transport::Tcp).await;
            }
        }
    )+};
}
use on_both;
