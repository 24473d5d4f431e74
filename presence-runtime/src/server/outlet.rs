//! Outlets: where a connection's bytes go, without a queue of messages.
//!
//! An outlet holds at most one part of a topic plus the answers to what its client said. A flush
//! reserves it for a part; when it is still busy with an earlier one, the flush passes it by and
//! its reader simply stays behind, to catch up later with whatever is current then.
//!
//! *Direct* outlets write straight from the flush and need their connection's task only when the
//! socket is full. The others leave all writing to the connection's task or response body. Both
//! behave the same, and no lock is held while writing.

use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::net::Shutdown;
use std::sync::{Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};

use bytes::{Buf, Bytes};
use socket2::SockRef;
use tokio::net::tcp::OwnedWriteHalf;

use super::pulse::Progress;
use crate::wire::websocket::CloseCode;
use crate::wire::{Frame, ServerMessage};

/// A client that does not read its answers is not read from beyond this many bytes.
const MAX_PENDING: usize = 64 * 1024;

/// In what form messages leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    WebSocket,
    Events,
}

/// Where a connection's bytes go.
#[derive(Debug)]
pub(crate) struct Outlet {
    form: Form,
    direct: Option<OwnedWriteHalf>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    pending: VecDeque<Bytes>,
    bytes: usize,
    /// Somebody is writing; others leave their bytes in `pending` and go.
    writing: bool,
    /// A part is on its way.
    reserved: bool,
    /// A flush wanted to write meanwhile.
    missed: bool,
    /// Bytes written so far, to tell a slow reader from a stalled one.
    written: u64,
    /// The socket took no more.
    stuck: bool,
    /// How often it took something again.
    rooms: u64,
    close: Option<CloseCode>,
    waker: Option<Waker>,
}

/// What the connection's task has to do for its outlet.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Duty {
    /// Write what is pending.
    Drain,
    /// Read on in topics whose flush passed by.
    CatchUp,
    /// End the connection.
    Close(CloseCode),
}

impl Outlet {
    /// An outlet that writes straight to the socket.
    pub(crate) fn direct(stream: OwnedWriteHalf) -> Self {
        Self {
            form: Form::WebSocket,
            direct: Some(stream),
            state: Mutex::default(),
        }
    }

    /// An outlet whose connection's task or body writes.
    pub(crate) fn deferred(form: Form) -> Self {
        Self {
            form,
            direct: None,
            state: Mutex::default(),
        }
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
        true
    }

    /// Gives a reservation back unused.
    pub(crate) fn release(&self) {
        self.lock().rest();
    }

    /// Writes the part the outlet was reserved for.
    pub(crate) fn write_part(&self, frame: &Frame) {
        self.write(match self.form {
            Form::WebSocket => frame.websocket(),
            Form::Events => frame.event(),
        });
    }

    /// Says something to the client of a WebSocket; an event stream has no place for it.
    pub(crate) fn say(&self, message: &ServerMessage<'_>) {
        if self.form == Form::WebSocket {
            self.write(message.to_websocket());
        }
    }

    /// Writes bytes, now or as soon as possible, after everything written before.
    pub(crate) fn write(&self, bytes: Bytes) {
        let mut state = self.lock();
        if state.close.is_some() {
            return;
        }
        match &self.direct {
            Some(stream) if !state.writing && state.pending.is_empty() => {
                state.writing = true;
                drop(state);
                self.pump(stream, bytes);
            }
            _ => {
                state.bytes += bytes.len();
                state.pending.push_back(bytes);
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

    /// Puts the last bytes behind what is pending, past the end that was decided.
    pub(crate) fn say_goodbye(&self, bytes: Bytes) {
        let mut state = self.lock();
        state.close.get_or_insert(CloseCode::NORMAL);
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
        if state.is_free() && std::mem::take(&mut state.missed) {
            return Poll::Ready(Duty::CatchUp);
        }
        if !draining && !state.writing && !state.pending.is_empty() {
            return Poll::Ready(Duty::Drain);
        }
        state.waker = Some(context.waker().clone());
        Poll::Pending
    }

    /// Writes what is pending straight to the socket once it has room. Returns whether all of it
    /// went.
    pub(crate) async fn drain(&self) -> io::Result<bool> {
        let Some(stream) = &self.direct else {
            return Ok(true);
        };
        stream.writable().await?;
        Ok(self.drain_to(stream))
    }

    /// Tells the client that no more bytes come, where the outlet writes itself.
    pub(crate) fn end(&self) {
        if let Some(stream) = &self.direct {
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

impl State {
    fn is_free(&self) -> bool {
        !self.reserved && self.pending.is_empty()
    }

    fn wrote(&mut self, count: usize) {
        self.written += count as u64;
        self.rooms += u64::from(std::mem::take(&mut self.stuck));
    }

    fn pop(&mut self) -> Option<Bytes> {
        let bytes = self.pending.pop_front()?;
        self.bytes -= bytes.len();
        Some(bytes)
    }

    fn put_back(&mut self, bytes: Bytes) {
        if !bytes.is_empty() {
            self.bytes += bytes.len();
            self.pending.push_front(bytes);
        }
    }

    fn forget(&mut self) {
        self.pending = VecDeque::new();
        self.bytes = 0;
    }

    /// Everything went: the next part may come, and whoever was passed by is told.
    fn rest(&mut self) {
        if self.pending.is_empty() {
            self.pending = VecDeque::new();
            self.reserved = false;
            if self.missed {
                self.wake();
            }
        }
    }

    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    fn duty(outlet: &Outlet) -> Poll<Duty> {
        outlet.poll_duty(&Context::from_waker(Waker::noop()), false)
    }

    async fn pair() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let addr = listener.local_addr().expect("an address");
        let client = TcpStream::connect(addr).await.expect("it listens");
        let (stream, _) = listener.accept().await.expect("the client");
        (stream, client)
    }

    #[tokio::test]
    async fn a_broken_socket_ends_the_connection_and_leaves_nothing_to_write() {
        let (stream, client) = pair().await;
        socket2::SockRef::from(&client)
            .set_linger(Some(std::time::Duration::ZERO))
            .expect("a socket");
        drop(client);
        stream.readable().await.expect("the reset");
        let (_input, output) = stream.into_split();
        let outlet = Outlet::direct(output);
        outlet.write(Bytes::from_static(b"hello"));
        outlet.write(Bytes::from_static(b"hello"));
        assert_eq!(duty(&outlet), Poll::Ready(Duty::Close(CloseCode::NORMAL)));
        outlet.say_goodbye(Bytes::from_static(b"bye"));
        let drained = outlet.drain().await.expect("a socket");
        assert!(drained, "it would be tried for ever");
        assert!(!outlet.progress().waiting);
    }

    #[test]
    fn who_was_passed_by_during_a_reservation_given_back_catches_up() {
        let outlet = Outlet::deferred(Form::Events);
        assert!(outlet.reserve());
        assert!(!outlet.reserve(), "another topic is passed by");
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(woken.clone());
        let waiting = outlet.poll_duty(&Context::from_waker(&waker), false);
        assert_eq!(waiting, Poll::Pending);
        outlet.release();
        assert!(woken.0.load(std::sync::atomic::Ordering::Relaxed));
        assert_eq!(duty(&outlet), Poll::Ready(Duty::CatchUp));
    }

    #[derive(Default)]
    struct Woken(std::sync::atomic::AtomicBool);

    impl std::task::Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.store(true, std::sync::atomic::Ordering::Relaxed);
        }
    }
}
