//! Costs: how much later an update is seen at another node than at its own, and what goes through Redis.
//!
//! Members at the first node move, ten times a second each, as a generator of load has them do it: its
//! server flushes at once. A watcher at each node hears of all of them in this process, so that both ends of a
//! latency are read from one clock.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use serde_json::{Value as Json, json};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use crate::Failed;
use crate::dice::Dice;
use crate::line::Line;
use crate::node::Node;
use crate::redis::Redis;

/// How often a member moves.
const PACE: Duration = Duration::from_millis(100);
/// How long is measured.
const TIME: Duration = Duration::from_secs(5);
const SETTLING: Duration = Duration::from_secs(2);
/// Longer than a lease: only then does a node look for dead ones, which is a part of what it costs idle.
const FIRST_LEASE: Duration = Duration::from_secs(8);

/// What is measured: so many nodes, and so many members in so many topics.
const LOADS: [(usize, usize, usize); 5] = [
    (1, 20, 1),
    (2, 20, 1),
    (3, 20, 1),
    (3, 20, 20),
    (3, 100, 100),
];

/// When updates were sent, and how late they were seen by each node's watcher, in ms.
#[derive(Debug, Default)]
struct Board {
    sent: Vec<Instant>,
    seen: BTreeMap<usize, Vec<f64>>,
}

/// Figures of Redis.
#[derive(Debug, Clone, Copy)]
struct Figures {
    /// What was asked of it; what its scripts do is not counted.
    commands: f64,
    bytes_in: f64,
    bytes_out: f64,
    /// CPU time, in ms.
    busy: f64,
}

/// Measures everything, and writes a table.
pub(crate) async fn measure(server: &Path, folder: &Path) -> Result<(), Failed> {
    eprintln!(
        "| nodes | members, topics | p50, p99 at the same node | at another | commands of Redis an update | bytes in, out | \
         µs of Redis | idle: commands, bytes a second |\n|---|---|---|---|---|---|---|---|"
    );
    for (nodes, members, topics) in LOADS {
        let row = row(server, folder, nodes, members, topics).await?;
        eprintln!("{row}");
    }
    Ok(())
}

async fn row(
    server: &Path,
    folder: &Path,
    nodes: usize,
    members: usize,
    topics: usize,
) -> Result<String, Failed> {
    let redis = Redis::start().await?;
    let mut dice = Dice::new(1);
    let mut all = Vec::new();
    for _ in 0..nodes {
        let mut node = Node::new(server, redis.port, dice.split(), folder).await?;
        node.more = vec!["--throttle-ms".to_owned(), "0".to_owned()];
        node.begin().await?;
        all.push(node);
    }
    let board: Rc<RefCell<Board>> = Rc::default();
    let mut tasks = JoinSet::new();
    for (at, node) in all.iter().enumerate() {
        let line = Line::open(&node.addr, &format!("{:032x}", 0xf000 + at)).await?;
        tasks.spawn_local(watch(line, at, topics, board.clone()));
    }
    sleep(FIRST_LEASE).await;
    let before = figures(&redis).await?;
    sleep(TIME).await;
    let idle = figures(&redis).await?.since(before);
    for number in 0..members {
        let line = Line::open(&all[0].addr, &format!("{:032x}", 1 + number)).await?;
        tasks.spawn_local(walk(line, topic(number % topics), board.clone()));
        sleep(PACE / u32::try_from(members).expect("few")).await;
    }
    sleep(SETTLING).await;
    board.borrow_mut().seen.clear();
    let began = board.borrow().sent.len();
    let before = figures(&redis).await?;
    sleep(TIME).await;
    let busy = figures(&redis).await?.since(before);
    let updates = (board.borrow().sent.len() - began) as f64;
    tasks.abort_all();
    let mut seen = std::mem::take(&mut board.borrow_mut().seen);
    let own = percentiles(seen.remove(&0).unwrap_or_default());
    let others = percentiles(seen.into_values().flatten().collect());
    let seconds = TIME.as_secs_f64();
    // What nodes do anyhow is no update's cost.
    let each = |busy: f64, idle: f64| (busy - idle) / updates;
    Ok(format!(
        "| {nodes} | {members}, {topics} | {own} | {others} | {:.2} | {:.0}, {:.0} | {:.0} | {:.0}, {:.0} |",
        each(busy.commands, idle.commands),
        each(busy.bytes_in, idle.bytes_in),
        each(busy.bytes_out, idle.bytes_out),
        each(busy.busy, idle.busy) * 1_000.0,
        idle.commands / seconds,
        (idle.bytes_in + idle.bytes_out) / seconds,
    ))
}

