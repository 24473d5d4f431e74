//! A service that is present like anybody else: it sits on a board and says how many people are there.
//!
//! It is a member of this process: nobody asks it for a token, and no rule stands in its way.

use std::time::Duration;

use presence_runtime::{Fault, Hub};
use topics::{Cursor, Tool};

/// Its user. Nobody can log in as it.
pub(crate) const USER: &str = "bot";
/// After a kick the hub will not have it for this long.
const AWAY: Duration = Duration::from_secs(60);

/// Sits on a board for as long as the hub is there.
pub(crate) async fn run(hub: Hub, board: &'static str) {
    loop {
        match sit(&hub, board).await {
            Ok(()) => return,
            Err(fault) => tracing::info!(board, %fault, "the bot was sent away"),
        }
        tokio::time::sleep(AWAY).await;
    }
}

/// Returns when the hub is closed, fails when the bot is not welcome any more.
async fn sit(hub: &Hub, board: &str) -> Result<(), Fault> {
    let topic = Cursor::topic(board)?;
    let cursor = Cursor {
        x: 1_060.0,
        y: 56.0,
        label: String::new(),
        tool: Tool::Pointer,
        typing: false,
    };
    let mut watch = hub.watch(&topic)?;
    let here = hub.member(USER).join(&topic, cursor)?;
    while watch.next().await.is_some() {
        let people = hub.counts(&topic).users.saturating_sub(1);
        let label = match people {
            1 => "1 person here".to_owned(),
            _ => format!("{people} people here"),
        };
        let before = here.value();
        if before.is_none_or(|it| it.label != label) {
            here.update(|cursor| cursor.label = label)?;
        }
    }
    Ok(())
}
