//! What the runtime says of payloads.

use std::collections::BTreeMap;

use presence_runtime::schema::{Claims, Invalid, Schema, StampError, Value, Violation};
use serde::{Deserialize, Serialize};

use crate::types::topics;

/// A payload and the verdict on it.
#[derive(Debug, Serialize)]
pub struct Row<'a> {
    r#type: &'a str,
    payload: String,
    valid: bool,
    /// What a valid payload becomes.
    #[serde(skip_serializing_if = "Option::is_none")]
    canonical: Option<String>,
    /// What is wrong with any other.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    details: Vec<Violation>,
}

impl Row<'_> {
    /// The row as a line of JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a row has string keys only")
    }
}

/// The judge of all types.
#[derive(Debug)]
pub struct Judge {
    schemas: BTreeMap<&'static str, &'static Schema>,
}

impl Judge {
    /// The judge of [`topics()`].
    #[must_use]
    pub fn new() -> Self {
        let topics = topics();
        let schemas = topics.iter().map(|it| (it.schema.name(), it.schema));
        Self {
            schemas: schemas.collect(),
        }
    }

    /// The contracts, by name.
    pub fn schemas(&self) -> impl Iterator<Item = &'static Schema> {
        self.schemas.values().copied()
    }

    /// A payload with its verdict.
    #[must_use]
    pub fn row(&self, schema: &'static Schema, payload: String) -> Row<'static> {
        // What the server sets is at its defaults.
        let judged = Value::stamped(schema, payload.as_bytes(), &Claims::none());
        let (canonical, details) = match judged {
            Ok(value) => {
                let json = String::from_utf8(value.json().to_vec()).expect("JSON is UTF-8");
                (Some(json), Vec::new())
            }
            Err(StampError::Invalid(Invalid { violations })) => (None, violations),
            Err(other) => panic!("{}: {other}", schema.name()),
        };
        Row {
            r#type: schema.name(),
            payload,
            valid: canonical.is_some(),
            canonical,
            details,
        }
    }

    /// Judges a row that has only a type and a payload.
    ///
    /// # Panics
    /// When it is something else.
    #[must_use]
    pub fn read(&self, line: &str) -> Row<'static> {
        #[derive(Deserialize)]
        struct Question {
            r#type: String,
            payload: String,
        }
        let question: Question = serde_json::from_str(line).expect("a row");
        let schema = self.schemas.get(question.r#type.as_str());
        self.row(schema.expect("a known type"), question.payload)
    }
}

impl Default for Judge {
    fn default() -> Self {
        Self::new()
    }
}
