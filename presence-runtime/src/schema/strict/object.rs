//! Objects: known keys, each at most once, in any order.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};

use super::{Wire, Within};
use crate::schema::{Field, Rules};

/// The fields of a struct or struct variant, filled while an object is read.
pub trait Fields: Sized {
    /// What the fields become.
    type Whole;
    /// No field filled.
    const EMPTY: Self;
    /// The fields in order of declaration.
    const FIELDS: &'static [Field];

    /// Fills the field of this index with the value that comes next.
    ///
    /// # Errors
    /// The deserializer's.
    fn read<'de, A: MapAccess<'de>>(&mut self, field: usize, map: &mut A) -> Result<(), A::Error>;

    /// Puts the fields together.
    ///
    /// # Errors
    /// When one is missing that must not.
    fn whole<E: Error>(self) -> Result<Self::Whole, E>;
}

/// A struct, whose fields can also stand in a larger object.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stand beside the tag of an enum",
    label = "not a struct that derives `Presence`",
    note = "a variant of an enum with `#[serde(tag = \"…\")]` carries nothing, named fields or a struct; `#[serde(tag = \"…\", content = \"…\")]` takes any type"
)]
pub trait Record: Wire {
    /// Writes the fields in order.
    ///
    /// # Errors
    /// The serializer's.
    fn fields<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error>;
}

/// Reads an object into its fields.
///
/// # Errors
/// The deserializer's, at the first mistake.
pub fn object<'de, F: Fields, D: Deserializer<'de>>(deserializer: D) -> Result<F::Whole, D::Error> {
    deserializer.deserialize_map(Object::<F>(PhantomData))
}

/// Writes a struct.
///
/// # Errors
/// The serializer's.
pub fn record<T: Record, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    value.fields(&mut map)?;
    map.end()
}

/// Stands where a field or variant of this index would, if there were one.
///
/// # Errors
/// Always.
pub fn no_such_index<T, E: Error>() -> Result<T, E> {
    Err(E::custom("no such key"))
}

struct Object<F>(PhantomData<fn() -> F>);

impl<'de, F: Fields> Visitor<'de> for Object<F> {
    type Value = F::Whole;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<F::Whole, A::Error> {
        read::<F, A>(map)
    }
}

impl<'de, F: Fields> DeserializeSeed<'de> for Object<F> {
    type Value = F::Whole;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<F::Whole, D::Error> {
        object::<F, D>(deserializer)
    }
}

/// Reads all keys of a map into fields.
pub(super) fn read<'de, F: Fields, A: MapAccess<'de>>(mut map: A) -> Result<F::Whole, A::Error> {
    let mut fields = F::EMPTY;
    let mut next = 0;
    while let Some(field) = map.next_key_seed(Key {
        of: F::FIELDS,
        next,
    })? {
        fields.read(field, &mut map)?;
        next = field + 1;
    }
    fields.whole()
}

/// Reads the value that comes next as an object.
pub(super) fn read_value<'de, F: Fields, A: MapAccess<'de>>(
    map: &mut A,
) -> Result<F::Whole, A::Error> {
    map.next_value_seed(Object::<F>(PhantomData))
}

/// Reads the value that comes next.
pub(super) fn value<'de, T: Wire, A: MapAccess<'de>>(
    map: &mut A,
    rules: &Rules,
) -> Result<T, A::Error> {
    map.next_value_seed(Within::new(rules))
}

/// Finds a key among fields, first where the canonical order would put it.
struct Key {
    of: &'static [Field],
    next: usize,
}

impl Visitor<'_> for Key {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<usize, E> {
        if self.of.get(self.next).is_some_and(|it| it.key == key) {
            return Ok(self.next);
        }
        self.of
            .iter()
            .position(|it| it.key == key)
            .ok_or_else(|| E::custom("unknown key"))
    }
}

impl<'de> DeserializeSeed<'de> for Key {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_str(self)
    }
}
