//! Frames as clients send them, by hand.

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

#[test]
fn text_is_refused_with_the_first_fragment_that_is_not_utf8() {
    let mut decoder = Decoder::new(100);
    // A character may be cut in two.
    assert!(decode(&mut decoder, masked(0x01, b"\xce")).is_ok());
    assert!(decode(&mut decoder, masked(0x00, b"\xba\xe1\xbd")).is_ok());
    assert_eq!(
        decode(&mut decoder, masked(0x00, b"\xff")),
        Err(CloseCode::NOT_UTF8)
    );
    let mut decoder = Decoder::new(100);
    assert!(decode(&mut decoder, masked(0x01, b"\xce")).is_ok());
    assert_eq!(
        decode(&mut decoder, masked(0x80, b"")),
        Err(CloseCode::NOT_UTF8),
        "or be missing its end"
    );
    let mut decoder = Decoder::new(100);
    assert!(decode(&mut decoder, masked(0x02, b"\xff")).is_ok());
    assert!(decode(&mut decoder, masked(0x80, b"\xff")).is_ok());
}

#[test]
fn nothing_is_kept_of_a_message_that_was_heard() {
    let mut decoder = Decoder::new(100);
    assert!(decode(&mut decoder, masked(0x01, b"pre")).is_ok());
    assert!(decode(&mut decoder, masked(0x80, b"sence")).is_ok());
    assert_ne!(decoder.kept(), 0);
    // As its reader asks whether there is more.
    assert_eq!(
        decode(&mut decoder, Vec::new()).as_deref(),
        Ok("incomplete")
    );
    assert_eq!(decoder.kept(), 0);
}
