//! The meter: how much of everything there is and was. [`super::operations`] shows it.
//!
//! Counting is a relaxed addition, mostly where a lock is held anyway or a system call was made. What
//! can be looked up when somebody asks is not counted at all. No count has a name that a client chose.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::schema::{Registered, Schema, Topics};
use crate::topic::{Change, Reason};
use crate::wire::Code;
use crate::wire::websocket::CloseCode;

/// A number that grows, or goes up and down.
#[derive(Debug, Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub(crate) fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    pub(super) fn remove(&self, less: u64) {
        self.0.fetch_sub(less, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    #[cfg_attr(
        not(feature = "redis"),
        expect(dead_code, reason = "only the room `cluster` has such figures")
    )]
    pub(crate) fn set(&self, figure: u64) {
        self.0.store(figure, Ordering::Relaxed);
    }
}

/// The figures of a hub.
#[derive(Debug)]
pub(super) struct Meter {
    types: Vec<(&'static Schema, Arc<OfType>)>,
    pub(super) sockets: OfTransport,
    pub(super) streams: OfTransport,
    /// Requests by [`ROUTES`](super::route::ROUTES).
    pub(super) requests: [Count; 16],
    refusals: Refusals,
    closes: [Count; CLOSES.len()],
    /// Messages of WebSockets, control frames among them, and their bytes.
    pub(super) heard: Count,
    pub(super) heard_bytes: Count,
    pub(super) accept_failures: Count,
    pub(super) flushes: Histogram,
    pub(super) lags: Histogram,
}

/// The figures of a topic type. On lines of their own, because types are counted by different threads.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(super) struct OfType {
    pub(super) topics: Count,
    pub(super) entries: Count,
    pub(super) subscriptions: Count,
    heartbeats: [Count; CHANGES.len()],
    pub(super) joins: Count,
    leaves: [Count; REASONS.len()],
    /// Parts that were written, how many of them were encoded, and their bytes of JSON.
    pub(super) parts: Count,
    pub(super) encoded: Count,
    pub(super) bytes: Count,
    pub(super) hook_panics: Count,
}

/// The figures of WebSockets, or of event streams.
#[derive(Debug, Default)]
pub(super) struct OfTransport {
    pub(super) open: Count,
    pub(super) opened: Count,
}

const CHANGES: [(Change, &str); 4] = [
    (Change::Joined, "joined"),
    (Change::Updated, "updated"),
    (Change::Renewed, "renewed"),
    (Change::Stale, "stale"),
];

const REASONS: [(Reason, &str); 5] = [
    (Reason::Left, "left"),
    (Reason::Disconnected, "disconnected"),
    (Reason::Expired, "expired"),
    (Reason::Kicked, "kicked"),
    (Reason::Shutdown, "shutdown"),
];

/// How WebSockets end. A client may close with any code; what is none of these is `other`.
const CLOSES: [(Option<CloseCode>, &str); 17] = [
    (None, "lost"),
    (Some(CloseCode::NORMAL), "1000"),
    (Some(CloseCode(1001)), "1001"),
    (Some(CloseCode::PROTOCOL), "1002"),
    (Some(CloseCode::UNSUPPORTED), "1003"),
    (Some(CloseCode::NOT_UTF8), "1007"),
    (Some(CloseCode::TOO_BIG), "1009"),
    (Some(CloseCode::RESTART), "1012"),
    (Some(CloseCode::TRY_AGAIN), "1013"),
    (Some(CloseCode::NO_HELLO), "4008"),
    (Some(CloseCode::TOKEN_EXPIRED), "4010"),
    (Some(CloseCode::TOO_MANY), "4029"),
    (Some(CloseCode::STALLED), "4030"),
    (Some(CloseCode::UNAUTHENTICATED), "4501"),
    (Some(CloseCode::TAKEN_OVER), "4509"),
    (Some(CloseCode::WRONG_PROTOCOL), "4526"),
    (Some(CloseCode(0)), "other"),
];

impl Meter {
    /// Nothing yet, of these types.
    pub(super) fn new(topics: &Topics) -> Self {
        let types = topics.iter().map(|it| (it.schema, Arc::default()));
        Self {
            types: types.collect(),
            sockets: OfTransport::default(),
            streams: OfTransport::default(),
            requests: Default::default(),
            refusals: Refusals::default(),
            closes: Default::default(),
            heard: Count::default(),
            heard_bytes: Count::default(),
            accept_failures: Count::default(),
            flushes: Histogram::default(),
            lags: Histogram::default(),
        }
    }

    /// The figures of a type.
    pub(super) fn of(&self, registered: &Registered) -> Arc<OfType> {
        let found = self.types.iter().find(|(of, _)| *of == registered.schema);
        let (_, figures) = found.expect("topics are of registered types");
        figures.clone()
    }

    /// The types with their figures, in the order of registration.
    pub(super) fn types(&self) -> impl Iterator<Item = (&'static str, &OfType)> {
        self.types
            .iter()
            .map(|(of, figures)| (of.name(), &**figures))
    }

