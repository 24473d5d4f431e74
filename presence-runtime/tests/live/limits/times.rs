//! How long something may take, on a clock that is turned forward. Beyond it means later: who waited as
//! long has to bear it.

use std::time::Duration;

use http::Method;
use http_body_util::Full;
use presence_runtime::access::{Credentials, Identity, Unauthenticated};
use presence_runtime::{Hub, Topics};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, sleep, timeout};

use super::{Outcome, Try, or_otherwise, probes};
use crate::http::{Http, request};
use crate::server::{Pipe, Server, Transport, key};
use crate::socket::{Socket, message_text};
use crate::topics::{self, Cursor, millis, secs};

probes! {
    hello_timeout = (3_000, 2),
    header_timeout = (3_000, 2),
    idle_timeout = (3_000, 2),
    body_timeout = (3_000, 2),
    stall_timeout = (3_000, 500),
    ping = (3_000, 2),
    pong_wait = (3_000, 2),
    access_timeout = (3_000, 2),
    token_warning = (3_000, 2),
    comment = (3_000, 2),
    heartbeat = (3_000, 1),
    history_time = (3_000, 2),
    drain = (3_000, 1_000),
}

const TOPIC: &str = "boards:1:cursors";
const ASKING: &str = "GET /presence/topics HTTP/1.1\r\nhost: localhost\r\n\r\n";

async fn server(it: &Try) -> Server {
    Server::with(Transport::Memory, topics::slow(), it.config.clone()).await
}

async fn wait(it: &Try) {
    sleep(Duration::from_millis(it.wanted)).await;
}

/// The status of the next answer, if there is one.
async fn status(pipe: &mut Pipe) -> Option<u16> {
    let mut start = [0; 12];
    pipe.read_exact(&mut start).await.ok()?;
    let text = std::str::from_utf8(&start[9..]).expect("digits");
    Some(text.parse().expect("a status"))
}

async fn hello_timeout(it: Try) -> Vec<Outcome> {
    let server = server(&it).await;
    let mut socket = Socket::open(&server).await;
    wait(&it).await;
    socket
        .try_say(&json!({"type": "hello", "protocol": 1}))
        .await;
    vec![match socket.hear_or_end().await {
        Ok(told) => Outcome::told(&told),
        Err(code) => Outcome::Closed(code.expect("a code")),
    }]
}

async fn header_timeout(it: Try) -> Vec<Outcome> {
    let server = server(&it).await;
    let mut first = server.dial().await;
    let mut later = server.dial().await;
    later
        .write_all(ASKING.as_bytes())
        .await
        .expect("it is open");
    let mut answer = vec![0; 4096];
    let count = later.read(&mut answer).await.expect("an answer");
    assert!(answer[..count].starts_with(b"HTTP/1.1 200"));
    // Its time begins with its first byte.
    let (first, later) = tokio::join!(dawdle(&it, &mut first), async {
        sleep(millis(it.most * 3)).await;
        dawdle(&it, &mut later).await
    });
    [first, later].concat()
}

/// Asks so slowly that the end of the head comes in the time that is wanted.
async fn dawdle(it: &Try, pipe: &mut Pipe) -> Vec<Outcome> {
    let (start, rest) = ASKING.split_at(20);
    pipe.write_all(start.as_bytes()).await.expect("it is open");
    // Byte by byte is no excuse.
    let began = Instant::now();
    let mut sent = 0;
    while began.elapsed().as_millis() + 100 < u128::from(it.wanted) && sent < rest.len() - 1 {
        sleep(millis(100)).await;
        if pipe.write_all(&rest.as_bytes()[sent..=sent]).await.is_err() {
            break;
        }
        sent += 1;
    }
    sleep((began + Duration::from_millis(it.wanted)).duration_since(Instant::now())).await;
    let _ = pipe.write_all(&rest.as_bytes()[sent..]).await;
    or_otherwise(status(pipe).await == Some(200))
}

async fn idle_timeout(it: Try) -> Vec<Outcome> {
    let server = server(&it).await;
    let mut pipe = server.dial().await;
    pipe.write_all(ASKING.as_bytes()).await.expect("it is open");
    let mut answer = vec![0; 4096];
    let count = pipe.read(&mut answer).await.expect("an answer");
    assert!(answer[..count].starts_with(b"HTTP/1.1 200"));
    wait(&it).await;
    let _ = pipe.write_all(ASKING.as_bytes()).await;
    or_otherwise(status(&mut pipe).await == Some(200))
}

