//! Violations: what is wrong with a payload, where, and what would be right.

use std::fmt;

/// Why a payload was refused: everything that is wrong with it, at most [`Invalid::MOST`] things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// What is wrong, in the order of the payload. Never empty.
    pub violations: Vec<Violation>,
}

impl Invalid {
    /// The most violations reported at once.
    pub const MOST: usize = 16;
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, violation) in self.violations.iter().enumerate() {
            write!(f, "{}{violation}", if i == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}

impl std::error::Error for Invalid {}

/// One thing that is wrong with a payload.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Violation {
    /// Where, as a JSON Pointer (RFC 6901) from the value; empty for the value itself.
    pub path: String,
    /// Which rule it breaks.
    pub rule: Rule,
    /// What the rule asks for.
    pub expected: String,
    /// At most 64 characters of what came.
    pub found: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.path.is_empty() {
            "the value"
        } else {
            &self.path
        };
        write!(
            f,
            "{place}: expected {}, found {}",
            self.expected, self.found
        )
    }
}

/// The rules a payload can break. Serialized in camelCase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Rule {
    /// The text is JSON (RFC 8259) with numbers that a 64-bit float can hold.
    Json,
    /// At most 16 objects and arrays stand inside each other.
    Depth,
    /// The value has the type the field asks for.
    Type,
    /// The key is one the type knows.
    Unknown,
    /// The key stands once.
    Duplicate,
    /// The key is there.
    Required,
    /// The variant is one the enum knows.
    Variant,
    /// The number is not below the smallest.
    Min,
    /// The number is not above the largest.
    Max,
    /// The string is not too short.
    MinChars,
    /// The string is not too long.
    MaxChars,
    /// The string has no control characters but tab, line feed and carriage return.
    Control,
    /// The array has an item for each place.
    MinItems,
    /// The list is not too long.
    MaxItems,
    /// The string looks as its expression says.
    Pattern,
    /// The value is one the code of its type takes.
    Validate,
    /// The field is not one that the server sets.
    Server,
    /// The canonical JSON is not too long.
    MaxBytes,
}
