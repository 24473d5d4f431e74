//! The naive model beside the topic it judges: every command goes to both, and the answers agree.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, LazyLock};

use super::heard::Heard;
use super::told::Told;
use super::*;
use crate::topic::{Change, ConnectionId, Departure, HIDDEN_TTL, MIN_TTL, Reason, SessionId, What};

/// How many sessions there are; every user has two of them.
pub(crate) const PEOPLE: usize = 6;
/// How many `x` a dot may have.
pub(super) const XS: u32 = 3;
const MAX_MEMBERS: usize = 5;
/// So few departures and fences are remembered at least.
const REMEMBERED: usize = 2;

pub(crate) struct Naive {
    pub(crate) topic: Topic,
    pub(crate) now: Time,
    sequence: u64,
    pub(crate) present: BTreeMap<usize, Present>,
    /// Everybody who ever left, in order.
    pub(super) history: Vec<Gone>,
    /// The sequence of the last departure that the topic no longer remembers.
    pub(super) floor: u64,
    remembered: usize,
    /// The last `n` of who is not present, the oldest first: who, `n`, until when.
    fences: Vec<(usize, u64, Time)>,
    kicks: BTreeMap<usize, Time>,
    streams: BTreeMap<usize, usize>,
    most_members: usize,
    /// What somebody who listens makes of it.
    heard: Heard,
    /// What somebody who remembers makes of it, and how many they know to have left.
    told: Told,
    told_left: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Present {
    pub(crate) dot: Dot,
    pub(crate) activity: Activity,
    pub(crate) following: Arc<[User]>,
    pub(super) joined: u64,
    pub(super) version: u64,
    n: u64,
    lease: Lease,
    renewed: Time,
    hidden: bool,
    /// When value, activity and the followed last changed, and by whose message.
    changes: [(u64, Option<ConnectionId>); 3],
    typing_until: Option<Time>,
    waving_until: Option<Time>,
    ends: BTreeMap<Why, Time>,
    /// Whose message announced that it leaves.
    leaving_by: Option<ConnectionId>,
}

/// A decay whose place in the order of the topic is not known yet.
const DECAYED: (u64, Option<ConnectionId>) = (u64::MAX, None);

/// What ends an entry, in the order in which they count at the same moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Why {
    Left,
    Lost,
    StreamLost,
}

/// Somebody who left.
#[derive(Debug)]
pub(super) struct Gone {
    pub(super) who: usize,
    pub(super) joined: u64,
    pub(super) left: u64,
    at: Time,
    reason: Reason,
    by: Option<ConnectionId>,
    n: u64,
}

static EVERYBODY: LazyLock<[Actor; PEOPLE]> = LazyLock::new(|| {
    std::array::from_fn(|number| person(["ann", "bob", "cid"][number % 3], number as u128))
});

/// Every dot that somebody may say or that decays from one, by what it has.
static DOTS: LazyLock<HashMap<(u32, bool, bool), Value>> = LazyLock::new(|| {
    let flags = [(false, false), (false, true), (true, false), (true, true)];
    let dots = (0..XS).flat_map(|x| flags.map(|(typing, waving)| Dot { x, typing, waving }));
    dots.map(|dot| ((dot.x, dot.typing, dot.waving), value(dot)))
        .collect()
});

/// The identity of a number.
pub(crate) fn who(number: usize) -> Actor {
    EVERYBODY[number % PEOPLE].clone()
}

pub(super) fn id(number: usize) -> SessionId {
    EVERYBODY[number].session.id
}

pub(crate) fn number(session: SessionId) -> usize {
    (0..PEOPLE)
        .find(|it| id(*it) == session)
        .expect("there is nobody else")
}

/// The value that a dot is.
pub(super) fn said(dot: Dot) -> Value {
    DOTS[&(dot.x, dot.typing, dot.waving)].clone()
}

