//! What befalls nodes and what is between them, and what has to be true afterwards.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::sleep;

use crate::Failed;
use crate::house::{CONVERGENCE, House, STALE, now};
use crate::plan::NODES;
use crate::probe;
use crate::proxy::Wire;

/// Longer than a node's lease.
const OUTAGE: Duration = Duration::from_secs(9);
/// How long people live between two faults.
const PEACE: Duration = Duration::from_millis(1_500);
const ALL: [usize; NODES] = [0, 1, 2];

async fn secs(seconds: u64) {
    sleep(Duration::from_secs(seconds)).await;
}

/// Everybody comes, goes and changes nodes, and nothing is wrong.
pub(crate) async fn nothing(house: &mut House) -> Result<(), Failed> {
    house.order(|it| {
        it.roam = true;
        it.come_and_go = true;
    });
    secs(5).await;
    house.agree().await
}

/// A node dies. Half of its people come back elsewhere, and nobody notices; the others are gone.
pub(crate) async fn kill_a_node(house: &mut House) -> Result<(), Failed> {
    sleep(PEACE).await;
    let node = house.any_node();
    let people = house.truth.borrow().people_at(node);
    let away: BTreeSet<_> = people.iter().copied().filter(|it| it % 2 == 1).collect();
    let topics = house.topics_of_all();
    let began = now();
    house.trouble();
    house.nodes[node].kill();
    house.order(|it| {
        it.open[node] = false;
        it.away = away.clone();
    });
    sleep(CONVERGENCE).await;
    let departures = house.departures(began);
    for ((observer, member), left) in &departures {
        if !away.contains(member) {
            return Err(format!(
                "client {member} came back, and client {observer} saw it leave: {left:?}"
            ));
        }
        let mut topics: Vec<_> = left.iter().map(|it| &it.1).collect();
        topics.dedup();
        if topics.len() != left.len() {
            return Err(format!(
                "client {member} left more than once for client {observer}: {left:?}"
            ));
        }
    }
    for member in &away {
        for observer in house.sitters().filter(|it| !people.contains(it)) {
            let left = departures.get(&(observer, *member)).map_or(0, Vec::len);
            if left != topics[*member] {
                return Err(format!(
                    "client {observer} saw client {member}, who was killed, leave {left} of {} topics within \
                     {CONVERGENCE:?}",
                    topics[*member]
                ));
            }
        }
    }
    house.agree().await?;
    house.nodes[node].begin().await?;
    house.order(|it| {
        it.open[node] = true;
        it.away = BTreeSet::new();
    });
    secs(2).await;
    house.agree().await?;
    house.calm();
    Ok(())
}

/// Redis dies, and is empty when it comes back.
pub(crate) async fn kill_redis(house: &mut House) -> Result<(), Failed> {
    sleep(PEACE).await;
    let began = now();
    house.trouble();
    house.redis.kill();
    house.told(&ALL, "stale", began, STALE).await?;
    probe::local(house, &ALL).await?;
    secs(3).await;
    let again = now();
    house.redis.begin().await?;
    house.agree().await?;
    house.told(&ALL, "live", again, CONVERGENCE).await?;
    house.agree_from_outside().await?;
    secs(5).await;
    house.nobody_left(began)?;
    house.calm();
    Ok(())
}

/// A node stands still for longer than its lease. Its people go elsewhere in time, and nobody notices.
pub(crate) async fn stop_a_node(house: &mut House) -> Result<(), Failed> {
    sleep(PEACE).await;
    let node = house.any_node();
    let began = now();
    house.trouble();
    house.nodes[node].signal("STOP")?;
    house.order(|it| it.open[node] = false);
    sleep(OUTAGE).await;
    house.nobody_left(began)?;
    house.nodes[node].signal("CONT")?;
    house.order(|it| it.open[node] = true);
    house.agree().await?;
    // What the node did late changes nothing for those who went.
    secs(12).await;
    house.agree().await?;
    house.nobody_left(began)?;
    house.calm();
    Ok(())
}

