//! Strict encoding and decoding: what JSON a type accepts and what it becomes.
//!
//! [`Wire`] is ours rather than serde's pair of traits, so that serde derives on the same type are
//! welcome and not needed, and so that strictness is ours: serde's derives take structs from
//! arrays, unit variants from `{"variant":null}` and unknown keys beside a tag. The derive emits
//! one constant of data per type and a few calls into this folder; the loops are here.

mod leaf;
mod nest;
mod object;
mod tag;
mod variant;

use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer};
use serde::ser::{Serialize, Serializer};

use super::{Describe, Rules, Shape};

#[allow(unused_imports)]
pub(super) use leaf::{F32_MAX, is_control};
pub use object::{
    Fields, Record, bad_default, no_such_index, object, or_default, put, record, required, take,
};
pub use variant::{Body, Choice, Enclosed, adjacent, enclosed, external, internal, tagged};

/// How a type is said: its shape, its JSON, its rules. `#[derive(Presence)]` implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be part of a presence topic",
    label = "`{Self}` has no presence shape",
    note = "add `#[derive(Presence)]` to `{Self}`, or use bool, an integer or float, String, Option or Vec"
)]
pub trait Wire: Sized + Describe {
    /// How it looks in JSON.
    const SHAPE: &'static Shape;

    /// Writes it.
    ///
    /// # Errors
    /// The serializer's.
    fn encode<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;

    /// Reads it from `serde_json`, refusing whatever is not exactly of its shape, breaks the rules
    /// of the field it stands in or a rule inside it.
    ///
    /// # Errors
    /// The deserializer's, at the first mistake.
    fn decode<'de, D: Deserializer<'de>>(deserializer: D, rules: &Rules) -> Result<Self, D::Error>;

    /// Whether it keeps the rules of the field it stands in and all rules inside it.
    fn keeps(&self, rules: &Rules) -> bool;

    /// What stands in a field that was left out; nothing unless the type takes `null`.
    #[must_use]
    fn missing() -> Option<Self> {
        None
    }

    /// The key of a field whose default breaks its own rules, in the type or inside it.
    #[must_use]
    fn bad_default() -> Option<&'static str> {
        None
    }
}

/// The canonical JSON of a value.
pub(crate) fn to_json<T: Wire>(value: &T) -> Vec<u8> {
    let mut json = Vec::with_capacity(128);
    value
        .encode(&mut serde_json::Serializer::new(&mut json))
        .expect("writing JSON with string keys to memory does not fail");
    json
}

/// Lets a type with [`Wire`] stand where serde asks for `Serialize`.
#[derive(Debug)]
pub(crate) struct AsSerde<'a, T>(pub(crate) &'a T);

impl<T: Wire> Serialize for AsSerde<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.encode(serializer)
    }
}

/// Reads a `T` under the rules of the place it stands in.
struct Within<'r, T> {
    rules: &'r Rules,
    of: PhantomData<fn() -> T>,
}

impl<'r, T> Within<'r, T> {
    const fn new(rules: &'r Rules) -> Self {
        Self {
            rules,
            of: PhantomData,
        }
    }
}

impl<'de, T: Wire> DeserializeSeed<'de> for Within<'_, T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        T::decode(deserializer, self.rules)
    }
}
