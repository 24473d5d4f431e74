//! Random writes, done by the engine and by a model that is too simple to be wrong.

use std::collections::BTreeMap;
use std::time::Duration;

use presence_runtime::TopicName;
use presence_runtime::cluster::{Engine, Found, NodeId, Record, Turn, Verdict, Write};
use presence_runtime::topic::{Member, Reason, SessionId};
use tokio::time::sleep;

use crate::kit::*;
use crate::subject::Subject;

const SEEDS: u64 = 8;
const ROUNDS: usize = 30;
const MOST: usize = 3;
const NODES: [NodeId; 3] = [A, B, C];

/// A topic, and nothing but its rules.
#[derive(Default)]
struct Model {
    present: BTreeMap<SessionId, Record>,
    /// The last `n`, why, and whose word counts still.
    left: BTreeMap<SessionId, (Member, u64, Reason, Option<NodeId>)>,
    turns: Vec<Turn>,
}

impl Model {
    fn write(&mut self, node: NodeId, write: &Write) -> Verdict {
        match write {
            // The third node never has a lease.
            Write::Announce { .. } if node == C => Verdict::Unheld,
            Write::Announce { record, .. } => self.announce(record),
            Write::Newer { record, .. } => {
                self.add(record);
                Verdict::Done
            }
            Write::Leave {
                member, n, reason, ..
            } => self.leave(node, member, *n, *reason),
            Write::Retain { sessions, .. } => {
                self.bury(node, sessions);
                Verdict::Done
            }
        }
    }

    fn announce(&mut self, record: &Record) -> Verdict {
        let session = record.member.session;
        if let Some(before) = self.present.get(&session) {
            if before.member != record.member || before.digest != record.digest {
                return Verdict::Taken;
            }
            if record.n < before.n || record.n == before.n && record.node != before.node {
                self.add(record);
                return Verdict::Stale;
            }
            let mut all = record.clone();
            for (i, kept) in before.parts.iter().enumerate() {
                if kept.n > all.parts[i].n {
                    all.parts[i] = kept.clone();
                }
            }
            let same = before.node == all.node && before.state == all.state && says(before, &all);
            let whole = says(record, &all);
            self.present.insert(session, all.clone());
            if !same {
                let turn = if whole { Turn::Present } else { Turn::Newer };
                self.turns.push(turn(all));
            }
            return if whole { Verdict::Done } else { Verdict::Newer };
        }
        if let Some((member, n, _, still)) = self.left.get(&session)
            && *member == record.member
            && (record.n < *n || record.n == *n && *still != Some(record.node))
        {
            return Verdict::Stale;
        }
        if self.present.len() == MOST {
            return Verdict::Full;
        }
        self.left.remove(&session);
        self.present.insert(session, record.clone());
        self.turns.push(Turn::Present(record.clone()));
        Verdict::Done
    }

    fn add(&mut self, record: &Record) {
        let Some(kept) = self.present.get_mut(&record.member.session) else {
            return;
        };
        if kept.member != record.member || kept.digest != record.digest {
            return;
        }
        let before = kept.clone();
        for (kept, said) in kept.parts.iter_mut().zip(&record.parts) {
            if said.n > kept.n {
                kept.clone_from(said);
            }
        }
        if !says(&before, kept) {
            self.turns.push(Turn::Newer(kept.clone()));
        }
    }

    fn leave(&mut self, node: NodeId, member: &Member, n: u64, reason: Reason) -> Verdict {
        let said_so = reason == Reason::Left;
        let Some(before) = self.present.get(&member.session) else {
            if said_so {
                if let Some((it, last, ..)) = self.left.get(&member.session)
                    && it == member
                    && *last > n
                {
                    return Verdict::Stale;
                }
                self.left
                    .insert(member.session, (member.clone(), n, reason, None));
            }
            return Verdict::Done;
        };
        if before.member != *member {
            return Verdict::Taken;
        }
        if !said_so && before.node != node {
            return Verdict::Done;
        }
        if n < before.n || n == before.n && node != before.node {
            return Verdict::Stale;
        }
        self.remove(member.session, n, reason, None);
        Verdict::Done
    }