/// So many users to follow.
pub(super) fn following(count: usize) -> Arc<[User]> {
    (0..count).map(|it| who(it).user).collect()
}

impl Naive {
    pub(crate) fn new() -> Self {
        let settings = Settings {
            max_members: MAX_MEMBERS,
            ..SETTINGS
        };
        let mut topic = Topic::new(settings, DECAYS, 7);
        topic.least_remembered = REMEMBERED;
        topic.listen();
        topic.remember();
        Self {
            topic,
            now: secs(1),
            sequence: 0,
            present: BTreeMap::new(),
            history: Vec::new(),
            floor: 0,
            remembered: 0,
            fences: Vec::new(),
            kicks: BTreeMap::new(),
            streams: BTreeMap::new(),
            most_members: 0,
            heard: Heard::default(),
            told: Told::default(),
            told_left: 0,
        }
    }

    /// The `n` at a place; the first ones of a session start at 10, so that there are older ones.
    pub(super) fn n(&self, who: usize, place: Place) -> Option<u64> {
        let last = self.last_n(who).unwrap_or(10);
        Some(last.saturating_add_signed(place?))
    }

    pub(super) fn heartbeat(&mut self, number: usize, beat: &Heartbeat) {
        let expected = self.expect_heartbeat(number, beat);
        let refused = matches!(expected, Err(_) | Ok(Change::Stale));
        let before = refused.then(|| format!("{:?}", self.topic));
        let who = who(number);
        let found = self.topic.heartbeat(&who, beat.clone(), self.now);
        match (&found, &expected) {
            (Ok(ack), Ok(change)) => {
                assert_eq!((ack.change, &ack.member), (*change, &who.member()));
                let entry = self.present.get(&number);
                assert_eq!(ack.version, entry.map_or(0, |it| it.version));
                let expires = entry.and_then(|it| it.deadline());
                let expires_in = expires.map(|at| at.saturating_since(self.now));
                assert_eq!(ack.expires_in, expires_in);
            }
            _ => assert_eq!(found.as_ref().err(), expected.as_ref().err()),
        }
        if let Some(before) = before {
            assert_eq!(format!("{:?}", self.topic), before, "changed by a refusal");
        }
    }

    fn expect_heartbeat(&mut self, number: usize, beat: &Heartbeat) -> Result<Change, Refusal> {
        let (min, max) = (MIN_TTL, SETTINGS.max_ttl);
        if let Lease::Deadline { ttl: found } = beat.lease
            && (found < min || found > max)
        {
            return Err(Refusal::InvalidTtl { found, min, max });
        }
        if let Some(until) = self.kicks.get(&number) {
            let retry_after = until.saturating_since(self.now);
            return Err(Refusal::Kicked { retry_after });
        }
        let last = self.last_n(number);
        if let (Some(last), Some(n)) = (last, beat.n)
            && n <= last
        {
            return Ok(Change::Stale);
        }
        let n = beat.n.unwrap_or(last.unwrap_or(0) + 1);
        if self.present.contains_key(&number) {
            return Ok(self.expect_renewal(number, beat, n));
        }
        let Some(value) = &beat.value else {
            return Err(Refusal::NotPresent);
        };
        if self.present.len() >= MAX_MEMBERS {
            return Err(Refusal::Full { max: MAX_MEMBERS });
        }
        self.sequence += 1;
        self.fences.retain(|(who, ..)| *who != number);
        let mut entry = Present {
            dot: value.read().expect("a dot"),
            activity: beat.activity.unwrap_or_default(),
            following: beat.following.clone().unwrap_or_default(),
            joined: self.sequence,
            version: self.sequence,
            n,
            lease: beat.lease,
            renewed: self.now,
            hidden: beat.hidden.unwrap_or(false),
            changes: [(self.sequence, beat.by); 3],
            typing_until: None,
            waving_until: None,
            ends: BTreeMap::new(),
            leaving_by: None,
        };
        entry.start_decay(self.now);
        self.present.insert(number, entry);
        self.most_members = self.most_members.max(self.present.len());
        Ok(Change::Joined)
    }

