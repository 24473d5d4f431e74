//! How records and turns are written in the server; `scripts/topic.lua` has the other half.

use std::time::Duration;

use bytes::Bytes;

use super::super::{At, Found, Logged, NodeId, PARTS, Part, Record, Turn};
use crate::schema::TopicName;
use crate::topic::{Member, Reason, SessionId, User};

/// Reads bytes from the front; nothing when they end too early.
#[derive(Debug)]
struct Reading<'a>(&'a [u8]);

impl<'a> Reading<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn number(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }

    fn node(&mut self) -> Option<NodeId> {
        self.number().map(NodeId::new)
    }

    fn session(&mut self) -> Option<SessionId> {
        session(self.take(16)?)
    }

    fn user(&mut self, length: usize) -> Option<User> {
        let text = std::str::from_utf8(self.take(length)?).ok()?;
        User::parse(text).ok()
    }

    /// A record from the moment on at which its member joined.
    fn record(mut self, session: SessionId, now: u64) -> Option<Record> {
        let joined = self.number()?;
        let node = self.node()?;
        let n = self.number()?;
        let digest = self.array()?;
        let [length] = self.array()?;
        let user = self.user(length.into())?;
        Some(Record {
            node,
            member: Member { user, session },
            digest,
            n,
            present: Duration::from_millis(now.saturating_sub(joined)),
            state: self.array::<1>()?[0],
            parts: [self.part()?, self.part()?, self.part()?],
        })
    }

    fn part(&mut self) -> Option<Part> {
        let n = self.number()?;
        let length = u32::from_be_bytes(self.array()?);
        let body = self.take(usize::try_from(length).ok()?)?;
        let body = Bytes::copy_from_slice(body);
        Some(Part { n, body })
    }

    fn turn(mut self, now: u64) -> Option<Turn> {
        let [kind] = self.array()?;
        let session = self.session()?;
        match kind {
            b'P' => return self.record(session, now).map(Turn::Present),
            b'N' => return self.record(session, now).map(Turn::Newer),
            _ => {}
        }
        let node = self.node()?;
        let n = self.number()?;
        let [reason] = self.array()?;
        let user = self.user(self.0.len())?;
        Some(Turn::Gone {
            node,
            member: Member { user, session },
            n,
            reason: reason_of(reason)?,
        })
    }
}

/// A node, as it is written.
pub(super) fn node(node: NodeId) -> [u8; 8] {
    node.number().to_be_bytes()
}

/// A session, as it is written.
pub(super) fn session(bytes: &[u8]) -> Option<SessionId> {
    SessionId::parse(std::str::from_utf8(bytes).ok()?).ok()
}

/// The parts of a record, as they are kept.
pub(super) fn parts(parts: &[Part; PARTS]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for Part { n, body } in parts {
        let length = u32::try_from(body.len()).expect("a message is not that long");
        bytes.extend_from_slice(&n.to_be_bytes());
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(body);
    }
    bytes
}

/// A record, as it is kept for a session.
pub(super) fn record(session: SessionId, bytes: &[u8], now: u64) -> Option<Record> {
    Reading(bytes.get(16..)?).record(session, now)
}

/// A fence, as it is kept for a session.
pub(super) fn fence(session: SessionId, bytes: &[u8]) -> Option<Found> {
    let mut reading = Reading(bytes.get(17..)?);
    let n = reading.number()?;
    let [reason] = reading.array()?;
    let user = reading.user(reading.0.len())?;
    Some(Found::Left {
        member: Member { user, session },
        n,
        reason: reason_of(reason)?,
    })
}

/// A turn, as it is logged.
pub(super) fn turn(bytes: &[u8], now: u64) -> Option<Turn> {
    Reading(bytes).turn(now)
}

/// A turn, as it is published: after its place, and the time.
pub(super) fn published(bytes: &[u8]) -> Option<Logged> {
    let mut reading = Reading(bytes);
    let epoch = reading.number()?;
    let sequence = reading.number()?;
    let now = reading.number()?;
    Some(Logged {
        at: At { epoch, sequence },
        turn: reading.turn(now)?,
    })
}

/// A turn by which another node did something to a member of a node, as that node is told.
pub(super) fn befell(bytes: &[u8]) -> Option<(TopicName, Turn)> {
    let mut reading = Reading(bytes);
    let length = u16::from_be_bytes(reading.array()?);
    let topic = std::str::from_utf8(reading.take(length.into())?).ok()?;
    let topic = TopicName::parse(topic).ok()?;
    let now = reading.number()?;
    Some((topic, reading.turn(now)?))
}

/// An epoch, as it is kept.
pub(super) fn epoch(bytes: &[u8]) -> Option<u64> {
    bytes.try_into().ok().map(u64::from_be_bytes)
}

/// Each reason in a letter.
pub(super) const fn letter(reason: Reason) -> &'static str {
    match reason {
        Reason::Left => "l",
        Reason::Disconnected => "d",
        Reason::Expired => "e",
        Reason::Kicked => "k",
        Reason::Shutdown => "s",
    }
}

fn reason_of(letter: u8) -> Option<Reason> {
    match letter {
        b'l' => Some(Reason::Left),
        b'd' => Some(Reason::Disconnected),
        b'e' => Some(Reason::Expired),
        b'k' => Some(Reason::Kicked),
        b's' => Some(Reason::Shutdown),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_a_letter_of_its_own() {
        for reason in [
            Reason::Left,
            Reason::Disconnected,
            Reason::Expired,
            Reason::Kicked,
            Reason::Shutdown,
        ] {
            assert_eq!(reason_of(letter(reason).as_bytes()[0]), Some(reason));
        }
    }

    #[test]
    fn what_ends_too_early_is_no_turn() {
        let mut whole = vec![b'G'];
        whole.extend_from_slice(b"g7j3dno6j6q54b34");
        whole.extend_from_slice(&7_u64.to_be_bytes());
        whole.extend_from_slice(&9_u64.to_be_bytes());
        whole.extend_from_slice(b"eann");
        let gone = Turn::Gone {
            node: NodeId::new(7),
            member: Member::parse("ann.g7j3dno6j6q54b34").expect("a member"),
            n: 9,
            reason: Reason::Expired,
        };
        assert_eq!(turn(&whole, 0), Some(gone));
        let user = whole.len() - "ann".len();
        for length in 0..=user {
            assert_eq!(turn(&whole[..length], 0), None, "{length} bytes");
        }
    }
}
