//! Rounds of a flush: what is encoded once for all who stand at the same position.

use std::sync::Arc;

use super::outlet::Outlet;
use crate::schema::TopicName;
use crate::topic::{ConnectionId, Reader, Time, Topic};
use crate::wire::{Filter, Frame, encode_part};

/// What one round of a flush writes: at most one part for each subscriber.
#[derive(Debug, Default)]
pub(super) struct Round {
    parts: Vec<(Reader, Filter, Part)>,
    pub(super) writes: Vec<(Arc<Outlet>, Arc<Frame>)>,
    /// Somebody has got a part and not the last one.
    pub(super) more: bool,
}

/// A part as it is shared.
#[derive(Debug, Clone)]
pub(super) struct Part {
    frame: Option<Arc<Frame>>,
    sole_author: Option<ConnectionId>,
    /// Where its readers stand afterwards.
    pub(super) reader: Reader,
}

impl Round {
    /// Begins the next round; what was encoded may have changed since.
    pub(super) fn begin(&mut self) {
        self.parts.clear();
        self.more = false;
    }

    /// The next part for those who stand here and hear of these.
    pub(super) fn part(
        &mut self,
        topic: &Topic,
        name: &TopicName,
        reader: Reader,
        filter: Filter,
        now: Time,
    ) -> Part {
        if let Some((.., part)) = self
            .parts
            .iter()
            .find(|it| it.0 == reader && it.1 == filter)
        {
            return part.clone();
        }
        let part = match encode_part(topic, name, filter, &reader, now) {
            Some(encoded) => Part {
                frame: encoded.frame.map(Arc::new),
                sole_author: encoded.sole_author,
                reader: encoded.reader,
            },
            None => Part {
                frame: None,
                sole_author: None,
                reader,
            },
        };
        self.parts.push((reader, filter, part.clone()));
        part
    }
}

impl Part {
    /// The message for this connection; nothing where all of it is its own doing.
    pub(super) fn for_connection(self, connection: ConnectionId) -> Option<Arc<Frame>> {
        self.frame.filter(|_| self.sole_author != Some(connection))
    }
}
