//! Slow readers: they are passed by, cost bounded memory, and have the exact state in the end.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use serde_json::{Value as Json, json};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpSocket;
use tokio::time::{Instant, Sleep, sleep};

use crate::http::{Http, post};
use crate::leaving::Observer;
use crate::metrics::figures;
use crate::on_both;
use crate::server::{Pipe, Server, Transport, key, member, quick_config};
use crate::socket::Socket;
use crate::topics::{self, Note, millis, secs};
use crate::view::View;

const TOPIC: &str = "notes:1";

on_both!(a_slow_reader_is_passed_by_and_ends_with_the_exact_state);

fn text(x: usize) -> Json {
    json!({"text": format!("{x}{}", "x".repeat(3_000))})
}

async fn a_slow_reader_is_passed_by_and_ends_with_the_exact_state(transport: Transport) {
    const MEMBERS: usize = 20;
    const ROUNDS: usize = 100;
    let topics = presence_runtime::Topics::new()
        .register::<Note>()
        .throttle(millis(10));
    let server = Server::with(transport, topics, quick_config()).await;
    let mut slow = Socket::over(server.dial_with(4096).await).await;
    slow.greet(None).await;
    slow.subscribe(TOPIC).await;
    let mut quick = Observer::of(&server, TOPIC).await;
    let mut members = Vec::new();
    for _ in 0..MEMBERS {
        let key = key();
        members.push((key.clone(), Socket::hello(&server, &key).await));
    }
    // About 6 MB of states, of which the slow one reads nothing.
    for round in 0..ROUNDS {
        for (_, socket) in &mut members {
            let beat = json!({"type": "heartbeat", "topic": TOPIC, "value": text(round)});
            socket.say(&beat).await;
        }
        sleep(millis(11)).await;
        if round == 0 {
            for (key, _) in &members {
                quick.sees_join(key).await;
            }
        }
    }
    let last = text(ROUNDS - 1);
    let is_last = |view: &View| {
        let mut members = members.iter();
        members.all(|(key, _)| view.members.get(&member(key)).map(|it| &it["value"]) == Some(&last))
    };
    while !is_last(&quick.view) {
        quick.sees_something().await;
    }

    let (mut view, mut heard) = (View::default(), 0);
    while !is_last(&view) {
        let message = slow.hear().await;
        heard += message.to_string().len();
        view.apply(&message);
    }
    assert_eq!(view.members.len(), MEMBERS);
    assert!(slow.longest <= 64 * 1024);
    if transport == Transport::Memory {
        // What was under way in the pipe and the outlet, and the whole state once.
        let most = 4096 + 64 * 1024 + MEMBERS * 3_300;
        assert!(heard <= most, "{heard} bytes, at most {most}");
    }
    // It is as quick as the others again.
    let beat = json!({"type": "heartbeat", "topic": TOPIC, "value": {"text": "new"}});
    members[0].1.say(&beat).await;
    view.apply(&slow.hear().await);
    assert_eq!(view.value(&member(&members[0].0))["text"], "new");
    view.at = None;
    quick.sees_something().await;
    quick.view.at = None;
    assert_eq!(view.members, quick.view.members);
}

#[tokio::test(start_paused = true)]
async fn a_slow_stream_is_passed_by_and_ends_with_the_exact_state() {
    let server = Server::in_memory().await;
    let mut slow = server.events(TOPIC, None).await;
    let mut view = View::default();
    view.apply(&slow.hear().await);
    let keys: Vec<_> = (0..20).map(|_| key()).collect();
    let mut http = Http::open(&server).await;
    for round in 0..60 {
        let body = json!({"value": text(round)}).to_string();
        for key in &keys {
            let beat = post("/presence/notes:1/heartbeat", key, &body);
            http.send(beat).await.good();
        }
        sleep(millis(60)).await;
    }
    let is_last = |view: &View| {
        let mut members = keys.iter().map(|it| view.members.get(&member(it)));
        members.all(|it| it.is_some_and(|it| it["value"] == text(59)))
    };
    let mut heard = 0;
    while !is_last(&view) {
        let message = slow.hear().await;
        heard += message.to_string().len();
        view.apply(&message);
    }
    // The pipe, what the client's and the server's HTTP hold, one part, and the state once.
    let most = 16 * 1024 + 2 * 512 * 1024 + 64 * 1024 + keys.len() * 3_300;
    assert!(heard <= most, "{heard} bytes, at most {most}");
}

