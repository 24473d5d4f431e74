//! What happens to a Redis server, and what a node notices of it.

use std::io::{BufRead, BufReader, Write as _};
use std::net::TcpListener;
use std::slice::from_ref;
use std::thread;
use std::time::{Duration, Instant};

use presence_runtime::cluster::{Beat, Engine, Feed, Redis, RedisError, Verdict};
use presence_runtime::topic::Reason;

use crate::kit::*;
use crate::server::Server;
use crate::subject::block_on;

/// Less than [`Redis`] waits unless it is told.
const PATIENCE: Duration = Duration::from_millis(300);
/// What a machine that is busy may take besides.
const LOST_BY: Duration = Duration::from_secs(3);

fn patient(server: &Server) -> Redis {
    Redis::open(&server.url()).expect("a URL").patience(LONG)
}

#[test]
fn a_server_that_was_killed_is_lost_and_used_again_once_it_is_back() {
    let mut server = Server::start();
    block_on(async {
        let redis = patient(&server);
        let topic = topic("rooms:1");
        let ann = member("ann", 1);
        hold(&redis, &[A]).await;
        let mut feed = redis.feed(LISTENER).await.expect("in reach");
        feed.follow(from_ref(&topic)).await.expect("in reach");
        let say = announce(&topic, record(A, &ann, 1, "here"));
        assert_eq!(write(&redis, A, say.clone()).await, Verdict::Done);
        let (before, _) = read(&redis, &topic).await;
        heard(&mut feed).await;
        server.kill();
        let begun = Instant::now();
        assert!(redis.write(A, from_ref(&say)).await.is_err());
        assert!(redis.hold(A, LONG).await.is_err());
        assert!(redis.feed(LISTENER).await.is_err());
        assert!(feed.next().await.is_err());
        assert!(feed.follow(from_ref(&topic)).await.is_err());
        assert!(begun.elapsed() < LOST_BY, "{:?}", begun.elapsed());
        server.restart();
        assert_eq!(
            redis.write(A, from_ref(&say)).await.expect("it is back"),
            [Verdict::Unheld]
        );
        let held = redis.hold(A, LONG).await.expect("it is back");
        assert_eq!(held.beat, Beat::Anew);
        let mut feed = redis.feed(LISTENER).await.expect("it is back");
        feed.follow(from_ref(&topic)).await.expect("it is back");
        assert_eq!(write(&redis, A, say).await, Verdict::Done);
        heard(&mut feed).await;
        assert_ne!(read(&redis, &topic).await.0.epoch, before.epoch);
    });
}

#[test]
fn a_server_that_hangs_is_lost_in_time_and_what_it_does_later_does_no_harm() {
    let server = Server::start();
    block_on(async {
        let redis = patient(&server);
        let hasty = [(); 3].map(|()| redis.clone().patience(PATIENCE));
        for it in &hasty {
            it.connect().await.expect("in reach");
        }
        let topic = topic("rooms:1");
        hold(&redis, &[A]).await;
        let (ann, bob) = (member("ann", 1), member("bob", 2));
        write(&redis, A, announce(&topic, record(A, &ann, 1, "here"))).await;
        server.signal("STOP");
        // Sent, and not done before it goes on.
        let late = [
            leave(&topic, &ann, 1, Reason::Expired),
            announce(&topic, record(A, &bob, 1, "late")),
            presence_runtime::cluster::Write::Retain {
                topic: topic.clone(),
                sessions: vec![],
            },
        ];
        let begun = Instant::now();
        for (hasty, write) in hasty.iter().zip(late) {
            assert!(hasty.write(A, &[write]).await.is_err());
        }
        assert!(hasty[0].read(&topic).await.is_err());
        assert!(
            begun.elapsed() < 4 * PATIENCE + LOST_BY,
            "{:?}",
            begun.elapsed()
        );
        server.signal("CONT");
        for who in [&ann, &bob] {
            let now = announce(&topic, record(A, who, 2, "now"));
            assert_eq!(write(&redis, A, now).await, Verdict::Done);
        }
        let present = [&ann, &bob].map(|it| record(A, it, 2, "now"));
        assert_eq!(read(&redis, &topic).await.1, present);
    });
}

#[test]
fn scripts_that_were_flushed_are_loaded_again() {
    let server = Server::start();
    block_on(async {
        let redis = patient(&server);
        let topic = topic("rooms:1");
        hold(&redis, &[A]).await;
        let ann = member("ann", 1);
        for n in 1..=3 {
            let () = server.ask(redis::cmd("SCRIPT").arg("FLUSH")).await;
            let writes = [
                announce(&topic, record(A, &ann, n, &n.to_string())),
                leave(&topic, &ann, n, Reason::Left),
            ];
            let verdicts = redis.write(A, &writes).await.expect("in reach");
            assert_eq!(verdicts, [Verdict::Done; 2]);
        }
        assert_eq!(read(&redis, &topic).await.0.sequence, 6);
    });
}

