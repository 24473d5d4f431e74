//! Parts of a topic as `snapshot` and `changes` messages.

use super::client::Filter;
use super::frame::{Draft, Frame, MAX_FRAME_BYTES};
use super::position::format_position;
use crate::schema::TopicName;
use crate::topic::{Activity, ConnectionId, Departure, Entry, Reader, Reason, Time, Told, Topic};

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

/// Encodes the next part for a reader; nothing when the reader is up to date.
#[must_use]
pub fn encode_part(
    topic: &Topic,
    name: &TopicName,
    filter: Filter,
    before: &Reader,
    now: Time,
) -> Option<Encoded> {
    let mut part = topic.part(before)?;
    let snapshot = part.is_snapshot();
    let event = if snapshot { "snapshot" } else { "changes" };

    let mut draft = Draft::new();
    draft.put("{\"type\":\"");
    draft.put(event);
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

    let mut author = Author::Nobody;
    let mut list = "";
    while let Some(told) = part.peek() {
        if filter == Filter::Everybody {
            let without = (draft.len(), list);
            open(&mut draft, &mut list, list_of(&told, snapshot));
            put_told(&mut draft, &told);
            if draft.len() + RESERVE > MAX_FRAME_BYTES && !author.is_nobody() {
                draft.truncate(without.0);
                list = without.1;
                break;
            }
        }
        // Who only counts hears of those who come and go.
        if filter == Filter::Everybody || !matches!(told, Told::Updated { .. }) {
            author.add(told.by());
        }
        part.take();
    }
    if snapshot && list.is_empty() {
        draft.put(",\"entries\":[");
        list = "entries";
    }
    if !list.is_empty() {
        draft.put("]");
    }

    let reader = part.stop();
    let at = reader.position().map(format_position);
    match &at {
        Some(at) => {
            draft.put(",\"at\":");
            draft.put_name(at);
        }
        None => draft.put(",\"more\":true"),
    }
    draft.put("}");
    // A client that has got a part waits for the last one, whatever that tells.
    let whole = !before.is_between() && !reader.is_between() && !snapshot;
    let silent = whole && author.is_nobody();
    // Who only counts does not know by itself that it is counted too.
    let known_to_author = whole && filter == Filter::Everybody;
    Some(Encoded {
        frame: (!silent).then(|| draft.finish(event, at)),
        reader,
        sole_author: author.sole().filter(|_| known_to_author),
    })
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

fn open(draft: &mut Draft, list: &mut &'static str, wanted: &'static str) {
    if *list == wanted {
        draft.put(",");
        return;
    }
    if !list.is_empty() {
        draft.put("]");
    }
    draft.put(",\"");
    draft.put(wanted);
    draft.put("\":[");
    *list = wanted;
}

fn put_told(draft: &mut Draft, told: &Told<'_>) {
    match told {
        Told::Left(departure) => put_departure(draft, departure),
        Told::Joined(entry) => put_entry(draft, entry),
        Told::Updated { entry, since } => put_update(draft, entry, *since),
    }
}

fn put_departure(draft: &mut Draft, departure: &Departure) {
    draft.put("{\"member\":");
    draft.put_name(&departure.member);
    draft.put(",\"reason\":\"");
    draft.put(reason(departure.reason));
    draft.put("\"}");
}

pub(super) fn put_entry(draft: &mut Draft, entry: &Entry) {
    put_entry_open(draft, entry);
    draft.put("}");
}

/// An entry without its closing brace, for what a message adds to it.
pub(super) fn put_entry_open(draft: &mut Draft, entry: &Entry) {
    draft.put("{\"member\":");
    draft.put_name(entry.member());
    draft.put(",\"user\":");
    draft.put_name(&entry.member().user);
    draft.put(",\"value\":");
    draft.put_json(entry.value().json());
    put_activity(draft, entry.activity());
    put_following(draft, entry);
    draft.put(",\"version\":");
    draft.put_number(entry.version());
    draft.put(",\"joinedMs\":");
    draft.put_number(entry.joined_at().as_millis());
    draft.put(",\"updatedMs\":");
    draft.put_number(entry.updated_at().as_millis());
}

/// Says only what changed since: one byte less is one byte less for every member.
fn put_update(draft: &mut Draft, entry: &Entry, since: u64) {
    draft.put("{\"member\":");
    draft.put_name(entry.member());
    if entry.value_changed() > since {
        draft.put(",\"value\":");
        draft.put_json(entry.value().json());
    }
    if entry.activity_changed() > since {
        put_activity(draft, entry.activity());
    }
    if entry.following_changed() > since {
        put_following(draft, entry);
    }
    draft.put("}");
}

fn put_activity(draft: &mut Draft, activity: Activity) {
    draft.put(match activity {
        Activity::Active => ",\"activity\":\"active\"",
        Activity::Idle => ",\"activity\":\"idle\"",
        Activity::Away => ",\"activity\":\"away\"",
    });
}

fn put_following(draft: &mut Draft, entry: &Entry) {
    draft.put(",\"following\":[");
    for (i, user) in entry.following().iter().enumerate() {
        if i > 0 {
            draft.put(",");
        }
        draft.put_name(user);
    }
    draft.put("]");
}

/// A leave reason as JSON says it.
pub(super) const fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Left => "left",
        Reason::Disconnected => "disconnected",
        Reason::Expired => "expired",
        Reason::Kicked => "kicked",
        Reason::Shutdown => "shutdown",
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
