//! Fences: what comes late, or from somebody else, at whichever node.

use std::path::Path;
use std::time::Duration;

use http::Method;
use serde_json::{Value as Json, json};
use tokio::time::sleep;

use crate::Failed;
use crate::house::House;
use crate::http::{Asker, ask, post};
use crate::line::Line;

const TOPIC: &str = "boards:1:cursors";
const BOARD: &str = "boards:roadmap:cursors";
/// The nodes know of each other what was said.
const SETTLING: Duration = Duration::from_millis(500);
/// The grace of a pointer, and what comes on top.
const GRACE: Duration = Duration::from_secs(12);

fn key(which: u32) -> String {
    format!("fe{which:030x}")
}

fn value(x: u64) -> Json {
    json!({"x": x, "y": 0, "label": "somebody"})
}

/// What a node says to something that is said over HTTP.
async fn say(
    house: &House,
    node: usize,
    key: &str,
    what: &str,
    message: Json,
) -> Result<Json, Failed> {
    let path = format!("/presence/{TOPIC}/{what}");
    post(&house.nodes[node].addr, &path, key, &message).await
}

/// Every node has this many members.
async fn are_there(house: &House, topic: &str, members: u64) -> Result<(), Failed> {
    sleep(SETTLING).await;
    for node in &house.nodes {
        let value = node.value(topic).await?;
        if value["counts"]["members"] != members {
            return Err(format!("{members} were to be at {}: {value}", node.addr));
        }
    }
    Ok(())
}

fn expect(said: &Json, key: &str, wanted: impl Into<Json>) -> Result<(), Failed> {
    let wanted = wanted.into();
    if said[key] == wanted {
        return Ok(());
    }
    Err(format!("{key} was to be {wanted}, found {said}"))
}

/// A watcher at a node, who is told of everybody else.
async fn watch(house: &House, node: usize, which: u32) -> Result<Line, Failed> {
    let mut line = Line::open(&house.nodes[node].addr, &key(which)).await?;
    line.send("subscribe", &json!({ "topic": TOPIC })).await?;
    line.until(SETTLING * 4, |it| it["type"] == "snapshot")
        .await?;
    Ok(line)
}

/// Nobody is told that anybody left or came within this time.
async fn quiet(watcher: &mut Line, time: Duration) -> Result<(), Failed> {
    let noise = |it: &Json| !it["left"].is_null() || !it["joined"].is_null();
    match watcher.until(time, noise).await {
        Ok(message) => Err(format!("somebody came or went: {message}")),
        Err(why) if why.starts_with("not heard") => Ok(()),
        Err(why) => Err(why),
    }
}

/// What comes late at another node changes nothing, and a leave counts wherever it is said.
pub(crate) async fn late(house: &mut House) -> Result<(), Failed> {
    let ann = key(1);
    let mut watcher = watch(house, 2, 90).await?;
    let said = say(
        house,
        0,
        &ann,
        "heartbeat",
        json!({"n": 5, "value": value(5)}),
    )
    .await?;
    expect(&said, "change", "joined")?;
    watcher
        .until(SETTLING * 4, |it| !it["joined"].is_null())
        .await?;
    let said = say(
        house,
        1,
        &ann,
        "heartbeat",
        json!({"n": 6, "value": value(6)}),
    )
    .await?;
    expect(&said, "change", "updated")?;
    for node in [0, 1, 2, 0] {
        let message = json!({"n": 5, "value": value(99)});
        let said = say(house, node, &ann, "heartbeat", message).await?;
        expect(&said, "change", "stale")?;
        let said = say(house, node, &ann, "leave", json!({"n": 5})).await?;
        expect(&said, "left", false)?;
    }
    are_there(house, TOPIC, 1).await?;
    // A page ends, and what it says as it goes arrives at another node; it is back before the time is over.
    let said = say(house, 2, &ann, "leave", json!({"n": 7, "afterMs": 2_000})).await?;
    expect(&said, "left", true)?;
    let said = say(
        house,
        1,
        &ann,
        "heartbeat",
        json!({"n": 8, "value": value(8)}),
    )
    .await?;
    expect(&said, "change", "updated")?;
    quiet(&mut watcher, Duration::from_secs(4)).await?;
    are_there(house, TOPIC, 1).await?;
    // It does not come back this time.
    let said = say(house, 0, &ann, "leave", json!({"n": 9, "afterMs": 1_000})).await?;
    expect(&said, "left", true)?;
    let gone = watcher.until(Duration::from_secs(3), |it| !it["left"].is_null());
    expect(&gone.await?["left"][0], "reason", "left")?;
    for node in [0, 1, 2] {
        let message = json!({"n": 8, "value": value(99)});
        let said = say(house, node, &ann, "heartbeat", message).await?;
        expect(&said, "change", "stale")?;
    }
    are_there(house, TOPIC, 0).await
}

