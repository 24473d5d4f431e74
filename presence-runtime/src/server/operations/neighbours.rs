//! The figures of a node among others. Nothing where there are none.

use std::collections::BTreeMap;

use super::text::{Kind, Text};
use crate::server::hub::Hub;
use crate::server::neighbours::Figures;

/// Writes them.
pub(super) fn write(text: &mut Text, hub: &Hub) {
    let Some(neighbours) = hub.shared().neighbours() else {
        return;
    };
    let figures = neighbours.figures();
    gauges(text, &figures, neighbours.is_stale());
    elsewhere(text, hub);
    counters(text, &figures);
}

fn gauges(text: &mut Text, figures: &Figures, stale: bool) {
    let connected = u8::from(figures.connected);
    let help = "Whether the engine between nodes answered when it was asked last.";
    text.single("presence_engine_connected", Kind::Gauge, help, connected);
    let help = "Whether members at other nodes may have changed without this node knowing.";
    text.single("presence_engine_stale", Kind::Gauge, help, u8::from(stale));
    let (seconds, millis) = (figures.silence / 1_000, figures.silence % 1_000);
    let silence = format!("{seconds}.{millis:03}");
    let help = "Seconds since the node last heard itself through the engine.";
    text.single(
        "presence_engine_silence_seconds",
        Kind::Gauge,
        help,
        silence,
    );
    let help = "Topics of which the node hears what other nodes do.";
    let followed = figures.followed;
    text.single("presence_engine_topics", Kind::Gauge, help, followed);
    let help = "What waits for the engine: topics to look at, writes, topics to read, orders.";
    by(
        text,
        "presence_engine_waiting",
        Kind::Gauge,
        help,
        "what",
        &figures.waiting,
    );
}

/// Looked up rather than counted: what it costs is paid by who asks.
fn elsewhere(text: &mut Text, hub: &Hub) {
    let types = hub.topics().iter().map(|it| (it.schema.name(), 0));
    let mut counts: BTreeMap<_, usize> = types.collect();
    for live in hub.all_live() {
        *counts.entry(live.registered().schema.name()).or_default() += live.elsewhere();
    }
    let name = "presence_entries_elsewhere";
    text.family(
        name,
        Kind::Gauge,
        "Those of the members present that are at other nodes.",
    );
    for (of, count) in counts {
        text.sample(name, &[("type", of)], count);
    }
}

fn counters(text: &mut Text, figures: &Figures) {
    let singles = [
        (
            "presence_engine_batches_total",
            "Batches of writes that the engine took.",
            figures.batches,
        ),
        (
            "presence_engine_losses_total",
            "Calls that the engine did not answer.",
            figures.losses,
        ),
        (
            "presence_engine_feeds_total",
            "Feeds of what other nodes do that were begun: one, and one more after each loss.",
            figures.feeds,
        ),
        (
            "presence_engine_gaps_total",
            "Messages of other nodes before which some were missing.",
            figures.gaps,
        ),
        (
            "presence_engine_restorations_total",
            "Times that everything was said again because the engine did not know the node: once at its start.",
            figures.restorations,
        ),
        (
            "presence_engine_reaped_total",
            "Members of dead nodes that this node removed.",
            figures.reaped,
        ),
    ];
    for (name, help, count) in singles {
        text.single(name, Kind::Counter, help, count);
    }
    let help = "Writes to the engine, by what became of them.";
    by(
        text,
        "presence_engine_writes_total",
        Kind::Counter,
        help,
        "verdict",
        &figures.writes,
    );
    let help = "Logs of topics that were read: the rest of one, or everybody.";
    by(
        text,
        "presence_engine_reads_total",
        Kind::Counter,
        help,
        "what",
        &figures.reads,
    );
    let help = "Orders such as kicks: given here, and obeyed that were given elsewhere.";
    by(
        text,
        "presence_engine_orders_total",
        Kind::Counter,
        help,
        "given",
        &figures.orders,
    );
}

fn by(text: &mut Text, name: &str, kind: Kind, help: &str, label: &str, figures: &[(&str, u64)]) {
    text.family(name, kind, help);
    for (of, figure) in figures {
        text.sample(name, &[(label, of)], figure);
    }
}