    fn bury(&mut self, node: NodeId, but: &[SessionId]) -> usize {
        let there = self.present.values().filter(|it| it.node == node);
        let gone: Vec<_> = there.map(|it| (it.member.session, it.n)).collect();
        let gone: Vec<_> = gone
            .into_iter()
            .filter(|(it, _)| !but.contains(it))
            .collect();
        for (session, n) in &gone {
            self.remove(*session, *n, Reason::Disconnected, Some(node));
        }
        gone.len()
    }

    fn remove(&mut self, session: SessionId, n: u64, reason: Reason, still: Option<NodeId>) {
        let before = self.present.remove(&session).expect("it is present");
        self.turns
            .push(gone(before.node, &before.member, n, reason));
        self.left.insert(session, (before.member, n, reason, still));
    }

    fn find(&self, session: SessionId) -> Found {
        if let Some(record) = self.present.get(&session) {
            return Found::Present(record.clone());
        }
        match self.left.get(&session).cloned() {
            Some((member, n, reason, _)) => Found::Left { member, n, reason },
            None => Found::Nothing,
        }
    }
}

/// Whether both say the same.
fn says(one: &Record, other: &Record) -> bool {
    let mut parts = one.parts.iter().zip(&other.parts);
    parts.all(|(one, other)| one.body == other.body)
}

pub(crate) async fn every_seed_does_as_the_model<S: Subject>(it: S) {
    let engine = it.engine();
    for seed in seeds(SEEDS) {
        let _playing = Playing(seed);
        let topic = topic(&format!("rooms:{seed}"));
        let (mut dice, mut model) = (Dice(seed), Model::default());
        hold(&engine, &[A, B]).await;
        for _ in 0..ROUNDS {
            if dice.below(8) == 0 {
                reap(&engine, dice.pick(&[A, B]), &mut model).await;
            }
            let (before, _) = read(&engine, &topic).await;
            let already = model.turns.len();
            let node = dice.pick(&NODES);
            let writes: Vec<_> = (0..1 + dice.below(6))
                .map(|_| any(&mut dice, &topic, node))
                .collect();
            let verdicts = engine.write(node, &writes).await.expect("in reach");
            let expected: Vec<_> = writes.iter().map(|it| model.write(node, it)).collect();
            assert_eq!(verdicts, expected, "{node} writes {writes:#?}");
            let (at, records) = read(&engine, &topic).await;
            assert!(model.present.values().eq(&records), "{records:#?}");
            assert_eq!(at.sequence, model.turns.len() as u64);
            assert_eq!(turns(&engine, &topic, before).await, model.turns[already..]);
            for i in 0..4 {
                assert_eq!(
                    find(&engine, &topic, session(i)).await,
                    model.find(session(i))
                );
            }
        }
        for node in [A, B] {
            let (topic, sessions) = (topic.clone(), vec![]);
            write(&engine, node, Write::Retain { topic, sessions }).await;
        }
    }
}

/// A node is taken for dead, and lives on.
async fn reap<E: Engine>(engine: &E, node: NodeId, model: &mut Model) {
    engine
        .release(node, Duration::ZERO)
        .await
        .expect("in reach");
    sleep(Duration::from_millis(2)).await;
    let removed = engine.reap().await.expect("in reach");
    assert_eq!(removed, model.bury(node, &[]));
    hold(engine, &[node]).await;
}

fn any(dice: &mut Dice, topic: &TopicName, node: NodeId) -> Write {
    let (topic, fence) = (topic.clone(), LONG);
    let member = member(
        dice.pick(&["ann", "ann", "ann", "an"]),
        dice.below(4) as usize,
    );
    let n = dice.below(12);
    let record = Record {
        state: dice.below(2) as u8,
        parts: [0, 1, 2].map(|_| part(dice.below(n + 1), dice.pick(&["", "a", "b"]))),
        ..record(node, &member, n, "")
    };
    match dice.below(12) {
        0..6 => Write::Announce {
            topic,
            record,
            max_members: MOST,
            fence,
        },
        6..9 => {
            let reason = dice.pick(&[Reason::Left, Reason::Left, Reason::Expired, Reason::Kicked]);
            Write::Leave {
                topic,
                member,
                n,
                reason,
                fence,
            }
        }
        9 => {
            let sessions = (0..4).filter(|_| dice.below(2) == 0).map(session).collect();
            Write::Retain { topic, sessions }
        }
        _ => Write::Newer { topic, record },
    }
}
