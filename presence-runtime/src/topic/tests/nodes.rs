//! Random histories of several nodes against a naive log: whatever they hear, lose, hear twice or late, and
//! wherever people speak, they come to know the same, which is what was said last.
//!
//! Topics are those of the core. What is around them elsewhere is naive here: an engine that is a map and a
//! list, and followers that know how far they have read. Nothing is told by itself: each history says when
//! a node publishes, hears, loses or reads something.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;

use super::model::many::play_many;
use super::*;
use crate::topic::{Activity, Change, Elsewhere, Member, News, Reader, Reason, SessionId, Told};

/// How many histories are played.
const CASES: u64 = 3_000;
const NODES: usize = 3;
const PEOPLE: usize = 3;
/// How many turns a log keeps: who has missed more reads everybody.
const KEPT: usize = 6;
/// For how long nobody is taken for gone after the engine has forgotten who is where.
const PATIENCE: Duration = Duration::from_secs(9);

/// What somebody says.
#[derive(Debug, Clone, Copy)]
enum Say {
    Value,
    Idle,
    Active,
    Renew,
    Leave,
}

/// What happens.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// Somebody says something, which arrives at a node at once.
    Say { who: usize, node: usize, say: Say },
    /// The same, but it is on its way until later.
    Send { who: usize, node: usize, say: Say },
    /// What was sent first arrives, or what was sent last.
    Arrive { first: bool },
    /// A node tells the engine what is new.
    Publish { node: usize },
    /// A node hears so many turns of those that wait for it.
    Hear { node: usize, turns: usize },
    /// It hears one that it has heard already.
    HearAgain { node: usize, back: usize },
    /// Some do not reach it.
    Lose { node: usize, turns: usize },
    /// The next two that wait for it change places.
    Swap { node: usize },
    /// It reads what it seems to have missed.
    Read { node: usize },
    /// It has nobody who wants to know of others, and then somebody again.
    LetGo { node: usize },
    /// The engine forgets everything.
    Forget,
    /// A node finds that the engine has forgotten it, if it has.
    Hold { node: usize },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let (who, node) = (0..PEOPLE, 0..NODES);
    let say = prop_oneof![
        6 => Just(Say::Value),
        2 => Just(Say::Idle),
        2 => Just(Say::Active),
        3 => Just(Say::Renew),
        2 => Just(Say::Leave),
    ];
    let said = (who, node.clone(), say);
    let turns = 1..4_usize;
    let step = prop_oneof![
        6 => said.clone().prop_map(|(who, node, say)| Step::Say { who, node, say }),
        3 => said.prop_map(|(who, node, say)| Step::Send { who, node, say }),
        3 => any::<bool>().prop_map(|first| Step::Arrive { first }),
        8 => node.clone().prop_map(|node| Step::Publish { node }),
        8 => (node.clone(), turns.clone()).prop_map(|(node, turns)| Step::Hear { node, turns }),
        1 => (node.clone(), 0..4_usize).prop_map(|(node, back)| Step::HearAgain { node, back }),
        1 => (node.clone(), turns).prop_map(|(node, turns)| Step::Lose { node, turns }),
        1 => node.clone().prop_map(|node| Step::Swap { node }),
        2 => node.clone().prop_map(|node| Step::Read { node }),
        1 => node.clone().prop_map(|node| Step::LetGo { node }),
        1 => Just(Step::Forget),
        2 => node.prop_map(|node| Step::Hold { node }),
    ];
    vec(step, 1..80)
}

/// A place in the engine's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct At {
    epoch: usize,
    sequence: usize,
}

#[derive(Debug, Clone)]
enum Turn {
    Present {
        node: usize,
        said: Elsewhere,
        /// Another node than that has heard some of it.
        newer: bool,
    },
    Gone {
        node: usize,
        member: Member,
        n: u64,
        reason: Reason,
    },
}

/// What nodes share.
#[derive(Debug, Default)]
struct Engine {
    epoch: usize,
    present: BTreeMap<SessionId, (usize, Elsewhere)>,
    left: BTreeMap<SessionId, (u64, Reason, Option<usize>)>,
    log: Vec<Turn>,
}

impl Engine {
    const fn at(&self) -> At {
        At {
            epoch: self.epoch,
            sequence: self.log.len(),
        }
    }

