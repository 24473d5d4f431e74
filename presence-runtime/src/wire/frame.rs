//! Frames: one JSON message ready to be written, for WebSocket and for event streams.

use std::sync::OnceLock;

use bytes::{BufMut, Bytes, BytesMut};
use serde::Serialize;

use super::websocket::{self, MAX_HEADER_BYTES, Opcode};
use crate::topic::Member;

/// No frame has more bytes, headers included.
pub const MAX_FRAME_BYTES: usize = 64 * 1024;

/// A length in six hex digits, and the end of its line.
const CHUNK_HEADER_BYTES: usize = 8;
const CRLF: &[u8] = b"\r\n";

/// One message, encoded once and shared by all who get it.
#[derive(Debug)]
pub struct Frame {
    event: &'static str,
    /// What an event stream gives as `id`: the position, where the message ends at one.
    id: Option<String>,
    /// What it gives as `retry`: how long to wait, in ms, before it is opened again.
    retry: Option<u64>,
    websocket: Bytes,
    header: usize,
    /// As an event, in one chunk.
    chunk: OnceLock<Bytes>,
}

impl Frame {
    /// The message as a WebSocket text frame, header included.
    #[must_use]
    pub fn websocket(&self) -> Bytes {
        self.websocket.clone()
    }

    /// The message as an event of an event stream. A stream of one topic can be resumed by `id`.
    #[must_use]
    pub fn event(&self) -> Bytes {
        let chunk = self.chunk();
        chunk.slice(CHUNK_HEADER_BYTES..chunk.len() - CRLF.len())
    }

    /// The event as one chunk of a body whose length nobody knows (RFC 9112, section 7.1).
    #[must_use]
    pub fn chunk(&self) -> Bytes {
        self.chunk.get_or_init(|| self.encode_chunk()).clone()
    }

    /// The message itself.
    #[must_use]
    pub fn json(&self) -> &[u8] {
        &self.websocket[self.header..]
    }

    /// The same, and on event streams the time to wait before they are opened again.
    pub(super) fn with_retry(mut self, retry_ms: u64) -> Self {
        self.retry = Some(retry_ms);
        self
    }

    fn encode_chunk(&self) -> Bytes {
        let json = self.json();
        let mut out = BytesMut::with_capacity(json.len() + 96);
        out.put_bytes(0, CHUNK_HEADER_BYTES);
        out.put_slice(b"event: ");
        out.put_slice(self.event.as_bytes());
        if let Some(id) = &self.id {
            out.put_slice(b"\nid: ");
            out.put_slice(id.as_bytes());
        }
        if let Some(retry) = self.retry {
            out.put_slice(format!("\nretry: {retry}").as_bytes());
        }
        out.put_slice(b"\ndata: ");
        out.put_slice(json);
        out.put_slice(b"\n\n");
        let header = format!("{:06x}\r\n", out.len() - CHUNK_HEADER_BYTES);
        out[..CHUNK_HEADER_BYTES].copy_from_slice(header.as_bytes());
        out.put_slice(CRLF);
        out.freeze()
    }
}

/// A comment of an event stream: keeps proxies from closing it, tells nobody anything.
#[must_use]
pub fn comment() -> Bytes {
    Bytes::from_static(b":\n\n")
}

/// The comment as one chunk.
#[must_use]
pub fn comment_chunk() -> Bytes {
    Bytes::from_static(b"3\r\n:\n\n\r\n")
}

/// The chunk that ends a body.
#[must_use]
pub fn last_chunk() -> Bytes {
    Bytes::from_static(b"0\r\n\r\n")
}

/// A message under construction. The header's room is kept free in front, so that a frame is one
/// piece of memory and is never copied.
#[derive(Debug)]
pub(super) struct Draft {
    out: Vec<u8>,
}

impl Draft {
    pub(super) fn new() -> Self {
        let mut out = Vec::with_capacity(512);
        out.resize(MAX_HEADER_BYTES, 0);
        Self { out }
    }

    /// Bytes of JSON so far.
    pub(super) fn len(&self) -> usize {
        self.out.len() - MAX_HEADER_BYTES
    }

    pub(super) fn truncate(&mut self, len: usize) {
        self.out.truncate(len + MAX_HEADER_BYTES);
    }

    pub(super) fn put(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    pub(super) fn put_json(&mut self, json: &[u8]) {
        self.out.extend_from_slice(json);
    }

    /// Writes text that needs no escapes: names, members, users.
    pub(super) fn put_name(&mut self, name: impl std::fmt::Display) {
        use std::io::Write;
        write!(self.out, "\"{name}\"").expect("writing to memory does not fail");
    }

    pub(super) fn put_member(&mut self, member: &Member) {
        self.put("\"");
        if let Some(user) = member.named_user() {
            self.put(user);
            self.put(".");
        }
        self.put(member.session.as_str());
        self.put("\"");
    }

    pub(super) fn put_number(&mut self, number: u64) {
        self.put_serde(&number);
    }

    pub(super) fn put_serde(&mut self, json: &impl Serialize) {
        serde_json::to_writer(&mut self.out, json).expect("messages have string keys only");
    }

    /// A piece of the JSON so far.
    pub(super) fn json(&self, piece: std::ops::Range<usize>) -> &[u8] {
        &self.out[MAX_HEADER_BYTES..][piece]
    }

    /// The JSON alone.
    pub(super) fn into_json(mut self) -> Vec<u8> {
        self.out.drain(..MAX_HEADER_BYTES);
        self.out
    }

    /// The JSON as a WebSocket text frame.
    pub(super) fn into_websocket(mut self) -> Bytes {
        let header = websocket::header(Opcode::Text, self.len());
        let start = MAX_HEADER_BYTES - header.len();
        self.out[start..MAX_HEADER_BYTES].copy_from_slice(&header);
        Bytes::from(self.out).slice(start..)
    }

    pub(super) fn finish(self, event: &'static str, id: Option<String>) -> Frame {
        let length = self.len();
        let websocket = self.into_websocket();
        Frame {
            event,
            id,
            retry: None,
            header: websocket.len() - length,
            websocket,
            chunk: OnceLock::new(),
        }
    }
}
