//! Outlets: where a connection's bytes go, without a queue of messages.
//!
//! An outlet holds at most one part of a topic plus the answers to what its client said. A flush
//! reserves it for a part; when it is still busy with an earlier one, the flush passes it by and
//! its reader simply stays behind, to catch up later with whatever is current then.
//!
//! *Direct* outlets write straight from the flush and need their connection's task only when the
//! socket is full. The others leave all writing to the connection's task or response body. Both
//! behave the same, and no lock is held while writing.

mod state;
#[cfg(test)]
mod tests;

use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::net::Shutdown;
use std::sync::{Mutex, MutexGuard, OnceLock};
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use socket2::SockRef;
use tokio::net::tcp::OwnedWriteHalf;

use self::state::State;
use super::pulse::Progress;
use crate::wire::websocket::CloseCode;
use crate::wire::{Frame, ServerMessage};

/// A client that does not read its answers is not read from beyond this many bytes.
const MAX_PENDING: usize = 64 * 1024;

/// In what form messages leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    WebSocket,
    /// As events, for somebody who makes a body of them.
    Events,
    /// As events that are chunks of a body already.
    Chunks,
}

/// Where a connection's bytes go.
#[derive(Debug)]
pub(crate) struct Outlet {
    form: Form,
    direct: OnceLock<OwnedWriteHalf>,
    state: Mutex<State>,
}

/// What the connection's task has to do for its outlet.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Duty {
    /// Write what is pending.
    Drain,
    /// Read on in topics whose flush passed by.
    CatchUp,
    /// Ask anew what the client may do.
    Recheck,
    /// End the connection.
    Close(CloseCode),
}

impl Outlet {
    /// An outlet that writes straight to the socket.
    pub(crate) fn direct(stream: OwnedWriteHalf) -> Self {
        let outlet = Self::deferred(Form::WebSocket);
        outlet.attach(stream);
        outlet
    }

    /// An outlet whose connection's task or body writes.
    pub(crate) fn deferred(form: Form) -> Self {
        Self {
            form,
            direct: OnceLock::new(),
            state: Mutex::default(),
        }
    }

    /// Writes straight to this socket from now on. What is pending already is for the connection's
    /// task to write.
    pub(crate) fn attach(&self, stream: OwnedWriteHalf) {
        self.direct
            .set(stream)
            .expect("a connection has one socket");
    }

    /// In what form messages leave.
    pub(crate) const fn form(&self) -> Form {
        self.form
    }

    /// Asks to write one part next. When this is refused, the connection's task is told to catch
    /// up as soon as the outlet is free again.
    pub(crate) fn reserve(&self) -> bool {
        let mut state = self.lock();
        if state.close.is_some() {
            return false;
        }
        if state.reserved || !state.pending.is_empty() {
            state.missed = true;
            return false;
        }
        state.reserved = true;
        state.promised = true;
        true
    }

    /// Gives a reservation back unused.
    pub(crate) fn release(&self) {
        let mut state = self.lock();
        state.promised = false;
        match state.behind.pop_front() {
            Some(first) => {
                state.bytes -= first.len();
                self.put(state, first);
            }
            None => state.rest(),
        }
    }

    /// Writes the part the outlet was reserved for.
    pub(crate) fn write_part(&self, frame: &Frame) {
        self.hand_over(self.formed(frame));
    }

    /// Says something to the client, whatever it reads.
    pub(crate) fn tell(&self, frame: &Frame) {
        self.write(self.formed(frame));
    }

    fn formed(&self, frame: &Frame) -> Bytes {
        match self.form {
            Form::WebSocket => frame.websocket(),
            Form::Events => frame.event(),
            Form::Chunks => frame.chunk(),
        }
    }

    fn hand_over(&self, bytes: Bytes) {
        let mut state = self.lock();
        state.promised = false;
        if state.close.is_none() {
            self.put(state, bytes);
        }
    }

    /// Says something to the client of a WebSocket; an event stream has no place for it.
    pub(crate) fn say(&self, message: &ServerMessage<'_>) {
        if self.form == Form::WebSocket {
            self.write(message.to_websocket());
        }
    }

    /// Writes bytes, now or as soon as possible, after everything written before. A part that is
    /// promised goes first: what it tells is older than whatever is answered now, and a client that
    /// resumes takes what comes behind the answer for what it resumed.
    pub(crate) fn write(&self, bytes: Bytes) {
        let mut state = self.lock();
        if state.close.is_some() {
            return;
        }
        if state.promised {
            state.bytes += bytes.len();
            state.behind.push_back(bytes);
        } else {
            self.put(state, bytes);
        }
    }

    /// Writes bytes and what waits behind them.
    fn put(&self, mut state: MutexGuard<'_, State>, bytes: Bytes) {
        match self.direct.get() {
            Some(stream) if !state.writing && state.pending.is_empty() => {
                state.writing = true;
                state.pending = std::mem::take(&mut state.behind);
                drop(state);
                self.pump(stream, bytes);
            }
            _ => {
                state.bytes += bytes.len();
                state.pending.push_back(bytes);
                state.follow_up();
                if !state.writing {
                    state.wake();
                }
            }
        }
    }

    /// Whether the client has so much to read that it should not be listened to.
    pub(crate) fn is_full(&self) -> bool {
        self.lock().bytes > MAX_PENDING
    }

