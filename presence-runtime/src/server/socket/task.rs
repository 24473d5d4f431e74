//! The task of a connection: it hears, says and watches the time until one of them ends it.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;

use bytes::Bytes;
use tokio::time::{Instant, sleep_until};

use super::end::{End, farewell};
use super::input::Input;
use super::output::Output;
use crate::server::connections::Connected;
use crate::server::dialogue::Dialogue;
use crate::server::ears::Ears;
use crate::server::hub::Hub;
use crate::server::outlet::{Duty, Outlet};
use crate::server::pulse::{Check, Pulse};
use crate::wire::websocket::{self, Opcode};

/// Hears and says until the connection ends.
#[expect(
    clippy::manual_async_fn,
    reason = "an async function would have room for what it is given twice"
)]
pub(super) fn talk<D: Dialogue + Send>(
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
    // Until then nothing is heard.
    let mut pause = None;
    // It may ring too early, and is set anew then. That spares setting it whenever something is heard.
    let mut greeted = false;
    let mut timer = pin!(sleep_until(pulse.next_check(greeted)));
    let mut has_rung = false;
    let mut draining = false;
    // What came along with the upgrade request is heard before anything else is read.
    if let Err(code) = ears.hear_waiting() {
        return End::Closed(code);
    }
    loop {
        pulse.wrote(outlet.progress());
        let was_greeted = std::mem::replace(&mut greeted, ears.dialogue.is_greeted());
        let dues = [ears.dialogue.next_due(), pulse.next_due(greeted), pause];
        let due = dues.into_iter().flatten().min();
        let is_late = due.is_some_and(|due| due < timer.deadline());
        if is_late || has_rung || greeted != was_greeted {
            has_rung = false;
            let check = pulse.next_check(greeted);
            timer
                .as_mut()
                .reset(due.map_or(check, |due| due.min(check)));
        }
        let asking = ears.dialogue.is_asking();
        let is_heard = asking || pause.is_none() && !outlet.is_full();
        // An end that was decided comes first. What came is heard before the time is looked at: or a process
        // that was stopped for a while would take everybody for lost whose pongs wait.
        tokio::select! {
            biased;
            duty = poll_fn(|context| outlet.poll_duty(context, draining)) => match duty {
                Duty::Close(code) => return End::Closed(code),
                Duty::CatchUp => ears.dialogue.catch_up(),
                Duty::Recheck => ears.dialogue.recheck(),
                Duty::Drain => draining = true,
            },
            // It keeps nobody waiting for long: once what a flush left behind is written, another one has to come.
            done = output.drain(outlet), if draining => match done {
                Ok(done) => draining = !done,
                Err(_) => return End::Lost,
            },
            more = input.hear(ears, is_heard) => {
                if !asking {
                    pulse.heard();
                    // Whoever never pauses would keep the timer from ringing for ever.
                    has_rung = timer.deadline() <= pulse.last_heard();
                }
                let (messages, bytes) = ears.heard();
                meter.heard.add(messages);
                meter.heard_bytes.add(bytes);
                let next = ears.charge(rate, pulse.time_heard());
                pause = next.map(|next| pulse.instant(next));
                if let Err(end) = more {
                    return end;
                }
            }
            () = &mut timer => has_rung = true,
        }
        if has_rung {
            if let Err(end) = see_to_time(&mut pulse, outlet, ears) {
                return end;
            }
            pause = pause.filter(|until| *until > Instant::now());
        }
    }
}

/// Does what the time asks for.
fn see_to_time<D: Dialogue>(
    pulse: &mut Pulse,
    outlet: &Outlet,
    ears: &mut Ears<D>,
) -> Result<(), End> {
    match pulse.check(ears.dialogue.is_greeted()) {
        Check::Fine => {}
        Check::Ping => {
            outlet.write(Bytes::from(websocket::frame(Opcode::Ping, b"")));
            pulse.pinged();
        }
        Check::Lost => return Err(End::Silent),
        Check::End(code) => return Err(End::Closed(code)),
    }
    ears.dialogue.see_to_validity().map_err(End::Closed)
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpStream;
    use tracing::Instrument;

    use super::*;
    use crate::schema::Topics;
    use crate::server::config::Config;
    use crate::server::conversation::Conversation;
    use crate::wire::websocket::CloseCode;

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

    /// Is good until it has heard something.
    #[derive(Default)]
    struct Expiring {
        heard: usize,
        until: Option<Instant>,
    }

    impl Dialogue for Expiring {
        fn hear(&mut self, _: &str) -> Result<(), CloseCode> {
            self.heard += 1;
            self.until.get_or_insert_with(Instant::now);
            Ok(())
        }

        fn next_due(&self) -> Option<Instant> {
            self.until
        }

        fn see_to_validity(&mut self) -> Result<(), CloseCode> {
            match self.until {
                Some(_) => Err(CloseCode::TOKEN_EXPIRED),
                None => Ok(()),
            }
        }
    }

    #[tokio::test]
    async fn who_never_pauses_is_gone_with_their_token_all_the_same() {
        const LENGTH: u16 = 30_000;
        let config = Config {
            max_body: 64 * 1024,
            ..Config::default()
        };
        let hub = Hub::new(Topics::new(), config).expect("sensible figures");
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port");
        // All of it has come before anything is heard.
        let buffer = socket2::SockRef::from(&listener).set_recv_buffer_size(1 << 20);
        buffer.expect("a large buffer");
        let addr = listener.local_addr().expect("an address");
        let client = TcpStream::connect(addr).await.expect("it listens");
        let (stream, _) = listener.accept().await.expect("a connection");
        let [high, low] = LENGTH.to_be_bytes();
        let header = [0x81, 0x80 | 126, high, low, 0, 0, 0, 0];
        let frame = [&header[..], &[b'x'; LENGTH as usize]].concat();
        let frames = frame.repeat(40);
        client.writable().await.expect("it is open");
        let sent = client.try_write(&frames).expect("room");
        assert!(sent > 10 * frame.len(), "{sent} bytes");

        let (input, output) = stream.into_split();
        let outlet = Arc::new(Outlet::direct(output));
        let dialogue = Expiring::default();
        let mut ears = Ears::new(dialogue, outlet.clone(), hub.config(), Bytes::new());
        let (mut input, mut output) = (Input::Direct(input), Output::Direct);
        let end = listen(&hub, &outlet, &mut input, &mut output, &mut ears).await;
        assert!(matches!(end, End::Closed(CloseCode::TOKEN_EXPIRED)));
        // Two reads, of which the first brought the end.
        let heard = ears.dialogue.heard;
        assert!(heard <= 5, "{heard} messages");
    }
}
