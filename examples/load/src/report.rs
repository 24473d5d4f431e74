//! The line of JSON that a run prints.

use std::time::Instant;

use serde::Serialize;

use crate::args::Args;
use crate::swarm::Swarm;
use crate::usage::{self, Usage};

/// What a run has measured. Times of deliveries are in ms, from sending to receipt.
#[derive(Debug, Serialize, Default)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    /// All members, or connections.
    pub members: usize,
    pub secs: f64,
    /// States that arrived at another member; requests that were answered.
    pub delivered: u64,
    /// Of those that should have arrived, had none been gathered with a newer one.
    pub delivered_ratio: f64,
    pub messages: u64,
    pub bytes: u64,
    pub sent: u64,
    pub skipped: u64,
    /// Connections that the server closed.
    pub closed: usize,
    pub refused: u64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub max_ms: f64,
    pub crowd_p50_ms: f64,
    pub crowd_p99_ms: f64,
    /// How old what one reader knew of a sender ever became.
    pub age_p99_ms: f64,
    pub age_max_ms: f64,
    pub cpu_secs: f64,
    /// Of one core.
    pub cpu_percent: f64,
    pub cpu_secs_per_million: f64,
    pub rss_mib: f64,
    /// What the server's memory grew by since nobody was there.
    pub kib_per_member: f64,
    pub generator_percent: f64,
    pub join_secs: f64,
    pub join_cpu_secs: f64,
    /// Of all pairs who could have seen each other.
    pub seen_ratio: f64,
}

/// A stretch of time and what it costs.
#[derive(Debug)]
pub(crate) struct Meter {
    pid: Option<u32>,
    start: Instant,
    before: Usage,
    own: f64,
}

impl Meter {
    pub(crate) fn start(args: &Args) -> Self {
        Self {
            pid: args.pid,
            before: args.pid.map(usage::of).unwrap_or_default(),
            own: usage::own_cpu_secs(),
            start: Instant::now(),
        }
    }

    /// The figures of time, processor and memory; `empty` is what the server used before anybody came.
    pub(crate) fn stop(&self, empty: Usage, members: usize, delivered: u64) -> Report {
        let secs = self.start.elapsed().as_secs_f64();
        let now = self.pid.map(usage::of).unwrap_or_default();
        let cpu_secs = now.cpu_secs - self.before.cpu_secs;
        Report {
            members,
            secs,
            delivered,
            cpu_secs,
            cpu_percent: cpu_secs / secs * 100.0,
            cpu_secs_per_million: cpu_secs / delivered.max(1) as f64 * 1e6,
            rss_mib: now.rss_bytes as f64 / f64::from(1 << 20),
            kib_per_member: (now.rss_bytes as f64 - empty.rss_bytes as f64)
                / 1024.0
                / members as f64,
            generator_percent: (usage::own_cpu_secs() - self.own) / secs * 100.0,
            ..Report::default()
        }
    }

    /// The same with what a swarm has counted.
    pub(crate) fn stop_swarm(&self, empty: Usage, swarm: &Swarm) -> Report {
        let tally = &swarm.tally;
        Report {
            delivered_ratio: tally.delivered as f64 / tally.due.max(1) as f64,
            messages: tally.messages,
            bytes: tally.bytes,
            sent: tally.sent,
            skipped: tally.skipped,
            closed: swarm.closed(),
            refused: swarm.refused(),
            p50_ms: tally.rooms.quantile_ms(0.5),
            p99_ms: tally.rooms.quantile_ms(0.99),
            max_ms: tally.rooms.quantile_ms(1.0),
            crowd_p50_ms: tally.crowd.quantile_ms(0.5),
            crowd_p99_ms: tally.crowd.quantile_ms(0.99),
            age_p99_ms: tally.age.quantile_ms(0.99),
            age_max_ms: tally.age.quantile_ms(1.0),
            ..self.stop(empty, swarm.links.len(), tally.delivered)
        }
    }
}
