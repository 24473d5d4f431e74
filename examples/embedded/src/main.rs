//! Presence inside of one process: a bot, a watcher and hooks, without any server.
//!
//! Run with `cargo run -p embedded`. It prints what happens and ends by itself.

use std::error::Error;
use std::time::Duration;

use presence_runtime::topic::Activity;
use presence_runtime::{Change, Hub, Watch, hook};
use tokio::time::sleep;
use topics::{Cursor, Tool};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let hub = Hub::builder(topics::topics())
        .on_join(|it: hook::Joined<Cursor>| {
            let again = if it.first { "" } else { ", once more" };
            say("hook", &format!("{} joined{again}", it.entry.member.user));
        })
        .on_leave(|it: hook::Left<Cursor>| {
            let user = &it.entry.member.user;
            say(
                "hook",
                &format!("{user} left at {}: {:?}", it.entry.value.x, it.reason),
            );
        })
        .on_empty(|it: hook::Emptied<Cursor>| say("hook", &format!("{} is empty", it.topic)))
        .build()?;

    let board = Cursor::topic("42")?;
    let watching = tokio::spawn(watch(hub.watch(&board)?));

    let ann = hub.member("ann").join(&board, cursor(1.0))?;
    draw(&hub).await?;
    ann.update(|cursor| cursor.typing = true)?;
    // Nobody says that Ann stopped: `typing` decays.
    sleep(Duration::from_millis(3_300)).await;
    say("hub", &format!("ann is in {:?}", hub.topics_of("ann")));

    // Everybody leaves, and those who watch are told before it ends.
    hub.close();
    watching.await?;
    Ok(())
}

/// A bot that draws a line and leaves.
async fn draw(hub: &Hub) -> Result<(), Box<dyn Error>> {
    let here = hub.member("bot").join(Cursor::topic("42")?, cursor(0.0))?;
    for x in 1..=100 {
        // Watchers see about every fifth: changes are gathered for the topic's throttle.
        here.update(|cursor| cursor.x = f64::from(x))?;
        sleep(Duration::from_millis(10)).await;
    }
    if let Err(fault) = here.update(|cursor| cursor.x = -1.0) {
        say("bot", &fault.to_string());
    }
    here.activity(Activity::Idle)?;
    // However many were skipped, the last state reaches everybody.
    sleep(Duration::from_millis(100)).await;
    Ok(())
}

/// Prints what a watcher sees, until the hub is closed.
async fn watch(mut watch: Watch<Cursor>) {
    while let Some(change) = watch.next().await {
        let text = match change {
            Change::Snapshot(all) => format!("{} are here", all.len()),
            Change::Joined(it) => format!("{} joined at {}", it.member.user, it.value.x),
            Change::Updated(it) => {
                let typing = if it.value.typing { ", typing" } else { "" };
                format!("{} is at {}{typing}", it.member.user, it.value.x)
            }
            Change::Left { member, reason } => format!("{} left: {reason:?}", member.user),
            _ => continue,
        };
        say("watcher", &text);
    }
    say("watcher", "that was all");
}

fn cursor(x: f64) -> Cursor {
    Cursor {
        x,
        y: 0.0,
        label: String::new(),
        tool: Tool::Pen,
        typing: false,
    }
}

#[expect(clippy::print_stdout, reason = "this is what the example is for")]
fn say(who: &str, what: &str) {
    println!("{who:>8}  {what}");
}