#[tokio::test(start_paused = true)]
async fn who_is_lost_while_bytes_wait_is_gone_as_soon_as_anybody_silent() {
    let server = Server::with(
        Transport::Memory,
        topics::slow(),
        presence_runtime::Config::default(),
    )
    .await;
    let (stuck, busy) = (key(), key());
    let mut observer = Observer::of(&server, TOPIC).await;
    let mut socket = Socket::over(server.dial_with(4096).await).await;
    socket.greet(Some(&stuck)).await;
    socket.subscribe(TOPIC).await;
    socket.announce(TOPIC, text(0)).await;
    observer.sees_join(&stuck).await;
    // Others go on, until nothing more fits.
    let mut talking = Socket::hello(&server, &busy).await;
    for round in 1..10 {
        talking.announce(TOPIC, text(round)).await;
        sleep(millis(60)).await;
    }
    let began = Instant::now();
    for round in 10.. {
        talking.announce(TOPIC, text(round)).await;
        observer.catches_up().await;
        if !observer.view.members.contains_key(&member(&stuck)) {
            break;
        }
        assert!(began.elapsed() < secs(60), "it is still there");
        sleep(millis(500)).await;
    }
    // Two pings, the wait for the pong, grace.
    let took = began.elapsed();
    assert!((secs(32)..=secs(35)).contains(&took), "{took:?}");
    assert!(observer.view.members.contains_key(&member(&busy)));
}

#[tokio::test(start_paused = true)]
async fn who_speaks_and_reads_nothing_at_all_is_cut_off_after_thirty_seconds() {
    let server = Server::in_memory().await;
    let busy = key();
    let mut talking = Socket::hello(&server, &busy).await;
    let mut socket = Socket::over(server.dial_with(4096).await).await;
    socket.greet(None).await;
    socket.subscribe(TOPIC).await;
    for round in 0..10 {
        talking.announce(TOPIC, text(round)).await;
        sleep(millis(60)).await;
    }
    let began = Instant::now();
    let unheard = json!({"type": "unsubscribe", "topic": "quick:1"});
    let mut round = 10;
    while socket.try_say(&unheard).await {
        round += 1;
        talking.announce(TOPIC, text(round)).await;
        sleep(millis(500)).await;
        assert!(began.elapsed() < secs(40), "it is still there");
    }
    let took = began.elapsed();
    assert!((secs(29)..=secs(32)).contains(&took), "{took:?}");
}

/// Over TCP nobody but the connection's own task watches the time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_stalls_over_tcp_is_cut_off_when_its_time_is_over() {
    let mut config = quick_config();
    config.stall_timeout = secs(1);
    let server = Server::with(Transport::Tcp, topics::all(), config).await;
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4096).expect("a small buffer");
    let stream = socket.connect(server.addr()).await.expect("it listens");
    let mut socket = Socket::over(Box::new(stream)).await;
    socket.greet(None).await;
    socket.subscribe(TOPIC).await;
    socket.listen_for(millis(500)).await;
    let topic = Note::topic("1").expect("a topic");
    let say = |round: usize| Note {
        text: format!("{round} {}", "x".repeat(3_900)),
    };
    let here = server.hub.member("bot").join(topic, say(0));
    let here = here.expect("there is room");
    let began = Instant::now();
    let stalled = "presence_websockets_ended_total{code=\"4030\"}";
    for round in 1.. {
        here.set(say(round)).expect("it is here");
        sleep(millis(20)).await;
        if figures(&server).await[stalled] == 1.0 {
            break;
        }
        assert!(began.elapsed() < secs(7), "it is still there");
    }
}

/// A connection whose reader takes so many bytes a second.
struct Trickle {
    pipe: Pipe,
    pause: Pin<Box<Sleep>>,
    rate: Arc<AtomicU64>,
}

impl Trickle {
    fn of(pipe: Pipe, rate: &Arc<AtomicU64>) -> Box<Self> {
        Box::new(Self {
            pipe,
            pause: Box::pin(sleep(millis(0))),
            rate: rate.clone(),
        })
    }
}

impl AsyncRead for Trickle {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(self.pause.as_mut().poll(context));
        let rate = self.rate.load(Ordering::Relaxed);
        let most = buffer
            .remaining()
            .min(usize::try_from(rate).expect("small"));
        let mut some = ReadBuf::new(buffer.initialize_unfilled_to(most));
        ready!(Pin::new(&mut self.pipe).poll_read(context, &mut some))?;
        let count = some.filled().len();
        buffer.advance(count);
        let took = millis(1000 * count as u64 / rate);
        self.pause.as_mut().reset(Instant::now() + took);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Trickle {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.pipe).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.pipe).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.pipe).poll_shutdown(context)
    }
}

/// Its pongs come late, because every ping waits behind what it has not read.
#[tokio::test(start_paused = true)]
async fn a_reader_of_a_kilobyte_a_second_stays_and_ends_with_the_exact_state() {
    const LAST: usize = 60;
    let server = Server::in_memory().await;
    let rate = Arc::new(AtomicU64::new(1024));
    let mut slow = Socket::over(Trickle::of(server.dial_with(64 * 1024).await, &rate)).await;
    slow.greet(None).await;
    slow.subscribe(TOPIC).await;
    let keys: Vec<_> = (0..10).map(|_| key()).collect();
    let writing = async {
        for round in 0..=LAST {
            for key in &keys {
                let body = json!({"value": text(round), "ttlMs": 300_000});
                server.announce(TOPIC, key, &body).await;
            }
            sleep(secs(1)).await;
        }
    };
    let reading = async {
        let mut view = View::default();
        while !keys.iter().all(|it| {
            let entry = view.members.get(&member(it));
            entry.is_some_and(|it| it["value"] == text(LAST))
        }) {
            view.apply(&slow.hear_within(secs(200)).await);
        }
    };
    tokio::join!(writing, reading);
    slow.silent_for(secs(60)).await;
}