/// A node stands still for longer than its lease, and its people wait for it.
pub(crate) async fn stop_a_node_that_is_waited_for(house: &mut House) -> Result<(), Failed> {
    sleep(PEACE).await;
    let node = house.any_node();
    house.trouble();
    house.nodes[node].signal("STOP")?;
    house.order(|it| {
        it.open[node] = false;
        it.stay = true;
    });
    sleep(OUTAGE).await;
    house.nodes[node].signal("CONT")?;
    house.order(|it| {
        it.open[node] = true;
        it.stay = false;
    });
    house.agree().await?;
    house.calm();
    Ok(())
}

/// A node does not reach Redis any more, and is told so.
pub(crate) async fn cut_a_node_off(house: &mut House) -> Result<(), Failed> {
    isolate(house, Wire::Cut).await
}

/// A node does not reach Redis any more, and is not told so.
pub(crate) async fn block_a_node(house: &mut House) -> Result<(), Failed> {
    isolate(house, Wire::Blocked).await
}

async fn isolate(house: &mut House, wire: Wire) -> Result<(), Failed> {
    sleep(PEACE).await;
    let node = house.any_node();
    let people = house.truth.borrow().people_at(node);
    let topics = house.topics_of_all();
    let others: Vec<_> = ALL.into_iter().filter(|it| *it != node).collect();
    let began = now();
    house.trouble();
    house.wire(&[node], wire);
    house.told(&[node], "stale", began, STALE).await?;
    probe::local(house, &ALL).await?;
    let passed = Duration::from_millis(now() - began);
    sleep(CONVERGENCE.saturating_sub(passed)).await;
    // The others took the node for dead; it keeps everybody.
    let departures = house.departures(began);
    for observer in house.sitters() {
        for member in house.people() {
            let left = departures.get(&(observer, member)).map_or(0, Vec::len);
            let expected = match (people.contains(&observer), people.contains(&member)) {
                (false, true) => topics[member],
                _ => 0,
            };
            if left != expected {
                return Err(format!(
                    "client {observer} saw client {member} leave {left} of {expected} times: {:?}",
                    departures.get(&(observer, member))
                ));
            }
        }
    }
    for other in &others {
        if house.nodes[*other].remote().await? != "live" {
            return Err(format!("node {other} was not cut off, and is stale"));
        }
    }
    let healed = now();
    house.wire(&[node], Wire::Whole);
    house.agree().await?;
    house.told(&[node], "live", healed, CONVERGENCE).await?;
    house.calm();
    Ok(())
}

/// Redis forgets everything, loses its listeners, and then its scripts; nobody notices any of it.
pub(crate) async fn forget(house: &mut House) -> Result<(), Failed> {
    let began = now();
    house.trouble();
    for command in ["FLUSHALL", "CLIENT KILL TYPE pubsub", "SCRIPT FLUSH"] {
        sleep(PEACE).await;
        house.redis.ask(command).await?;
        sleep(PEACE).await;
        house
            .agree()
            .await
            .map_err(|wrong| format!("after {command}: {wrong}"))?;
    }
    secs(6).await;
    house.agree_from_outside().await?;
    house.nobody_left(began)?;
    house.calm();
    Ok(())
}

/// Every round trip to Redis takes 200 to 500 ms.
pub(crate) async fn slow(house: &mut House) -> Result<(), Failed> {
    sleep(PEACE).await;
    let began = now();
    house.trouble();
    house.wire(&ALL, Wire::Slow);
    secs(3).await;
    probe::local(house, &ALL).await?;
    secs(4).await;
    house.agree().await?;
    house.wire(&ALL, Wire::Whole);
    secs(2).await;
    house.nobody_left(began)?;
    house.calm();
    Ok(())
}

/// One node after the other is replaced under load, and nobody sees anybody leave or come.
pub(crate) async fn roll(house: &mut House) -> Result<(), Failed> {
    sleep(PEACE).await;
    let began = now();
    house.order(|it| {
        it.stay = true;
        it.stroll = true;
    });
    for node in ALL {
        house.order(|it| it.open[node] = false);
        house.nodes[node].end().await?;
        house.nodes[node].begin().await?;
        house.order(|it| it.open[node] = true);
        sleep(PEACE).await;
        house.agree().await?;
    }
    // Longer than a node that went keeps what it left behind.
    secs(12).await;
    house.agree().await?;
    house.nobody_left(began)?;
    Ok(())
}
