//! Strict encoding and decoding: what JSON a type accepts and what it becomes.
//!
//! [`Wire`] is ours rather than serde's pair of traits, so that serde derives on the same type are
//! welcome and not needed, and so that strictness is ours: serde's derives take structs from
//! arrays, unit variants from `{"variant":null}` and unknown keys beside a tag. The derive emits
//! one constant of data per type and a few calls into this folder; the loops are here.

mod form;
mod leaf;
mod map;
mod nest;
mod object;
mod tag;
mod variant;

use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::contract::MAX_DEPTH;
use super::depth::is_recursive;
use super::{Describe, Field, Rules, Shape};

pub use form::{
    Form, LooksLike, OptionOf, Text, VecOf, form_json, form_keeps, form_or_default, judge_form,
    judged, put_form, required_form, take_form,
};
pub(super) use leaf::{F32_MAX, is_control};
pub(super) use map::NO_KEY;
pub use object::{Fields, Record, no_such_index, object, record};
pub use variant::{Body, Choice, Enclosed, adjacent, enclosed, external, internal, tagged};

/// How a type is said: its shape, its JSON, its rules. `#[derive(Presence)]` implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be part of a presence value",
    label = "`{Self}` has no presence shape",
    note = "add `#[derive(Presence)]` to `{Self}`; or say what it looks like with `#[presence(wire = \"String\")]` on the field; or use bool, an integer or float, char, String, Option, Vec, an array, a tuple or a map with String keys"
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

    // What the derive calls for a field of this type. These are methods rather than functions
    // with a bound because of the types that lack the trait: the compiler says the same at every
    // mention of `<Type as Wire>` and shows it once, but would show each function's bound.

    /// Fills `place` with the value that comes next, once.
    ///
    /// # Errors
    /// When the key came before, and the deserializer's.
    #[doc(hidden)]
    fn take<'de, A: MapAccess<'de>>(
        place: &mut Option<Self>,
        field: &Field,
        map: &mut A,
    ) -> Result<(), A::Error> {
        if place.is_some() {
            return Err(A::Error::duplicate_field(field.key));
        }
        *place = Some(map.next_value_seed(Within::new(&field.rules))?);
        Ok(())
    }

    /// The value of a field without a default.
    ///
    /// # Errors
    /// When it was left out and the type does not take `null`.
    #[doc(hidden)]
    fn required<E: Error>(given: Option<Self>, field: &Field) -> Result<Self, E> {
        given
            .or_else(Self::missing)
            .ok_or_else(|| E::missing_field(field.key))
    }

    /// The value of a field with a default.
    ///
    /// # Errors
    /// When it was left out and the default breaks the field's own rules.
    #[doc(hidden)]
    fn or_default<E: Error>(
        given: Option<Self>,
        field: &Field,
        default: impl FnOnce() -> Self,
    ) -> Result<Self, E> {
        given
            .or_else(|| Some(default()).filter(|value| value.keeps(&field.rules)))
            .ok_or_else(|| E::custom("the default breaks a rule of its field"))
    }

    /// The content of a newtype variant.
    ///
    /// # Errors
    /// The deserializer's.
    #[doc(hidden)]
    fn content<'de, B: Body<'de>>(body: B, rules: &Rules) -> Result<Self, B::Error> {
        body.newtype(rules)
    }

    /// Writes it as a field.
    ///
    /// # Errors
    /// The serializer's.
    #[doc(hidden)]
    fn put<M: SerializeMap>(&self, map: &mut M, field: &Field) -> Result<(), M::Error> {
        map.serialize_entry(field.key, &AsSerde(self))
    }

    /// The field's key when this is its default and breaks its rules.
    #[doc(hidden)]
    fn bad_default_of(&self, field: &Field) -> Option<&'static str> {
        (!self.keeps(&field.rules)).then_some(field.key)
    }

    /// Its canonical JSON.
    #[doc(hidden)]
    fn json(&self) -> String {
        String::from_utf8(to_json(self)).expect("JSON is UTF-8")
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

/// Reads all of a text as a value that stands under these rules.
///
/// # Errors
/// `serde_json`'s, at the first mistake.
pub(crate) fn from_json<T: Wire>(json: &[u8], rules: &Rules) -> Result<T, serde_json::Error> {
    // Looked at once as a whole, instead of at each key and string.
    let text = std::str::from_utf8(json).map_err(serde_json::Error::custom)?;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = T::decode(&mut deserializer, rules)?;
    deserializer.end()?;
    if const { is_recursive(T::SHAPE) } && is_too_deep(json) {
        return Err(serde_json::Error::custom("too deep"));
    }
    Ok(value)
}

/// Whether more than [`MAX_DEPTH`] objects and arrays stand inside each other in a JSON text.
pub(super) fn is_too_deep(json: &[u8]) -> bool {
    let mut depth = 0_usize;
    let mut bytes = json.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => {
                while let Some(byte) = bytes.next() {
                    match byte {
                        b'"' => break,
                        b'\\' => drop(bytes.next()),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
        if depth > MAX_DEPTH {
            return true;
        }
    }
    false
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
