//! Screens: what comes in on a connection over HTTP, before hyper reads it.
//!
//! hyper follows RFC 9112 where a request says its length twice, as chunks and as a number: it drops
//! the number. Whoever stands in front may have gone by it, and taken for a body what is a request here
//! (request smuggling); so the lines that say it are counted, and whoever says it twice is refused.
//! And hyper gives up a request when its client closes their side, though all was said and only the
//! answer is missing: so it does not learn of that end until the answer has gone. And it counts the time of
//! a later head from the answer before, which is as long as connections may idle: so a head that has begun
//! gets its time here.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// No request is being answered.
const IDLE: u8 = 0;
/// A request has no answer yet.
const ASKED: u8 = 1;
/// The answer is in hyper's hands.
const ANSWERED: u8 = 2;
/// No more requests come: it is a WebSocket from now on.
const UPGRADED: u8 = 3;

/// What is known of what came in on a connection.
#[derive(Debug, Default)]
pub(super) struct Screen {
    stage: AtomicU8,
    /// Some of a head has come, and not all of it.
    has_begun: AtomicBool,
    is_doubtful: AtomicBool,
    is_over: AtomicBool,
    /// Something was asked since somebody looked.
    was_asked: AtomicBool,
    /// An answer goes on for as long as there is something to say.
    is_streaming: AtomicBool,
}

/// How long a connection has waited for its next request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    /// It does not: something is being answered.
    None,
    /// Since what was asked last was answered, just now.
    Begins,
    /// For as long as before.
    GoesOn,
}

/// An answer that goes on until this is dropped.
#[derive(Debug)]
pub(super) struct GoingOn(Arc<Screen>);

impl Drop for GoingOn {
    fn drop(&mut self) {
        self.0.is_streaming.store(false, Ordering::Relaxed);
    }
}

impl Screen {
    /// Whether a request on this connection said twice how long it is. Nothing behind it is to be trusted,
    /// and what came in one piece before it is not told apart.
    pub(super) fn is_doubtful(&self) -> bool {
        self.is_doubtful.load(Ordering::Relaxed)
    }

    /// Whether the client has closed their side: what hyper has by now is all there is.
    pub(super) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    /// A request has come: that its client says no more is no reason not to answer.
    pub(super) fn asked(&self) {
        self.stage.store(ASKED, Ordering::Relaxed);
        self.has_begun.store(false, Ordering::Relaxed);
        self.was_asked.store(true, Ordering::Relaxed);
    }

    /// How it stands with the next request. Asked by one task only.
    pub(super) fn wait(&self) -> Wait {
        let is_idle = self.stage.load(Ordering::Relaxed) == IDLE;
        if !is_idle || self.is_streaming.load(Ordering::Relaxed) {
            return Wait::None;
        }
        if self.was_asked.load(Ordering::Relaxed) {
            self.was_asked.store(false, Ordering::Relaxed);
            return Wait::Begins;
        }
        Wait::GoesOn
    }

    /// The answer is no single piece.
    pub(super) fn goes_on(self: &Arc<Self>) -> GoingOn {
        self.is_streaming.store(true, Ordering::Relaxed);
        GoingOn(self.clone())
    }

    /// The connection is handed over to another protocol.
    pub(super) fn upgraded(&self) {
        self.stage.store(UPGRADED, Ordering::Relaxed);
    }

    /// The answer is there.
    pub(super) fn answered(&self) {
        let _ = self
            .stage
            .compare_exchange(ASKED, ANSWERED, Ordering::Relaxed, Ordering::Relaxed);
    }
}

/// A connection of which a screen knows.
#[derive(Debug)]
pub(super) struct Screened<Io> {
    io: Io,
    screen: Arc<Screen>,
    lines: Lines,
    /// How long a head may take.
    patience: Duration,
    /// Rings when a head has begun and takes too long; nothing while heads come in one piece.
    alarm: Option<Pin<Box<Sleep>>>,
}

impl<Io> Screened<Io> {
    pub(super) fn new(io: Io, screen: Arc<Screen>, patience: Duration) -> Self {
        Self {
            io,
            screen,
            lines: Lines::default(),
            patience,
            alarm: None,
        }
    }

    /// Whether a head that has begun takes too long. Asked before more of it is read.
    fn is_late(&mut self, context: &mut Context<'_>) -> bool {
        if !self.screen.has_begun.load(Ordering::Relaxed) {
            self.alarm = None;
            return false;
        }
        let patience = self.patience;
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep(patience)));
        alarm.as_mut().poll(context).is_ready()
    }

    pub(super) fn into_inner(self) -> Io {
        self.io
    }
}

