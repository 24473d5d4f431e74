//! The contract as JSON Schema (draft 2020-12), from the [`Shape`] alone: what input may be, and
//! what output is.
//!
//! This is what the server serves and, word for word, what codegen writes after checking it
//! against schemars. Lengths count code points there as here; only what JSON Schema cannot say is
//! missing: keys that stand twice, and the size of the canonical form.

mod document;
mod parts;

use std::time::Duration;

use serde_json::{Map, Value as Json, json};

use self::document::Document;
#[cfg(feature = "codegen")]
pub(crate) use self::parts::number;
use self::parts::{put, put_some};
use super::depth::stands_again;
use super::judge::Side;
use super::{Registered, Rules, Schema, Settings, Shape};

/// A string without control characters other than tab, line feed and carriage return.
pub(crate) const NO_CONTROL: &str = r"^[^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]*$";

/// What a number is counted in, for which JSON Schema has no word.
pub(crate) const UNIT: &str = "x-unit";

const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

impl Schema {
    /// What values are that the server sends, as JSON Schema.
    #[must_use]
    pub fn output_schema(&self) -> Json {
        let mut root = of_shape(self.shape(), Side::Output);
        put(&mut root, "title", self.name());
        root
    }

    /// The contract as JSON Schema, with the figures the type declares under `x-presence`.
    #[must_use]
    pub fn json_schema(&self) -> Json {
        document(self, self.settings())
    }
}

impl Registered {
    /// The contract as JSON Schema, with the figures in force under `x-presence`.
    #[must_use]
    pub fn json_schema(&self) -> Json {
        document(self.schema, &self.settings)
    }
}

fn document(schema: &Schema, settings: &Settings) -> Json {
    let mut root = of_shape(schema.shape(), Side::Input);
    put(&mut root, "title", schema.name());
    put(&mut root, "x-presence", presence(schema, settings));
    root
}

/// A whole schema for one shape.
pub(crate) fn of_shape(shape: &Shape, side: Side) -> Json {
    let mut document = Document::new(side);
    let mut root = document.body(shape, &Rules::NONE);
    if stands_again(shape) {
        let _ = document.used(shape, &Rules::NONE);
    }
    put(&mut root, "$schema", DRAFT);
    let named = document.named();
    if !named.is_empty() {
        put(&mut root, "$defs", Json::Object(named));
    }
    root
}

/// What JSON Schema has no words for.
pub(crate) fn presence(schema: &Schema, settings: &Settings) -> Json {
    let decays: Map<_, _> = schema
        .decays()
        .iter()
        .map(|decay| (decay.key.to_owned(), millis(decay.after)))
        .collect();
    let mut json = json!({
        "pattern": schema.pattern().to_string(),
        "parameters": schema.pattern().parameters().collect::<Vec<_>>(),
        "fingerprint": schema.fingerprint(),
        "ttlMs": millis(settings.ttl),
        "maxTtlMs": millis(settings.max_ttl),
        "graceMs": millis(settings.grace),
        "throttleMs": millis(settings.throttle),
        "maxBytes": settings.max_bytes,
        "maxMembers": settings.max_members,
        "decays": decays,
    });
    put_some(&mut json, "version", schema.version());
    json
}

fn millis(duration: Duration) -> Json {
    u64::try_from(duration.as_millis())
        .expect("a duration of a topic type is far below the age of the universe")
        .into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Rule;
    use super::super::judge::{Side, look, payloads};
    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        /// A schema validator and the walk give the same verdict on every JSON text, whatever
        /// the shape; only keys that stand twice are beyond JSON Schema.
        #[test]
        fn agrees_with_the_walk(
            (shape, texts) in payloads::shape().prop_flat_map(|shape| {
                (Just(shape), proptest::collection::vec(payloads::payload(shape), 8))
            })
        ) {
            let schema = of_shape(shape, Side::Input);
            let validator = jsonschema::draft202012::new(&schema).expect("a schema");
            for text in texts {
                let found = look(shape, text.as_bytes(), Side::Input);
                let beyond = |rule| matches!(rule, Rule::Json | Rule::Duplicate | Rule::Depth);
                if found.iter().any(|it| beyond(it.rule)) {
                    continue;
                }
                let json: Json = serde_json::from_str(&text).expect("the walk says it is JSON");
                prop_assert_eq!(
                    validator.is_valid(&json), found.is_empty(),
                    "{} {:?} {:#}", text, found, schema
                );
            }
        }
    }
}