    /// Whether nobody has said anything newer.
    fn announce(&mut self, node: usize, said: &Elsewhere) -> bool {
        let session = said.member.session;
        let counts = match (self.present.get(&session), self.left.get(&session)) {
            (Some((at, before)), _) if *at == node => said.n >= before.n,
            (Some((_, before)), _) => said.n > before.n,
            (None, Some((n, _, unless))) if *unless == Some(node) => said.n >= *n,
            (None, Some((n, ..))) => said.n > *n,
            (None, None) => true,
        };
        if !counts {
            self.add(said);
            return false;
        }
        self.left.remove(&session);
        let before = self.present.get(&session).map(|(_, before)| before);
        let all = before.map_or_else(|| said.clone(), |it| merge(said, it, said));
        let newer = all.said != said.said;
        self.present.insert(session, (node, all.clone()));
        let said = all;
        self.log.push(Turn::Present { node, said, newer });
        !newer
    }

    /// What another node says of a member than the one that has it.
    fn add(&mut self, said: &Elsewhere) {
        if let Some((node, before)) = self.present.get_mut(&said.member.session) {
            let all = merge(before, said, before);
            if all.said != before.said {
                *before = all.clone();
                self.log.push(Turn::Present {
                    node: *node,
                    said: all,
                    newer: true,
                });
            }
        }
    }

    fn leave(&mut self, node: usize, member: &Member, n: u64, reason: Reason) {
        let session = member.session;
        let said_so = reason == Reason::Left;
        let Some((at, before)) = self.present.get(&session) else {
            if said_so && self.left.get(&session).is_none_or(|it| it.0 <= n) {
                self.left.insert(session, (n, reason, None));
            }
            return;
        };
        let yields = if *at == node {
            n >= before.n
        } else {
            said_so && n > before.n
        };
        if yields {
            self.remove(session, n, reason, None);
        }
    }

    fn remove(&mut self, session: SessionId, n: u64, reason: Reason, unless: Option<usize>) {
        let (node, said) = self.present.remove(&session).expect("it is there");
        self.left.insert(session, (n, reason, unless));
        let member = said.member;
        self.log.push(Turn::Gone {
            node,
            member,
            n,
            reason,
        });
    }

    /// These are all that are at a node.
    fn retain(&mut self, node: usize, here: &[SessionId]) {
        let there = self.present.iter().filter(|it| it.1.0 == node);
        let gone = there.filter(|it| !here.contains(it.0));
        let gone: Vec<_> = gone
            .map(|(session, (_, said))| (*session, said.n))
            .collect();
        for (session, n) in gone {
            self.remove(session, n, Reason::Disconnected, Some(node));
        }
    }

    fn forget(&mut self) {
        *self = Self {
            epoch: self.epoch + 1,
            ..Self::default()
        };
    }
}

/// Where a member is, as the first says, and of each part the newer one: of equal ones that of the last.
fn merge(place: &Elsewhere, one: &Elsewhere, other: &Elsewhere) -> Elsewhere {
    let mut all = place.clone();
    let newest = |a: u64, b: u64| if a > b { one } else { other };
    let value = newest(one.said.value, other.said.value);
    (all.said.value, all.value, all.set_at) = (value.said.value, value.value.clone(), value.set_at);
    let activity = newest(one.said.activity, other.said.activity);
    (all.said.activity, all.activity) = (activity.said.activity, activity.activity);
    let following = newest(one.said.following, other.said.following);
    (all.said.following, all.following) = (following.said.following, following.following.clone());
    all
}

/// A node: its topic, how far it has read, what is on its way to it, and somebody who watches.
struct Node {
    me: usize,
    topic: Topic,
    read: Option<At>,
    /// How far the log was handed on to it.
    sent: At,
    coming: Vec<(At, Turn)>,
    behind: bool,
    held: usize,
    retains: bool,
    reader: Reader,
    seen: BTreeMap<Member, ()>,
}

impl Node {
    fn new(me: usize) -> Self {
        let mut topic = topic();
        topic.publish();
        Self {
            me,
            topic,
            read: None,
            sent: At {
                epoch: 0,
                sequence: 0,
            },
            coming: Vec::new(),
            behind: true,
            held: 0,
            retains: false,
            reader: Reader::NOTHING,
            seen: BTreeMap::new(),
        }
    }

    fn here(&self) -> Vec<SessionId> {
        let here = self.topic.entries().filter(|it| !it.is_elsewhere());
        here.map(|it| it.member().session).collect()
    }

