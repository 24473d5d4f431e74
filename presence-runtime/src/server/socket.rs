//! WebSockets: bytes in, bytes out, and a watch on the time.
//!
//! One task serves a connection. It owns no read buffer while it is idle: bytes are read into one
//! of the thread and decoded there; only an unfinished frame is kept, and what has to wait.

use std::cell::RefCell;
use std::future::{pending, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hyper::upgrade::{Parts, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::io::{
    AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, Interest, ReadBuf, ReadHalf, WriteHalf,
};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedReadHalf;
use tokio::time::{Instant, sleep_until, timeout};
use tracing::Instrument;

use super::access::Credentials;
use super::address::Address;
use super::connections::Connected;
use super::conversation::Conversation;
use super::dialogue::Dialogue;
use super::ears::Ears;
use super::gathered::Gathered;
use super::hub::Hub;
use super::outlet::{Duty, Form, Outlet};
use super::pulse::{Check, Pulse};
use super::screen::Screened;
use super::span;
use super::stalling::Stalling;
use crate::topic::{ConnectionId, Loss};
use crate::wire::websocket::{self, CloseCode, Opcode};

/// How long a client may take to read the end of a connection.
pub(super) const FAREWELL: Duration = Duration::from_secs(1);

/// Bytes that the kernel takes for a connection before it counts as busy: as much as a part.
const SEND_BUFFER: usize = 64 * 1024;
/// Bytes that the kernel holds of what a client says before it is read: without a bound they are megabytes
/// of its memory for everybody who talks faster than they are heard.
const RECEIVE_BUFFER: usize = 64 * 1024;
/// Bytes that the kernel takes beyond what the client's system has room for. When half of them went,
/// there is room again: so a reader of a kilobyte a second makes some every few seconds.
#[cfg(target_os = "linux")]
const UNSENT: u32 = 8 * 1024;

/// Bytes that are read at once.
const READ: usize = 64 * 1024;
/// Bytes of an unfinished frame that are copied to where the rest of it is read. More of them are read
/// on to: or a long message that comes in small pieces would be copied with every one.
const COPIED: usize = 4 * 1024;

thread_local! {
    /// Where every direct connection of the thread reads.
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Serves an upgraded connection of a client until it ends, in a task of its own.
pub(super) fn serve(hub: Hub, from: Option<Address>, shown: Credentials, upgraded: Upgraded) {
    let shown = Box::new(shown);
    carry(hub, from, upgraded, move |hub, connection, outlet| {
        Conversation::new(hub.clone(), connection, from, outlet, shown)
    });
}

/// Carries a dialogue over an upgraded connection until it ends, in a task of its own: that of the
/// handshake has room for what came before.
pub(super) fn carry<D: Dialogue + Send + 'static>(
    hub: Hub,
    from: Option<Address>,
    upgraded: Upgraded,
    begin: impl FnOnce(&Hub, ConnectionId, Arc<Outlet>) -> D + Send + 'static,
) {
    let (outlet, input, output, early) = match direct(upgraded) {
        Ok((stream, read_buf)) => {
            let (input, output) = stream.into_split();
            let outlet = Arc::new(Outlet::direct(output));
            (outlet, Input::Direct(input), Output::Direct, read_buf)
        }
        Err(upgraded) => {
            let (input, output) = tokio::io::split(TokioIo::new(upgraded));
            let outlet = Arc::new(Outlet::deferred(Form::WebSocket));
            let (input, output) = (Input::Deferred(input), Output::Deferred(output));
            (outlet, input, output, Bytes::new())
        }
    };
    let Ok(connected) = hub.connections().add(&outlet, from) else {
        let code = match hub.connections().drain.has_begun() {
            true => CloseCode::RESTART,
            false => CloseCode::TOO_MANY,
        };
        hub.shared().meter.closed(Some(code));
        tokio::spawn(async move { farewell(input, output, &outlet, code).await });
        return;
    };
    let span = span::of_connection(connected.id, "websocket", from);
    let dialogue = begin(&hub, connected.id, outlet.clone());
    let ears = Ears::new(dialogue, outlet.clone(), hub.config(), early);
    let talk = talk(hub, connected, outlet, input, output, ears);
    tokio::spawn(talk.instrument(span));
}

/// Bounds what the kernel holds for a client: or a slow reader would have megabytes before it, each
/// of them older than the next pong. A system that refuses has its own bounds.
pub(super) fn bound_buffers(stream: &TcpStream) {
    let socket = socket2::SockRef::from(stream);
    let _ = socket.set_send_buffer_size(SEND_BUFFER);
    let _ = socket.set_recv_buffer_size(RECEIVE_BUFFER);
    #[cfg(target_os = "linux")]
    let _ = socket.set_tcp_notsent_lowat(UNSENT);
}

/// The plain socket under a connection, of our own server or of another one on hyper, and what was
/// read from it already.
fn direct(upgraded: Upgraded) -> Result<(TcpStream, Bytes), Upgraded> {
    let upgraded = match upgraded.downcast::<TokioIo<Screened<Gathered<Stalling<TcpStream>>>>>() {
        Ok(Parts { io, read_buf, .. }) => {
            let gathered = io.into_inner().into_inner();
            return Ok((gathered.into_inner().into_inner(), read_buf));
        }
        Err(upgraded) => upgraded,
    };
    let Parts { io, read_buf, .. } = upgraded.downcast::<TokioIo<TcpStream>>()?;
    let stream = io.into_inner();
    bound_buffers(&stream);
    Ok((stream, read_buf))
}

enum Input {
    Direct(OwnedReadHalf),
    Deferred(ReadHalf<TokioIo<Upgraded>>),
}

enum Output {
    /// The outlet writes itself.
    Direct,
    Deferred(WriteHalf<TokioIo<Upgraded>>),
}

/// How a connection ends.
enum End {
    /// Nobody is there to hear a goodbye.
    Lost,
    /// Nothing came, not even answers to pings.
    Silent,
    Closed(CloseCode),
}

impl End {
    const fn loss(&self) -> Loss {
        match self {
            Self::Lost => Loss::Broken,
            Self::Silent => Loss::Silent,
            Self::Closed(CloseCode::STALLED) => Loss::Stalled,
            Self::Closed(CloseCode::TOKEN_EXPIRED) => Loss::Expired,
            Self::Closed(CloseCode::TAKEN_OVER) => Loss::TakenOver,
            Self::Closed(CloseCode::RESTART) => Loss::Draining,
            Self::Closed(_) => Loss::Refused,
        }
    }
}

/// Hears and says until the connection ends.
#[expect(
    clippy::manual_async_fn,
    reason = "an async function would have room for what it is given twice"
)]
fn talk<D: Dialogue + Send>(
    hub: Hub,
    connected: Connected,
    outlet: Arc<Outlet>,
    mut input: Input,
    mut output: Output,
    mut ears: Ears<D>,
) -> impl Future<Output = ()> + Send {
    async move {
        let end = listen(&hub, &outlet, &mut input, &mut output, &mut ears).await;
        // Watching and announcing end here; what remains is courtesy. The connection still counts
        // until it is over, so that a server that ends waits for it.
        ears.dialogue.ends(end.loss());
        drop(ears);
        hub.shared().meter.closed(match end {
            End::Lost | End::Silent => None,
            End::Closed(code) => Some(code),
        });
        match end {
            End::Lost => tracing::debug!("lost"),
            End::Silent => tracing::debug!("silent"),
            End::Closed(code) => tracing::debug!(code = code.0, "closed"),
        }
        if let End::Closed(code) = end {
            // In a box, or every connection would keep room for its end as long as it lives.
            Box::pin(farewell(input, output, &outlet, code)).await;
        }
        drop(connected);
    }
}