/// The same over a socket whose buffers are the kernel's. The server has to learn from those that its
/// reader lives: the pongs come much later than it waits for them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_of_a_kilobyte_a_second_stays_over_tcp_and_ends_with_the_exact_state() {
    const MEMBERS: usize = 10;
    let mut config = quick_config();
    config.ping = secs(3);
    config.pong_wait = secs(2);
    config.stall_timeout = secs(8);
    let server = Server::with(Transport::Tcp, topics::all(), config).await;
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4096).expect("a small buffer");
    let stream = socket.connect(server.addr()).await.expect("it listens");
    let rate = Arc::new(AtomicU64::new(1024));
    let mut slow = Socket::over(Trickle::of(Box::new(stream), &rate)).await;
    slow.greet(None).await;
    slow.subscribe(TOPIC).await;

    let hub = &server.hub;
    let topic = Note::topic("1").expect("a topic");
    let say = |round: usize, number: usize| Note {
        text: format!("{number} {round} {}", "x".repeat(3_000)),
    };
    let mut here = Vec::new();
    for number in 0..MEMBERS {
        let bot = hub.member("bot");
        here.push(bot.join(topic.clone(), say(0, number)).expect("room"));
    }
    // 300 KB a second, of which the reader takes one.
    let writing = async {
        for round in 1..=160 {
            for (number, here) in here.iter().enumerate() {
                here.set(say(round, number)).expect("it is here");
            }
            sleep(millis(100)).await;
        }
        rate.store(1 << 20, Ordering::Relaxed);
    };
    let reading = async {
        let (mut view, began) = (View::default(), Instant::now());
        let last = |number: usize| json!(say(160, number).text);
        let is_last = |view: &View| {
            let texts: Vec<_> = view
                .members
                .values()
                .map(|it| &it["value"]["text"])
                .collect();
            (0..MEMBERS).all(|it| texts.contains(&&last(it)))
        };
        let mut messages = 0;
        while !is_last(&view) {
            view.apply(&slow.hear_within(secs(60)).await);
            messages += 1;
        }
        assert_eq!(view.members.len(), MEMBERS);
        (messages, began.elapsed())
    };
    let ((), (messages, took)) = tokio::join!(writing, reading);
    assert!(
        messages < 20,
        "{messages} messages in {took:?}: it was not slow"
    );
    assert!(slow.longest <= 64 * 1024);
    slow.listen_for(secs(1)).await;
}

/// A run of parts is fixed where it starts; what changes meanwhile is owed when it ends.
#[tokio::test(start_paused = true)]
async fn what_changes_between_two_parts_is_told_after_the_last() {
    let server = Server::in_memory().await;
    let keys: Vec<_> = (0..40).map(|_| key()).collect();
    for key in &keys {
        let body = json!({"value": text(0), "ttlMs": 300_000});
        server.announce(TOPIC, key, &body).await;
    }
    let mut slow = Socket::over(server.dial_with(4096).await).await;
    slow.greet(None).await;
    slow.subscribe(TOPIC).await;
    sleep(secs(1)).await;
    let body = json!({"value": text(1), "ttlMs": 300_000});
    server.announce(TOPIC, &keys[0], &body).await;
    sleep(secs(1)).await;
    let mut view = View::default();
    while view.members.get(&member(&keys[0])).map(|it| &it["value"]) != Some(&text(1)) {
        view.apply(&slow.hear().await);
    }
    assert_eq!(view.members.len(), keys.len());
}

/// While a socket is full nobody asks the body of an event stream for more, and yet it ends.
#[tokio::test(start_paused = true)]
async fn a_stream_that_is_not_read_at_all_is_cut_off_after_thirty_seconds() {
    let server = Server::in_memory().await;
    let mut observer = Observer::of(&server, TOPIC).await;
    let (ann, busy) = (key(), key());
    let body = json!({"value": text(0), "ttlMs": 300_000});
    server.announce(TOPIC, &ann, &body).await;
    observer.sees_join(&ann).await;
    // Nobody polls this pipe again, so nothing is read from it.
    let mut pipe = server.dial_with(1024).await;
    let asking = format!(
        "GET /presence/{TOPIC}/changes HTTP/1.1\r\nhost: localhost\r\npresence-session: {ann}\r\n\r\n"
    );
    tokio::io::AsyncWriteExt::write_all(&mut pipe, asking.as_bytes())
        .await
        .expect("it is open");
    let began = Instant::now();
    let mut talking = Socket::hello(&server, &busy).await;
    for round in 0.. {
        talking.announce(TOPIC, text(round)).await;
        observer.catches_up().await;
        if round > 0 && !observer.view.members.contains_key(&member(&ann)) {
            break;
        }
        assert!(began.elapsed() < secs(60), "it is still there");
        sleep(millis(500)).await;
    }
    // Its end starts the grace of the entry that is bound to it.
    let took = began.elapsed();
    assert!((secs(39)..=secs(43)).contains(&took), "{took:?}");
}
