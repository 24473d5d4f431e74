//! Printable JSON: for what quotes a client. Errors end in logs and on terminals, where invisible
//! characters would do what they do: steer the terminal, turn the direction of text, hide. So each is
//! written as an escape of JSON, and who reads the JSON has the same text.

use std::io;

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

/// The JSON of a thing with string keys.
pub(super) fn to_string(it: &impl Serialize) -> String {
    let mut bytes = Vec::new();
    it.serialize(&mut Serializer::with_formatter(&mut bytes, Printable))
        .expect("such a thing has string keys only");
    String::from_utf8(bytes).expect("JSON is text")
}

struct Printable;

impl Formatter for Printable {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((at, c)) = rest.char_indices().find(|(_, c)| is_hidden(*c)) {
            writer.write_all(&rest.as_bytes()[..at])?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = &rest[at + c.len_utf8()..];
        }
        writer.write_all(rest.as_bytes())
    }
}

/// Whether a character is not shown as one that takes a place of its own.
fn is_hidden(c: char) -> bool {
    !(' '..='~').contains(&c) && c.escape_debug().len() > 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_seen_is_escaped_and_means_the_same() {
        for (text, json) in [
            ("abc \" \\ /", r#""abc \" \\ /""#),
            ("grün 漢字 👩", "\"grün 漢字 👩\""),
            ("\u{1b}[31m\n", r#""\u001b[31m\n""#),
            ("a\u{7f}\u{85}\u{9b}b", r#""a\u007f\u0085\u009bb""#),
            ("\u{202e}\u{2066}\u{2028}", r#""\u202e\u2066\u2028""#),
            ("\u{200b}\u{feff}", r#""\u200b\ufeff""#),
            ("x\u{e0041}", r#""x\udb40\udc41""#),
        ] {
            let found = to_string(&text);
            assert_eq!(found, json);
            assert_eq!(
                serde_json::from_str::<String>(&found).ok().as_deref(),
                Some(text)
            );
        }
    }
}
