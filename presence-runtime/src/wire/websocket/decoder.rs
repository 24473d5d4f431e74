//! What a client sends: bytes become messages, or the code to close with.

use super::close::closing;
use super::{CloseCode, Message, Opcode};

/// Decodes the frames of a client.
#[derive(Debug)]
pub struct Decoder {
    max_message: usize,
    fragments: Option<Box<Fragments>>,
    /// A message that came in fragments, until the next frame is asked for.
    whole: Vec<u8>,
}

#[derive(Debug)]
struct Fragments {
    opcode: Opcode,
    payload: Vec<u8>,
    /// So much of it is known to be UTF-8, if it has to be.
    judged: usize,
}

impl Fragments {
    /// Judges what came last. A character may be cut in two by the end of a fragment.
    fn judge(&mut self) -> Result<(), CloseCode> {
        match std::str::from_utf8(&self.payload[self.judged..]) {
            Ok(rest) => self.judged += rest.len(),
            Err(error) if error.error_len().is_none() => self.judged += error.valid_up_to(),
            Err(_) => return Err(CloseCode::NOT_UTF8),
        }
        Ok(())
    }
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
        self.whole = Vec::new();
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

    #[cfg(test)]
    pub(super) fn kept(&self) -> usize {
        self.whole.capacity()
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
                judged: 0,
            })
        });
        fragments.payload.extend_from_slice(payload);
        if !head.fin {
            if fragments.opcode == Opcode::Text {
                fragments.judge()?;
            }
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
