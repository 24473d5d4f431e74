//! The second look: why a payload was refused.

use super::{Invalid, Rule, Shape, Violation};

/// Everything that is wrong with a payload that the typed decoding refused.
pub(super) fn explain(_shape: &Shape, json: &[u8]) -> Invalid {
    let found = String::from_utf8_lossy(json).chars().take(64).collect();
    let violation = Violation {
        path: String::new(),
        rule: Rule::Type,
        expected: "a valid value".to_owned(),
        found,
    };
    Invalid {
        violations: vec![violation],
    }
}
