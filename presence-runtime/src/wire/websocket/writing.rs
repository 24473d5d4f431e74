//! What a server writes: frames that are whole messages, and are not masked.

use super::{CloseCode, Opcode};

/// The longest header a server writes.
pub const MAX_HEADER_BYTES: usize = 10;

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
