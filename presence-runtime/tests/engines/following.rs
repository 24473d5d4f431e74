//! Reading and following at once, while others write.

use std::collections::BTreeMap;
use std::slice::from_ref;
use std::time::Duration;

use presence_runtime::TopicName;
use presence_runtime::cluster::{At, Engine, Feed, Heard, NodeId, PARTS, Record, Turn, Write};
use presence_runtime::topic::{Member, Reason, SessionId};
use tokio::time::{sleep, timeout};

use crate::kit::*;
use crate::subject::Subject;

const SEEDS: u64 = 12;
const WRITES: usize = 60;

/// What a follower knows.
struct View {
    at: At,
    present: BTreeMap<SessionId, Record>,
}

impl View {
    fn apply(&mut self, heard: Heard) {
        let Heard::Logged(_, logged) = heard else {
            panic!("nobody told anything");
        };
        assert_eq!(logged.at.epoch, self.at.epoch);
        if logged.at.sequence <= self.at.sequence {
            return;
        }
        assert_eq!(logged.at.sequence, self.at.sequence + 1, "a gap");
        self.at = logged.at;
        match timeless_turn(logged).turn {
            Turn::Present(record) | Turn::Newer(record) => {
                self.present.insert(record.member.session, record);
            }
            Turn::Gone { member, .. } => {
                self.present
                    .remove(&member.session)
                    .expect("only who is present goes");
            }
        }
    }
}

pub(crate) async fn read_and_follow_has_no_gap_and_no_duplicate<S: Subject>(it: S) {
    let engine = it.engine();
    hold(&engine, &[A, B]).await;
    for seed in seeds(SEEDS) {
        let _playing = Playing(seed);
        let topic = topic(&format!("rooms:{seed}"));
        let one = talk(&engine, &topic, A, Dice(seed * 4));
        let two = talk(&engine, &topic, B, Dice(seed * 4 + 1));
        let early = follow(&engine, &topic, Dice(seed * 4 + 2));
        let late = follow(&engine, &topic, Dice(seed * 4 + 3));
        let ((), (), mut early, mut late) = tokio::join!(one, two, early, late);
        let (end, records) = read(&engine, &topic).await;
        for (view, feed) in [&mut early, &mut late] {
            while view.at != end {
                view.apply(heard(feed).await);
            }
            let known: Vec<_> = view.present.values().map(told).collect();
            assert_eq!(known, records.iter().map(told).collect::<Vec<_>>());
        }
    }
}

/// What followers are told of: a greater `n` alone is not logged.
fn told(record: &Record) -> (NodeId, &Member, [&[u8]; PARTS]) {
    let bodies = record.parts.each_ref().map(|it| &*it.body);
    (record.node, &record.member, bodies)
}

/// Says this and that of sessions that others speak for too.
async fn talk<E: Engine>(engine: &E, topic: &TopicName, node: NodeId, mut dice: Dice) {
    for n in 0..WRITES as u64 {
        let writes: Vec<Write> = (0..1 + dice.below(3))
            .map(|_| {
                let ann = member("ann", dice.below(4) as usize);
                match dice.below(4) {
                    0 => leave(topic, &ann, n, dice.pick(&[Reason::Left, Reason::Expired])),
                    1 => {
                        let (topic, record) = (topic.clone(), record(node, &ann, n, "c"));
                        Write::Newer { topic, record }
                    }
                    _ => announce(topic, record(node, &ann, n, dice.pick(&["a", "b"]))),
                }
            })
            .collect();
        engine.write(node, &writes).await.expect("in reach");
        pause(&mut dice).await;
    }
}

async fn follow<E: Engine>(engine: &E, topic: &TopicName, mut dice: Dice) -> (View, E::Feed) {
    for _ in 0..dice.below(WRITES as u64) {
        pause(&mut dice).await;
    }
    let mut feed = engine.feed(LISTENER).await.expect("in reach");
    feed.follow(from_ref(topic)).await.expect("in reach");
    pause(&mut dice).await;
    let (at, records) = read(engine, topic).await;
    let present = records
        .into_iter()
        .map(|it| (it.member.session, it))
        .collect();
    let mut view = View { at, present };
    for _ in 0..dice.below(20) {
        let waited = timeout(Duration::from_millis(2), feed.next()).await;
        if let Ok(heard) = waited {
            view.apply(heard.expect("in reach"));
        }
    }
    (view, feed)
}

async fn pause(dice: &mut Dice) {
    match dice.below(4) {
        0 => sleep(Duration::from_millis(1)).await,
        1 => tokio::task::yield_now().await,
        _ => {}
    }
}
