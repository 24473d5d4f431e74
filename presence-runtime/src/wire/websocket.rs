//! WebSocket framing (RFC 6455), server side, without any I/O and without buffers that idle.
//!
//! Bytes are decoded where they were read: a message that came whole is handed out from the read
//! buffer itself. Only the fragments of a message under way are kept.

use std::fmt;

/// The longest header a server writes.
pub const MAX_HEADER_BYTES: usize = 10;

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Opcode {
    /// More of the message before.
    Continuation = 0x0,
    /// UTF-8 text.
    Text = 0x1,
    /// Bytes.
    Binary = 0x2,
    /// The last frame.
    Close = 0x8,
    /// Asks for a pong.
    Ping = 0x9,
    /// Answers a ping.
    Pong = 0xA,
}

impl Opcode {
    const fn read(byte: u8) -> Option<Self> {
        Some(match byte & 0x0f {
            0x0 => Self::Continuation,
            0x1 => Self::Text,
            0x2 => Self::Binary,
            0x8 => Self::Close,
            0x9 => Self::Ping,
            0xA => Self::Pong,
            _ => return None,
        })
    }

    const fn is_control(self) -> bool {
        self as u8 >= 0x8
    }
}

/// Why a connection ends: the codes of RFC 6455 and of the presence protocol. After 40xx a client
/// may come back, after 45xx it must not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CloseCode(pub u16);

impl CloseCode {
    /// The client said goodbye.
    pub const NORMAL: Self = Self(1000);
    /// The frames break RFC 6455.
    pub const PROTOCOL: Self = Self(1002);
    /// A binary message; the protocol is text.
    pub const UNSUPPORTED: Self = Self(1003);
    /// Text that is not UTF-8.
    pub const NOT_UTF8: Self = Self(1007);
    /// A message longer than allowed.
    pub const TOO_BIG: Self = Self(1009);
    /// The server goes; come back.
    pub const RESTART: Self = Self(1012);
    /// Who asks cannot be found out for now; come back (registered with IANA).
    pub const TRY_AGAIN: Self = Self(1013);
    /// No `hello` in time.
    pub const NO_HELLO: Self = Self(4008);
    /// The token has expired; come back with another one.
    pub const TOKEN_EXPIRED: Self = Self(4010);
    /// Too many connections.
    pub const TOO_MANY: Self = Self(4029);
    /// Nothing could be written for too long.
    pub const STALLED: Self = Self(4030);
    /// Nobody knows who this is, or nobody wants to any more.
    pub const UNAUTHENTICATED: Self = Self(4501);
    /// Who this is may not do this.
    pub const FORBIDDEN: Self = Self(4503);
    /// Another connection of the same session took over.
    pub const TAKEN_OVER: Self = Self(4509);
    /// The client does not speak this protocol.
    pub const WRONG_PROTOCOL: Self = Self(4526);
}

impl fmt::Display for CloseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The header of an unmasked frame that is a whole message.
#[must_use]
pub fn header(opcode: Opcode, length: usize) -> Header {
    let mut bytes = [0; MAX_HEADER_BYTES];
    bytes[0] = 0x80 | opcode as u8;
    let used = match u16::try_from(length) {
        Ok(short @ 0..126) => {
            bytes[1] = short as u8;
            2
        }
        Ok(medium) => {
            bytes[1] = 126;
            bytes[2..4].copy_from_slice(&medium.to_be_bytes());
            4
        }
        Err(_) => {
            bytes[1] = 127;
            bytes[2..10].copy_from_slice(&(length as u64).to_be_bytes());
            10
        }
    };
    Header { bytes, used }
}

/// The bytes of a header.
#[derive(Debug, Clone, Copy)]
pub struct Header {
    bytes: [u8; MAX_HEADER_BYTES],
    used: usize,
}

impl std::ops::Deref for Header {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..self.used]
    }
}

/// A whole frame.
#[must_use]
pub fn frame(opcode: Opcode, payload: &[u8]) -> Vec<u8> {
    let header = header(opcode, payload.len());
    [&header[..], payload].concat()
}

/// A close frame.
#[must_use]
pub fn close(code: CloseCode) -> Vec<u8> {
    frame(Opcode::Close, &code.0.to_be_bytes())
}

