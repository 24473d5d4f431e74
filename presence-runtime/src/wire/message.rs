//! `snapshot` and `changes` messages under construction.

use super::frame::{Draft, Frame, MAX_FRAME_BYTES};
use super::position::format_position;
use crate::schema::TopicName;
use crate::topic::{ConnectionId, Position, Reader, Time, Told, Topic};

/// Room for what follows the last entry and for the frame's header.
const RESERVE: usize = 256;

/// The next part for a reader.
#[derive(Debug)]
pub struct Encoded {
    /// The message; nothing when the part tells nothing, so that the position moves on silently.
    pub frame: Option<Frame>,
    /// Where the reader stands afterwards.
    pub reader: Reader,
    /// The connection whose doing all of it is. Nobody else did anything, so it needs no message.
    pub sole_author: Option<ConnectionId>,
}

/// A message that things told are added to, in their order.
pub(super) struct Message {
    draft: Draft,
    snapshot: bool,
    /// The list that is open.
    list: &'static str,
    author: Author,
}

impl Message {
    pub(super) fn begin(topic: &Topic, name: &TopicName, snapshot: bool, now: Time) -> Self {
        let mut draft = Draft::new();
        draft.put("{\"type\":\"");
        draft.put(kind(snapshot));
        draft.put("\",\"topic\":");
        draft.put_name(name);
        draft.put(",\"nowMs\":");
        draft.put_number(now.as_millis());
        let counts = topic.counts();
        draft.put(",\"counts\":{\"members\":");
        draft.put_number(counts.members as u64);
        draft.put(",\"users\":");
        draft.put_number(counts.users as u64);
        draft.put("}");
        Self {
            draft,
            snapshot,
            list: "",
            author: Author::Nobody,
        }
    }

    /// Adds what is told as `put` writes it. Whether it was added: what would make the message too
    /// long is not, except when it is the first thing.
    pub(super) fn tell(&mut self, told: &Told<'_>, put: impl FnOnce(&mut Draft)) -> bool {
        let without = (self.draft.len(), self.list);
        self.open(list_of(told, self.snapshot));
        put(&mut self.draft);
        if self.draft.len() + RESERVE > MAX_FRAME_BYTES && !self.author.is_nobody() {
            self.draft.truncate(without.0);
            self.list = without.1;
            return false;
        }
        self.author.add(told.by());
        true
    }

    /// Says nothing of what is told, and that it happened.
    pub(super) fn imply(&mut self, told: &Told<'_>) {
        self.author.add(told.by());
    }

    /// The message for a reader that stood before it here and stands after it there.
    pub(super) fn finish(mut self, before: &Reader, after: Reader) -> Encoded {
        if self.snapshot && self.list.is_empty() {
            self.open("entries");
        }
        if !self.list.is_empty() {
            self.draft.put("]");
        }
        let at = after.position().map(format_position);
        match &at {
            Some(at) => {
                self.draft.put(",\"at\":");
                self.draft.put_name(at);
            }
            None => self.draft.put(",\"more\":true"),
        }
        self.draft.put("}");
        // A client that has got a part waits for the last one, whatever that tells.
        let whole = !before.is_between() && !after.is_between() && !self.snapshot;
        let silent = whole && self.author.is_nobody();
        Encoded {
            frame: (!silent).then(|| self.draft.finish(kind(self.snapshot), at)),
            reader: after,
            sole_author: self.author.sole().filter(|_| whole),
        }
    }

    /// A message that tells nothing, for a reader that stands at this position.
    pub(super) fn finish_empty(mut self, at: Position) -> Frame {
        let at = format_position(at);
        self.draft.put(",\"at\":");
        self.draft.put_name(&at);
        self.draft.put("}");
        self.draft.finish(kind(self.snapshot), Some(at))
    }

    fn open(&mut self, list: &'static str) {
        if self.list == list {
            self.draft.put(",");
            return;
        }
        if !self.list.is_empty() {
            self.draft.put("]");
        }
        self.draft.put(",\"");
        self.draft.put(list);
        self.draft.put("\":[");
        self.list = list;
    }
}

const fn kind(snapshot: bool) -> &'static str {
    if snapshot { "snapshot" } else { "changes" }
}

/// The list of the message in which a change stands.
fn list_of(told: &Told<'_>, snapshot: bool) -> &'static str {
    match told {
        Told::Left(_) => "left",
        Told::Joined(_) if snapshot => "entries",
        Told::Joined(_) => "joined",
        Told::Updated { .. } => "updated",
    }
}

/// Whose doing the changes of a part are.
enum Author {
    Nobody,
    One(Option<ConnectionId>),
    Several,
}

impl Author {
    fn add(&mut self, by: Option<ConnectionId>) {
        *self = match self {
            Self::Nobody => Self::One(by),
            Self::One(known) if *known == by => return,
            _ => Self::Several,
        };
    }

    const fn is_nobody(&self) -> bool {
        matches!(self, Self::Nobody)
    }

    const fn sole(&self) -> Option<ConnectionId> {
        match self {
            Self::One(by) => *by,
            Self::Nobody | Self::Several => None,
        }
    }
}
