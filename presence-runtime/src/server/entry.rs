//! Entries as Rust code sees them: with the type of their topic.

use std::sync::Arc;

use crate::schema::Presence;
use crate::topic::{Activity, Member, Seen, User};

/// A member with its typed value.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct EntryOf<T> {
    /// Who it is.
    pub member: Member,
    /// What it announced.
    pub value: T,
    /// How busy it is.
    pub activity: Activity,
    /// The users it follows.
    pub following: Arc<[User]>,
    /// The sequence of its last change.
    pub version: u64,
}

impl<T: Presence> EntryOf<T> {
    /// The entry of a topic whose type is `T`.
    pub(super) fn read(seen: Seen) -> Self {
        let value = seen.value.read();
        Self {
            member: seen.member,
            value: value.expect("a topic holds values of its own type"),
            activity: seen.activity,
            following: seen.following,
            version: seen.version,
        }
    }
}
