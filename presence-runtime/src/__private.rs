//! What the code of `#[derive(Presence)]` calls. No part of the public interface.

pub use crate::__describe as describe;
pub use crate::schema::proof::{clashes, oversized, unfit};
pub use crate::schema::strict::{
    Body, Choice, Enclosed, Fields, Record, Wire, adjacent, enclosed, external, internal,
    no_such_index, object, record, tagged,
};
pub use crate::schema::{
    Content, Decay, Declaration, Enum, Field, NameError, Need, Presence, Rules, Schema, Segment,
    Settings, Shape, Struct, Tag, TopicOf, Variant,
};

pub use serde::de::{Deserializer, Error, MapAccess};
pub use serde::ser::{SerializeMap, Serializer};

#[cfg(feature = "codegen")]
pub use {schemars, ts_rs};

/// A default as schemars takes it.
#[cfg(feature = "codegen")]
#[must_use]
pub fn json_value<T: Wire>(value: &T) -> serde_json::Value {
    serde_json::from_str(&value.json()).expect("what was just written is JSON")
}

/// The bit of a field that is away from its default.
pub fn away<T: PartialEq>(value: &T, default: &T, bit: u32) -> u32 {
    if value == default { 0 } else { bit }
}