    /// Something was refused. Why in so many words may quote the client, and is no part of a log.
    pub(super) fn refused(&self, code: Code) {
        tracing::debug!(code = %word(code), "refused");
        let (of, count) = &self.refusals.0[code as usize % CODES];
        of.get_or_init(|| code);
        count.add(1);
    }

    /// What was refused so far, by code.
    pub(super) fn refusals(&self) -> impl Iterator<Item = (Code, u64)> {
        let all = self.refusals.0.iter();
        all.filter_map(|(code, count)| Some((*code.get()?, count.get())))
    }

    /// A WebSocket ended; without a code where it was lost.
    pub(super) fn closed(&self, code: Option<CloseCode>) {
        let known = CLOSES.iter().position(|(it, _)| *it == code);
        self.closes[known.unwrap_or(CLOSES.len() - 1)].add(1);
    }

    /// How WebSockets ended so far.
    pub(super) fn closes(&self) -> impl Iterator<Item = (&'static str, u64)> {
        CLOSES
            .iter()
            .zip(&self.closes)
            .map(|((_, name), it)| (*name, it.get()))
    }
}

impl OfType {
    /// A heartbeat was done.
    pub(super) fn beat(&self, change: Change) {
        let which = CHANGES.iter().position(|(it, _)| *it == change);
        self.heartbeats[which.expect("all are listed")].add(1);
    }

    pub(super) fn heartbeats(&self) -> impl Iterator<Item = (&'static str, u64)> {
        CHANGES
            .iter()
            .zip(&self.heartbeats)
            .map(|((_, name), it)| (*name, it.get()))
    }

    /// Somebody left.
    pub(super) fn left(&self, reason: Reason) {
        let which = REASONS.iter().position(|(it, _)| *it == reason);
        self.leaves[which.expect("all are listed")].add(1);
    }

    pub(super) fn leaves(&self) -> impl Iterator<Item = (&'static str, u64)> {
        REASONS
            .iter()
            .zip(&self.leaves)
            .map(|((_, name), it)| (*name, it.get()))
    }
}

/// What a code is called everywhere.
pub(super) fn word(code: Code) -> String {
    let json = serde_json::to_string(&code).expect("a code is a string");
    json.trim_matches('"').to_owned()
}

/// More codes than there are.
const CODES: usize = 64;

/// How often each code was said, from the first time on.
#[derive(Debug)]
struct Refusals([(OnceLock<Code>, Count); CODES]);

impl Default for Refusals {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Default::default()))
    }
}

/// The upper ends of the times that are told apart, in microseconds. What is longer is told too.
pub(super) const BOUNDS: [u64; 10] = [
    50, 200, 1_000, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000,
];

/// How long something took, how often.
#[derive(Debug, Default)]
pub(super) struct Histogram {
    counts: [Count; BOUNDS.len() + 1],
    micros: Count,
}

impl Histogram {
    pub(super) fn took(&self, time: Duration) {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let which = BOUNDS.iter().position(|bound| micros <= *bound);
        self.counts[which.unwrap_or(BOUNDS.len())].add(1);
        self.micros.add(micros);
    }

    /// How often it took at most each of [`BOUNDS`], and how often at all.
    pub(super) fn cumulative(&self) -> [u64; BOUNDS.len() + 1] {
        let mut sum = 0;
        self.counts.each_ref().map(|count| {
            sum += count.get();
            sum
        })
    }

    /// All of it, in microseconds.
    pub(super) fn micros(&self) -> u64 {
        self.micros.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_apart_at_their_bounds() {
        let histogram = Histogram::default();
        for micros in [0, 50, 51, 1_000_000, 1_000_001, 7_000_000] {
            histogram.took(Duration::from_micros(micros));
        }
        assert_eq!(histogram.cumulative(), [2, 3, 3, 3, 3, 3, 3, 3, 3, 4, 6]);
        assert_eq!(histogram.micros(), 9_000_102);
    }

    #[test]
    fn a_client_that_closes_with_a_code_of_its_own_makes_no_new_name() {
        let meter = Meter::new(&Topics::new());
        for code in [
            None,
            Some(CloseCode::RESTART),
            Some(CloseCode(3333)),
            Some(CloseCode(4999)),
        ] {
            meter.closed(code);
        }
        let counted: Vec<_> = meter.closes().filter(|(_, count)| *count > 0).collect();
        assert_eq!(counted, [("lost", 1), ("1012", 1), ("other", 2)]);
    }

    #[test]
    fn refusals_are_counted_by_code() {
        let meter = Meter::new(&Topics::new());
        meter.refused(Code::Internal);
        meter.refused(Code::InvalidValue);
        meter.refused(Code::InvalidValue);
        assert!((Code::Internal as usize) < CODES);
        let counted: Vec<_> = meter.refusals().collect();
        assert_eq!(counted, [(Code::InvalidValue, 2), (Code::Internal, 1)]);
    }
}