    fn expect_renewal(&mut self, number: usize, beat: &Heartbeat, n: u64) -> Change {
        let entry = self.present.get_mut(&number).expect("present");
        let before = entry.clone();
        entry.n = n;
        entry.lease = beat.lease;
        entry.renewed = self.now;
        entry.ends.clear();
        entry.leaving_by = None;
        entry.hidden = beat.hidden.unwrap_or(entry.hidden);
        entry.activity = beat.activity.unwrap_or(entry.activity);
        if let Some(following) = &beat.following {
            entry.following = following.clone();
        }
        if let Some(value) = &beat.value {
            entry.dot = value.read().expect("a dot");
            entry.start_decay(self.now);
        }
        let changed = [
            entry.dot != before.dot,
            entry.activity != before.activity,
            entry.following != before.following,
        ];
        if changed == [false; 3] {
            return Change::Renewed;
        }
        self.sequence += 1;
        entry.version = self.sequence;
        for (change, changed) in entry.changes.iter_mut().zip(changed) {
            if changed {
                *change = (self.sequence, beat.by);
            }
        }
        Change::Updated
    }

    pub(super) fn leave(&mut self, number: usize, leave: Leave) {
        let last = self.last_n(number);
        let stale = leave.n.is_some_and(|n| last.is_some_and(|last| n <= last));
        let before = stale.then(|| format!("{:?}", self.topic));
        let found = self.topic.leave(&who(number), leave, self.now);
        let n = leave.n.unwrap_or(last.unwrap_or(0) + 1);
        let expected = if let Some(before) = before {
            assert_eq!(
                format!("{:?}", self.topic),
                before,
                "changed by what is stale"
            );
            Left::Stale
        } else if let Some(entry) = self.present.get_mut(&number) {
            entry.n = n;
            match leave.after {
                Some(after) if after > Duration::ZERO => {
                    entry.ends.insert(Why::Left, self.now + after);
                    entry.leaving_by = leave.by;
                    Left::Later
                }
                _ => {
                    self.go(number, Reason::Left, leave.by);
                    Left::Now
                }
            }
        } else {
            if leave.n.is_some() {
                self.fence(number, n);
            }
            Left::Absent
        };
        assert_eq!(found, Ok(expected));
    }

    pub(super) fn impostor(&mut self, number: usize, forged: bool) {
        if !self.present.contains_key(&number) || self.kicks.contains_key(&number) {
            return;
        }
        let mut other = who(number);
        if forged {
            other.session.digest[20] ^= 1;
        } else {
            other.user = who(number + 1).user;
        }
        let before = format!("{:?}", self.topic);
        let beat = nth(u64::MAX, say(at(9), socket(1)));
        let found = self.topic.heartbeat(&other, beat, self.now);
        assert_eq!(found, Err(Refusal::SessionTaken));
        let found = self.topic.leave(&other, leave(u64::MAX), self.now);
        assert_eq!(found, Err(Refusal::SessionTaken));
        assert_eq!(
            format!("{:?}", self.topic),
            before,
            "changed by an impostor"
        );
    }

    pub(super) fn disconnect(&mut self, number: usize, lost: Option<u64>) {
        let lease = self.present.get(&number).map(|it| it.lease);
        let own = match lease {
            Some(Lease::Connection(connection)) => Some(connection),
            _ => None,
        };
        let Some(lost) = lost.map(connection).or(own) else {
            return;
        };
        self.topic
            .disconnect(id(number), lost, Loss::Broken, self.now);
        if let Some(entry) = self.present.get_mut(&number)
            && entry.lease == Lease::Connection(lost)
        {
            let end = self.now + SETTINGS.grace;
            entry.ends.entry(Why::Lost).or_insert(end);
        }
    }

