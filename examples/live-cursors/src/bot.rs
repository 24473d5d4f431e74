//! Robo, a member from the Rust side: it comes to every board on which somebody is, draws, says
//! something now and then, and goes when it is alone.

use std::collections::HashMap;
use std::f64::consts::TAU;
use std::time::Duration;

use presence_runtime::server::HubBuilder;
use presence_runtime::topic::Counts;
use presence_runtime::{Fault, Here, Hub, TopicName, TopicOf, hook};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval};
use topics::{Availability, Cursor, Status, Tool, Viewport};

const USER: &str = "bot";
/// As often as a cursor is told to others.
const STEP: Duration = Duration::from_millis(50);
/// Boards on which somebody came since the last look; whoever comes while it is full meets Robo once
/// somebody else comes.
const NEWS: usize = 256;
/// The middle of the page's board.
const MIDDLE: (f64, f64) = (1_800.0, 1_200.0);
/// One round: a figure that is drawn, then something that is written.
const ROUND_S: f64 = 26.0;
const DRAWS_S: f64 = 20.0;
const WRITES_S: f64 = 23.5;
const WORDS: [&str; 3] = [
    "I am a Rust task",
    "Click here to follow",
    "When you all go, I do",
];

/// Robo, wherever it is.
pub(crate) struct Bot {
    came: mpsc::Receiver<TopicOf<Cursor>>,
    boards: HashMap<TopicName, Robo>,
}

impl Bot {
    /// Has the hub tell who comes. Nothing happens until it runs.
    pub(crate) fn listen(hub: HubBuilder) -> (HubBuilder, Self) {
        let (news, came) = mpsc::channel(NEWS);
        let hub = hub.on_join(move |it: hook::Joined<Cursor>| {
            if it.entry.member.user.as_str() != USER {
                let _ = news.try_send(it.topic);
            }
        });
        let boards = HashMap::new();
        (hub, Self { came, boards })
    }

    /// Comes and goes for as long as it is polled; Robo leaves every board when this is dropped.
    pub(crate) async fn run(mut self, hub: Hub) {
        let mut steps = interval(STEP);
        steps.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                Some(board) = self.came.recv() => self.visit(&hub, &board),
                _ = steps.tick(), if !self.boards.is_empty() => self.step(&hub),
                else => return,
            }
        }
    }

    fn visit(&mut self, hub: &Hub, board: &TopicOf<Cursor>) {
        if self.boards.contains_key(board.name()) {
            return;
        }
        match Robo::join(hub, board) {
            Ok(robo) => drop(self.boards.insert(board.name().clone(), robo)),
            Err(fault) => tracing::warn!(%fault, topic = %board.name(), "the bot cannot join"),
        }
    }

    /// Moves on, and is gone from where it is alone, or where it was sent away.
    fn step(&mut self, hub: &Hub) {
        self.boards.retain(|topic, robo| {
            let Counts { members, .. } = hub.counts(topic);
            members > 1 && robo.step().is_ok()
        });
    }
}

/// Robo on one board. It leaves when this is dropped.
struct Robo {
    since: Instant,
    said: usize,
    cursor: Here<Cursor>,
    viewport: Here<Viewport>,
    status: Here<Status>,
}

impl Robo {
    fn join(hub: &Hub, topic: &TopicOf<Cursor>) -> Result<Self, Fault> {
        let [board] = topic.parameters();
        let bot = hub.member(USER);
        let (x, y) = place(0.0);
        let cursor = Cursor {
            x,
            y,
            label: "Robo".to_owned(),
            tool: Tool::Pen,
            typing: false,
        };
        Ok(Self {
            since: Instant::now(),
            said: 0,
            cursor: bot.join(topic, cursor)?,
            viewport: bot.join(Viewport::topic(&board)?, view(x, y))?,
            status: bot.join(Status::topic(&board)?, says(""))?,
        })
    }

    fn step(&mut self) -> Result<(), Fault> {
        let seconds = self.since.elapsed().as_secs_f64();
        let now = seconds % ROUND_S;
        let (x, y) = place(now.min(DRAWS_S));
        let writes = (DRAWS_S..WRITES_S).contains(&now);
        self.cursor.update(|it| {
            (it.x, it.y) = (x, y);
            it.tool = if now < DRAWS_S { Tool::Pen } else { Tool::Text };
            // Said again and again while it lasts, and falls back by itself.
            it.typing = writes;
        })?;
        self.viewport.set(view(x, y))?;
        // As many as rounds in which the writing is done.
        let done = ((seconds + ROUND_S - WRITES_S) / ROUND_S) as usize;
        if done > self.said {
            self.status.set(says(WORDS[self.said % WORDS.len()]))?;
            self.said = done;
        }
        Ok(())
    }
}

/// Where on the board Robo is so many seconds into a round: two loops, there and back.
fn place(seconds: f64) -> (f64, f64) {
    let angle = seconds / DRAWS_S * TAU;
    let x = MIDDLE.0 + 520.0 * (2.0 * angle).sin();
    let y = MIDDLE.1 - 300.0 * (3.0 * angle).sin();
    (x.round(), y.round())
}

/// What Robo looks at: where it is, and what is around.
fn view(x: f64, y: f64) -> Viewport {
    let near = |middle: f64, at: f64| middle + (at - middle) / 3.0;
    Viewport {
        x: near(MIDDLE.0, x).round(),
        y: near(MIDDLE.1, y).round(),
        width: 1_320.0,
        height: 880.0,
    }
}

fn says(message: &str) -> Status {
    Status {
        availability: Availability::Available,
        message: message.to_owned(),
        emoji: Some("🤖".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figure_is_closed_and_no_step_of_it_is_a_leap() {
        let steps = (DRAWS_S / STEP.as_secs_f64()) as u32;
        let places: Vec<_> = (0..=steps)
            .map(|step| place(f64::from(step) * STEP.as_secs_f64()))
            .collect();
        assert_eq!(places.first(), places.last());
        for pair in places.windows(2) {
            let [(ax, ay), (bx, by)] = pair else { continue };
            assert!((bx - ax).hypot(by - ay) < 30.0, "{pair:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn it_comes_with_the_first_and_goes_after_the_last() {
        let builder = Hub::builder(topics::topics());
        let (builder, bot) = Bot::listen(builder);
        let hub = builder.build().expect("a hub");
        tokio::spawn(bot.run(hub.clone()));
        let topic = Cursor::topic("test").expect("a name");
        let settle = || tokio::time::sleep(STEP * 4);

        settle().await;
        assert!(hub.topics_of(USER).is_empty(), "nobody is anywhere");
        let ann = hub.member("ann").join(&topic, cursor()).expect("joins");
        settle().await;
        assert_eq!(
            hub.topics_of(USER).len(),
            3,
            "a cursor, a viewport, a status"
        );
        let before = hub.members(&topic);
        settle().await;
        assert_ne!(hub.members(&topic), before, "it moves");
        let bo = hub.member("bo").join(&topic, cursor()).expect("joins");
        drop(ann);
        settle().await;
        assert_eq!(hub.counts(&topic).members, 2, "Bo and the bot");
        drop(bo);
        settle().await;
        assert!(hub.topics_of(USER).is_empty(), "it does not stay alone");
        let _cy = hub.member("cy").join(&topic, cursor()).expect("joins");
        settle().await;
        assert_eq!(hub.counts(&topic).members, 2, "it is there again");
    }

    fn cursor() -> Cursor {
        Cursor {
            x: 0.0,
            y: 0.0,
            label: String::new(),
            tool: Tool::Pointer,
            typing: false,
        }
    }
}