/// Something a client sent.
#[derive(Debug, PartialEq, Eq)]
pub enum Message<'a> {
    /// A text message.
    Text(&'a str),
    /// A binary message.
    Binary(&'a [u8]),
    /// A ping, to be answered with its payload.
    Ping(&'a [u8]),
    /// A pong.
    Pong,
    /// The client ends the connection, with this code to be echoed.
    Close(CloseCode),
}

/// Decodes the frames of a client.
#[derive(Debug)]
pub struct Decoder {
    max_message: usize,
    fragments: Option<Box<Fragments>>,
    whole: Vec<u8>,
}

#[derive(Debug)]
struct Fragments {
    opcode: Opcode,
    payload: Vec<u8>,
}

struct Head {
    fin: bool,
    opcode: Opcode,
    mask: [u8; 4],
    /// Bytes before the payload.
    offset: usize,
    length: usize,
}

impl Decoder {
    /// A decoder for messages of at most this many bytes.
    #[must_use]
    pub const fn new(max_message: usize) -> Self {
        Self {
            max_message,
            fragments: None,
            whole: Vec::new(),
        }
    }

    /// Takes the next frame from the front of `input`. Returns how many bytes it had, and the
    /// message it ends, if it ends one; nothing when the frame is not complete yet, in which case
    /// the caller offers the same bytes again with more behind them.
    ///
    /// # Errors
    /// The code to close with, as soon as the client breaks the protocol; sizes are judged before
    /// the payload has arrived.
    pub fn next<'a>(
        &'a mut self,
        input: &'a mut [u8],
    ) -> Result<Option<(usize, Option<Message<'a>>)>, CloseCode> {
        let Some(head) = self.head(input)? else {
            return Ok(None);
        };
        let end = head.offset + head.length;
        let Some(payload) = input.get_mut(head.offset..end) else {
            return Ok(None);
        };
        unmask(payload, head.mask);
        let message = match head.opcode {
            Opcode::Ping => Some(Message::Ping(payload)),
            Opcode::Pong => Some(Message::Pong),
            Opcode::Close => Some(Message::Close(closing(payload)?)),
            _ => self.data(&head, payload)?,
        };
        Ok(Some((end, message)))
    }

    fn head(&self, input: &[u8]) -> Result<Option<Head>, CloseCode> {
        let [first, second, ..] = *input else {
            return Ok(None);
        };
        let opcode = Opcode::read(first).ok_or(CloseCode::PROTOCOL)?;
        let fin = first & 0x80 != 0;
        let reserved = first & 0x70 != 0;
        let masked = second & 0x80 != 0;
        let short = usize::from(second & 0x7f);
        let continues = opcode == Opcode::Continuation;
        if reserved || !masked || (opcode.is_control() && (!fin || short > 125)) {
            return Err(CloseCode::PROTOCOL);
        }
        if !opcode.is_control() && continues != self.fragments.is_some() {
            return Err(CloseCode::PROTOCOL);
        }
        let (length, at) = match short {
            126 => match input.get(2..4) {
                Some(&[a, b]) => (u64::from(u16::from_be_bytes([a, b])), 4),
                _ => return Ok(None),
            },
            127 => match input.get(2..10).and_then(|it| <[u8; 8]>::try_from(it).ok()) {
                Some(bytes) => (u64::from_be_bytes(bytes), 10),
                None => return Ok(None),
            },
            _ => (short as u64, 2),
        };
        let shortest = match short {
            126 => 126,
            127 => 1 << 16,
            _ => 0,
        };
        if length < shortest || length >> 63 != 0 {
            return Err(CloseCode::PROTOCOL);
        }
        let gathered = self.fragments.as_ref().map_or(0, |it| it.payload.len());
        let length = usize::try_from(length).map_err(|_| CloseCode::TOO_BIG)?;
        if !opcode.is_control() && length > self.max_message - gathered {
            return Err(CloseCode::TOO_BIG);
        }
        let Some(&[a, b, c, d]) = input.get(at..at + 4) else {
            return Ok(None);
        };
        Ok(Some(Head {
            fin,
            opcode,
            mask: [a, b, c, d],
            offset: at + 4,
            length,
        }))
    }

    fn data<'a>(
        &'a mut self,
        head: &Head,
        payload: &'a [u8],
    ) -> Result<Option<Message<'a>>, CloseCode> {
        if head.fin && self.fragments.is_none() {
            return message(head.opcode, payload).map(Some);
        }
        let fragments = self.fragments.get_or_insert_with(|| {
            Box::new(Fragments {
                opcode: head.opcode,
                payload: Vec::new(),
            })
        });
        fragments.payload.extend_from_slice(payload);
        if !head.fin {
            return Ok(None);
        }
        let Some(fragments) = self.fragments.take() else {
            return Ok(None);
        };
        self.whole = fragments.payload;
        message(fragments.opcode, &self.whole).map(Some)
    }
}

fn message(opcode: Opcode, payload: &[u8]) -> Result<Message<'_>, CloseCode> {
    if opcode == Opcode::Binary {
        return Ok(Message::Binary(payload));
    }
    match std::str::from_utf8(payload) {
        Ok(text) => Ok(Message::Text(text)),
        Err(_) => Err(CloseCode::NOT_UTF8),
    }
}

/// The code of a close frame, if it is one that may stand there (RFC 6455, section 7.4).
fn closing(payload: &[u8]) -> Result<CloseCode, CloseCode> {
    let [a, b, reason @ ..] = payload else {
        return if payload.is_empty() {
            Ok(CloseCode::NORMAL)
        } else {
            Err(CloseCode::PROTOCOL)
        };
    };
    let code = u16::from_be_bytes([*a, *b]);
    if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
        return Err(CloseCode::PROTOCOL);
    }
    match std::str::from_utf8(reason) {
        Ok(_) => Ok(CloseCode(code)),
        Err(_) => Err(CloseCode::NOT_UTF8),
    }
}

