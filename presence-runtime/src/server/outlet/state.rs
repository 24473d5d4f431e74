//! What an outlet holds: at most one part, and the answers to what its client said.

use std::collections::VecDeque;
use std::task::Waker;

use bytes::Bytes;

use crate::wire::websocket::CloseCode;

/// What is to be written, and how that stands.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) pending: VecDeque<Bytes>,
    pub(super) bytes: usize,
    /// Somebody is writing; others leave their bytes in `pending` and go.
    pub(super) writing: bool,
    /// A part is on its way.
    pub(super) reserved: bool,
    /// That part has yet to be handed over.
    pub(super) promised: bool,
    /// Answers that were said meanwhile.
    pub(super) behind: VecDeque<Bytes>,
    /// A flush wanted to write meanwhile.
    pub(super) missed: bool,
    /// Bytes written so far, to tell a slow reader from a stalled one.
    pub(super) written: u64,
    /// The socket took no more.
    pub(super) stuck: bool,
    /// How often it took something again.
    pub(super) rooms: u64,
    /// What the client may do has to be decided anew.
    pub(super) recheck: bool,
    pub(super) close: Option<CloseCode>,
    pub(super) waker: Option<Waker>,
}

impl State {
    pub(super) fn is_free(&self) -> bool {
        !self.reserved && self.pending.is_empty()
    }

    pub(super) fn wrote(&mut self, count: usize) {
        self.written += count as u64;
        self.rooms += u64::from(std::mem::take(&mut self.stuck));
    }

    pub(super) fn pop(&mut self) -> Option<Bytes> {
        let bytes = self.pending.pop_front()?;
        self.bytes -= bytes.len();
        Some(bytes)
    }

    pub(super) fn put_back(&mut self, bytes: Bytes) {
        if !bytes.is_empty() {
            self.bytes += bytes.len();
            self.pending.push_front(bytes);
        }
    }

    pub(super) fn forget(&mut self) {
        self.pending = VecDeque::new();
        self.behind = VecDeque::new();
        self.bytes = 0;
    }

    /// What was said behind a part goes after it.
    pub(super) fn follow_up(&mut self) {
        let behind = std::mem::take(&mut self.behind);
        self.pending.extend(behind);
    }

    /// Everything went: the next part may come, and whoever was passed by is told.
    pub(super) fn rest(&mut self) {
        if self.pending.is_empty() && !self.promised {
            self.pending = VecDeque::new();
            self.reserved = false;
            if self.missed {
                self.wake();
            }
        }
    }

    pub(super) fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}
