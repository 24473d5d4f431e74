//! The promises, as invariants over a log of what clients did and saw.
//!
//! Whoever plays clients, in a simulation, over sockets or against the pure core, writes down what
//! they said, what they were answered and what they saw, and [`check`] says which promise that
//! breaks, when and to whom. Nothing here knows the server: an observer's word stands against
//! another's, and against what the members themselves said.
//!
//! | | promise |
//! |---|---|
//! | G1 | only the holder of a session changes or removes it; late packets and old connections change nothing |
//! | G2 | a leave is seen at once, a lost connection after its grace, a silent one after its pings and grace |
//! | G3 | an entry of HTTP goes within a second of its ttl and never early; no read shows it afterwards |
//! | G5 | no observer sees an older value of a member after a newer one |
//! | G6 | what an observer was told adds up to the server's set |
//! | G9 | a slow reader is not disconnected |
//! | G11 | who reads hears of a change within a tick |
//! | G16 | time is the monotonic clock's, whatever the wall clock says |

mod clock;
mod leaving;
mod log;
mod order;
mod ownership;
mod slow;
mod sync;
mod watch;

use std::fmt;

pub(crate) use self::log::{
    Answer, Bounds, End, Lease, Log, Place, Say, Seen, Sight, Trouble, What,
};
use self::watch::Watches;

/// The promises by their names in the design.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Promise {
    G1,
    G2,
    G3,
    G5,
    G6,
    G9,
    G11,
    G16,
}

/// A promise that a log breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Broken {
    pub(crate) promise: Promise,
    /// When, in ms of the log.
    pub(crate) at: u64,
    /// Which client has reason to complain.
    pub(crate) client: usize,
    pub(crate) what: String,
}

impl Broken {
    fn new(promise: Promise, at: u64, client: usize, what: String) -> Self {
        Self {
            promise,
            at,
            client,
            what,
        }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            promise,
            at,
            client,
            what,
        } = self;
        write!(
            f,
            "{promise:?} is broken at {at} ms for client {client}: {what}"
        )
    }
}

/// Whether what is in a log keeps every promise.
///
/// # Errors
/// With the first break of the first promise that is broken.
pub(crate) fn check(log: &Log) -> Result<(), Broken> {
    all(log).into_iter().next().map_or(Ok(()), Err)
}

/// The first break of each promise that a log breaks.
pub(crate) fn all(log: &Log) -> Vec<Broken> {
    let watches = Watches::of(log);
    let checks = [
        ownership::check(log, &watches),
        leaving::check_sockets(log, &watches),
        leaving::check_leases(log, &watches),
        order::check(log, &watches),
        sync::check(log),
        slow::check(log),
        watch::check_delivery(log, &watches),
        clock::check(log, &watches),
    ];
    checks.into_iter().filter_map(Result::err).collect()
}
