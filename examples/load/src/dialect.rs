//! How each server is spoken to: where to connect, how to join a room, how an update looks.

use std::fmt::Write as _;
use std::io::Write as _;

use clap::ValueEnum;
use memchr::memmem;

use crate::plan::Member;

/// What a server wants to hear.
#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
pub(crate) enum Dialect {
    /// This project's protocol, topic `bench:r{room}`
    Presence,
    /// The room is in the address, a message is a state: `ws`, uWebSockets, `naive`
    Raw,
    /// Socket.IO 4: join, then emit
    SocketIo,
    /// The awareness protocol of y-websocket
    Yjs,
    /// NATS over WebSocket, a subject for each room
    Nats,
    /// A bare loop: the address says how much is written how often, and nothing is sent
    Floor,
}

/// Takes the messages a dialect wants sent.
pub(crate) type Say<'a> = &'a mut dyn FnMut(&[u8]);

impl Dialect {
    /// The path to connect to.
    pub(crate) fn target(self, member: &Member) -> String {
        match self {
            Self::Presence => "/presence/ws".to_owned(),
            Self::Raw | Self::Floor => format!("/?room=r{}", member.room),
            Self::SocketIo => "/socket.io/?EIO=4&transport=websocket".to_owned(),
            Self::Yjs => format!("/r{}", member.room),
            Self::Nats => "/".to_owned(),
        }
    }

    /// Whether the server knows of who is there, and does not only pass on what they say.
    pub(crate) fn is_kept(self) -> bool {
        matches!(self, Self::Presence | Self::Yjs)
    }

    pub(crate) fn is_binary(self) -> bool {
        matches!(self, Self::Yjs | Self::Nats)
    }

    /// The connection is open: says what joins the room. True once updates may be sent.
    pub(crate) fn open(self, member: &Member, say: Say<'_>) -> bool {
        let room = member.room;
        match self {
            Self::Presence => {
                let key = session_key(member);
                say(format!(r#"{{"type":"hello","protocol":1,"session":"{key}"}}"#).as_bytes());
                say(format!(r#"{{"type":"subscribe","topic":"bench:r{room}"}}"#).as_bytes());
                false
            }
            Self::Nats => {
                let options = r#"{"verbose":false,"pedantic":false,"echo":false,"protocol":1,"lang":"load","version":"1"}"#;
                say(format!("CONNECT {options}\r\nSUB r{room} 1\r\nPING\r\n").as_bytes());
                false
            }
            Self::SocketIo => false,
            Self::Raw | Self::Yjs | Self::Floor => true,
        }
    }

    /// A message has come: answers what wants an answer. True if updates may be sent from now on.
    pub(crate) fn hear(self, member: &Member, message: &[u8], say: Say<'_>) -> bool {
        match (self, message) {
            (Self::Presence, _) => {
                let head = &message[..message.len().min(40)];
                if memmem::find(head, br#""type":"error""#).is_some() {
                    eprintln!("refused: {}", String::from_utf8_lossy(message));
                }
                memmem::find(head, br#""type":"snapshot""#).is_some()
            }
            (Self::SocketIo, [b'0', ..]) => {
                say(b"40");
                false
            }
            (Self::SocketIo, [b'2', ..]) => {
                say(b"3");
                false
            }
            (Self::SocketIo, [b'4', b'0', ..]) => {
                say(format!(r#"42["join","r{}"]"#, member.room).as_bytes());
                true
            }
            (Self::Nats, [b'P', b'O', b'N', b'G', ..]) => true,
            (Self::Nats, [b'P', b'I', b'N', b'G', ..]) => {
                say(b"PONG\r\n");
                false
            }
            _ => false,
        }
    }

    /// Appends the message that announces `state`, the `step`th of this member.
    pub(crate) fn update(self, member: &Member, step: u32, state: &[u8], out: &mut Vec<u8>) {
        let room = member.room;
        let (before, after): (String, &[u8]) = match self {
            Self::Presence => {
                let before = format!(r#"{{"type":"heartbeat","topic":"bench:r{room}","value":"#);
                (before, b"}")
            }
            Self::SocketIo => (r#"42["u","#.to_owned(), b"]"),
            Self::Nats => (format!("PUB r{room} {}\r\n", state.len()), b"\r\n"),
            Self::Yjs => return awareness(member.id, step, state, out),
            Self::Raw | Self::Floor => (String::new(), b""),
        };
        out.extend_from_slice(before.as_bytes());
        out.extend_from_slice(state);
        out.extend_from_slice(after);
    }

    /// Appends a whole HTTP request that announces `state`. Only presence has rooms in the path.
    pub(crate) fn post(self, member: &Member, ttl_ms: u32, state: &[u8], out: &mut Vec<u8>) {
        let mut head = String::new();
        let mut body = Vec::with_capacity(96);
        if self == Self::Presence {
            body.extend_from_slice(br#"{"value":"#);
            body.extend_from_slice(state);
            let _ = match ttl_ms {
                0 => write!(body, "}}"),
                ms => write!(body, r#","ttlMs":{ms}}}"#),
            };
            let (room, key) = (member.room, session_key(member));
            let _ = write!(
                head,
                "POST /presence/bench:r{room}/heartbeat HTTP/1.1\r\nPresence-Session: {key}\r\n"
            );
        } else {
            body.extend_from_slice(state);
            head.push_str("POST / HTTP/1.1\r\n");
        }
        let _ = write!(
            head,
            "Host: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        out.extend_from_slice(head.as_bytes());
        out.extend_from_slice(&body);
    }
}

/// The request for an event stream of a member's room.
pub(crate) fn stream_request(host: &str, member: &Member) -> String {
    format!(
        "GET /presence/bench:r{}/changes HTTP/1.1\r\nHost: {host}\r\nAccept: text/event-stream\r\nPresence-Session: {}\r\n\r\n",
        member.room,
        session_key(member)
    )
}

fn session_key(member: &Member) -> String {
    format!("{:032x}", u128::from(member.id) + 1)
}

/// An awareness update of one client: message type, length, one client, its id, clock and state.
fn awareness(client: u32, step: u32, state: &[u8], out: &mut Vec<u8>) {
    let mut update = Vec::with_capacity(80);
    for number in [1, client as usize + 1, step as usize + 1, state.len()] {
        varint(number, &mut update);
    }
    update.extend_from_slice(state);
    out.push(1);
    varint(update.len(), out);
    out.extend_from_slice(&update);
}

fn varint(mut number: usize, out: &mut Vec<u8>) {
    while number > 127 {
        out.push(number as u8 | 128);
        number >>= 7;
    }
    out.push(number as u8);
}
