//! The state a member announces, and how it is found again wherever it arrives.
//!
//! A state carries a stamp: `~`, twelve digits of microseconds, `.`, six digits of who sent it. A stamp survives quoting,
//! escaping and being put beside other states, so that counting is the same for every textual protocol.

use std::io::Write;

const LEN: usize = 20;

/// Appends a state of 60 bytes.
pub(crate) fn write_state(out: &mut Vec<u8>, sender: u32, step: u32, now_us: u64) {
    let x = 1000 + (step * 7 + sender) % 9000;
    let y = 1000 + (step * 3 + sender) % 9000;
    write!(
        out,
        r##"{{"x":{x},"y":{y},"c":"#8040ff","t":"~{now_us:012}.{sender:06}"}}"##
    )
    .expect("a vector takes everything");
}

/// Calls `found` with the sender and the time of each state in `payload`.
pub(crate) fn scan(payload: &[u8], mut found: impl FnMut(u32, u64)) {
    for at in memchr::memchr_iter(b'~', payload) {
        let Some(stamp) = payload[at..].first_chunk::<LEN>() else {
            return;
        };
        if stamp[13] == b'.'
            && let (Some(time), Some(sender)) = (number(&stamp[1..13]), number(&stamp[14..]))
        {
            found(sender as u32, time);
        }
    }
}

fn number(digits: &[u8]) -> Option<u64> {
    let mut all = 0;
    let mut sum = 0;
    for digit in digits {
        let value = digit.wrapping_sub(b'0');
        all |= u8::from(value > 9);
        sum = sum * 10 + u64::from(value);
    }
    (all == 0).then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_has_sixty_bytes_and_is_found_again() {
        let mut text = b"[~".to_vec();
        write_state(&mut text, 7, 1, 123_456);
        assert_eq!(text.len(), 62);
        write_state(&mut text, 999_999, 70_000, 999_999_999_999);
        text.extend_from_slice(b"~00000000000");
        let mut found = Vec::new();
        scan(&text, |sender, time| found.push((sender, time)));
        assert_eq!(found, [(7, 123_456), (999_999, 999_999_999_999)]);
    }
}
