//! Regular expressions of strings, in the part of the language that Rust and ECMAScript share. The
//! derive checks that they are of that part.

use std::fmt;
use std::sync::OnceLock;

use regex_lite::Regex;

/// What a string looks like: an expression that must match somewhere in it.
#[derive(Clone, Copy)]
pub struct Expression {
    /// The expression as it was written.
    pub source: &'static str,
    /// The most bytes of JSON that a character of a matching string can need.
    pub widest: usize,
    /// Whether a string matches.
    pub matches: fn(&str) -> bool,
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}/", self.source)
    }
}

/// An expression that is compiled when it is first asked. The derive emits one for each `pattern`.
#[derive(Debug)]
pub struct Compiled {
    source: &'static str,
    regex: OnceLock<Regex>,
}

impl Compiled {
    /// An expression that the derive has checked.
    #[must_use]
    pub const fn new(source: &'static str) -> Self {
        Self {
            source,
            regex: OnceLock::new(),
        }
    }

    /// Whether it matches somewhere in the text.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        self.regex
            .get_or_init(|| Regex::new(self.source).expect("the derive has checked the expression"))
            .is_match(text)
    }
}
