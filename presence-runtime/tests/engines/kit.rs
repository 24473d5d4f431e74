//! What the tests say to engines.

use std::time::Duration;

use bytes::Bytes;
use presence_runtime::TopicName;
use presence_runtime::cluster::{
    At, Engine, Feed, Found, Heard, Logged, NodeId, Part, Record, Turn, Verdict, Write,
};
use presence_runtime::topic::{Member, Reason, SessionId, User};

pub(crate) const A: NodeId = NodeId::new(0xa);
pub(crate) const B: NodeId = NodeId::new(u64::MAX);
pub(crate) const C: NodeId = NodeId::new(0);
/// A node that only listens.
pub(crate) const LISTENER: NodeId = NodeId::new(0xeee);
/// Longer than any test.
pub(crate) const LONG: Duration = Duration::from_secs(60);
/// Longer than what is heard takes to arrive, on a machine that is busy.
pub(crate) const SOON: Duration = Duration::from_secs(5);
/// What is not heard by then does not come.
pub(crate) const NEVER: Duration = Duration::from_millis(300);

pub(crate) fn topic(name: &str) -> TopicName {
    TopicName::parse(name).expect("a name")
}

/// The session of this number.
pub(crate) fn session(number: usize) -> SessionId {
    let digits = (0..16).rev().map(|i| {
        let digit = number.checked_shr(5 * i).unwrap_or(0) & 31;
        char::from(b"abcdefghijklmnopqrstuvwxyz234567"[digit])
    });
    SessionId::parse(&digits.collect::<String>()).expect("an id")
}

pub(crate) fn member(user: &str, number: usize) -> Member {
    Member {
        user: User::parse(user).expect("a user"),
        session: session(number),
    }
}

pub(crate) fn record(node: NodeId, member: &Member, n: u64, body: &str) -> Record {
    let mut digest = [0xff; 32];
    digest[..16].copy_from_slice(member.session.as_str().as_bytes());
    Record {
        node,
        member: member.clone(),
        digest,
        n,
        present: Duration::ZERO,
        state: 0,
        parts: [part(n, body), part(n, ""), part(n, "")],
    }
}

pub(crate) fn part(n: u64, body: &str) -> Part {
    let body = Bytes::copy_from_slice(body.as_bytes());
    Part { n, body }
}

pub(crate) fn announce(topic: &TopicName, record: Record) -> Write {
    Write::Announce {
        topic: topic.clone(),
        record,
        max_members: 10_000,
        fence: LONG,
    }
}

pub(crate) fn leave(topic: &TopicName, member: &Member, n: u64, reason: Reason) -> Write {
    Write::Leave {
        topic: topic.clone(),
        member: member.clone(),
        n,
        reason,
        fence: LONG,
    }
}

/// Leases for these nodes that outlast the test.
pub(crate) async fn hold<E: Engine>(engine: &E, nodes: &[NodeId]) {
    for node in nodes {
        engine.hold(*node, LONG).await.expect("in reach");
    }
}

/// What becomes of one write.
pub(crate) async fn write<E: Engine>(engine: &E, node: NodeId, write: Write) -> Verdict {
    let verdicts = engine.write(node, &[write]).await.expect("in reach");
    let [verdict] = verdicts.try_into().expect("one verdict");
    verdict
}

/// Who is present, and where the log is.
pub(crate) async fn read<E: Engine>(engine: &E, topic: &TopicName) -> (At, Vec<Record>) {
    let everybody = engine.read(topic).await.expect("in reach");
    let mut records = everybody.records;
    records.sort_by_key(|it| it.member.session);
    (everybody.at, records.into_iter().map(timeless).collect())
}

pub(crate) async fn find<E: Engine>(engine: &E, topic: &TopicName, session: SessionId) -> Found {
    match engine.find(topic, session).await.expect("in reach") {
        Found::Present(record) => Found::Present(timeless(record)),
        other => other,
    }
}

pub(crate) async fn since<E: Engine>(engine: &E, topic: &TopicName, at: At) -> Option<Vec<Logged>> {
    let logged = engine.since(topic, at).await.expect("in reach")?;
    Some(logged.into_iter().map(timeless_turn).collect())
}

/// The turns of a topic after a place that is known.
pub(crate) async fn turns<E: Engine>(engine: &E, topic: &TopicName, at: At) -> Vec<Turn> {
    let logged = since(engine, topic, at).await.expect("it is known");
    logged.into_iter().map(|it| it.turn).collect()
}

/// What is heard next.
pub(crate) async fn heard<F: Feed>(feed: &mut F) -> Heard {
    let heard = tokio::time::timeout(SOON, feed.next()).await;
    match heard.expect("something is heard").expect("in reach") {
        Heard::Logged(topic, logged) => Heard::Logged(topic, timeless_turn(logged)),
        Heard::Befell(topic, turn) => {
            let at = At {
                epoch: 0,
                sequence: 0,
            };
            Heard::Befell(topic, timeless_turn(Logged { at, turn }).turn)
        }
        told @ (Heard::Told(_) | Heard::Ordered) => told,
    }
}

/// What is heard next, if anything is.
pub(crate) async fn heard_at_all<F: Feed>(feed: &mut F) -> Option<Heard> {
    let heard = tokio::time::timeout(NEVER, feed.next()).await;
    heard.ok().map(|it| it.expect("in reach"))
}

pub(crate) fn gone(node: NodeId, member: &Member, n: u64, reason: Reason) -> Turn {
    Turn::Gone {
        node,
        member: member.clone(),
        n,
        reason,
    }
}

/// Without what depends on when it was asked.
pub(crate) fn timeless(record: Record) -> Record {
    Record {
        present: Duration::ZERO,
        ..record
    }
}

pub(crate) fn timeless_turn(logged: Logged) -> Logged {
    let turn = match logged.turn {
        Turn::Present(record) => Turn::Present(timeless(record)),
        Turn::Newer(record) => Turn::Newer(timeless(record)),
        gone @ Turn::Gone { .. } => gone,
    };
    Logged { turn, ..logged }
}

/// Seeds to play: `SEED` alone if it is given, or as many as are wanted.
pub(crate) fn seeds(count: u64) -> Vec<u64> {
    match std::env::var("SEED") {
        Ok(seed) => vec![seed.parse().expect("SEED is a number")],
        Err(_) => (0..count).collect(),
    }
}

/// Says which seed it was, when a test fails.
pub(crate) struct Playing(pub(crate) u64);

impl Drop for Playing {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("to play it again: SEED={}", self.0);
        }
    }
}

/// Randomness from a seed: SplitMix64.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number below this one.
    pub(crate) fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut it = self.0;
        it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (it ^ (it >> 31)) % most
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }
}
