//! Values: the fast look and the slow one say the same, and what is taken is canonical.

use std::sync::LazyLock;

use presence_runtime::internals::is_fine;
use presence_runtime::schema::{Claims, Schema, StampError, Value};

use crate::faults::check_details;

/// Those of the examples come first.
static SCHEMAS: LazyLock<Vec<&'static Schema>> = LazyLock::new(|| {
    let topics = contract::types::topics();
    topics.iter().map(|it| it.schema).collect()
});

/// The first byte says of which type the rest is to be a value.
pub fn values(data: &[u8]) {
    let Some((knob, json)) = data.split_first() else {
        return;
    };
    let schema = SCHEMAS[usize::from(*knob) % SCHEMAS.len()];
    match Value::stamped(schema, json, &Claims::none()) {
        Ok(value) => {
            assert!(is_fine(schema, json), "only the fast look takes it");
            check_canonical(schema, &value);
        }
        Err(StampError::Invalid(invalid)) => {
            assert!(!invalid.violations.is_empty());
            check_details(&invalid.violations);
        }
        Err(other) => panic!("{}: {other}", schema.name()),
    }
}

fn check_canonical(schema: &'static Schema, value: &Value) {
    let canonical = value.json();
    let again = Value::parse(schema, canonical).expect("what is canonical is a value");
    assert_eq!(again.json(), canonical, "a fixpoint");
    assert_eq!(again.decaying(), value.decaying());
    let most = schema
        .max_json()
        .expect("what the derive takes has a longest value");
    let allowed = schema.settings().max_bytes;
    assert!(
        canonical.len() <= most && most <= allowed,
        "{} bytes",
        canonical.len()
    );
    let text = std::str::from_utf8(canonical).expect("UTF-8");
    let breaks = |c: char| c.is_control() && c != '\u{7f}' && !('\u{80}'..='\u{9f}').contains(&c);
    assert!(!text.contains(breaks), "a line or a frame could break");
    let decayed = value.decayed(value.decaying());
    assert_eq!(decayed.decaying(), 0);
    Value::parse(schema, decayed.json()).expect("a value that decayed is one");
    serde_json::from_str::<serde_json::Value>(text).expect("JSON for everybody");
}
