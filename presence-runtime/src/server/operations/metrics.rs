//! `/metrics`: the figures of a hub in Prometheus' text format.
//!
//! Labels are names of registered types and words of ours. Nothing that a client chose is among them, or
//! there would be as many figures as clients want.

use std::sync::Weak;

use http::{HeaderValue, Response, header};

use super::health::Readiness;
use super::text::{Kind, Text};
use super::{neighbours, process};
use crate::server::body::Body;
use crate::server::hub::Hub;
use crate::server::limits::LIMITS;
use crate::server::meter::{BOUNDS, Histogram, Meter, OfType, word};
use crate::server::route::ROUTES;
use crate::server::routes::json;

/// The limits that figures here are held against.
const SHOWN: [&str; 3] = ["max_connections", "max_topics", "max_entries"];

/// `GET /metrics`
pub(super) fn metrics(hub: &Hub) -> Response<Body> {
    let mut response = json(text(hub));
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

fn text(hub: &Hub) -> String {
    let meter = &hub.shared().meter;
    let mut text = Text::default();
    about(&mut text, hub);
    connections(&mut text, hub, meter);
    of_types(&mut text, meter);
    presence(&mut text, hub);
    requests(&mut text, meter);
    access(&mut text, hub);
    neighbours::write(&mut text, hub);
    histogram(
        &mut text,
        "presence_flush_seconds",
        "How long flushes of a topic took, from gathering to the last write.",
        &meter.flushes,
    );
    histogram(
        &mut text,
        "presence_tick_lag_seconds",
        "How late the alarms of topics rang: late where the process is too busy.",
        &meter.lags,
    );
    process::write(&mut text);
    text.into_string()
}

fn about(text: &mut Text, hub: &Hub) {
    let name = "presence_build_info";
    text.family(name, Kind::Gauge, "The version that runs.");
    text.sample(name, &[("version", env!("CARGO_PKG_VERSION"))], 1);
    let ready = u8::from(hub.readiness() == Readiness::Ready);
    let help = "Whether /readyz says ready.";
    text.single("presence_ready", Kind::Gauge, help, ready);
    let name = "presence_limit";
    text.family(name, Kind::Gauge, "The most that there may be, by setting.");
    for limit in LIMITS.iter().filter(|it| SHOWN.contains(&it.setting)) {
        text.sample(name, &[("setting", limit.setting)], limit.get(hub.config()));
    }
}

fn connections(text: &mut Text, hub: &Hub, meter: &Meter) {
    let both = [("websocket", &meter.sockets), ("events", &meter.streams)];
    let name = "presence_connections";
    text.family(name, Kind::Gauge, "Open WebSockets and event streams.");
    for (transport, figures) in both {
        text.sample(name, &[("transport", transport)], figures.open.get());
    }
    let name = "presence_connections_opened_total";
    text.family(
        name,
        Kind::Counter,
        "WebSockets and event streams that were opened.",
    );
    for (transport, figures) in both {
        text.sample(name, &[("transport", transport)], figures.opened.get());
    }
    let name = "presence_websockets_ended_total";
    text.family(
        name,
        Kind::Counter,
        "WebSockets that ended, by close code; lost without one.",
    );
    for (code, count) in meter.closes() {
        text.sample(name, &[("code", code)], count);
    }
    // Looked up rather than counted: what it costs is paid by who asks.
    let outlets = hub.connections().all();
    let pending = outlets
        .iter()
        .filter_map(Weak::upgrade)
        .map(|it| it.pending());
    let pending: usize = pending.sum();
    let help = "Bytes that wait because clients read slowly.";
    text.single("presence_pending_bytes", Kind::Gauge, help, pending);
    let help = "Connections that could not be accepted, for want of file descriptors say.";
    let count = meter.accept_failures.get();
    text.single("presence_accept_failures_total", Kind::Counter, help, count);
}

/// A figure that every type has one of.
type Figure = (&'static str, Kind, &'static str, fn(&OfType) -> u64);

const FIGURES: [Figure; 8] = [
    ("presence_topics", Kind::Gauge, "Topics in memory.", |it| {
        it.topics.get()
    }),
    ("presence_entries", Kind::Gauge, "Members present.", |it| {
        it.entries.get()
    }),
    (
        "presence_subscriptions",
        Kind::Gauge,
        "Connections that watch a topic, once for each topic.",
        |it| it.subscriptions.get(),
    ),
    (
        "presence_joins_total",
        Kind::Counter,
        "Members that came.",
        |it| it.joins.get(),
    ),
    (
        "presence_parts_encoded_total",
        Kind::Counter,
        "Snapshots and changes that were encoded, once for all who stand at the same position.",
        |it| it.encoded.get(),
    ),
    (
        "presence_parts_delivered_total",
        Kind::Counter,
        "Snapshots and changes that were handed to connections.",
        |it| it.parts.get(),
    ),
    (
        "presence_delivered_bytes_total",
        Kind::Counter,
        "Bytes of JSON of these.",
        |it| it.bytes.get(),
    ),
    (
        "presence_hook_panics_total",
        Kind::Counter,
        "Panics of the application's hooks.",
        |it| it.hook_panics.get(),
    ),
];

fn of_types(text: &mut Text, meter: &Meter) {
    for (name, kind, help, figure) in FIGURES {
        text.family(name, kind, help);
        for (of, figures) in meter.types() {
            text.sample(name, &[("type", of)], figure(figures));
        }
    }
    let name = "presence_heartbeats_total";
    text.family(
        name,
        Kind::Counter,
        "Heartbeats that were done, by what they changed.",
    );
    for (of, figures) in meter.types() {
        for (change, count) in figures.heartbeats() {
            text.sample(name, &[("type", of), ("change", change)], count);
        }
    }
    let name = "presence_leaves_total";
    text.family(name, Kind::Counter, "Members that went, by reason.");
    for (of, figures) in meter.types() {
        for (reason, count) in figures.leaves() {
            text.sample(name, &[("type", of), ("reason", reason)], count);
        }
    }
}

fn presence(text: &mut Text, hub: &Hub) {
    let (users, sessions) = hub.shared().whereabouts.counts();
    let help = "Users present anywhere; without authentication, sessions.";
    text.single("presence_users", Kind::Gauge, help, users);
    let help = "Sessions present anywhere.";
    text.single("presence_sessions", Kind::Gauge, help, sessions);
}

fn requests(text: &mut Text, meter: &Meter) {
    let name = "presence_requests_total";
    text.family(name, Kind::Counter, "Requests over HTTP, by route.");
    for (route, count) in ROUTES.iter().zip(&meter.requests) {
        text.sample(name, &[("route", route)], count.get());
    }
    let name = "presence_refusals_total";
    text.family(
        name,
        Kind::Counter,
        "Requests, messages and, where there is no room, connections that were refused, by error code.",
    );
    for (code, count) in meter.refusals() {
        text.sample(name, &[("code", &word(code))], count);
    }
    let help = "Messages of WebSockets that were read.";
    text.single(
        "presence_messages_total",
        Kind::Counter,
        help,
        meter.heard.get(),
    );
    let help = "Bytes of these.";
    let bytes = meter.heard_bytes.get();
    text.single("presence_messages_bytes_total", Kind::Counter, help, bytes);
}

/// Nothing in open mode, where nobody is asked.
fn access(text: &mut Text, hub: &Hub) {
    let Some(asker) = hub.access().asker() else {
        return;
    };
    let name = "presence_access_failures_total";
    text.family(
        name,
        Kind::Counter,
        "Questions to the application that it did not answer, by what was asked and why.",
    );
    for (asked, reason, count) in asker.silences() {
        text.sample(name, &[("asked", asked), ("reason", reason)], count);
    }
}

fn histogram(text: &mut Text, name: &str, help: &str, histogram: &Histogram) {
    text.family(name, Kind::Histogram, help);
    let counts = histogram.cumulative();
    let bucket = format!("{name}_bucket");
    for (bound, count) in BOUNDS.iter().zip(counts) {
        text.sample(&bucket, &[("le", &seconds(*bound))], count);
    }
    let all = counts[BOUNDS.len()];
    text.sample(&bucket, &[("le", "+Inf")], all);
    text.sample(&format!("{name}_sum"), &[], seconds(histogram.micros()));
    text.sample(&format!("{name}_count"), &[], all);
}

/// Exact, where a float would show more digits than there are.
fn seconds(micros: u64) -> String {
    format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}
