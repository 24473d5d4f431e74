//! The second look: everything that is wrong with a payload that the typed decoding refused.
//!
//! The first look is serde into the type itself, which is fast and stops at the first mistake. Only
//! after a refusal the text is read again into a small tree and walked against the [`Shape`]. Both
//! looks must refuse the same payloads; a property test holds them together.

pub(crate) mod nearest;
mod tree;
mod walk;

#[cfg(test)]
pub(crate) mod derived;
#[cfg(test)]
pub(crate) mod payloads;
#[cfg(test)]
mod tests;

use super::{Field, Invalid, Rule, Shape, Violation};
pub(crate) use walk::Side;
use walk::Walk;

/// Everything that is wrong with the text. Called only with text that was refused.
pub(crate) fn explain(shape: &Shape, json: &[u8]) -> Invalid {
    explain_as(shape, json, Side::Input)
}

/// The same of text from one side.
pub(super) fn explain_as(shape: &Shape, json: &[u8], side: Side) -> Invalid {
    report(look(shape, json, side), || Violation {
        path: String::new(),
        rule: Rule::Type,
        expected: "what the typed decoding takes; a bug of presence-runtime, please report it"
            .to_owned(),
        found: cut(String::from_utf8_lossy(json).chars()),
    })
}

/// Everything that is wrong with a Rust value, given its JSON. Called only with values refused.
///
/// JSON spells a NaN or an infinity `null`. Inside an `Option` that is no mistake in the text, so
/// where the text is fine such a number is what was refused.
pub(super) fn explain_typed(shape: &Shape, json: &[u8]) -> Invalid {
    report(look(shape, json, Side::Output), || Violation {
        path: String::new(),
        rule: Rule::Type,
        expected: "finite numbers".to_owned(),
        found: "NaN or an infinity".to_owned(),
    })
}

fn report(mut violations: Vec<Violation>, otherwise: impl FnOnce() -> Violation) -> Invalid {
    if violations.is_empty() {
        violations.push(otherwise());
    }
    Invalid { violations }
}

/// What the walk finds; nothing when the payload is valid.
pub(crate) fn look(shape: &Shape, json: &[u8], side: Side) -> Vec<Violation> {
    match tree::parse(json) {
        Ok(tree) => Walk::over(shape, &tree, side),
        Err(broken) => vec![broken],
    }
}

/// The same for the value of one field.
pub(super) fn look_at(field: &Field, json: &[u8], side: Side) -> Vec<Violation> {
    match tree::parse(json) {
        Ok(tree) => Walk::over_field(field, &tree, side),
        Err(broken) => vec![broken],
    }
}

/// The most that a violation repeats of what came.
fn cut(text: impl Iterator<Item = char>) -> String {
    text.take(64).collect()
}
