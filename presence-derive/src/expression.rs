//! Regular expressions that Rust and ECMAScript read alike: literals, classes, groups, alternatives,
//! repetitions and the two ends. Whatever one of them reads otherwise is refused with a way out.

use std::iter::Peekable;
use std::str::Chars;

use regex_lite::Regex;
use syn::LitStr;

use crate::errors::Errors;
use crate::model::Expression;

/// Reads an expression, reporting the first thing in it that is not common to both.
pub fn read(literal: &LitStr, errors: &Errors) -> Option<Expression> {
    let source = literal.value();
    let found = widest(&source).and_then(|widest| match Regex::new(&source) {
        Ok(_) => Ok(widest),
        Err(error) => Err(error.to_string()),
    });
    match found {
        Ok(widest) => Some(Expression {
            source,
            widest,
            span: literal.span(),
        }),
        Err(message) => {
            errors.on(literal, format!("`pattern`: {message}"));
            None
        }
    }
}

/// The most bytes of JSON that a character of a matching string needs; what is wrong otherwise.
fn widest(source: &str) -> Result<usize, String> {
    let mut reader = Reader {
        rest: source.chars().peekable(),
        widest: 1,
    };
    let is_whole = reader.alternatives()?;
    if reader.rest.next().is_some() {
        return Err("`)` closes nothing: write `\\)` for the character".to_owned());
    }
    // What an end is missing from may match anywhere in a string of anything.
    Ok(if is_whole { reader.widest } else { 4 })
}

struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
    widest: usize,
}

const MOST_TIMES: usize = 1000;

/// What both let be escaped outside of a class.
const SYNTAX: &str = "^$\\.*+?()[]{}|/";

impl Reader<'_> {
    /// Reads up to the end or a `)`. Answers whether each alternative says all of the string.
    fn alternatives(&mut self) -> Result<bool, String> {
        let mut is_whole = true;
        loop {
            is_whole &= self.sequence()?;
            if !self.take('|') {
                return Ok(is_whole);
            }
        }
    }

    fn sequence(&mut self) -> Result<bool, String> {
        let mut begins = false;
        let mut ends = false;
        let mut is_first = true;
        while let Some(c) = self.rest.peek().copied() {
            if matches!(c, '|' | ')') {
                break;
            }
            self.rest.next();
            ends = c == '$';
            begins |= is_first && c == '^';
            is_first = false;
            if matches!(c, '^' | '$') {
                if self.rest.peek().is_some_and(|c| is_quantifier(*c)) {
                    return Err(format!("`{c}` cannot be repeated"));
                }
                continue;
            }
            self.atom(c)?;
            self.quantifier()?;
        }
        Ok(begins && ends)
    }

    fn atom(&mut self, first: char) -> Result<(), String> {
        match first {
            '(' => {
                if self.take('?') && !self.take(':') {
                    return Err("of groups that begin with `(?` only `(?:…)` means the same in Rust and JavaScript".to_owned());
                }
                self.alternatives()?;
                if !self.take(')') {
                    return Err("a `(` is not closed: write `\\(` for the character".to_owned());
                }
            }
            '[' => self.class()?,
            '\\' => self.escape(SYNTAX)?.widen(self),
            '.' => {
                return Err("`.` leaves out other characters in Rust than in JavaScript: write `[^\\n]`, or `\\.` for the dot".to_owned());
            }
            ']' | '{' | '}' | '*' | '+' | '?' => {
                return Err(format!(
                    "`{first}` stands where nothing can be repeated or closed: write `\\{first}` for the character"
                ));
            }
            other => Item::One(other).widen(self),
        }
        Ok(())
    }

    fn escape(&mut self, syntax: &str) -> Result<Item, String> {
        match self.rest.next() {
            Some('d' | 'w') => Ok(Item::Ascii),
            Some('D' | 'W') => Ok(Item::Any),
            Some('n') => Ok(Item::One('\n')),
            Some('r') => Ok(Item::One('\r')),
            Some('t') => Ok(Item::One('\t')),
            Some(c) if syntax.contains(c) => Ok(Item::One(c)),
            Some(c @ ('s' | 'S')) => Err(format!(
                "`\\{c}` means other characters in Rust than in JavaScript: write `[ \\t\\r\\n]`"
            )),
            Some(c @ ('b' | 'B' | 'A' | 'z' | 'Z' | 'G')) => Err(format!(
                "`\\{c}` is not the same in Rust and JavaScript: of places there are `^` and `$`"
            )),
            Some(c @ ('p' | 'P')) => Err(format!(
                "`\\{c}` depends on the version of Unicode: write the characters or their ranges"
            )),
            Some(c @ '0'..='9') => Err(format!(
                "`\\{c}` refers back, which Rust cannot: write the expression out"
            )),
            Some(c) => Err(format!(
                "`\\{c}` is not the same in Rust and JavaScript: write the character itself"
            )),
            None => Err("it ends with a backslash: write `\\\\` for the character".to_owned()),
        }
    }

    fn class(&mut self) -> Result<(), String> {
        let is_negated = self.take('^');
        let mut is_empty = true;
        loop {
            let Some(c) = self.rest.next() else {
                return Err("a `[` is not closed: write `\\[` for the character".to_owned());
            };
            if c == ']' {
                break;
            }
            let ends = self.rest.peek() == Some(&']');
            let item = self.class_item(c, is_empty || ends)?;
            is_empty = false;
            if self.rest.peek() == Some(&'-') {
                self.rest.next();
                if self.rest.peek() == Some(&']') {
                    Item::One('-').widen(self);
                    item.widen(self);
                    continue;
                }
                let last = self.rest.next().unwrap_or(']');
                let last = self.class_item(last, false)?;
                let (Item::One(low), Item::One(high)) = (item, last) else {
                    return Err("a range has a character at each end".to_owned());
                };
                if low > high {
                    return Err(format!("the range `{low}-{high}` is empty: turn it round"));
                }
                Item::Range(low, high).widen(self);
            } else {
                item.widen(self);
            }
        }
        if is_empty {
            return Err(
                "an empty class is an error in Rust: leave it out, or write `[^\\n]`".to_owned(),
            );
        }
        if is_negated {
            Item::Any.widen(self);
        }
        Ok(())
    }

    fn class_item(&mut self, c: char, is_at_end: bool) -> Result<Item, String> {
        match c {
            '\\' => self.escape("^$\\.*+?()[]{}|/-"),
            '-' if is_at_end => Ok(Item::One('-')),
            '-' | '[' => Err(format!(
                "`{c}` in a class means something else in Rust: write `\\{c}` for the character"
            )),
            '&' | '~' if self.rest.peek() == Some(&c) => Err(format!(
                "`{c}{c}` in a class means something else in Rust: write `{c}` once"
            )),
            other => Ok(Item::One(other)),
        }
    }

    fn quantifier(&mut self) -> Result<(), String> {
        match self.rest.peek() {
            Some('*' | '+' | '?') => drop(self.rest.next()),
            Some('{') => {
                self.rest.next();
                self.times()?;
            }
            _ => return Ok(()),
        }
        // As few as possible: the same strings match.
        self.take('?');
        if self.rest.peek().is_some_and(|c| is_quantifier(*c)) {
            return Err("a repetition of a repetition: put the inner one in `(?:…)`".to_owned());
        }
        Ok(())
    }

    /// The rest of `{2}`, `{2,}` or `{2,4}`.
    fn times(&mut self) -> Result<(), String> {
        let wrong = || {
            "a repetition is written `{2}`, `{2,}` or `{2,4}`: write `\\{` for the character"
                .to_owned()
        };
        let least = self.number().ok_or_else(wrong)?;
        let mut most = least;
        if self.take(',') && self.rest.peek() != Some(&'}') {
            most = self.number().ok_or_else(wrong)?;
        }
        if !self.take('}') {
            return Err(wrong());
        }
        if most < least {
            return Err(format!("`{{{least},{most}}}` is never: turn it round"));
        }
        if most > MOST_TIMES {
            return Err(format!("at most {MOST_TIMES} repetitions, found {most}"));
        }
        Ok(())
    }

    fn number(&mut self) -> Option<usize> {
        let mut digits = String::new();
        while let Some(digit) = self.rest.next_if(char::is_ascii_digit) {
            digits.push(digit);
        }
        digits.parse().ok()
    }

    fn take(&mut self, c: char) -> bool {
        self.rest.next_if_eq(&c).is_some()
    }
}