    fn publish(&mut self, engine: &mut Engine, now: Time) {
        if self.held != engine.epoch {
            // Its lease comes first.
            return;
        }
        for news in self.topic.take_news() {
            match news {
                News::Gone {
                    member,
                    n,
                    reason,
                    last,
                } => {
                    if let Some(last) = last {
                        engine.announce(self.me, &last);
                    }
                    engine.leave(self.me, &member, n, reason);
                }
                News::Present(session) => {
                    let Some(entry) = self.topic.entry(session) else {
                        continue;
                    };
                    if entry.is_elsewhere() {
                        engine.add(&Elsewhere::from(entry));
                    } else if !engine.announce(self.me, &Elsewhere::from(entry)) {
                        self.settle(session, engine, now);
                    }
                }
            }
        }
        if std::mem::take(&mut self.retains) {
            engine.retain(self.me, &self.here());
        }
    }

    /// What was announced is old, or not all there is: takes over what is there.
    fn settle(&mut self, session: SessionId, engine: &mut Engine, now: Time) {
        match engine.present.get(&session).cloned() {
            Some((at, there)) if at == self.me => self.topic.adopt(&there, now),
            Some((_, there)) => {
                self.topic.hear_elsewhere(there, now);
            }
            None => {
                let entry = self.topic.entry(session).expect("it was announced");
                let member = entry.member().clone();
                if let Some((n, reason, _)) = engine.left.get(&session) {
                    self.topic.concede(&member, *n, *reason, now);
                }
            }
        }
    }

    /// What was logged since is on its way.
    fn follow(&mut self, engine: &Engine) {
        if self.sent.epoch != engine.epoch {
            self.sent = At {
                epoch: engine.epoch,
                sequence: 0,
            };
        }
        for turn in &engine.log[self.sent.sequence..] {
            self.sent.sequence += 1;
            self.coming.push((self.sent, turn.clone()));
        }
    }

    fn hear(&mut self, (at, turn): (At, Turn), now: Time) {
        match self.read {
            Some(read) if read.epoch == at.epoch && at.sequence <= read.sequence => {}
            Some(read) if read.epoch == at.epoch && at.sequence == read.sequence + 1 => {
                self.read = Some(at);
                self.take(turn, now);
            }
            _ => self.behind = true,
        }
    }

    fn take(&mut self, turn: Turn, now: Time) {
        match turn {
            Turn::Present { node, said, newer } if node == self.me => {
                if newer {
                    self.topic.adopt(&said, now);
                }
            }
            Turn::Present { said, .. } => {
                self.topic.hear_elsewhere(said, now);
            }
            Turn::Gone {
                node,
                member,
                reason,
                ..
            } if node == self.me && reason != Reason::Left => {
                if self.here().contains(&member.session) {
                    self.topic.publish();
                }
            }
            Turn::Gone {
                member, n, reason, ..
            } => {
                self.topic.lose_elsewhere(&member, n, reason, now);
            }
        }
    }

    /// Reads on from where it is, or everybody.
    fn read(&mut self, engine: &Engine, now: Time) {
        self.behind = false;
        let end = engine.at();
        let kept = engine.log.len().saturating_sub(KEPT);
        if let Some(read) = self.read
            && read.epoch == end.epoch
            && read.sequence >= kept
        {
            for turn in &engine.log[read.sequence..] {
                self.take(turn.clone(), now);
            }
            self.read = Some(end);
            return;
        }
        let forgot = self.read.is_some_and(|it| it.epoch != end.epoch);
        let there = engine.present.values().filter(|it| it.0 != self.me);
        let named: Vec<_> = there.clone().map(|it| it.1.member.session).collect();
        for (_, said) in there {
            self.topic.hear_elsewhere(said.clone(), now);
        }
        let here = engine.present.values().filter(|it| it.0 == self.me);
        for (_, said) in here.clone() {
            self.topic.adopt(said, now);
        }
        let here: Vec<_> = here.map(|it| it.1.member.session).collect();
        self.topic
            .say_unknown(|it| here.contains(&it.member().session));
        let is_named = |it| named.contains(&it);
        if forgot {
            self.topic.doubt_elsewhere(is_named, now + PATIENCE);
        } else {
            self.topic.retain_elsewhere(is_named, now);
        }
        self.read = Some(end);
    }

    fn let_go(&mut self, now: Time) {
        self.topic.retain_elsewhere(|_| false, now);
        self.read = None;
        self.behind = true;
        self.coming.clear();
    }

    fn hold(&mut self, engine: &Engine) {
        if self.held != engine.epoch {
            self.held = engine.epoch;
            self.topic.publish();
            self.retains = true;
        }
    }