/// Hears what is said and sees to time and the outlet, until one of them ends the connection.
async fn listen<D: Dialogue>(
    hub: &Hub,
    outlet: &Outlet,
    input: &mut Input,
    output: &mut Output,
    ears: &mut Ears<D>,
) -> End {
    tracing::debug!("opened");
    let meter = &hub.shared().meter;
    let mut pulse = Pulse::new(hub.config());
    let rate = hub.shared().messages;
    let mut greeted = false;
    let mut due = None;
    // Until then nothing is heard.
    let mut pause = None;
    let mut timer = pin!(sleep_until(pulse.next_check(greeted)));
    let mut draining = false;
    // What came along with the upgrade request is heard before anything else is read.
    let mut heard = ears.hear_waiting().map_err(End::Closed);
    loop {
        if let Err(end) = heard {
            return end;
        }
        heard = Ok(());
        pulse.wrote(outlet.progress());
        let next_due = earlier(ears.dialogue.next_due(), pause);
        if greeted != ears.dialogue.is_greeted() || due != next_due {
            greeted = ears.dialogue.is_greeted();
            due = next_due;
            let check = pulse.next_check(greeted);
            timer
                .as_mut()
                .reset(due.map_or(check, |due| due.min(check)));
        }
        let asking = ears.dialogue.is_asking();
        let is_heard = asking || pause.is_none() && !outlet.is_full();
        tokio::select! {
            biased;
            duty = poll_fn(|context| outlet.poll_duty(context, draining)) => match duty {
                Duty::Close(code) => return End::Closed(code),
                Duty::CatchUp => ears.dialogue.catch_up(),
                Duty::Recheck => ears.dialogue.recheck(),
                Duty::Drain => draining = true,
            },
            done = output.drain(outlet), if draining => match done {
                Ok(done) => draining = !done,
                Err(_) => return End::Lost,
            },
            more = input.hear(ears, is_heard) => {
                if !asking {
                    pulse.heard();
                }
                let (messages, bytes) = ears.heard();
                meter.heard.add(messages);
                meter.heard_bytes.add(bytes);
                let next = ears.charge(rate, pulse.time_heard());
                pause = next.map(|next| pulse.instant(next));
                heard = more;
            }
            () = &mut timer => {
                match pulse.check(greeted) {
                    Check::Fine => {}
                    Check::Ping => {
                        outlet.write(Bytes::from(websocket::frame(Opcode::Ping, b"")));
                        pulse.pinged();
                    }
                    Check::Lost => return End::Silent,
                    Check::End(code) => return End::Closed(code),
                }
                if let Err(code) = ears.dialogue.see_to_validity() {
                    return End::Closed(code);
                }
                pause = pause.filter(|until| *until > Instant::now());
                due = earlier(ears.dialogue.next_due(), pause);
                let check = pulse.next_check(greeted);
                timer.as_mut().reset(due.map_or(check, |due| due.min(check)));
            }
        }
    }
}

