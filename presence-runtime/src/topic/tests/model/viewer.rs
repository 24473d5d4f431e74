//! A reader of the model: it builds its view from nothing but what it is told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::naive::{Naive, number};
use super::*;
use crate::topic::{Entry, Position, Reader, Told};

pub(super) struct Viewer {
    reader: Reader,
    view: BTreeMap<usize, Seen>,
    /// Takes every thing as it comes; otherwise a run counts when it is complete.
    eager: bool,
    /// Where the view was last at rest.
    rest: Reader,
    /// What was told in a run that is not complete yet, and whether that is a snapshot.
    run: Option<(bool, Vec<(usize, Thing)>)>,
    /// The newest ever seen of anybody: the sequences of joining and of the last change.
    newest: BTreeMap<usize, (u64, u64)>,
    /// Who was seen leaving, by the sequence of joining.
    left: BTreeSet<u64>,
}

#[derive(Debug, Clone, PartialEq)]
struct Seen {
    value: Value,
    activity: Activity,
    following: Arc<[User]>,
    joined: u64,
    version: u64,
}

/// A thing told, as a message would carry it.
#[derive(Debug, Clone)]
enum Thing {
    Left {
        joined: u64,
        left: u64,
    },
    Joined(Seen),
    Updated {
        value: Option<Value>,
        activity: Option<Activity>,
        following: Option<Arc<[User]>>,
        joined: u64,
        version: u64,
    },
}

impl Viewer {
    pub(super) fn new(eager: bool) -> Self {
        Self {
            reader: Reader::NOTHING,
            view: BTreeMap::new(),
            eager,
            rest: Reader::NOTHING,
            run: None,
            newest: BTreeMap::new(),
            left: BTreeSet::new(),
        }
    }

    /// Takes a part of at most so many things. Whether there was a part.
    pub(super) fn read(&mut self, naive: &Naive, most: usize) -> bool {
        if !self.reader.is_between() {
            check_whole(naive, self.reader);
        }
        let Some(mut part) = naive.topic.part(&self.reader) else {
            assert_eq!(self.reader.position(), Some(naive.topic.position()));
            return false;
        };
        let is_snapshot = part.is_snapshot();
        let same_run =
            self.reader.is_between() && self.run.as_ref().is_some_and(|it| it.0 == is_snapshot);
        if !same_run {
            self.run = Some((is_snapshot, Vec::new()));
            if self.eager && is_snapshot {
                self.view.clear();
            }
        }
        let mut things = Vec::new();
        while things.len() < most
            && let Some(told) = part.take()
        {
            things.push((number(told.member().session), Thing::of(told)));
        }
        let reader = part.stop();
        assert!(reader != self.reader, "a part moves the reader on");
        self.reader = reader;
        if self.eager {
            for (who, thing) in things.clone() {
                self.apply(who, thing);
            }
        }
        let run = self.run.as_mut().expect("set above");
        run.1.extend(things);
        if !self.reader.is_between() {
            self.complete();
        }
        true
    }

    /// Reads until there is nothing to read, and then sees exactly what there is.
    pub(super) fn catch_up(&mut self, naive: &Naive) {
        let mut parts = 0;
        while self.read(naive, 2) {
            parts += 1;
            assert!(
                parts < 100,
                "the topic stands still, and the reader never rests"
            );
        }
        let entries = naive.topic.entries();
        let expected: BTreeMap<usize, Seen> = entries
            .map(|entry| (number(entry.member().session), Seen::of(entry)))
            .collect();
        assert_eq!(self.view, expected);
    }

    /// The connection is new; what came of a run that was not complete is of no use.
    pub(super) fn reconnect(&mut self) {
        self.reader = match (self.eager, self.reader.position()) {
            (true, None) => Reader::NOTHING,
            (true, Some(position)) => Reader::at(position),
            (false, _) => self.rest,
        };
        self.run = None;
    }

    /// Begins anew; what is in view stays there until it is replaced.
    pub(super) fn subscribe(&mut self, other: Option<u64>) {
        let other = other.map(|sequence| Position { epoch: 8, sequence });
        self.reader = other.map_or(Reader::NOTHING, Reader::at);
        self.rest = self.reader;
        self.run = None;
    }

    fn complete(&mut self) {
        let (is_snapshot, things) = self.run.take().expect("a run was read");
        if !self.eager {
            if is_snapshot {
                self.view.clear();
            }
            for (who, thing) in things {
                self.apply(who, thing);
            }
        }
        self.rest = self.reader;
    }