    pub(super) fn bind(&mut self, number: usize) {
        self.topic
            .bind_stream(&EVERYBODY[number].member(), self.now);
        *self.streams.entry(number).or_default() += 1;
        if let Some(entry) = self.present.get_mut(&number) {
            entry.ends.remove(&Why::StreamLost);
        }
    }

    pub(super) fn unbind(&mut self, number: usize) {
        self.topic
            .unbind_stream(&EVERYBODY[number].member(), self.now);
        let streams = self.streams.entry(number).or_default();
        let last = *streams == 1;
        *streams = streams.saturating_sub(1);
        if let Some(entry) = self.present.get_mut(&number)
            && last
            && entry.deadline().is_some()
        {
            let end = self.now + SETTINGS.grace;
            entry.ends.entry(Why::StreamLost).or_insert(end);
        }
    }

    pub(super) fn kick(&mut self, number: usize) {
        let was_present = self.topic.kick(id(number), self.now);
        assert_eq!(was_present, self.present.contains_key(&number));
        self.kicks
            .insert(number, self.now + Duration::from_secs(60));
        if was_present {
            self.go(number, Reason::Kicked, None);
        }
    }

    pub(super) fn close(&mut self) {
        self.topic.close(self.now);
        let mut present: Vec<_> = self
            .present
            .iter()
            .map(|(who, it)| (it.joined, *who))
            .collect();
        present.sort_unstable();
        for (_, number) in present {
            self.go(number, Reason::Shutdown, None);
        }
    }

    pub(super) fn pass_until_due(&mut self, before: bool) {
        let Some(due) = self.next_due() else {
            return;
        };
        let millis = due.as_millis() - self.now.as_millis();
        self.pass(millis - u64::from(before));
    }

    /// Time passes: everything due by then happened, nothing else did, and in the order of time.
    pub(crate) fn pass(&mut self, millis: u64) {
        self.now = self.now + Duration::from_millis(millis);
        let found = self.topic.advance(self.now);
        let mut expected = Vec::new();
        while let Some((at, number)) = self.next_happening()
            && at <= self.now
        {
            let entry = self.present.get_mut(&number).expect("present");
            match entry.ending() {
                Some((end, reason)) if end == at => expected.push(self.remove(number, reason, at)),
                _ => {
                    entry.decay(at);
                    self.sequence += 1;
                }
            }
        }
        assert_eq!(found.len(), expected.len());
        let mut last = Time::default();
        for departure in found {
            let Departure {
                member,
                reason,
                joined,
                left,
                by,
            } = departure;
            let who = number(member.session);
            let place = expected
                .iter()
                .position(|it| it.who == who && it.joined == joined);
            let gone = expected.remove(place.expect("it had to go"));
            assert_eq!((reason, by), (gone.reason, gone.by));
            assert!(gone.at >= last, "who goes first leaves first");
            last = gone.at;
            // At the same moment the order is the topic's own.
            self.record(Gone { left, ..gone });
        }
        self.fences.retain(|(.., until)| *until > self.now);
        self.kicks.retain(|_, until| *until > self.now);
        assert!(self.topic.next_due().is_none_or(|due| due > self.now));
    }

