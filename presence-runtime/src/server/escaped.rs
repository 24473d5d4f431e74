//! Escaped: text of others in a log, where it cannot pass for anything but a piece of one line.

use std::fmt::{self, Display, Formatter, Write};

/// The most characters that are shown.
const MOST: usize = 128;

/// Text that shows no control characters (new lines, the escapes of terminals), nothing invisible and
/// nothing that turns the direction of what follows, and no more than its first 128 characters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Escaped<'a>(pub(super) &'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut chars = self.0.chars();
        for c in chars.by_ref().take(MOST) {
            if c.is_control() || is_hidden(c) {
                write!(f, "{}", c.escape_unicode())?;
            } else {
                f.write_char(c)?;
            }
        }
        match chars.next() {
            Some(_) => f.write_char('…'),
            None => Ok(()),
        }
    }
}

/// Line and paragraph separators, marks of direction, and what has no width.
const fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_pass_for_something_else_is_spelt_out() {
        for (text, shown) in [
            ("Ann is at ünïcode 😀", "Ann is at ünïcode 😀"),
            ("a\nb\r\tc", "a\\u{a}b\\u{d}\\u{9}c"),
            ("\x1b[31mred\u{9b}0m", "\\u{1b}[31mred\\u{9b}0m"),
            ("\u{202e}txt.exe\u{2066}", "\\u{202e}txt.exe\\u{2066}"),
            (
                "a\u{2028}b\u{feff}\u{200b}",
                "a\\u{2028}b\\u{feff}\\u{200b}",
            ),
        ] {
            assert_eq!(Escaped(text).to_string(), shown);
        }
    }

    #[test]
    fn no_more_than_a_line_is_shown() {
        let text = "ä".repeat(MOST);
        assert_eq!(Escaped(&text).to_string(), text);
        let longer = format!("{text}x");
        assert_eq!(Escaped(&longer).to_string(), format!("{text}…"));
    }
}
