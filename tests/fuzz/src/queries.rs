//! Queries and positions.

use presence_runtime::Code;
use presence_runtime::internals::{after, filter};
use presence_runtime::wire::{Filter, format_position, parse_position};

use crate::faults::check;

/// The text, lossily, as a query and as a position.
pub fn queries(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    match parse_position(&text) {
        Ok(position) => assert_eq!(format_position(position), text),
        Err(_) => assert!(!is_position(&text), "{text}"),
    }
    match after(Some(&text)) {
        Ok(after) => {
            let digits = text
                .strip_prefix("after=")
                .expect("its key")
                .trim_start_matches('+');
            let digits = digits.trim_start_matches('0');
            assert_eq!(
                if digits.is_empty() { "0" } else { digits },
                after.to_string()
            );
        }
        Err(fault) => check(&fault),
    }
    let found = filter(&text);
    if let Err(fault) = &found {
        assert_eq!(fault.code, Code::InvalidRequest);
        check(fault);
    }
    assert_eq!(found.ok(), reference(&text), "{text}");
}

/// Whether this is how a position is written: no sign, no zeros before it, in range.
fn is_position(text: &str) -> bool {
    let Some((epoch, sequence)) = text.split_once('.') else {
        return false;
    };
    let is_shortest = |text: &str| !text.is_empty() && (text == "0" || !text.starts_with('0'));
    let is_hex = epoch
        .bytes()
        .all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'));
    let is_decimal = sequence.bytes().all(|c| c.is_ascii_digit());
    let in_range = epoch.len() <= 16 && sequence.parse::<u64>().is_ok();
    is_shortest(epoch) && is_shortest(sequence) && is_hex && is_decimal && in_range
}

/// The filter, found in another way: all pairs first, then what they come to.
fn reference(query: &str) -> Option<Filter> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| {
        let (key, text) = pair.split_once('=')?;
        Some((key, decoded(text)?))
    });
    let pairs: Vec<(&str, String)> = pairs.collect::<Option<_>>()?;
    match &pairs[..] {
        [] => Some(Filter::Everybody),
        [("filter", name)] => match name.as_str() {
            "everybody" => Some(Filter::Everybody),
            "count" => Some(Filter::Count),
            "following" => Some(Filter::Following),
            _ => None,
        },
        users if users.iter().all(|(key, _)| *key == "user") => {
            Some(Filter::Users(pairs.into_iter().map(|it| it.1).collect()))
        }
        _ => None,
    }
}

/// Percent-encoded text (RFC 3986, section 2.1). A `%` without two hex digits stands for itself.
fn decoded(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::new(), 0);
    while let Some(byte) = bytes.get(at) {
        let digits = text
            .get(at + 1..at + 3)
            .filter(|it| it.bytes().all(|c| c.is_ascii_hexdigit()));
        let decoded = digits
            .filter(|_| *byte == b'%')
            .and_then(|it| u8::from_str_radix(it, 16).ok());
        out.push(decoded.unwrap_or(*byte));
        at += if decoded.is_some() { 3 } else { 1 };
    }
    String::from_utf8(out).ok()
}
