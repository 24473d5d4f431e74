//! Reading in parts: what a reader does not know yet, one thing at a time.
//!
//! A reader that stands at *s* is told, in this order: who *left* (joined ≤ *s* < left), who
//! *joined* (*s* < joined), who was *updated* (joined ≤ *s* < changed). These are net changes: who
//! came and went meanwhile is not mentioned; who left and returned is told twice, left first. A
//! reader that has nothing, or too little to be told the difference, is told everybody as joined:
//! a snapshot.
//!
//! Whoever writes may stop at any point and go on later with the [`Reader`] it then has. The topic
//! may change in between, so a run of parts is fixed to the sequence `until` at which it started:
//! it tells nobody who joined or left later, and rests there. Values are always told as they are
//! now, so nobody sees an older value after a newer one.
//!
//! One thing needs care. An entry changes its activity, the run starts, and before the entry's
//! turn comes it changes its value: it has moved beyond `until`. The next run would tell what
//! changed since `until`, the value, and the activity would be lost. So a run ends with those of
//! whom something changed within it and who have moved on. They come in the order of joining,
//! which no change can alter, so that each is told once and the run comes to its end.

use std::collections::{btree_map, vec_deque};
use std::vec;

use super::entries::Slot;
use super::position::{Run, Stage, Stand};
use super::{ConnectionId, Departure, Entry, Member, Position, Reader, Reason, Topic};
use crate::mistake::{Mistake, is_made};

/// One thing that a reader is told.
#[derive(Debug, Clone, Copy)]
pub enum Told<'a> {
    /// Somebody left; a reader may not have known them, when they joined and left during a run.
    Left(&'a Departure),
    /// Somebody joined, or is part of a snapshot.
    Joined(&'a Entry),
    /// Somebody changed.
    Updated {
        /// Who, as they are now.
        entry: &'a Entry,
        /// What the reader knew: everything that changed later is new to it.
        since: u64,
    },
}

impl<'a> Told<'a> {
    /// Who it is about.
    #[must_use]
    pub const fn member(&self) -> &'a Member {
        match self {
            Self::Left(departure) => &departure.member,
            Self::Joined(entry) | Self::Updated { entry, .. } => entry.member(),
        }
    }

    /// Whose message caused all of it; nothing when some of it was another's or the server's doing.
    #[must_use]
    pub fn by(&self) -> Option<ConnectionId> {
        match self {
            Self::Left(departure) => departure.by,
            Self::Joined(entry) => entry.changed_by(0),
            Self::Updated { entry, since } => entry.changed_by(*since),
        }
    }
}

/// The rest of a run, as far as one likes to take it.
#[derive(Debug)]
pub struct Part<'a> {
    topic: &'a Topic,
    /// What was taken.
    run: Run,
    /// Where to look further.
    stage: Run,
    source: Source<'a>,
    /// What was found and not taken, with the run as it is once it is taken.
    ahead: Option<(Run, Told<'a>)>,
}

impl Topic {
    /// What the reader does not know yet; nothing when it is up to date.
    ///
    /// A part may have nothing to tell: a snapshot of nobody, or changes that undid each other. It
    /// still moves the reader on.
    #[must_use]
    pub fn part(&self, reader: &Reader) -> Option<Part<'_>> {
        let now = self.position();
        let known = |sequence| self.departures.floor() <= sequence && sequence <= now.sequence;
        let run = match reader.0 {
            Stand::At(position) if position == now => return None,
            Stand::At(position) if position.epoch == now.epoch && known(position.sequence) => {
                Run::changes(position.sequence, now)
            }
            Stand::Between(run)
                if run.epoch == now.epoch && (run.stage != Stage::Left || known(run.after)) =>
            {
                run
            }
            Stand::Nothing | Stand::At(_) | Stand::Between(_) => Run::snapshot(now),
        };
        Some(Part {
            topic: self,
            run,
            stage: run,
            source: Source::of(self, &run),
            ahead: None,
        })
    }
}