fn topic(number: usize) -> String {
    format!("bench:{number}")
}

async fn watch(mut line: Line, at: usize, topics: usize, board: Rc<RefCell<Board>>) {
    for number in 0..topics {
        let message = json!({"topic": topic(number)});
        if line.send("subscribe", &message).await.is_err() {
            return;
        }
    }
    while let Ok(message) = line.hear().await {
        let now = Instant::now();
        let mut board = board.borrow_mut();
        let moved = message["updated"].as_array().into_iter().flatten();
        for moved in moved.filter_map(|it| it["value"]["x"].as_u64()) {
            let moved = usize::try_from(moved).expect("few");
            let late = now - board.sent[moved];
            let seen = board.seen.entry(at).or_default();
            seen.push(late.as_secs_f64() * 1_000.0);
        }
    }
}

async fn walk(mut line: Line, topic: String, board: Rc<RefCell<Board>>) {
    let mut pace = interval(PACE);
    pace.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        pace.tick().await;
        let x = {
            let mut board = board.borrow_mut();
            board.sent.push(Instant::now());
            board.sent.len() - 1
        };
        let value: Json = json!({"x": x, "y": 1, "c": "#336699", "t": "a pointer"});
        let message = json!({"topic": topic, "value": value});
        if line.send("heartbeat", &message).await.is_err() {
            return;
        }
    }
}

fn percentiles(mut all: Vec<f64>) -> String {
    all.sort_by(f64::total_cmp);
    let at = |percent: usize| all.get(all.len() * percent / 100);
    match (at(50), at(99)) {
        (Some(half), Some(most)) => format!("{half:.2} ms, {most:.1} ms"),
        _ => "–".to_owned(),
    }
}

async fn figures(redis: &Redis) -> Result<Figures, Failed> {
    let info = redis.ask("INFO everything").await?;
    let figure = |name: &str| {
        let line = info.lines().find_map(|it| it.strip_prefix(name));
        line.and_then(|it| it.trim().parse::<f64>().ok())
            .ok_or_else(|| format!("Redis says no {name}"))
    };
    // A script counts as one, whatever it does.
    let calls = |name: &str| -> f64 {
        let line = info
            .lines()
            .find_map(|it| it.strip_prefix(&format!("cmdstat_{name}:calls=")));
        let digits = line.and_then(|it| it.split(',').next());
        digits.and_then(|it| it.parse().ok()).unwrap_or_default()
    };
    let asked = ["evalsha", "subscribe", "unsubscribe"];
    let direct: f64 = asked.into_iter().map(calls).sum();
    let cpu = figure("used_cpu_user:")? + figure("used_cpu_sys:")?;
    Ok(Figures {
        commands: direct,
        bytes_in: figure("total_net_input_bytes:")?,
        bytes_out: figure("total_net_output_bytes:")?,
        busy: cpu * 1_000.0,
    })
}

impl Figures {
    fn since(self, before: Self) -> Self {
        Self {
            commands: self.commands - before.commands,
            bytes_in: self.bytes_in - before.bytes_in,
            bytes_out: self.bytes_out - before.bytes_out,
            busy: self.busy - before.busy,
        }
    }
}
