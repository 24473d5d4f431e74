//! WebSocket frames by hand: what RFC 6455 lets nobody send, and what it lets them send although
//! nobody does.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

use super::server;
use crate::http::PATIENCE;
use crate::server::Server;
use crate::topics::{millis, secs};

const HANDSHAKE: &str = "GET /presence/ws HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
    sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
const HELLO: &str = r#"{"type":"hello","protocol":1}"#;
/// Answered with its id.
const ASKED: &str = r#"{"type":"unsubscribe","topic":"quick:1","id":7}"#;

const TEXT: u8 = 0x81;
const BINARY: u8 = 0x82;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;
const PONG: u8 = 0x8a;
/// The first of several.
const FIRST: u8 = 0x01;
const MORE: u8 = 0x00;
const LAST: u8 = 0x80;

/// A frame of a client.
fn frame(first: u8, payload: impl AsRef<[u8]>) -> Vec<u8> {
    let payload = payload.as_ref();
    let mut frame = head(first, payload.len() as u64);
    let mask = [0x37, 0xfa, 0x21, 0x3d];
    frame.extend(mask);
    frame.extend(payload.iter().zip(mask.iter().cycle()).map(|(a, b)| a ^ b));
    frame
}

/// The head of a frame that is masked, without the mask.
fn head(first: u8, length: u64) -> Vec<u8> {
    let mut head = vec![first];
    match length {
        0..126 => head.push(0x80 | length as u8),
        126..65_536 => {
            head.push(0x80 | 126);
            head.extend((length as u16).to_be_bytes());
        }
        _ => {
            head.push(0x80 | 127);
            head.extend(length.to_be_bytes());
        }
    }
    head
}

fn close(code: u16, reason: impl AsRef<[u8]>) -> Vec<u8> {
    frame(CLOSE, [&code.to_be_bytes(), reason.as_ref()].concat())
}

/// What a server's frame says.
#[derive(Debug, PartialEq, Eq)]
enum Heard {
    Text(String),
    Pong(Vec<u8>),
    Close(Option<u16>),
    Other(u8),
    End,
}

/// A client that writes its frames itself.
struct Client {
    stream: TcpStream,
    bytes: Vec<u8>,
}

impl Client {
    async fn open(server: &Server) -> Self {
        let mut stream = TcpStream::connect(server.addr()).await.expect("it listens");
        stream.set_nodelay(true).expect("a TCP socket");
        let opening = [HANDSHAKE.as_bytes(), &frame(TEXT, HELLO)].concat();
        stream.write_all(&opening).await.expect("a connection");
        let mut client = Self {
            stream,
            bytes: Vec::new(),
        };
        let end = b"\r\n\r\n";
        while !client.bytes.windows(4).any(|it| it == end) {
            assert!(client.read().await, "a handshake");
        }
        let at = client.bytes.windows(4).position(|it| it == end);
        client.bytes.drain(..at.expect("it was there") + 4);
        let Heard::Text(welcome) = client.hear().await else {
            panic!("a welcome")
        };
        assert!(welcome.contains("welcome"), "{welcome}");
        client
    }

    /// Says something; who has been sent away already is not heard.
    async fn say(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.stream.write_all(bytes.as_ref()).await;
    }

    async fn read(&mut self) -> bool {
        let reading = timeout(PATIENCE, self.stream.read_buf(&mut self.bytes)).await;
        reading.expect("something in time").unwrap_or(0) > 0
    }

    /// The next frame.
    async fn hear(&mut self) -> Heard {
        let (first, payload) = loop {
            if let Some((used, first, payload)) = self.frame() {
                self.bytes.drain(..used);
                break (first, payload);
            }
            if !self.read().await {
                assert!(self.bytes.is_empty(), "whole frames");
                return Heard::End;
            }
        };
        match first {
            TEXT => Heard::Text(String::from_utf8(payload).expect("UTF-8")),
            PONG => Heard::Pong(payload),
            CLOSE => Heard::Close(payload.first_chunk().map(|code| u16::from_be_bytes(*code))),
            other => Heard::Other(other),
        }
    }

    /// A whole frame at the front: how many bytes it has, and what it says.
    fn frame(&self) -> Option<(usize, u8, Vec<u8>)> {
        let [first, second, ..] = *self.bytes else {
            return None;
        };
        assert_eq!(second & 0x80, 0, "a server masks nothing");
        let (length, start) = match second {
            126 => (
                u16::from_be_bytes(*self.bytes.get(2..)?.first_chunk()?).into(),
                4,
            ),
            127 => panic!("no message is as long"),
            short => (usize::from(short), 2),
        };
        let payload = self.bytes.get(start..start + length)?;
        Some((start + length, first, payload.to_vec()))
    }