    /// The topic and the model agree, and the topic keeps its bounds.
    pub(super) fn check(&mut self) {
        assert_eq!(self.topic.position().sequence, self.sequence);
        self.check_turnover();
        self.check_events();
        self.check_transitions();
        let mut seen = 0;
        let mut last = 0;
        for entry in self.topic.entries() {
            let member = entry.member();
            let number = number(member.session);
            let expected = self.present.get_mut(&number).expect("it is present");
            assert_eq!(*member, who(number).member());
            assert!(entry.joined() > last, "entries are in the order of joining");
            // Who decayed at the same moment as others did so in the topic's own order.
            assert!(entry.version() >= expected.version && entry.version() <= self.sequence);
            expected.version = entry.version();
            if expected.changes[0] == DECAYED {
                expected.changes[0].0 = entry.value_changed();
            }
            let changes = [
                entry.value_changed(),
                entry.activity_changed(),
                entry.following_changed(),
            ];
            assert_eq!(changes, expected.changes.map(|it| it.0));
            let found = (
                entry.value(),
                entry.activity(),
                entry.following(),
                entry.joined(),
            );
            let dot = said(expected.dot);
            assert_eq!(
                found,
                (
                    &dot,
                    expected.activity,
                    &expected.following,
                    expected.joined
                )
            );
            assert_eq!((entry.n(), entry.lease()), (expected.n, expected.lease));
            assert_eq!(entry.is_hidden(), expected.hidden);
            last = entry.joined();
            seen += 1;
        }
        assert_eq!(seen, self.present.len());
        let users: BTreeSet<_> = self.present.keys().map(|it| &EVERYBODY[*it].user).collect();
        let counts = self.topic.counts();
        assert_eq!((counts.members, counts.users), (seen, users.len()));
        for number in 0..PEOPLE {
            let entry = self.topic.entry(id(number));
            assert_eq!(entry.is_some(), self.present.contains_key(&number));
            let user = &EVERYBODY[number].user;
            let of_user = self.topic.entries_of(user).count();
            let expected = self.present.keys().filter(|it| *it % 3 == number % 3);
            assert_eq!(of_user, expected.count());
        }
        if let Some(next) = self.next_due() {
            let due = self.topic.next_due();
            assert!(
                due.is_some_and(|due| due <= next),
                "{due:?} is after {next:?}"
            );
        }
        let streams: usize = self.streams.values().sum();
        let idle = self.present.is_empty() && self.fences.is_empty() && self.kicks.is_empty();
        assert_eq!(self.topic.is_empty(), idle && streams == 0);
        assert_eq!(self.topic.departures.floor(), self.floor);
        assert!(self.topic.departures.after(0).count() <= self.most_remembered());
        assert!(self.topic.deadlines.len() <= 2 * self.most_members + 16);
    }

    /// The topic knows when somebody last came or went.
    fn check_turnover(&self) {
        let found = self.topic.turnover();
        let last = self.history.last().map_or(0, |it| it.left);
        let joined = self.present.values().map(|it| it.joined).max();
        assert_eq!(found, last.max(joined.unwrap_or_default()));
    }

    /// Who listens hears of every single change, and what it hears of adds up.
    fn check_events(&mut self) {
        for event in self.topic.take_events() {
            self.heard.hear(event);
        }
        self.heard.check(&self.topic);
    }

    /// Who remembers what became of members knows who is there, how they stand and why others left.
    fn check_transitions(&mut self) {
        for told in self.topic.take_transitions() {
            if let What::Left { cause, .. } = told.what {
                let gone = &self.history[self.told_left];
                assert_eq!(gone.who, number(told.member.session));
                assert_eq!(gone.reason, cause.reason());
                self.told_left += 1;
            }
            let entry = self.topic.entry(told.member.session);
            let as_joined = entry.map(|it| (it.activity(), it.is_hidden()));
            self.told.tell(&told, as_joined.unwrap_or_default());
        }
        assert_eq!(self.told_left, self.history.len());
        self.told.check(&self.topic);
    }

    fn go(&mut self, number: usize, reason: Reason, by: Option<ConnectionId>) {
        let gone = self.remove(number, reason, self.now);
        self.record(Gone { by, ..gone });
    }

    fn remove(&mut self, number: usize, reason: Reason, at: Time) -> Gone {
        let entry = self.present.remove(&number).expect("nobody leaves twice");
        self.sequence += 1;
        Gone {
            who: number,
            at,
            reason,
            by: entry.leaving_by.filter(|_| reason == Reason::Left),
            joined: entry.joined,
            left: self.sequence,
            n: entry.n,
        }
    }