impl<Io: AsyncRead + Unpin> AsyncRead for Screened<Io> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        if self.is_late(context) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        if !self.screen.is_over() {
            let done = Pin::new(&mut self.io).poll_read(context, buffer);
            if !matches!(done, Poll::Ready(Ok(()))) {
                return done;
            }
        }
        let read = &buffer.filled()[before..];
        let stage = self.screen.stage.load(Ordering::Relaxed);
        if read.is_empty() && buffer.remaining() > 0 {
            self.screen.is_over.store(true, Ordering::Relaxed);
            if matches!(stage, ASKED | ANSWERED) {
                // Whoever has flushed the answer asks again.
                return Poll::Pending;
            }
        } else if stage != UPGRADED {
            if stage == IDLE {
                self.screen.has_begun.store(true, Ordering::Relaxed);
            }
            if self.lines.say_it_twice(read) {
                self.screen.is_doubtful.store(true, Ordering::Relaxed);
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<Io: AsyncWrite + Unpin> AsyncWrite for Screened<Io> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let done = Pin::new(&mut self.io).poll_flush(context);
        let stage = &self.screen.stage;
        if done.is_ready() && stage.load(Ordering::Relaxed) == ANSWERED {
            stage.store(IDLE, Ordering::Relaxed);
            if self.screen.is_over() {
                context.waker().wake_by_ref();
            }
        }
        done
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}

/// How many bytes of a line's start are looked at.
const START: usize = b"transfer-encoding:".len();

/// The lines of heads that say how long a request is. A body's lines are not told apart: only one that is
/// no JSON could look like these.
#[derive(Debug, Default)]
struct Lines {
    /// The start of a line whose end has not come.
    start: [u8; START],
    kept: usize,
    /// How many there were since the last empty line, where a head ends.
    count: u8,
}

impl Lines {
    /// Reads on. Whether some head says twice how long its request is.
    fn say_it_twice(&mut self, bytes: &[u8]) -> bool {
        let mut twice = false;
        let mut begin = 0;
        for end in memchr::memchr_iter(b'\n', bytes) {
            let line = &bytes[begin..end];
            begin = end + 1;
            if self.kept == 0 {
                self.see(line);
            } else {
                self.keep(line);
                let (start, kept) = (self.start, std::mem::take(&mut self.kept));
                self.see(&start[..kept]);
            }
            twice |= self.count > 1;
        }
        self.keep(&bytes[begin..]);
        twice
    }

    fn keep(&mut self, more: &[u8]) {
        let count = more.len().min(START - self.kept);
        self.start[self.kept..][..count].copy_from_slice(&more[..count]);
        self.kept += count;
    }

    fn see(&mut self, line: &[u8]) {
        let is = |name: &[u8]| {
            let start = line.get(..name.len());
            // The colon tells nearly all lines that begin alike.
            start.is_some_and(|it| it.last() == name.last() && it.eq_ignore_ascii_case(name))
        };
        match line {
            [] | [b'\r'] => self.count = 0,
            [b'c' | b'C', ..] if is(b"content-length:") => {
                self.count = self.count.saturating_add(1)
            }
            [b't' | b'T', ..] if is(b"transfer-encoding:") => {
                self.count = self.count.saturating_add(1);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWICE: &str =
        "POST / HTTP/1.1\r\ncontent-LENGTH: 3\r\nhost: a\r\nTransfer-encoding: chunked\r\n\r\n";

    #[test]
    fn a_head_that_says_it_twice_is_found_in_whatever_pieces_it_comes() {
        for size in 1..TWICE.len() {
            let mut lines = Lines::default();
            let mut pieces = TWICE.as_bytes().chunks(size);
            assert!(pieces.any(|it| lines.say_it_twice(it)), "{size}");
        }
    }

    #[test]
    fn heads_that_say_it_once_are_good_one_after_the_other() {
        let once = "POST / HTTP/1.1\r\ncontent-length: 3\r\nx-content-length: 3\r\n\r\n{}\n";
        let many = format!("{once}{}GET /", once.replace("\r\n", "\n")).repeat(2);
        for size in 1..many.len() {
            let mut lines = Lines::default();
            let mut pieces = many.as_bytes().chunks(size);
            assert!(!pieces.any(|it| lines.say_it_twice(it)), "{size}");
        }
    }
}