    /// The answer to [`ASKED`] comes next.
    async fn is_answered(&mut self) {
        let heard = self.hear().await;
        let Heard::Text(text) = &heard else {
            panic!("an answer, not {heard:?}")
        };
        assert!(text.contains(r#""type":"ok","id":7"#), "{text}");
    }

    /// It ends with this code and nothing behind it.
    async fn ends_with(&mut self, code: u16, why: &str) {
        loop {
            match self.hear().await {
                Heard::Close(found) => {
                    assert_eq!(found, Some(code), "{why}");
                    break;
                }
                Heard::End => panic!("{why}: an end without a word"),
                Heard::Text(_) | Heard::Pong(_) => {}
                other @ Heard::Other(_) => panic!("{why}: {other:?}"),
            }
        }
        assert_eq!(self.hear().await, Heard::End, "{why}");
    }
}

#[tokio::test]
async fn what_breaks_the_protocol_ends_the_connection_with_its_code() {
    let server = server().await;
    let mut unmasked = frame(TEXT, ASKED);
    unmasked[1] &= 0x7f;
    let (half, rest) = ASKED.split_at(20);
    // A length of so many bytes in a form for longer ones.
    let medium = [vec![TEXT, 0x80 | 126, 0, 125, 0, 0, 0, 0], vec![b' '; 125]].concat();
    let long = [
        vec![TEXT, 0x80 | 127, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0],
        vec![b' '; 65_535],
    ];
    for (why, code, bytes) in [
        ("no mask", 1002, unmasked),
        ("no mask on a ping", 1002, vec![PING, 0]),
        ("reserved bit 1", 1002, frame(0xc1, ASKED)),
        ("reserved bit 2", 1002, frame(0xa1, ASKED)),
        ("reserved bit 3", 1002, frame(0x91, ASKED)),
        ("a reserved bit on a close", 1002, frame(0xc8, "")),
        ("opcode 3", 1002, frame(0x83, "")),
        ("opcode 7", 1002, frame(0x87, "")),
        ("opcode 11", 1002, frame(0x8b, "")),
        ("opcode 15", 1002, frame(0x8f, "")),
        ("a continuation of nothing", 1002, frame(LAST, ASKED)),
        ("one that is not the last", 1002, frame(MORE, ASKED)),
        (
            "a start within a message",
            1002,
            [frame(FIRST, half), frame(TEXT, rest)].concat(),
        ),
        (
            "a binary start within it",
            1002,
            [frame(FIRST, half), frame(0x02, rest)].concat(),
        ),
        ("a ping in pieces", 1002, frame(0x09, "")),
        ("a close in pieces", 1002, frame(0x08, "")),
        ("a ping of 126 bytes", 1002, frame(PING, [0; 126])),
        ("a close of 126 bytes", 1002, close(1000, [b'x'; 124])),
        ("125 bytes as 16 bits", 1002, medium),
        ("65,535 bytes as 64 bits", 1002, long.concat()),
        (
            "a length of 64 bits",
            1002,
            [&[TEXT, 0xff][..], &[0xff; 8], &[0; 4]].concat(),
        ),
        (
            "a length of 2^63",
            1002,
            [head(TEXT, 1 << 63), vec![0; 4]].concat(),
        ),
        (
            "a length of 2^63 - 1",
            1009,
            [head(TEXT, (1 << 63) - 1), vec![0; 4]].concat(),
        ),
        (
            "a length of 2^32",
            1009,
            [head(BINARY, 1 << 32), vec![0; 4]].concat(),
        ),
        ("more than a message has", 1009, head(TEXT, 16 * 1024 + 1)),
        (
            "more in two pieces",
            1009,
            [frame(FIRST, [b' '; 16 * 1024]), head(LAST, 1)].concat(),
        ),
        ("binary", 1003, frame(BINARY, ASKED)),
        (
            "binary in pieces",
            1003,
            [frame(0x02, half), frame(LAST, rest)].concat(),
        ),
        ("not UTF-8", 1007, frame(TEXT, b"\xff")),
        ("a surrogate", 1007, frame(TEXT, b"\xed\xa0\x80")),
        ("an overlong form", 1007, frame(TEXT, b"\xc0\xaf")),
        ("beyond Unicode", 1007, frame(TEXT, b"\xf4\x90\x80\x80")),
        ("half a character", 1007, frame(TEXT, b"\xe2\x82")),
        (
            "half of one in two pieces",
            1007,
            [frame(FIRST, b"\xe2"), frame(LAST, b"\x82")].concat(),
        ),
        (
            "a piece that never will be UTF-8",
            1007,
            frame(FIRST, b"ab\xffcd"),
        ),
        (
            "one whose second never will be",
            1007,
            [frame(FIRST, b"\xe2\x82"), frame(MORE, b"ab")].concat(),
        ),
        ("a close of one byte", 1002, frame(CLOSE, [3])),
        ("no such code", 1002, close(0, "")),
        ("code 999", 1002, close(999, "")),
        ("code 1004", 1002, close(1004, "")),
        ("code 1005", 1002, close(1005, "")),
        ("code 1006", 1002, close(1006, "")),
        ("code 1015", 1002, close(1015, "")),
        ("code 1016", 1002, close(1016, "")),
        ("code 2999", 1002, close(2999, "")),
        ("code 5000", 1002, close(5000, "")),
        ("code 65535", 1002, close(65_535, "")),
        ("a reason that is not UTF-8", 1007, close(1000, b"\xff")),
        (
            "half a character as a reason",
            1007,
            close(1000, b"\xf0\x9f"),
        ),
        ("a close that says nothing", 1000, frame(CLOSE, "")),
        ("code 1000", 1000, close(1000, "")),
        ("code 1001", 1001, close(1001, "bye")),
        ("code 1014", 1014, close(1014, "")),
        ("code 3000", 3000, close(3000, "")),
        ("code 4999", 4999, close(4999, [b'x'; 123])),
    ] {
        let mut client = Client::open(&server).await;
        client.say(bytes).await;
        // What comes behind the end is not answered.
        client
            .say([frame(TEXT, ASKED), frame(PING, "late")].concat())
            .await;
        client.ends_with(code, why).await;
    }
}

#[tokio::test]
async fn what_the_protocol_allows_is_taken_in_whatever_pieces() {
    let server = server().await;
    let mut client = Client::open(&server).await;
    let split = |at: usize| ASKED.split_at(at);
    for (first, rest) in [split(0), split(1), split(20), split(ASKED.len())] {
        client
            .say([frame(FIRST, first), frame(LAST, rest)].concat())
            .await;
        client.is_answered().await;
    }
    // Within characters, with control frames between the pieces.
    let text = ASKED.replace("un", "").replace("quick:1", "🦀");
    let mut pieces = frame(FIRST, "");
    for byte in text.as_bytes() {
        pieces.extend(frame(MORE, [*byte]));
        pieces.extend(frame(PING, [*byte]));
        pieces.extend(frame(PONG, "unasked"));
    }
    client.say([pieces, frame(LAST, "")].concat()).await;
    for byte in text.as_bytes() {
        assert_eq!(client.hear().await, Heard::Pong(vec![*byte]));
    }
    let Heard::Text(refused) = client.hear().await else {
        panic!("an answer")
    };
    assert!(refused.contains("invalid_topic"), "{refused}");
    // Byte by byte.
    for byte in frame(TEXT, ASKED) {
        client.say([byte]).await;
        tokio::task::yield_now().await;
    }
    client.is_answered().await;
    // A ping of the longest kind, and as long a message as there may be.
    client.say(frame(PING, [7; 125])).await;
    assert_eq!(client.hear().await, Heard::Pong(vec![7; 125]));
    let longest = ASKED.to_owned() + &" ".repeat(16 * 1024 - ASKED.len());
    client.say(frame(TEXT, &longest)).await;
    client.is_answered().await;
    let (first, rest) = longest.split_at(9_000);
    client
        .say([frame(FIRST, first), frame(LAST, rest)].concat())
        .await;
    client.is_answered().await;
}

#[tokio::test]
async fn thousands_of_empty_pieces_are_a_message_and_cost_nothing() {
    let server = server().await;
    let mut client = Client::open(&server).await;
    // As many as are heard in two seconds, and they count as messages.
    let pieces = [
        frame(FIRST, ""),
        frame(MORE, "").repeat(1_900),
        frame(LAST, ASKED),
    ]
    .concat();
    let began = Instant::now();
    client.say(pieces).await;
    client.is_answered().await;
    assert!(began.elapsed() > millis(500), "they are not for free");
}

#[tokio::test]
async fn pings_are_answered_as_far_as_they_are_read() {
    let server = server().await;
    let mut client = Client::open(&server).await;
    // Of what is not read, 64 KiB at most wait, and then nobody is listened to.
    let flood = frame(PING, [1; 125]).repeat(1_000);
    let mut written = 0;
    while let Ok(Ok(count)) = timeout(millis(500), client.stream.write(&flood)).await {
        written += count;
        assert!(written < 64 << 20, "it reads for ever");
    }
    drop(client);
    let mut client = Client::open(&server).await;
    client.say(frame(PING, "a").repeat(200)).await;
    for _ in 0..200 {
        assert_eq!(client.hear().await, Heard::Pong(b"a".to_vec()));
    }
}

#[tokio::test]
async fn who_is_sent_away_and_does_not_go_is_gone_soon() {
    let server = server().await;
    let mut client = Client::open(&server).await;
    client.say(frame(0x83, "")).await;
    let began = Instant::now();
    assert_eq!(client.hear().await, Heard::Close(Some(1002)));
    // It goes on talking, and is not heard.
    let mut cut = false;
    while began.elapsed() < secs(5) && !cut {
        cut = client.stream.write_all(&frame(TEXT, ASKED)).await.is_err();
        sleep(millis(20)).await;
    }
    assert!(cut, "it is still there");
    assert!(
        began.elapsed() < Duration::from_secs(3),
        "{:?}",
        began.elapsed()
    );
}