    fn record(&mut self, gone: Gone) {
        let before = self.history.last().map_or(0, |it| it.left);
        assert!(before < gone.left && gone.left <= self.sequence);
        self.fence(gone.who, gone.n);
        self.history.push(gone);
        self.remembered += 1;
        if self.remembered > self.most_remembered() {
            self.remembered -= 1;
            self.floor = self.history[self.history.len() - self.remembered - 1].left;
        }
    }

    fn fence(&mut self, number: usize, n: u64) {
        let until = self.now + SETTINGS.grace + Duration::from_secs(30);
        self.fences.retain(|(who, ..)| *who != number);
        self.fences.push((number, n, until));
        if self.fences.len() > self.most_remembered() {
            self.fences.remove(0);
        }
    }

    /// Whose message made somebody leave at this sequence.
    pub(super) fn author_of_leave(&self, left: u64) -> Option<ConnectionId> {
        let gone = self.history.iter().rev().find(|it| it.left == left);
        gone.expect("somebody left then").by
    }

    fn most_remembered(&self) -> usize {
        REMEMBERED.max(2 * self.most_members)
    }

    fn last_n(&self, number: usize) -> Option<u64> {
        let fence = self.fences.iter().find(|(who, ..)| *who == number);
        let present = self.present.get(&number).map(|it| it.n);
        present.or(fence.map(|(_, n, _)| *n))
    }

    /// What happens to whom first if only time passes.
    fn next_happening(&self) -> Option<(Time, usize)> {
        let happenings = self.present.iter().flat_map(|(number, it)| {
            let times = [
                it.ending().map(|(at, _)| at),
                it.typing_until,
                it.waving_until,
            ];
            times.into_iter().flatten().map(|at| (at, *number))
        });
        happenings.min()
    }

    /// When something is next to happen or to be forgotten.
    fn next_due(&self) -> Option<Time> {
        let happening = self.next_happening().map(|(at, _)| at);
        let fences = self.fences.iter().map(|(.., until)| *until);
        happening
            .into_iter()
            .chain(fences)
            .chain(self.kicks.values().copied())
            .min()
    }
}

impl Present {
    /// Whose message made all that changed after the sequence, if it was one's.
    pub(super) fn changed_by(&self, since: u64) -> Option<ConnectionId> {
        let later = self.changes.iter().filter(|it| it.0 > since);
        let by: BTreeSet<_> = later.map(|it| it.1).collect();
        match by.len() {
            1 => by.into_iter().next()?,
            _ => None,
        }
    }

    fn deadline(&self) -> Option<Time> {
        match self.lease {
            Lease::Connection(_) | Lease::Node => None,
            Lease::Deadline { ttl } if self.hidden => Some(self.renewed + ttl.max(HIDDEN_TTL)),
            Lease::Deadline { ttl } => Some(self.renewed + ttl),
        }
    }

    /// When it ends if only time passes, and why.
    fn ending(&self) -> Option<(Time, Reason)> {
        let said = self.ends.iter().map(|(why, at)| match why {
            Why::Left => (*at, 0, Reason::Left),
            Why::Lost | Why::StreamLost => (*at, 1, Reason::Disconnected),
        });
        let lease = self.deadline().map(|at| (at, 2, Reason::Expired));
        let first = said.chain(lease).min_by_key(|(at, rank, _)| (*at, *rank));
        first.map(|(at, _, reason)| (at, reason))
    }

    fn start_decay(&mut self, now: Time) {
        self.typing_until = self.dot.typing.then(|| now + TYPING);
        self.waving_until = self.dot.waving.then(|| now + WAVING);
    }

    fn decay(&mut self, at: Time) {
        self.changes[0] = DECAYED;
        if self.typing_until == Some(at) {
            self.typing_until = None;
            self.dot.typing = false;
        }
        if self.waving_until == Some(at) {
            self.waving_until = None;
            self.dot.waving = false;
        }
    }
}