    /// Whoever watches is told of nobody twice, and of nobody's change who is not there.
    fn look(&mut self) {
        let Some(mut part) = self.topic.part(&self.reader) else {
            return;
        };
        for told in std::iter::from_fn(|| part.take()) {
            let member = told.member().clone();
            match told {
                Told::Left(_) => {
                    self.seen.remove(&member);
                }
                Told::Joined(_) => assert_eq!(self.seen.insert(member, ()), None),
                Told::Updated { .. } => assert!(self.seen.contains_key(&member), "{member}"),
            }
        }
        self.reader = part.stop();
        let there: Vec<_> = self.topic.entries().map(|it| it.member().clone()).collect();
        assert_eq!(self.seen.len(), there.len());
        assert!(there.iter().all(|it| self.seen.contains_key(it)));
    }
}

/// Somebody who speaks, and what became of it.
struct Person {
    who: Actor,
    n: u64,
    /// The last leave that was said, which may be on its way.
    leaving: u64,
    /// The last value that a node took, and the last leave.
    said: u64,
    left: u64,
    /// How busy they said to be last, or were because they joined.
    busy: (u64, Activity),
    /// Up to which `n` a value, or how busy they are, was forgotten by all who knew.
    forgotten: [u64; 2],
}

impl Person {
    fn next(&mut self, say: Say) -> Option<(u64, Say)> {
        // Nobody renews what they have left, or do not know yet to be there.
        let needs_nothing = matches!(say, Say::Value | Say::Leave);
        if !needs_nothing && self.said <= self.leaving {
            return None;
        }
        self.n += 1;
        if matches!(say, Say::Leave) {
            self.leaving = self.n;
        }
        Some((self.n, say))
    }

    fn is_busy(&mut self, n: u64, activity: Activity) {
        if n > self.busy.0 {
            self.busy = (n, activity);
        }
    }

    /// The last `n` that the engine or a node will know of once they have told each other. A node that has not
    /// read is about to forget who is elsewhere.
    fn known_of(&self, nodes: &[Node], engine: &Engine) -> [u64; 2] {
        let session = self.who.session.id;
        let entries = nodes.iter().filter_map(|it| {
            let entry = it.topic.entry(session)?;
            (it.read.is_some() || !entry.is_elsewhere()).then(|| entry.said())
        });
        let kept = engine.present.get(&session).map(|it| it.1.said);
        let known = entries.chain(kept).map(|it| [it.value, it.activity]);
        known.fold([0, 0], |[a, b], [value, activity]| {
            [a.max(value), b.max(activity)]
        })
    }

    /// Some were forgotten who were known of until now: nobody need know them any longer.
    fn are_forgotten(&mut self, before: [u64; 2], nodes: &[Node], engine: &Engine) {
        let now = self.known_of(nodes, engine);
        for part in 0..2 {
            if now[part] < before[part] {
                self.forgotten[part] = self.forgotten[part].max(before[part]);
            }
        }
    }

    /// What they said reaches a node.
    fn reach(&mut self, node: &mut Node, (n, say): (u64, Say), now: Time) {
        let lease = socket(self.who.session.digest[0].into());
        let value = at(u32::try_from(n).expect("small"));
        match say {
            Say::Value => {
                let said = node
                    .topic
                    .heartbeat(&self.who, nth(n, super::say(value, lease)), now);
                let change = said.expect("nobody is refused").change;
                if change != Change::Stale {
                    self.said = self.said.max(n);
                }
                if change == Change::Joined {
                    self.is_busy(n, Activity::Active);
                }
            }
            Say::Idle | Say::Active => {
                let activity = if matches!(say, Say::Idle) {
                    Activity::Idle
                } else {
                    Activity::Active
                };
                let beat = Heartbeat {
                    activity: Some(activity),
                    ..Heartbeat::renew(lease)
                };
                let said = node.topic.heartbeat(&self.who, nth(n, beat), now);
                if said.is_ok_and(|it| it.change != Change::Stale) {
                    self.is_busy(n, activity);
                }
            }
            Say::Renew => {
                let _ = node
                    .topic
                    .heartbeat(&self.who, nth(n, Heartbeat::renew(lease)), now);
            }
            Say::Leave => {
                let left = node.topic.leave(&self.who, leave(n), now);
                if left.expect("nobody is refused") != Left::Stale {
                    self.left = self.left.max(n);
                }
            }
        }
    }
}

