//! Streaming: an event stream that has a connection to itself, and a watch on the time.
//!
//! Its flushes write straight to the socket. What its client says is read and forgotten: only that it
//! has gone matters.

use std::future::poll_fn;
use std::io::ErrorKind;
use std::pin::pin;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::net::tcp::OwnedReadHalf;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::config::Config;
use super::outlet::{Duty, Outlet};
use super::pulse::Progress;
use super::socket::FAREWELL;
use super::stalling::patience;
use super::stream::EventStream;
use crate::wire::{comment_chunk, last_chunk};

/// Writes the rest of a stream, whose head has gone, until the client or the server ends it.
pub(super) fn serve(stream: EventStream, socket: TcpStream) -> impl Future<Output = ()> + Send {
    let (input, output) = socket.into_split();
    stream.outlet().attach(output);
    // An async function would have room for what it is given twice.
    async move { keep(&stream, &input).await }
}

/// Keeps a stream until its client or the server ends it.
async fn keep(stream: &EventStream, input: &OwnedReadHalf) {
    let outlet = stream.outlet();
    let mut watch = Watch::new(stream.config());
    let until = stream.until();
    let next = |watch: &Watch| until.map_or(watch.next(), |until| until.min(watch.next()));
    let mut timer = pin!(sleep_until(next(&watch)));
    let mut draining = false;
    loop {
        // Whoever always has something to read never comes to the timer.
        if until.is_some_and(|it| it <= Instant::now()) {
            break;
        }
        watch.wrote(outlet.progress());
        if timer.deadline() != next(&watch) {
            timer.as_mut().reset(next(&watch));
        }
        tokio::select! {
            biased;
            duty = poll_fn(|context| outlet.poll_duty(context, draining)) => match duty {
                Duty::Close(_) | Duty::Recheck => break,
                Duty::CatchUp => stream.catch_up(),
                Duty::Drain => draining = true,
            },
            done = outlet.drain(), if draining => match done {
                Ok(done) => draining = !done,
                Err(_) => return,
            },
            () = closed(input) => {
                // Whoever closed their side with the request has asked for what there is.
                // In a box, as all that is only said at the end.
                let _ = Box::pin(timeout(FAREWELL, first_words(outlet))).await;
                break;
            }
            () = &mut timer => {
                if watch.next() > Instant::now() {
                    continue;
                }
                if watch.is_stalled() {
                    return;
                }
                outlet.write(comment_chunk());
                watch.commented();
            }
        }
    }
    outlet.say_goodbye(last_chunk());
    let goodbye = async {
        while let Ok(false) = outlet.drain().await {}
        outlet.end();
        closed(input).await;
    };
    let _ = Box::pin(timeout(FAREWELL, goodbye)).await;
}

/// Waits until something was said, which may take a tick. Flushes do not tell when they wrote.
async fn first_words(outlet: &Outlet) {
    while outlet.progress() == Progress::default() {
        sleep(Duration::from_millis(10)).await;
    }
}

/// Waits until the client has closed its side, or the connection has broken off.
async fn closed(input: &OwnedReadHalf) {
    let input = input.as_ref();
    // One task reads. What waits for several would take 100 bytes of it more.
    while poll_fn(|context| input.poll_read_ready(context))
        .await
        .is_ok()
    {
        match input.try_read(&mut [0; 1024]) {
            Ok(1..) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Ok(0) | Err(_) => return,
        }
    }
}

/// When a comment is due, and since when nothing could be written.
struct Watch {
    silence: Duration,
    patience: Duration,
    next_comment: Instant,
    progress: Progress,
    stuck: Option<Instant>,
}

impl Watch {
    fn new(config: &Config) -> Self {
        Self {
            silence: config.comment,
            patience: patience(config),
            next_comment: Instant::now() + config.comment,
            progress: Progress::default(),
            stuck: None,
        }
    }

    fn wrote(&mut self, progress: Progress) {
        let before = std::mem::replace(&mut self.progress, progress);
        if !progress.waiting {
            self.stuck = None;
        } else if !before.waiting || progress.written != before.written {
            self.stuck = Some(Instant::now());
        }
    }

    /// When to look next. Whoever has something to read needs no comment.
    fn next(&self) -> Instant {
        self.stuck
            .map_or(self.next_comment, |since| since + self.patience)
    }

    const fn is_stalled(&self) -> bool {
        self.stuck.is_some()
    }

    /// Flushes do not tell when they wrote, and a comment is cheaper than to have them do so: there
    /// is one after every such time, silent or not.
    fn commented(&mut self) {
        self.next_comment = Instant::now() + self.silence;
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;
    use crate::schema::Topics;
    use crate::server::access::{Caller, Credentials, Speaker};
    use crate::server::hub::Hub;
    use crate::server::outlet::Form;

    /// The most bytes of a task beside the runtime's own. Every event stream keeps them as long as it lives.
    const MOST: usize = 688;

    #[tokio::test]
    async fn a_stream_keeps_no_room_for_what_is_rare() {
        let hub = Hub::new(Topics::new(), Config::default()).expect("sensible figures");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let addr = listener.local_addr().expect("an address");
        let socket = TcpStream::connect(addr).await.expect("it listens");
        let (speaker, shown) = (Speaker::default(), Credentials::default);
        let caller: Caller = hub
            .access()
            .admit(&speaker, shown, None)
            .await
            .expect("open");
        let stream = EventStream::open(&hub, &caller, Form::Chunks).expect("room");
        let size = size_of_val(&serve(stream, socket));
        assert!(size <= MOST, "{size}");
    }
}
