//! Presence inside of a process, with one callback for everything that happens at documents.

use presence_runtime::server::ConfigError;
use presence_runtime::topic::Reason;
use presence_runtime::{EntryOf, Hub, TopicOf, hook};

use crate::types::{Editor, topics};

/// What happened to somebody.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// They came.
    Join(EntryOf<Editor>),
    /// They say something else.
    Update(EntryOf<Editor>),
    /// They went.
    Leave(EntryOf<Editor>, Reason),
}

/// A hub that calls for each event, once and in order. It is called on no lock, and may use the hub.
///
/// # Errors
/// When a setting is wrong.
pub fn hub(
    call: impl Fn(TopicOf<Editor>, Event) + Clone + Send + Sync + 'static,
) -> Result<Hub, ConfigError> {
    let (join, update, leave) = (call.clone(), call.clone(), call);
    Hub::builder(topics())
        .on_join(move |it: hook::Joined<Editor>| join(it.topic, Event::Join(it.entry)))
        .on_change(move |it: hook::Changed<Editor>| update(it.topic, Event::Update(it.entry)))
        .on_leave(move |it: hook::Left<Editor>| leave(it.topic, Event::Leave(it.entry, it.reason)))
        .build()
}
