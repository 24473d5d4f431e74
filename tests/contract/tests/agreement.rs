//! The runtime and a schema validator give every payload the same verdict, what the runtime makes of
//! a payload keeps the output schema and the proved size, and the proof is no larger than it has to
//! be. `COUNT` payloads a type, from `SEED`.

use contract::types::numbers::Floats;
use contract::{Dice, longest, payload, topics};
use jsonschema::Validator;
use presence_runtime::schema::{Claims, Rule, Schema, StampError, Value, Violation, size};

fn number(name: &str, otherwise: u64) -> u64 {
    let given = std::env::var(name).ok();
    given.map_or(otherwise, |it| it.parse().expect("a number"))
}

fn schemas() -> Vec<&'static Schema> {
    topics().iter().map(|it| it.schema).collect()
}

/// What the validator cannot see: it is of the text, or only the server knows.
fn is_beyond(violation: &Violation) -> bool {
    matches!(
        violation.rule,
        Rule::Json | Rule::Duplicate | Rule::Depth | Rule::Validate
    )
}

struct Judges {
    schema: &'static Schema,
    input: Validator,
    output: Validator,
    most: usize,
}

impl Judges {
    fn new(schema: &'static Schema) -> Self {
        let validator = |json| jsonschema::draft202012::new(&json).expect("a schema");
        Self {
            schema,
            input: validator(schema.json_schema()),
            output: validator(schema.output_schema()),
            most: schema.max_json().expect("topic types have a bound"),
        }
    }

    /// Whether the payload is valid, when all judges say the same.
    fn agree(&self, text: &str) -> bool {
        let name = self.schema.name();
        let judged = Value::stamped(self.schema, text.as_bytes(), &Claims::none());
        match judged {
            Ok(value) => {
                let json = serde_json::from_str(text).expect("the runtime took it");
                assert!(self.input.is_valid(&json), "{name} {text}");
                self.sent(&value);
                true
            }
            Err(StampError::Invalid(invalid)) => {
                let bug = invalid
                    .violations
                    .iter()
                    .find(|it| it.expected.contains("bug"));
                assert_eq!(bug, None, "{name} {text}");
                if !invalid.violations.iter().any(is_beyond) {
                    let json = serde_json::from_str(text).expect("nothing is wrong with the text");
                    assert!(!self.input.is_valid(&json), "{name} {text}: {invalid}");
                }
                false
            }
            Err(other) => panic!("{name} {text}: {other}"),
        }
    }

    /// What the server sends is as it says.
    fn sent(&self, value: &Value) {
        let name = self.schema.name();
        let canonical = value.json();
        let json = serde_json::from_slice(canonical).expect("canonical JSON");
        assert!(self.output.is_valid(&json), "{name} {value:?}");
        assert!(canonical.len() <= self.most, "{name} {value:?}");
        let again = Value::parse(self.schema, canonical);
        assert_eq!(again.as_ref(), Ok(value), "{name}");
    }
}

#[test]
fn every_payload_is_judged_alike() {
    let (count, seed) = (number("COUNT", 2000), number("SEED", 1));
    let schemas = schemas();
    assert!(schemas.len() >= 25, "{} types", schemas.len());
    for schema in schemas {
        let judges = Judges::new(schema);
        let mut dice = Dice::new(seed);
        let valid = (0..count)
            .filter(|_| judges.agree(&payload(schema, &mut dice)))
            .count();
        assert!(
            valid > 0 && (valid as u64) < count,
            "{}: {valid} valid",
            schema.name()
        );
    }
}

#[test]
fn a_value_comes_close_to_the_proved_size() {
    let mut far = Vec::new();
    for schema in schemas() {
        let judges = Judges::new(schema);
        let (text, mut slack) = longest(schema);
        let value = Value::stamped(schema, text.as_bytes(), &Claims::none());
        let value = value.unwrap_or_else(|error| panic!("{}: {error}: {text}", schema.name()));
        judges.sent(&value);
        let length = value.json().len();
        // They stand at their defaults.
        for (field, _) in schema.stamps() {
            slack += size::max_field(field).expect("fields are bounded");
        }
        let missing = judges.most - length;
        if missing > slack {
            far.push(format!("{length} of {} bytes: {value:?}", judges.most));
        }
    }
    assert_eq!(far, [""; 0]);
}

/// serde_json writes them as `null`, which nobody could read again.
#[test]
fn numbers_that_json_has_not_are_refused_in_rust() {
    let fine = Floats {
        any: 0.0,
        single: 0.0,
        at_least: 0.0,
        at_most: 0.0,
        far: 1.0,
        share: None,
    };
    assert!(Value::new(&fine).is_ok());
    let broken = [
        Floats {
            any: f64::NAN,
            ..fine.clone()
        },
        Floats {
            any: f64::NEG_INFINITY,
            ..fine.clone()
        },
        Floats {
            single: f32::INFINITY,
            ..fine.clone()
        },
        Floats {
            at_least: f64::NAN,
            ..fine.clone()
        },
        Floats {
            share: Some(f32::NAN),
            ..fine.clone()
        },
    ];
    for value in broken {
        let refused = Value::new(&value).expect_err("JSON has no such number");
        assert_eq!(refused.violations.len(), 1, "{refused:?}");
        assert_eq!(refused.violations[0].rule, Rule::Type, "{refused:?}");
    }
}