async fn body_timeout(it: Try) -> Vec<Outcome> {
    let server = server(&it).await;
    let mut pipe = server.dial().await;
    let (key, body) = (key(), r#"{"value": {"x": 1}}"#);
    let head = format!(
        "POST /presence/{TOPIC}/heartbeat HTTP/1.1\r\nhost: localhost\r\npresence-session: {key}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    pipe.write_all(head.as_bytes()).await.expect("it is open");
    let pause = Duration::from_millis(it.wanted) / u32::try_from(body.len()).expect("short");
    let began = Instant::now();
    for byte in &body.as_bytes()[1..] {
        let _ = pipe.write_all(&[*byte]).await;
        sleep(pause).await;
    }
    sleep((began + Duration::from_millis(it.wanted)).duration_since(Instant::now())).await;
    let _ = pipe.write_all(b"}").await;
    vec![match status(&mut pipe).await {
        // The body began with its second byte, so that it is wrong in the end, and was heard.
        Some(400) => Outcome::Good,
        Some(408) => Outcome::Refused(408, "timeout".to_owned()),
        other => panic!("{other:?}"),
    }]
}

/// Somebody reads nothing while there is much to read, for so long after the last byte went: from hello on,
/// and later.
async fn stall_timeout(it: Try) -> Vec<Outcome> {
    let at_once = stall_after(&it, Duration::ZERO).await;
    let later = stall_after(&it, millis(it.most)).await;
    vec![at_once, later]
}

async fn stall_after(it: &Try, quiet: Duration) -> Outcome {
    let mut config = it.config.clone();
    config.max_values_per_second = 1_000;
    let server = Server::with(Transport::Memory, topics::slow(), config).await;
    let mut socket = Socket::over(server.dial_with(4096).await).await;
    socket.greet(None).await;
    socket.subscribe("notes:1").await;
    socket.listen_for(quiet).await;
    let mut talking = Socket::hello(&server, &key()).await;
    for round in 0..10 {
        let text = format!("{round}{}", "x".repeat(3_900));
        talking.announce("notes:1", json!({"text": text})).await;
        sleep(millis(10)).await;
    }
    wait(it).await;
    let end = async {
        loop {
            if let Err(code) = socket.hear_or_end().await {
                return Outcome::Closed(code.expect("a code"));
            }
        }
    };
    timeout(millis(500), end).await.unwrap_or(Outcome::Good)
}

/// A silent socket's frames by hand.
async fn silent(it: &Try) -> (Server, Pipe) {
    let server = server(it).await;
    let pipe = Socket::watcher(&server).await.into_pipe();
    (server, pipe)
}

async fn ping(it: Try) -> Vec<Outcome> {
    let (_server, mut pipe) = silent(&it).await;
    let mut heard = [0; 2];
    let heard = timeout(
        Duration::from_millis(it.wanted),
        pipe.read_exact(&mut heard),
    )
    .await;
    or_otherwise(heard.is_err())
}

async fn pong_wait(it: Try) -> Vec<Outcome> {
    let (_server, mut pipe) = silent(&it).await;
    let lost = async {
        let mut waste = [0; 64];
        while let Ok(1..) = pipe.read(&mut waste).await {}
    };
    let pings = 2 * it.config.ping;
    let lost = timeout(pings + Duration::from_millis(it.wanted), lost).await;
    or_otherwise(lost.is_err())
}

/// An application that asks for as long who somebody is, and what they may.
async fn access_timeout(it: Try) -> Vec<Outcome> {
    let takes = Duration::from_millis(it.wanted);
    let hub = Hub::builder(Topics::new().register::<Cursor>())
        .config(it.config)
        .authenticate(move |_: Credentials| async move {
            sleep(takes).await;
            Identity::of("ann").map_err(|_| Unauthenticated::Missing)
        })
        .authorize::<Cursor>(|_, _, _| true)
        .build()
        .expect("sensible figures");
    let server = Server::of(Transport::Memory, hub).await;
    let by_http = Outcome::of(&server.get(&format!("/presence/{TOPIC}/value")).await);
    let mut socket = Socket::open(&server).await;
    socket.say(&json!({"type": "hello", "protocol": 1})).await;
    vec![by_http, Outcome::told(&socket.hear().await)]
}

/// Somebody whose token holds for twice as long, so long after half of that.
async fn token_warning(it: Try) -> Vec<Outcome> {
    let holds = Duration::from_millis(3 * it.most);
    let hub = Hub::builder(Topics::new().register::<Cursor>())
        .config(it.config.clone())
        .authenticate(move |_: Credentials| async move {
            let who = Identity::of("ann").map_err(|_| Unauthenticated::Missing)?;
            Ok::<_, Unauthenticated>(who.expiring_in(holds))
        })
        .authorize::<Cursor>(|_, _, _| true)
        .build()
        .expect("sensible figures");
    let server = Server::of(Transport::Memory, hub).await;
    let mut socket = Socket::open(&server).await;
    socket.say(&json!({"type": "hello", "protocol": 1})).await;
    assert_eq!(socket.hear().await["type"], "welcome");
    let until = Duration::from_millis(it.most + it.wanted);
    let told = timeout(until, socket.hear_or_end()).await;
    if let Ok(told) = &told {
        assert_eq!(told.as_ref().expect("no end")["type"], "expiring");
    }
    or_otherwise(told.is_err())
}

async fn comment(it: Try) -> Vec<Outcome> {
    let server = server(&it).await;
    let mut events = server.events(TOPIC, None).await;
    events.hear().await;
    let _ = timeout(Duration::from_millis(it.wanted), events.hear_or_end()).await;
    or_otherwise(events.comments == 0)
}

async fn history_time(it: Try) -> Vec<Outcome> {
    let server = server(&it).await;
    let value = json!({"value": {"x": 1}});
    server.announce(TOPIC, &key(), &value).await;
    wait(&it).await;
    let page = server
        .get(&format!("/presence/{TOPIC}/history"))
        .await
        .good();
    or_otherwise(page["transitions"].as_array().map(Vec::len) == Some(1))
}

/// Twenty of whom the last ends with the time.
async fn drain(it: Try) -> Vec<Outcome> {
    let server = server(&it).await;
    let mut sockets = Vec::new();
    for _ in 0..20 {
        sockets.push(Socket::watcher(&server).await);
    }
    // So that it takes the whole time.
    server.get("/readyz").await;
    let hub = server.hub.clone();
    let draining = tokio::spawn(async move { hub.drain().await });
    wait(&it).await;
    let mut outcomes = Vec::new();
    for mut socket in sockets {
        let end = async {
            loop {
                match socket.hear_or_end().await {
                    Ok(told) => assert_eq!(told["type"], "draining"),
                    Err(code) => return code.expect("a code"),
                }
            }
        };
        let Ok(code) = timeout(millis(1), end).await else {
            outcomes = vec![Outcome::Good];
            break;
        };
        outcomes = vec![Outcome::Closed(code)];
    }
    draining.abort();
    outcomes
}

/// What clients are told, for topics whose entries live twice as long as it may be.
async fn heartbeat(it: Try) -> Vec<Outcome> {
    let mut config = it.config;
    config.heartbeat = Duration::from_millis(it.wanted);
    let ttl = Duration::from_millis(2 * it.most);
    let topics = Topics::new().register::<Cursor>().ttl(ttl);
    let Ok(hub) = Hub::new(topics, config) else {
        return vec![Outcome::Otherwise];
    };
    let server = Server::of(Transport::Memory, hub).await;
    let welcome = Socket::open(&server).await.greet(None).await;
    assert_eq!(welcome["heartbeatMs"], it.wanted);
    vec![Outcome::Good]
}

#[tokio::test(start_paused = true)]
async fn a_byte_a_second_is_no_excuse_for_anything() {
    let server = Server::in_memory().await;
    let config = server.hub.config().clone();
    let mut pipe = server.dial().await;
    let began = Instant::now();
    for byte in ASKING.bytes().chain(std::iter::repeat(b'x')) {
        if pipe.write_all(&[byte]).await.is_err() {
            break;
        }
        sleep(secs(1)).await;
        assert!(began.elapsed() < secs(60), "it is still there");
    }
    let took = began.elapsed();
    let parting = secs(2);
    assert!(took <= config.header_timeout + parting, "{took:?}");
    // The same behind a request that was good.
    let mut http = Http::open(&server).await;
    let asking = request(Method::GET, "/presence/topics").body(Full::default());
    http.send(asking.expect("a request")).await;
    let mut pipe = server.dial().await;
    pipe.write_all(ASKING.as_bytes()).await.expect("it is open");
    let began = Instant::now();
    while pipe.write_all(b"x").await.is_ok() {
        sleep(secs(1)).await;
        assert!(began.elapsed() < secs(200), "it is still there");
    }
    let took = began.elapsed();
    assert!(took <= config.idle_timeout + parting, "{took:?}");
    // And of a WebSocket that never says hello, frames and all.
    let mut socket = Socket::open(&server).await.into_pipe();
    let hello = message_text(&json!({"type": "hello", "protocol": 1}));
    let length = u8::try_from(hello.len()).expect("short");
    let frame = [&[0x81, 0x80 | length, 0, 0, 0, 0], hello.as_bytes()].concat();
    let began = Instant::now();
    for byte in frame {
        if socket.write_all(&[byte]).await.is_err() {
            break;
        }
        sleep(secs(1)).await;
    }
    let took = began.elapsed();
    assert!(took <= config.hello_timeout + parting, "{took:?}");
}