    fn apply(&mut self, who: usize, thing: Thing) {
        self.check_newer(who, &thing);
        match thing {
            Thing::Left { joined, .. } => {
                assert!(self.left.insert(joined), "nobody leaves twice");
                // One who left before they were told of is not in the view.
                if let Some(seen) = self.view.remove(&who) {
                    assert_eq!(seen.joined, joined);
                }
            }
            Thing::Joined(seen) => {
                let twice = self.view.insert(who, seen);
                assert_eq!(twice, None, "whoever joins was not there");
            }
            Thing::Updated {
                value,
                activity,
                following,
                joined,
                version,
            } => {
                let seen = self.view.get_mut(&who).expect("whoever changes is known");
                assert_eq!(seen.joined, joined);
                seen.version = version;
                if let Some(value) = value {
                    seen.value = value;
                }
                if let Some(activity) = activity {
                    seen.activity = activity;
                }
                if let Some(following) = following {
                    seen.following = following;
                }
            }
        }
    }

    /// Nobody sees anything older than what they saw before.
    fn check_newer(&mut self, who: usize, thing: &Thing) {
        let newest = self.newest.entry(who).or_default();
        match thing {
            Thing::Left { joined, left } => {
                assert!(*joined >= newest.0 && *left > newest.1);
            }
            Thing::Joined(Seen {
                joined, version, ..
            })
            | Thing::Updated {
                joined, version, ..
            } => {
                assert!((*joined, *version) >= *newest);
                *newest = (*joined, *version);
            }
        }
    }
}

impl Thing {
    fn of(told: Told<'_>) -> Self {
        match told {
            Told::Left(it) => Self::Left {
                joined: it.joined,
                left: it.left,
            },
            Told::Joined(entry) => Self::Joined(Seen::of(entry)),
            Told::Updated { entry, since } => Self::Updated {
                value: (entry.value_changed() > since).then(|| entry.value().clone()),
                activity: (entry.activity_changed() > since).then(|| entry.activity()),
                following: (entry.following_changed() > since).then(|| entry.following().clone()),
                joined: entry.joined(),
                version: entry.version(),
            },
        }
    }
}

impl Seen {
    fn of(entry: &Entry) -> Self {
        Self {
            value: entry.value().clone(),
            activity: entry.activity(),
            following: entry.following().clone(),
            joined: entry.joined(),
            version: entry.version(),
        }
    }
}

/// A run that is taken whole tells exactly the net changes that the history has.
fn check_whole(naive: &Naive, reader: Reader) {
    let Some(mut part) = naive.topic.part(&reader) else {
        return;
    };
    let epoch = naive.topic.position().epoch;
    let since = reader.position().filter(|it| it.epoch == epoch);
    let since = since.map(|it| it.sequence);
    let since = since.filter(|since| *since >= naive.floor);
    assert_eq!(part.is_snapshot(), since.is_none());
    let (mut left, mut joined, mut updated) = (Vec::new(), Vec::new(), Vec::new());
    let mut stage = 0;
    while let Some(told) = part.take() {
        let who = number(told.member().session);
        let author = |since| naive.present[&who].changed_by(since);
        let (next, things, sequence, by) = match told {
            Told::Left(it) => (0, &mut left, it.left, naive.author_of_leave(it.left)),
            Told::Joined(it) => (1, &mut joined, it.joined(), author(0)),
            Told::Updated { entry, since } => (2, &mut updated, entry.version(), author(since)),
        };
        assert_eq!(told.by(), by);
        assert!(next >= stage, "left, then joined, then updated");
        stage = next;
        things.push((sequence, who));
    }
    assert_eq!(part.stop().position(), Some(naive.topic.position()));

    let history = naive.history.iter();
    let present = || naive.present.iter();
    let of_history = history
        .filter(|it| since.is_some_and(|since| it.joined <= since && since < it.left))
        .map(|it| (it.left, it.who));
    assert_eq!(left, of_history.collect::<Vec<_>>());
    let since = since.unwrap_or(0);
    let mut newcomers: Vec<_> = present()
        .filter(|(_, it)| it.joined > since)
        .map(|(who, it)| (it.joined, *who))
        .collect();
    newcomers.sort_unstable();
    assert_eq!(joined, newcomers);
    let mut changed: Vec<_> = present()
        .filter(|(_, it)| it.joined <= since && since < it.version)
        .map(|(who, it)| (it.version, *who))
        .collect();
    changed.sort_unstable();
    assert_eq!(updated, changed);
}
