//! Parts of a topic as `snapshot` and `changes` messages, for readers of everybody or of numbers
//! only. Parts for readers of some users are put together in [`super::chosen`].

use super::frame::Frame;
use super::message::{Encoded, Message};
use super::told::put_told;
use crate::schema::TopicName;
use crate::topic::{Reader, Time, Told, Topic};

/// Encodes the next part for a reader; nothing when the reader is up to date.
#[must_use]
pub fn encode_part(topic: &Topic, name: &TopicName, reader: &Reader, now: Time) -> Option<Encoded> {
    let mut part = topic.part(reader)?;
    let mut message = Message::begin(topic, name, part.is_snapshot(), now);
    while let Some(told) = part.peek() {
        if !message.tell(&told, |draft| put_told(draft, &told)) {
            break;
        }
        part.take();
    }
    Some(message.finish(reader, part.stop()))
}

/// Encodes the next part for a reader that only counts; nothing when it is up to date.
#[must_use]
pub fn encode_counts(
    topic: &Topic,
    name: &TopicName,
    reader: &Reader,
    now: Time,
) -> Option<Encoded> {
    let mut part = topic.part(reader)?;
    let mut message = Message::begin(topic, name, part.is_snapshot(), now);
    while let Some(told) = part.take() {
        // Who only counts hears of those who come and go.
        if !matches!(told, Told::Updated { .. }) {
            message.imply(&told);
        }
    }
    Some(Encoded {
        // Who only counts does not know by itself that it is counted too.
        sole_author: None,
        ..message.finish(reader, part.stop())
    })
}

/// Encodes that there is nothing to tell: whoever resumes hears at once that nothing was missed.
#[must_use]
pub fn encode_nothing(topic: &Topic, name: &TopicName, now: Time) -> Frame {
    Message::begin(topic, name, false, now).finish_empty(topic.position())
}
