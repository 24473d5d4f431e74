//! Probes: how soon somebody is seen by others at the same node.

use std::time::Duration;

use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::Failed;
use crate::house::House;
use crate::line::Line;

/// How soon an update is seen at the same node, whatever the engine does: a tick, and a busy machine.
const LOCAL: Duration = Duration::from_millis(500);
/// How soon somebody who comes is: the node may ask others first, and waits for a second at most.
const COMING: Duration = Duration::from_millis(2_000);
const UPDATES: u64 = 10;

/// Whether local presence goes on at these nodes.
pub(crate) async fn local(house: &mut House, nodes: &[usize]) -> Result<(), Failed> {
    for node in nodes {
        let addr = house.nodes[*node].addr.clone();
        let topic = format!("boards:probe{}:cursors", house.dice.below(1 << 40));
        let (one, other) = (key(house, 1), key(house, 2));
        let failed = |why| format!("local presence at node {node}: {why}");
        see(&addr, &topic, &one, &other).await.map_err(failed)?;
    }
    Ok(())
}

fn key(house: &mut House, which: u64) -> String {
    // Nobody else's: those begin with zeros.
    format!("{which:016x}{:016x}", house.dice.below(1 << 60))
}

async fn see(addr: &str, topic: &str, watcher: &str, mover: &str) -> Result<(), Failed> {
    let mut watcher = Line::open(addr, watcher).await?;
    let mut mover = Line::open(addr, mover).await?;
    watcher
        .send("subscribe", &json!({ "topic": topic }))
        .await?;
    watcher.until(COMING, |it| it["type"] == "snapshot").await?;
    for x in 0..UPDATES {
        let value = json!({"x": x, "y": 0, "label": "probe"});
        let message = json!({"topic": topic, "value": value});
        let began = Instant::now();
        mover.send("heartbeat", &message).await?;
        let (list, most) = if x == 0 {
            ("joined", COMING)
        } else {
            ("updated", LOCAL)
        };
        let seen = watcher
            .until(most, |it| it[list][0]["value"]["x"] == x as f64)
            .await;
        seen.map_err(|why| format!("update {x}: {why}"))?;
        sleep(Duration::from_millis(100).saturating_sub(began.elapsed())).await;
    }
    mover.send("leave", &json!({ "topic": topic })).await?;
    watcher
        .until(LOCAL, |it| it["left"][0]["reason"] == "left")
        .await?;
    Ok(())
}