fn is_quantifier(c: char) -> bool {
    matches!(c, '*' | '+' | '?' | '{')
}

/// Characters that an expression takes at a place.
#[derive(Clone, Copy)]
enum Item {
    One(char),
    Range(char, char),
    /// ASCII letters, digits or underscores.
    Ascii,
    Any,
}

impl Item {
    fn widen(self, reader: &mut Reader<'_>) {
        let (low, high) = match self {
            Self::One(c) => (c, c),
            Self::Range(low, high) => (low, high),
            Self::Ascii => ('0', 'z'),
            Self::Any => ('\0', char::MAX),
        };
        let is_escaped = ['"', '\\', '\t', '\n', '\r']
            .into_iter()
            .any(|c| (low..=high).contains(&c) && !matches!(self, Self::Ascii));
        let bytes = high.len_utf8().max(if is_escaped { 2 } else { 1 });
        reader.widest = reader.widest.max(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_how_wide_a_matching_string_is() {
        for (source, bytes) in [
            ("^[a-z0-9-]+$", 1),
            (r"^\d{4}-\d{2}$|^\w*$", 1),
            (r"^[ -~]*$", 2),
            (r"^\\$", 2),
            ("^(?:ä|b)$", 2),
            ("^[a-€]$", 3),
            ("^[^a]*$", 4),
            (r"^\D$", 4),
            ("[a-z]", 4),
            ("^a", 4),
            ("^a$|b", 4),
            ("", 4),
        ] {
            assert_eq!(widest(source), Ok(bytes), "{source}");
        }
    }

    #[test]
    fn refuses_what_is_read_in_two_ways() {
        for source in [
            ".", r"\s", r"\b", r"\p{L}", r"(a)\1", r"(?=a)", r"(?<n>a)", r"(?i)a", r"\x41",
            r"\u0041", "[", "[]", "[^]", "[a", "[[a]]", "[a&&b]", "[a--b]", "[z-a]", r"[\d-z]",
            "a{", "a{,2}", "a{3,2}", "a{1001}", "a**", "a++", "*a", "^*", "(a", "a)", "]", "}",
            r"\", r"\-", r"\e",
        ] {
            assert!(widest(source).is_err(), "{source}");
        }
    }

    #[test]
    fn takes_what_is_read_in_one_way() {
        for source in [
            "a|b|",
            "()",
            "(a(?:b|c))+?",
            "a{2,}?b{3}c{0,4}",
            r"[\^\]\-\d\w.*/]",
            "[-a]",
            "[a-]",
            "[a^]",
            r"\/\.\{\}",
            "ä😀",
            r"\n\r\t",
            "a&b~c-d",
            "[a&b~]",
        ] {
            assert!(widest(source).is_ok(), "{source}: {:?}", widest(source));
            assert!(Regex::new(source).is_ok(), "{source}");
        }
    }
}