fn earlier(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    one.into_iter().chain(other).min()
}

impl Input {
    /// Reads once and hears what came; or waits for the application, where it is asked, and hears on;
    /// or hears what was read before. Whoever is not heard for now is noticed all the same when they are gone.
    /// May be dropped and called again.
    async fn hear<D: Dialogue>(&mut self, ears: &mut Ears<D>, is_heard: bool) -> Result<(), End> {
        if !is_heard {
            self.is_reset().await;
            return Err(End::Lost);
        }
        if ears.dialogue.is_asking() {
            poll_fn(|context| ears.dialogue.poll_answer(context)).await;
            return ears.hear_held().map_err(End::Closed);
        }
        if ears.is_behind() {
            return ears.hear_on().await.map_err(End::Closed);
        }
        match self {
            Self::Direct(stream) if ears.waiting().len() < COPIED => {
                poll_fn(|context| {
                    BUFFER.with_borrow_mut(|buffer| hear_direct(context, stream, ears, buffer))
                })
                .await
            }
            Self::Direct(stream) => {
                ears.waiting().reserve(READ);
                hear_more(stream, ears).await
            }
            Self::Deferred(stream) => hear_more(stream, ears).await,
        }
    }

    /// Waits until the connection is reset, whatever was said before it.
    async fn is_reset(&mut self) {
        match self {
            Self::Direct(stream) => {
                // In a box, because hardly anybody has to wait for it.
                let _ = Box::pin(stream.ready(Interest::ERROR)).await;
            }
            // A pipe tells of its end in its place.
            Self::Deferred(_) => pending().await,
        }
    }

    /// Reads until the client has closed its side.
    async fn discard(&mut self) {
        match self {
            Self::Direct(stream) => {
                let mut waste = [0; 1024];
                while let Ok(1..) = stream.read(&mut waste).await {}
            }
            Self::Deferred(stream) => {
                let _ = tokio::io::copy(stream, &mut tokio::io::sink()).await;
            }
        }
    }
}