impl<'a> Part<'a> {
    /// Whether what is told replaces all the reader has.
    #[must_use]
    pub const fn is_snapshot(&self) -> bool {
        self.run.since.is_none()
    }

    /// The next thing, left in place.
    pub fn peek(&mut self) -> Option<Told<'a>> {
        loop {
            if let Some((_, told)) = self.ahead {
                return Some(told);
            }
            match self.source.next(self.topic, &self.stage) {
                Some((after, told)) => {
                    let taken = Run {
                        after,
                        ..self.stage
                    };
                    self.ahead = Some((taken, told));
                }
                None => {
                    self.stage = self.stage.next_stage()?;
                    self.source = Source::of(self.topic, &self.stage);
                }
            }
        }
    }

    /// The next thing, told.
    pub fn take(&mut self) -> Option<Told<'a>> {
        self.peek()?;
        let (run, told) = self.ahead.take()?;
        self.run = run;
        Some(told)
    }

    /// Where the reader stands after what was taken: between parts, or at rest when that was all.
    #[must_use]
    pub fn stop(mut self) -> Reader {
        if self.peek().is_some() {
            return Reader(Stand::Between(self.run));
        }
        Reader::at(Position {
            epoch: self.run.epoch,
            sequence: self.run.until,
        })
    }
}

/// Where the things of a stage come from, in its order.
#[derive(Debug)]
enum Source<'a> {
    Left(vec_deque::Iter<'a, Departure>),
    Joined(btree_map::Range<'a, u64, Slot>),
    Updated(Option<Slot>),
    Moved(vec::IntoIter<&'a Entry>),
}

impl<'a> Source<'a> {
    /// What the topic has for the run's stage after the run's place in it.
    fn of(topic: &'a Topic, run: &Run) -> Self {
        match run.stage {
            Stage::Left => Self::Left(topic.departures.after(run.after)),
            Stage::Joined => Self::Joined(topic.entries.joined_after(run.after)),
            Stage::Updated => Self::Updated(topic.entries.changed_after(run.after)),
            Stage::Moved => Self::Moved(moved(topic, run).into_iter()),
        }
    }

    /// The next thing, and its place in the stage's order.
    fn next(&mut self, topic: &'a Topic, run: &Run) -> Option<(u64, Told<'a>)> {
        let since = run.since.unwrap_or_default();
        match self {
            Self::Left(departures) => departures
                .take_while(|it| it.left <= run.until)
                .filter(|it| it.reason != Reason::Expired || !is_made(Mistake::G6))
                .find(|it| it.joined <= since)
                .map(|it| (it.left, Told::Left(it))),
            Self::Joined(entries) => {
                let (joined, slot) = entries.next()?;
                (*joined <= run.until).then(|| (*joined, Told::Joined(topic.entries.get(*slot))))
            }
            Self::Updated(next) => {
                while let Some(slot) = *next {
                    let entry = topic.entries.get(slot);
                    if entry.version() > run.until {
                        return None;
                    }
                    *next = topic.entries.newer(slot);
                    if entry.joined() <= since {
                        return Some((entry.version(), Told::Updated { entry, since }));
                    }
                }
                None
            }
            Self::Moved(entries) => {
                let entry = entries.next()?;
                Some((entry.joined(), Told::Updated { entry, since }))
            }
        }
    }
}

/// Those who changed within the run and again after it had started, in the order of joining.
fn moved<'a>(topic: &'a Topic, run: &Run) -> Vec<&'a Entry> {
    let since = run.since.unwrap_or_default();
    let mut moved = Vec::new();
    let mut next = topic.entries.changed_after(run.until);
    while let Some(slot) = next {
        let entry = topic.entries.get(slot);
        if (run.after + 1..=since).contains(&entry.joined())
            && entry.changed_within(since, run.until)
        {
            moved.push(entry);
        }
        next = topic.entries.newer(slot);
    }
    moved.sort_unstable_by_key(|entry| entry.joined());
    moved
}