fn unmask(payload: &mut [u8], mask: [u8; 4]) {
    let mut chunks = payload.chunks_exact_mut(4);
    for chunk in &mut chunks {
        for (byte, key) in chunk.iter_mut().zip(mask) {
            *byte ^= key;
        }
    }
    for (byte, key) in chunks.into_remainder().iter_mut().zip(mask) {
        *byte ^= key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
        let mask = [7, 1, 9, 4];
        let mut header = header(Opcode::Text, payload.len()).to_vec();
        header[0] = first;
        header[1] |= 0x80;
        header.extend_from_slice(&mask);
        header.extend(
            payload
                .iter()
                .zip(mask.iter().cycle())
                .map(|(byte, key)| byte ^ key),
        );
        header
    }

    fn decode(decoder: &mut Decoder, mut bytes: Vec<u8>) -> Result<String, CloseCode> {
        match decoder.next(&mut bytes)? {
            Some((_, message)) => Ok(format!("{message:?}")),
            None => Ok("incomplete".to_owned()),
        }
    }

    #[test]
    fn decodes_messages_of_every_length_form() {
        for length in [0, 1, 125, 126, 65_535, 65_536] {
            let text = "x".repeat(length);
            let mut bytes = masked(0x81, text.as_bytes());
            let whole = bytes.len();
            let mut decoder = Decoder::new(70_000);
            let (used, message) = decoder.next(&mut bytes).expect("valid").expect("complete");
            assert_eq!(
                (used, message),
                (whole, Some(Message::Text(&text))),
                "{length}"
            );
        }
    }

    #[test]
    fn every_prefix_is_incomplete_and_changes_nothing() {
        let whole = masked(0x81, &[b'y'; 300]);
        let mut decoder = Decoder::new(1000);
        for end in 0..whole.len() {
            assert_eq!(
                decode(&mut decoder, whole[..end].to_vec()).as_deref(),
                Ok("incomplete"),
                "{end}"
            );
        }
        assert!(decode(&mut decoder, whole).is_ok());
    }

    #[test]
    fn joins_fragments_around_control_frames() {
        let mut decoder = Decoder::new(100);
        assert_eq!(
            decode(&mut decoder, masked(0x01, b"pre")).as_deref(),
            Ok("None")
        );
        assert_eq!(
            decode(&mut decoder, masked(0x89, b"hi")).as_deref(),
            Ok("Some(Ping([104, 105]))")
        );
        assert_eq!(
            decode(&mut decoder, masked(0x00, b"sen")).as_deref(),
            Ok("None")
        );
        assert_eq!(
            decode(&mut decoder, masked(0x80, b"ce")).as_deref(),
            Ok("Some(Text(\"presence\"))")
        );
        assert_eq!(
            decode(&mut decoder, masked(0x81, b"new")).as_deref(),
            Ok("Some(Text(\"new\"))")
        );
    }

    #[test]
    fn refuses_what_breaks_the_protocol() {
        let mut unmasked = masked(0x81, b"a");
        unmasked[1] &= 0x7f;
        let cases: [(Vec<u8>, CloseCode); 10] = [
            (unmasked, CloseCode::PROTOCOL),
            (masked(0xc1, b"a"), CloseCode::PROTOCOL),
            (masked(0x83, b"a"), CloseCode::PROTOCOL),
            (masked(0x80, b"a"), CloseCode::PROTOCOL),
            (masked(0x09, b"a"), CloseCode::PROTOCOL),
            (masked(0x89, &[0; 126]), CloseCode::PROTOCOL),
            (masked(0x88, b"a"), CloseCode::PROTOCOL),
            (masked(0x88, &1005_u16.to_be_bytes()), CloseCode::PROTOCOL),
            (masked(0x81, b"\xff"), CloseCode::NOT_UTF8),
            (masked(0x81, &[b'a'; 1001]), CloseCode::TOO_BIG),
        ];
        for (bytes, code) in cases {
            assert_eq!(
                decode(&mut Decoder::new(1000), bytes.clone()),
                Err(code),
                "{bytes:x?}"
            );
        }
    }

    #[test]
    fn a_length_is_judged_before_its_payload_arrives() {
        let huge = [0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        assert_eq!(
            decode(&mut Decoder::new(1000), huge.to_vec()),
            Err(CloseCode::TOO_BIG)
        );
        let mut decoder = Decoder::new(10);
        assert!(decode(&mut decoder, masked(0x01, b"123456")).is_ok());
        assert_eq!(
            decode(&mut decoder, masked(0x80, b"12345")),
            Err(CloseCode::TOO_BIG)
        );
    }
}