#[test]
fn two_prefixes_share_a_server_and_nothing_else() {
    let server = Server::start();
    block_on(async {
        let one = patient(&server);
        let two = patient(&server).prefix("other").expect("a prefix");
        let three = format!("{}/1", server.url());
        let three = Redis::open(&three).expect("a URL");
        let topic = topic("rooms:1");
        hold(&one, &[A]).await;
        let mut feeds = Vec::new();
        for other in [&two, &three] {
            let mut feed = other.feed(LISTENER).await.expect("in reach");
            feed.follow(from_ref(&topic)).await.expect("in reach");
            feeds.push(feed);
        }
        let ann = member("ann", 1);
        write(&one, A, announce(&topic, record(A, &ann, 1, "here"))).await;
        one.tell("hello".into()).await.expect("in reach");
        for (other, mut feed) in [two, three].into_iter().zip(feeds) {
            assert_eq!(heard_at_all(&mut feed).await, None);
            assert_eq!(read(&other, &topic).await.1, []);
            assert_eq!(other.topics(None, 10).await.expect("in reach"), []);
            let say = announce(&topic, record(A, &ann, 1, "here"));
            assert_eq!(write(&other, A, say).await, Verdict::Unheld);
        }
    });
}

#[test]
fn topics_that_nobody_is_in_are_forgotten_by_and_by() {
    let server = Server::start();
    block_on(async {
        let redis = patient(&server);
        hold(&redis, &[A]).await;
        let ann = member("ann", 1);
        for i in 0..20 {
            let topic = topic(&format!("rooms:{i}"));
            let here = announce(&topic, record(A, &ann, 1, "here"));
            let gone = leave(&topic, &ann, 1, Reason::Left);
            redis
                .write(A, &[here.clone(), gone.clone()])
                .await
                .expect("in reach");
            if i % 2 == 0 {
                let back = announce(&topic, record(A, &ann, 2, "back"));
                let gone = leave(&topic, &ann, 2, Reason::Kicked);
                redis.write(A, &[back, gone]).await.expect("in reach");
            }
        }
        read(&redis, &topic("rooms:read")).await;
        redis.release(A, Duration::ZERO).await.expect("in reach");
        tokio::time::sleep(Duration::from_millis(10)).await;
        redis.reap().await.expect("in reach");
        let keys: Vec<String> = server.ask(redis::cmd("KEYS").arg("*")).await;
        assert!(!keys.is_empty());
        for key in keys {
            let left: i64 = server.ask(redis::cmd("PTTL").arg(&key)).await;
            assert!(left > 0, "{key} stays for ever");
        }
    });
}

#[test]
fn what_is_wrong_with_a_url_is_said() {
    for (url, wrong) in [
        ("127.0.0.1:6379", "did not parse"),
        ("http://127.0.0.1:6379", "did not parse"),
        ("redis://127.0.0.1:6379/seven", "database"),
        ("rediss://127.0.0.1:6379", "asks for TLS"),
        ("REDISS://ann:hunter2@127.0.0.1", "redis:// in a network"),
        ("valkeys://127.0.0.1", "found valkeys://"),
        ("redis://:hunter2@0.0.0.0", "wildcard"),
    ] {
        let error = Redis::open(url).expect_err(url).to_string();
        assert!(error.contains(wrong), "{url}: {error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
    let secret = Redis::open("redis://ann:hunter2@127.0.0.1:1").expect("a URL");
    assert!(!format!("{secret:?}").contains("hunter2"), "{secret:?}");
    for prefix in ["", "a b", "{a}", "a:b"] {
        let redis = Redis::open("redis://127.0.0.1").expect("a URL");
        let error = redis.prefix(prefix).expect_err(prefix);
        assert!(matches!(error, RedisError::Prefix(_)), "{error}");
    }
}

#[test]
fn nobody_at_home_is_lost() {
    let free = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = free.local_addr().expect("an address").port();
    drop(free);
    block_on(async {
        let redis = Redis::open(&format!("redis://127.0.0.1:{port}")).expect("a URL");
        let error = redis.connect().await.expect_err("nobody is there");
        assert!(matches!(error, RedisError::Lost(_)), "{error}");
    });
}

#[test]
fn an_older_server_is_named() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || old_server(&listener));
    block_on(async {
        let redis = Redis::open(&format!("redis://127.0.0.1:{port}")).expect("a URL");
        let error = redis.connect().await.expect_err("it is too old");
        assert_eq!(
            error.to_string(),
            "Redis 7.0 or newer is needed, found 6.2.14"
        );
    });
    let server = Server::start();
    block_on(async { patient(&server).connect().await.expect("it will do") });
}

/// Answers as Redis 6.2 does: it knows no scripts that begin as ours do.
fn old_server(listener: &TcpListener) {
    let (stream, _) = listener.accept().expect("somebody comes");
    let mut answers = stream.try_clone().expect("a socket");
    let mut lines = BufReader::new(stream).split(b'\n').map_while(Result::ok);
    while let Some(begin) = lines.next() {
        let count = begin.trim_ascii().strip_prefix(b"*").expect("a command");
        let count: usize = std::str::from_utf8(count)
            .expect("a number")
            .parse()
            .expect("a number");
        let mut words = Vec::new();
        for _ in 0..count {
            let length = lines.next().expect("a length");
            let length = std::str::from_utf8(&length.trim_ascii()[1..]).expect("a number");
            let length: usize = length.parse().expect("a number");
            let mut word = lines.next().expect("a word");
            while word.len() <= length {
                word.push(b'\n');
                word.extend(lines.next().expect("more of it"));
            }
            words.push(word.trim_ascii().to_ascii_uppercase());
        }
        let answer = match words[0].as_slice() {
            b"HELLO" => "%1\r\n+proto\r\n:3\r\n",
            b"INFO" => "$37\r\n# Server\r\nredis_version:6.2.14\r\nx:y\r\n\r\n",
            b"SCRIPT" => "-ERR Error compiling script: unexpected symbol near '#'\r\n",
            _ => "+OK\r\n",
        };
        answers.write_all(answer.as_bytes()).expect("it is heard");
    }
}