fn play(steps: &[Step]) {
    let mut engine = Engine::default();
    let mut nodes: Vec<_> = (0..NODES).map(Node::new).collect();
    let mut people: [Person; PEOPLE] = std::array::from_fn(|it| Person {
        who: person("ann", it as u128 + 1),
        n: 0,
        leaving: 0,
        said: 0,
        left: 0,
        busy: (0, Activity::Active),
        forgotten: [0, 0],
    });
    let mut sent: Vec<(usize, usize, (u64, Say))> = Vec::new();
    let mut clock = 0;
    for step in steps {
        clock += 10;
        let now = millis(clock);
        match *step {
            Step::Say { who, node, say } => {
                if let Some(said) = people[who].next(say) {
                    people[who].reach(&mut nodes[node], said, now);
                }
            }
            Step::Send { who, node, say } => {
                if let Some(said) = people[who].next(say) {
                    sent.push((who, node, said));
                }
            }
            Step::Arrive { first } if !sent.is_empty() => {
                let (who, node, said) = sent.remove(if first { 0 } else { sent.len() - 1 });
                people[who].reach(&mut nodes[node], said, now);
            }
            Step::Arrive { .. } => {}
            Step::Publish { node } => nodes[node].publish(&mut engine, now),
            Step::Hear { node, turns } => {
                let node = &mut nodes[node];
                node.follow(&engine);
                for turn in node
                    .coming
                    .drain(..turns.min(node.coming.len()))
                    .collect::<Vec<_>>()
                {
                    node.hear(turn, now);
                }
            }
            Step::HearAgain { node, back } => {
                let known = engine.log.len().checked_sub(back + 1);
                if let Some(known) = known {
                    let at = At {
                        epoch: engine.epoch,
                        sequence: known + 1,
                    };
                    nodes[node].hear((at, engine.log[known].clone()), now);
                }
            }
            Step::Lose { node, turns } => {
                let node = &mut nodes[node];
                node.follow(&engine);
                node.coming.drain(..turns.min(node.coming.len()));
            }
            Step::Swap { node } => {
                let node = &mut nodes[node];
                node.follow(&engine);
                if node.coming.len() > 1 {
                    node.coming.swap(0, 1);
                }
            }
            Step::Read { node } => {
                if nodes[node].behind {
                    nodes[node].read(&engine, now);
                }
            }
            Step::LetGo { node } => {
                let before = people.each_ref().map(|it| it.known_of(&nodes, &engine));
                nodes[node].let_go(now);
                for (person, before) in people.iter_mut().zip(before) {
                    person.are_forgotten(before, &nodes, &engine);
                }
            }
            Step::Forget => {
                let before = people.each_ref().map(|it| it.known_of(&nodes, &engine));
                engine.forget();
                for (person, before) in people.iter_mut().zip(before) {
                    person.are_forgotten(before, &nodes, &engine);
                }
            }
            Step::Hold { node } => nodes[node].hold(&engine),
        }
        for node in &mut nodes {
            node.look();
        }
    }
    for (who, node, said) in sent {
        people[who].reach(&mut nodes[node], said, millis(clock));
    }
    come_to_rest(&mut nodes, &mut engine, millis(clock));
    // Who left may be known of as they were before at a node that had not heard it when they came back.
    let told = |session, value, activity| {
        let person = people.iter().find(|it| it.who.session.id == session);
        let person = person.expect("nobody else is there");
        let value = (person.said > person.forgotten[0]).then_some(value);
        let stayed = person.leaving == 0 && person.busy.0 > person.forgotten[1];
        (session, (value, stayed.then_some(activity)))
    };
    let known = |node: &Node| -> BTreeMap<_, _> {
        let entries = node.topic.entries();
        let told = entries.map(|it| told(it.member().session, it.value().clone(), it.activity()));
        told.collect()
    };
    let truth = people.iter().filter(|it| it.said > it.left);
    let truth = truth.map(|it| {
        let value = at(u32::try_from(it.said).expect("small"));
        told(it.who.session.id, value, it.busy.1)
    });
    let truth: BTreeMap<_, _> = truth.collect();
    for node in &nodes {
        assert_eq!(known(node), truth, "node {}", node.me);
        assert!(!node.topic.has_news(), "node {} comes to no end", node.me);
    }
    assert!(engine.present.keys().eq(truth.keys()));
}

/// Everything is told and heard; nobody speaks any more.
fn come_to_rest(nodes: &mut [Node], engine: &mut Engine, now: Time) {
    for at in [now, now + 2 * PATIENCE] {
        for _ in 0..20 {
            for node in nodes.iter_mut() {
                node.topic.advance(at);
                node.hold(engine);
                node.publish(engine, at);
                node.read(engine, at);
                node.look();
            }
        }
    }
}

#[test]
fn nodes_come_to_know_what_was_said_last() {
    play_many("nodes_come_to_know", CASES, steps, |steps| play(steps));
}
