//! What a reader is told of one member, as JSON.

use super::frame::Draft;
use crate::topic::{Activity, Departure, Entry, Reason, Told};

pub(super) fn put_told(draft: &mut Draft, told: &Told<'_>) {
    match told {
        Told::Left(departure) => put_departure(draft, departure),
        Told::Joined(entry) => put_entry(draft, entry),
        Told::Updated { entry, since } => put_update(draft, entry, *since),
    }
}

fn put_departure(draft: &mut Draft, departure: &Departure) {
    draft.put("{\"member\":");
    draft.put_member(&departure.member);
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
    draft.put_member(entry.member());
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
    draft.put_member(entry.member());
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
