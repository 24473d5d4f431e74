//! WebSocket frames: however the bytes are cut, the same is heard, and it is what RFC 6455 says.

use presence_runtime::wire::websocket::{CloseCode, Decoder, Message, Opcode, frame};

/// Something heard.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Heard {
    Text(String),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
    Pong,
    Close(CloseCode),
}

/// All that was heard, and how it went on: bytes of an unfinished frame, or the code to close with.
type Story = (Vec<Heard>, Result<usize, CloseCode>);

/// The first byte says how long messages may be and how the rest is cut.
pub fn frames(data: &[u8]) {
    let Some((knob, bytes)) = data.split_first() else {
        return;
    };
    let most = [20, 126, 1000, 70_000][usize::from(knob & 3)];
    let whole = hear(bytes, most, usize::MAX);
    assert_eq!(whole, hear(bytes, most, 1), "byte by byte");
    assert_eq!(
        whole,
        hear(bytes, most, usize::from(knob >> 2) + 2),
        "in pieces"
    );
    assert_eq!(whole, reference(bytes, most), "as RFC 6455 says");
    for heard in &whole.0 {
        check_again(heard);
    }
}

fn hear(bytes: &[u8], most: usize, piece: usize) -> Story {
    let mut decoder = Decoder::new(most);
    let (mut heard, mut waiting) = (Vec::new(), Vec::new());
    for piece in bytes.chunks(piece) {
        waiting.extend_from_slice(piece);
        let mut used = 0;
        loop {
            match decoder.next(&mut waiting[used..]) {
                Err(code) => return (heard, Err(code)),
                Ok(None) => break,
                Ok(Some((count, message))) => {
                    assert!(count >= 6, "a client's header has no less");
                    used += count;
                    heard.extend(message.as_ref().map(own));
                }
            }
        }
        waiting.drain(..used);
    }
    (heard, Ok(waiting.len()))
}

fn own(message: &Message<'_>) -> Heard {
    match message {
        Message::Text(text) => Heard::Text((*text).to_owned()),
        Message::Binary(bytes) => Heard::Binary(bytes.to_vec()),
        Message::Ping(bytes) => Heard::Ping(bytes.to_vec()),
        Message::Pong => Heard::Pong,
        Message::Close(code) => Heard::Close(*code),
    }
}

/// What was heard, said by a server and masked as a client does, is heard again.
fn check_again(heard: &Heard) {
    let (opcode, payload) = match heard {
        Heard::Text(text) => (Opcode::Text, text.as_bytes()),
        Heard::Binary(bytes) => (Opcode::Binary, &bytes[..]),
        Heard::Ping(bytes) => (Opcode::Ping, &bytes[..]),
        Heard::Pong | Heard::Close(_) => return,
    };
    let said = frame(opcode, payload);
    let header = said.len() - payload.len();
    let mut bytes = said[..header].to_vec();
    bytes[1] |= 0x80;
    bytes.extend([9, 8, 7, 6]);
    bytes.extend(
        payload
            .iter()
            .zip([9, 8, 7, 6].iter().cycle())
            .map(|(byte, key)| byte ^ key),
    );
    assert_eq!(
        hear(&bytes, 70_000, usize::MAX),
        (vec![heard.clone()], Ok(0))
    );
}

/// The same, written once more and without regard for cost.
fn reference(mut bytes: &[u8], most: usize) -> Story {
    let mut heard = Vec::new();
    let mut message: Option<(u8, Vec<u8>)> = None;
    loop {
        match one(bytes, &mut message, most) {
            None => return (heard, Ok(bytes.len())),
            Some(Err(code)) => return (heard, Err(CloseCode(code))),
            Some(Ok((rest, said))) => {
                heard.extend(said);
                bytes = rest;
            }
        }
    }
}

type One<'a> = Option<Result<(&'a [u8], Option<Heard>), u16>>;

fn one<'a>(bytes: &'a [u8], message: &mut Option<(u8, Vec<u8>)>, most: usize) -> One<'a> {
    let (first, second) = (*bytes.first()?, *bytes.get(1)?);
    let (fin, opcode, short) = (first >> 7 == 1, first & 15, second & 127);
    let known = matches!(opcode, 0 | 1 | 2 | 8 | 9 | 10);
    if !known || first & 0b0111_0000 != 0 || second >> 7 == 0 {
        return Some(Err(1002));
    }
    let is_control = opcode >= 8;
    if is_control && (!fin || short > 125) || !is_control && (opcode == 0) != message.is_some() {
        return Some(Err(1002));
    }
    let wide = [0, 2, 8][usize::from(short.saturating_sub(125))];
    let field = bytes.get(2..2 + wide)?;
    let length = match wide {
        0 => u128::from(short),
        _ => field
            .iter()
            .fold(0, |sum, byte| sum << 8 | u128::from(*byte)),
    };
    if wide == 2 && length < 126 || wide == 8 && !(65_536..1 << 63).contains(&length) {
        return Some(Err(1002));
    }
    let gathered = message.as_ref().map_or(0, |it| it.1.len());
    if !is_control && length + gathered as u128 > most as u128 {
        return Some(Err(1009));
    }
    let length = usize::try_from(length).ok()?;
    let mask = bytes.get(2 + wide..6 + wide)?;
    let payload = bytes.get(6 + wide..6 + wide + length)?;
    let payload = payload
        .iter()
        .enumerate()
        .map(|(i, byte)| byte ^ mask[i % 4]);
    let payload: Vec<u8> = payload.collect();
    let said = match opcode {
        9 => Ok(Some(Heard::Ping(payload))),
        10 => Ok(Some(Heard::Pong)),
        8 => closing(&payload).map(|code| Some(Heard::Close(CloseCode(code)))),
        _ => {
            let under_way = message.get_or_insert((opcode, Vec::new()));
            under_way.1.extend(payload);
            gathered_so_far(message, fin)
        }
    };
    Some(said.map(|said| (&bytes[6 + wide + length..], said)))
}

fn closing(payload: &[u8]) -> Result<u16, u16> {
    if payload.is_empty() {
        return Ok(1000);
    }
    let code = payload
        .first_chunk()
        .map_or(0, |code| u16::from_be_bytes(*code));
    let may = [
        1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014,
    ];
    if !may.contains(&code) && !(3000..5000).contains(&code) {
        return Err(1002);
    }
    String::from_utf8(payload[2..].to_vec())
        .map(|_| code)
        .map_err(|_| 1007)
}

fn gathered_so_far(message: &mut Option<(u8, Vec<u8>)>, fin: bool) -> Result<Option<Heard>, u16> {
    let Some((opcode, payload)) = message.as_ref() else {
        return Ok(None);
    };
    if *opcode == 1 {
        // Whether some continuation makes it UTF-8.
        let fits = match String::from_utf8(payload.clone()) {
            Ok(_) => true,
            Err(error) => !fin && error.utf8_error().error_len().is_none(),
        };
        if !fits {
            return Err(1007);
        }
    }
    if !fin {
        return Ok(None);
    }
    Ok(message.take().map(|(opcode, payload)| match opcode {
        1 => Heard::Text(String::from_utf8_lossy(&payload).into_owned()),
        _ => Heard::Binary(payload),
    }))
}