    /// Bytes that wait.
    pub(crate) fn pending(&self) -> usize {
        self.lock().bytes
    }

    /// How far writing has come.
    pub(crate) fn progress(&self) -> Progress {
        let state = self.lock();
        Progress {
            written: state.written,
            waiting: !state.pending.is_empty(),
            rooms: state.rooms,
        }
    }

    /// The connection takes nothing for now.
    pub(crate) fn is_stuck(&self) {
        self.lock().stuck = true;
    }

    /// Ends the connection with this code, unless it is ending already.
    pub(crate) fn close(&self, code: CloseCode) {
        let mut state = self.lock();
        if state.close.is_none() {
            state.close = Some(code);
            state.wake();
        }
    }

    /// Whether it ends with this code.
    pub(crate) fn ends_with(&self, code: CloseCode) -> bool {
        self.lock().close == Some(code)
    }

    /// Has it decided anew what the client may do. An event stream ends for that: who comes back is
    /// asked anyway, and resumes.
    pub(crate) fn recheck(&self) {
        if self.form != Form::WebSocket {
            return self.close(CloseCode::RESTART);
        }
        let mut state = self.lock();
        state.recheck = true;
        state.wake();
    }

    /// Puts the last bytes behind what is pending, past the end that was decided.
    pub(crate) fn say_goodbye(&self, bytes: Bytes) {
        let mut state = self.lock();
        state.close.get_or_insert(CloseCode::NORMAL);
        state.follow_up();
        state.bytes += bytes.len();
        state.pending.push_back(bytes);
    }

    /// What the connection's task has to do; waits while there is nothing. `draining` says that
    /// the task is at it already.
    pub(crate) fn poll_duty(&self, context: &Context<'_>, draining: bool) -> Poll<Duty> {
        let mut state = self.lock();
        if let Some(code) = state.close {
            return Poll::Ready(Duty::Close(code));
        }
        if std::mem::take(&mut state.recheck) {
            return Poll::Ready(Duty::Recheck);
        }
        if state.is_free() && std::mem::take(&mut state.missed) {
            return Poll::Ready(Duty::CatchUp);
        }
        if !draining && !state.writing && !state.pending.is_empty() {
            return Poll::Ready(Duty::Drain);
        }
        match &mut state.waker {
            Some(waker) => waker.clone_from(context.waker()),
            none => *none = Some(context.waker().clone()),
        }
        Poll::Pending
    }

    /// Writes what is pending straight to the socket once it has room. Returns whether all of it
    /// went.
    pub(crate) async fn drain(&self) -> io::Result<bool> {
        let Some(stream) = self.direct.get() else {
            return Ok(true);
        };
        // One task drains. What waits for several would take 100 bytes of it more.
        poll_fn(|context| stream.as_ref().poll_write_ready(context)).await?;
        Ok(self.drain_to(stream))
    }

    /// Tells the client that no more bytes come, where the outlet writes itself.
    pub(crate) fn end(&self) {
        if let Some(stream) = self.direct.get() {
            let _ = SockRef::from(stream.as_ref()).shutdown(Shutdown::Write);
        }
    }

    fn drain_to(&self, stream: &OwnedWriteHalf) -> bool {
        let mut state = self.lock();
        if state.writing {
            return true;
        }
        let Some(bytes) = state.pop() else {
            return true;
        };
        state.writing = true;
        drop(state);
        self.pump(stream, bytes);
        self.lock().pending.is_empty()
    }

    /// The bytes to write next; they stay until [`Outlet::wrote`] tells that they went.
    pub(crate) fn front(&self) -> Option<Bytes> {
        self.lock().pending.front().cloned()
    }

    /// This many bytes of the front were written.
    pub(crate) fn wrote(&self, count: usize) {
        let mut state = self.lock();
        state.wrote(count);
        if let Some(mut front) = state.pop() {
            front.advance(count);
            state.put_back(front);
        }
        state.rest();
    }

    /// Takes the bytes to write next.
    pub(crate) fn take(&self) -> Option<Bytes> {
        let mut state = self.lock();
        let bytes = state.pop()?;
        state.wrote(bytes.len());
        state.rest();
        Some(bytes)
    }

    /// Writes `bytes` and whatever is left by others meanwhile, as far as the socket takes it.
    fn pump(&self, stream: &OwnedWriteHalf, mut bytes: Bytes) {
        loop {
            match stream.try_write(&bytes) {
                Ok(count) => {
                    bytes.advance(count);
                    let mut state = self.lock();
                    state.wrote(count);
                    if !bytes.is_empty() {
                        continue;
                    }
                    match state.pop() {
                        Some(next) => bytes = next,
                        None => {
                            state.writing = false;
                            state.rest();
                            return;
                        }
                    }
                }
                Err(error) => {
                    let mut state = self.lock();
                    state.writing = false;
                    if error.kind() == ErrorKind::WouldBlock {
                        state.stuck = true;
                        state.put_back(bytes);
                    } else {
                        // Nobody will ever read the rest; kept, it would be tried again for ever.
                        state.forget();
                        state.close.get_or_insert(CloseCode::NORMAL);
                    }
                    state.wake();
                    return;
                }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .expect("nothing panics while it holds an outlet")
    }
}
