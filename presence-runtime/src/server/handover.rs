//! Handovers: how an event stream gets its connection from hyper.
//!
//! hyper keeps 16 KiB for a connection, half of them to read into and half for heads. A stream needs
//! neither once the head of its answer has gone: then it takes the socket, and writes what the flush
//! shares straight to it, as a WebSocket does.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU8, Ordering};

use super::stream::EventStream;

/// Nobody wants the connection.
const NONE: u8 = 0;
/// hyper has the head of the answer.
const BEGUN: u8 = 1;
/// The head has gone.
const DUE: u8 = 2;

/// Whether a stream is to get a connection, and how that stands.
#[derive(Debug, Default)]
pub(super) struct Handover {
    stage: AtomicU8,
    stream: Mutex<Option<EventStream>>,
}

impl Handover {
    /// This stream is to get the connection.
    pub(super) fn promise(&self, stream: EventStream) {
        *self.stream.lock().expect("nothing panics with it") = Some(stream);
    }

    /// The head of the answer is in hyper's hands, for it asks for the body.
    pub(super) fn begin(&self) {
        let _ = self
            .stage
            .compare_exchange(NONE, BEGUN, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// All that was in hyper's hands has gone.
    pub(super) fn flushed(&self) {
        let _ = self
            .stage
            .compare_exchange(BEGUN, DUE, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// The stream that gets the connection now.
    pub(super) fn take(&self) -> Option<EventStream> {
        if self.stage.load(Ordering::Relaxed) != DUE {
            return None;
        }
        self.stream.lock().expect("nothing panics with it").take()
    }
}
