//! Values: canonical bytes that passed every check of their schema.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;

use super::depth::is_recursive;
use super::judge::{self, Side};
use super::strict::{from_json, is_too_deep, to_json};
use super::{Invalid, Presence, Rules, Schema};

/// A valid value of a topic type as canonical JSON. Nothing else makes one, so whoever holds a
/// `Value` may send its bytes.
#[derive(Clone)]
pub struct Value {
    schema: &'static Schema,
    json: Bytes,
    decaying: u32,
}

impl Value {
    /// Checks a Rust value.
    ///
    /// # Errors
    /// When it breaks a rule of its type.
    pub fn new<T: Presence>(value: &T) -> Result<Self, Invalid> {
        let is_deep = || const { is_recursive(T::SHAPE) } && is_too_deep(&to_json(value));
        if value.keeps(&Rules::NONE) && !is_deep() {
            return Ok(Self::canonical(T::SCHEMA, value));
        }
        Err(judge::explain_typed(T::SHAPE, &to_json(value)))
    }

    /// Checks JSON text.
    ///
    /// # Errors
    /// When it is not JSON, not of the schema's type, or breaks one of its rules. All is reported.
    /// What the server sets may stand in it, and has to: this is not for what a client sends, which
    /// is [`Value::stamped`].
    pub fn parse(schema: &'static Schema, json: &[u8]) -> Result<Self, Invalid> {
        (schema.parse)(schema, json)
    }

    /// The contract the value keeps.
    #[must_use]
    pub const fn schema(&self) -> &'static Schema {
        self.schema
    }

    /// The canonical JSON.
    #[must_use]
    pub const fn json(&self) -> &Bytes {
        &self.json
    }

    /// A bit for each of the schema's `decays` whose field is not at its default.
    #[must_use]
    pub const fn decaying(&self) -> u32 {
        self.decaying
    }

    /// The same value with the fields of these bits back at their defaults. Where the code of the type
    /// panics over it, it stays as it is for good: topics are locked here.
    #[must_use]
    pub fn decayed(&self, fields: u32) -> Self {
        let decayed = catch_unwind(AssertUnwindSafe(|| (self.schema.decay)(self, fields)));
        decayed.unwrap_or_else(|_| Self {
            decaying: self.decaying & !fields,
            ..self.clone()
        })
    }

    /// The value as its Rust type; nothing when it is of another type.
    #[must_use]
    pub fn read<T: Presence>(&self) -> Option<T> {
        (self.schema == T::SCHEMA).then(|| self.typed())
    }

    pub(super) fn parse_as<T: Presence>(
        schema: &'static Schema,
        json: &[u8],
    ) -> Result<Self, Invalid> {
        match from_json::<T>(json, &Rules::NONE) {
            Ok(value) => Ok(Self::canonical(schema, &value)),
            Err(_) => Err(judge::explain_as(T::SHAPE, json, Side::Output)),
        }
    }

    pub(super) fn decay_as<T: Presence>(&self, fields: u32) -> Self {
        let mut value: T = self.typed();
        value.decay(fields);
        Self::canonical(self.schema, &value)
    }

    fn canonical<T: Presence>(schema: &'static Schema, value: &T) -> Self {
        Self {
            schema,
            // As long as it is: a topic keeps as many of these as it has members. A copy is cheaper
            // than to cut off what is too much, which leaves allocators with crumbs.
            json: Bytes::copy_from_slice(&to_json(value)),
            decaying: value.decaying(),
        }
    }

    fn typed<T: Presence>(&self) -> T {
        from_json(&self.json, &Rules::NONE)
            .expect("canonical bytes decode as the type that encoded them")
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {}",
            self.schema.name(),
            String::from_utf8_lossy(&self.json)
        )
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.schema == other.schema && self.json == other.json
    }
}

impl Eq for Value {}
