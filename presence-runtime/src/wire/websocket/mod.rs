//! WebSocket framing (RFC 6455), server side, without any I/O and without buffers that idle.
//!
//! Bytes are decoded where they were read: a message that came whole is handed out from the read
//! buffer itself. Only the fragments of a message under way are kept.

mod close;
mod decoder;
#[cfg(test)]
mod tests;
mod writing;

pub use close::CloseCode;
pub use decoder::Decoder;
pub use writing::{Header, MAX_HEADER_BYTES, close, frame, header};

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
