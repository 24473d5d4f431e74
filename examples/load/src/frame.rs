//! The client's half of RFC 6455: no more than a generator of load needs.

pub(crate) const TEXT: u8 = 1;
pub(crate) const BINARY: u8 = 2;
pub(crate) const CLOSE: u8 = 8;
pub(crate) const PING: u8 = 9;
pub(crate) const PONG: u8 = 10;

/// Anything but zero, so that the server has to unmask.
const MASK: [u8; 4] = [0x5a, 0xc3, 0x17, 0x88];

/// The request to upgrade. Nobody looks at what the server makes of the key, so one is enough.
pub(crate) fn upgrade(host: &str, target: &str) -> String {
    format!(
        "GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: bG9hZCBvbiBhIHNlcnZlcg==\r\n\r\n"
    )
}

/// Appends a masked frame.
pub(crate) fn write(out: &mut Vec<u8>, opcode: u8, payload: &[u8]) {
    out.push(0x80 | opcode);
    match payload.len() {
        len @ 0..=125 => out.push(0x80 | len as u8),
        len => {
            let len = u16::try_from(len).expect("updates are small");
            out.push(0x80 | 126);
            out.extend_from_slice(&len.to_be_bytes());
        }
    }
    out.extend_from_slice(&MASK);
    let mask = MASK.iter().cycle();
    out.extend(payload.iter().zip(mask).map(|(byte, mask)| byte ^ mask));
}

/// A frame that has come.
#[derive(Debug, PartialEq)]
pub(crate) struct Frame<'a> {
    pub opcode: u8,
    pub payload: &'a [u8],
    /// Bytes of the input it took.
    pub len: usize,
}

/// The frame at the start of `input`, if all of it is there. Servers do not mask.
pub(crate) fn read(input: &[u8]) -> Option<Frame<'_>> {
    let [first, second, ..] = *input else {
        return None;
    };
    let (header, len) = match second {
        126 => (
            4_usize,
            u16::from_be_bytes(*input[2..].first_chunk()?) as usize,
        ),
        127 => (10, u64::from_be_bytes(*input[2..].first_chunk()?) as usize),
        len => (2, len as usize),
    };
    Some(Frame {
        opcode: first & 15,
        payload: input.get(header..header.checked_add(len)?)?,
        len: header + len,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_read_when_it_is_whole() {
        let long = [&[0x82, 126, 1, 0][..], &[7; 256]].concat();
        for input in [&b"\x81\x02hi"[..], &long] {
            assert!((0..input.len()).all(|end| read(&input[..end]).is_none()));
            let frame = read(&[input, b"\x81"].concat()).map(|it| (it.opcode, it.len));
            assert_eq!(frame, Some((input[0] & 15, input.len())));
        }
    }

    #[test]
    fn what_is_written_is_masked() {
        let mut out = Vec::new();
        write(&mut out, TEXT, b"hello");
        assert_eq!(out[..2], [0x81, 0x85]);
        let plain: Vec<u8> = out[6..]
            .iter()
            .zip(MASK.iter().cycle())
            .map(|(a, b)| a ^ b)
            .collect();
        assert_eq!(plain, b"hello");
    }
}