/// The old connection's end, and the old node's grace, remove nobody who has gone to another.
pub(crate) async fn old_connections(house: &mut House) -> Result<(), Failed> {
    let bo = key(2);
    let mut watcher = watch(house, 2, 91).await?;
    let mut old = Line::open(&house.nodes[0].addr, &bo).await?;
    let message = |n: u64| json!({"topic": TOPIC, "n": n, "value": value(n), "id": n});
    old.send("heartbeat", &message(1)).await?;
    watcher
        .until(SETTLING * 4, |it| !it["joined"].is_null())
        .await?;
    let mut new = Line::open(&house.nodes[1].addr, &bo).await?;
    new.send("heartbeat", &message(2)).await?;
    let said = new.until(SETTLING * 4, |it| it["type"] == "ok").await?;
    expect(&said, "change", "updated")?;
    drop(old);
    // Who is not heard of is pinged, and answers while it listens.
    tokio::select! {
        quiet = quiet(&mut watcher, GRACE) => quiet?,
        lost = new.until(GRACE * 2, |_| false) => return Err(format!("{lost:?}")),
    }
    are_there(house, TOPIC, 1).await?;
    new.send("leave", &json!({"topic": TOPIC, "n": 3})).await?;
    watcher
        .until(SETTLING * 4, |it| !it["left"].is_null())
        .await?;
    are_there(house, TOPIC, 0).await
}

/// A key is its user's, at every node: `app` is a server where people log in.
pub(crate) async fn other_users(app: &Path, seed: u64, folder: &Path) -> Result<(), Failed> {
    let mut house = House::empty(seed, app, folder).await?;
    let mine = key(3);
    let (ann, bob) = (
        enter(&house, 0, "ann").await?,
        enter(&house, 1, "bob").await?,
    );
    let said = announce(&house, 0, &ann, &mine, 1).await?;
    expect(&said, "change", "joined")?;
    sleep(SETTLING).await;
    let said = announce(&house, 1, &bob, &mine, 2).await?;
    expect(&said["error"], "code", "session_taken")?;
    // Ann comes there herself.
    let again = enter(&house, 1, "ann").await?;
    let said = announce(&house, 1, &again, &mine, 3).await?;
    expect(&said, "change", "updated")?;
    for node in &mut house.nodes {
        node.signal("TERM")?;
    }
    Ok(())
}

/// The token of somebody who logs in at a node.
async fn enter(house: &House, node: usize, user: &str) -> Result<String, Failed> {
    let addr = &house.nodes[node].addr;
    let body = json!({ "user": user }).to_string();
    let entered = ask(addr, Method::POST, "/login", &Asker::default(), &body).await?;
    let asker = Asker {
        cookie: entered.cookie,
        ..Asker::default()
    };
    let token = ask(addr, Method::POST, "/token", &asker, "").await?.body;
    let token = token["token"].as_str().ok_or("no token")?;
    Ok(token.to_owned())
}

async fn announce(
    house: &House,
    node: usize,
    token: &str,
    key: &str,
    n: u64,
) -> Result<Json, Failed> {
    let asker = Asker {
        key: Some(key.to_owned()),
        token: Some(token.to_owned()),
        ..Asker::default()
    };
    let body = json!({"n": n, "value": value(n)}).to_string();
    let path = format!("/presence/{BOARD}/heartbeat");
    let answer = ask(&house.nodes[node].addr, Method::POST, &path, &asker, &body).await?;
    Ok(answer.body)
}