/// Reads behind what is waiting, and hears that.
async fn hear_more<D: Dialogue>(
    stream: &mut (impl AsyncRead + Unpin),
    ears: &mut Ears<D>,
) -> Result<(), End> {
    let count = stream.read_buf(ears.waiting()).await;
    match count {
        Ok(1..) => ears.hear_waiting().map_err(End::Closed),
        Ok(0) | Err(_) => Err(End::Lost),
    }
}

fn hear_direct<D: Dialogue>(
    context: &mut Context<'_>,
    stream: &mut OwnedReadHalf,
    ears: &mut Ears<D>,
    buffer: &mut Vec<u8>,
) -> Poll<Result<(), End>> {
    let kept = ears.waiting().len();
    buffer.resize(READ + kept, 0);
    // A read that does not fill the buffer has emptied the socket, and saves asking it again.
    let mut read = ReadBuf::new(&mut buffer[kept..]);
    let done = ready!(Pin::new(stream).poll_read(context, &mut read));
    let count = read.filled().len();
    if done.is_err() || count == 0 {
        return Poll::Ready(Err(End::Lost));
    }
    let heard = ears.hear_read(&mut buffer[..kept + count]);
    Poll::Ready(heard.map_err(End::Closed))
}

impl Output {
    /// Writes some of what is pending. Returns whether nothing is left. May be dropped and called
    /// again.
    async fn drain(&mut self, outlet: &Outlet) -> std::io::Result<bool> {
        match self {
            Self::Direct => outlet.drain().await,
            Self::Deferred(stream) => {
                let Some(bytes) = outlet.front() else {
                    // TLS and the like keep bytes back until they are told that no more come.
                    stream.flush().await?;
                    return Ok(outlet.front().is_none());
                };
                let count = poll_fn(|context| {
                    let writing = Pin::new(&mut *stream).poll_write(context, &bytes);
                    if writing.is_pending() {
                        outlet.is_stuck();
                    }
                    writing
                })
                .await?;
                if count == 0 {
                    return Err(std::io::ErrorKind::WriteZero.into());
                }
                outlet.wrote(count);
                Ok(false)
            }
        }
    }

    async fn end(&mut self, outlet: &Outlet) {
        match self {
            Self::Direct => outlet.end(),
            Self::Deferred(stream) => {
                let _ = stream.shutdown().await;
            }
        }
    }
}

/// Writes what is left and a close frame, and gives the client a moment to read them: a socket
/// that is closed with unread bytes would take them back.
async fn farewell(mut input: Input, mut output: Output, outlet: &Outlet, code: CloseCode) {
    outlet.say_goodbye(Bytes::from(websocket::close(code)));
    let goodbye = async {
        while let Ok(false) = output.drain(outlet).await {}
        output.end(outlet).await;
        input.discard().await;
    };
    let _ = timeout(FAREWELL, goodbye).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Topics;
    use crate::server::config::Config;

    /// The most bytes of a task beside the runtime's own. Every WebSocket keeps them as long as it lives.
    const MOST: usize = 1200;

    #[tokio::test]
    async fn a_connection_keeps_no_room_for_what_is_rare() {
        let hub = Hub::new(Topics::new(), Config::default()).expect("sensible figures");
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let addr = listener.as_ref().expect("a port").local_addr();
        let stream = TcpStream::connect(addr.expect("an address")).await;
        let (input, output) = stream.expect("it listens").into_split();
        let outlet = Arc::new(Outlet::direct(output));
        let connected = hub.connections().add(&outlet, None).expect("room");
        let (id, shown) = (connected.id, Box::default());
        let dialogue = Conversation::new(hub.clone(), id, None, outlet.clone(), shown);
        let ears = Ears::new(dialogue, outlet.clone(), hub.config(), Bytes::new());
        let (input, span) = (Input::Direct(input), tracing::Span::none());
        let talk = talk(hub, connected, outlet, input, Output::Direct, ears).instrument(span);
        let size = size_of_val(&talk);
        assert!(size <= MOST, "{size}");
    }
}
