//! What the code of `#[derive(Presence)]` calls. No part of the public interface.

pub use crate::__describe as describe;
pub use crate::schema::proof::{clashes, oversized, unfit};
pub use crate::schema::strict::{
    Body, Choice, Enclosed, Fields, Form, OptionOf, Record, VecOf, Wire, adjacent, enclosed,
    external, form_keeps, form_or_default, internal, judge_form, no_such_index, object, put_form,
    record, required_form, tagged, take_form,
};
pub use crate::schema::{
    Again, Check, Compiled, Content, Decay, Declaration, Enum, Expression, Field, NameError, Need,
    Newtype, Presence, Rules, Schema, Segment, Settings, Shape, Struct, Tag, TopicOf, Variant,
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
