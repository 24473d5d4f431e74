//! What the code of `#[derive(Presence)]` calls. No part of the public interface.

pub use crate::__describe as describe;
pub use crate::schema::proof::{clashes, oversized, unfit};
pub use crate::schema::strict::{
    Body, Choice, Enclosed, Fields, Form, LooksLike, OptionOf, Record, Text, VecOf, Wire, adjacent,
    enclosed, external, form_json, form_keeps, form_or_default, internal, judge_form, judged,
    no_such_index, object, put_form, record, required_form, tagged, take_form,
};
pub use crate::schema::{
    Again, Check, Compiled, Content, Decay, Declaration, Enum, Expression, Field, Name, NameError,
    Named, Need, Newtype, Presence, Rules, Schema, Segment, Settings, Shape, Struct, Tag, TopicOf,
    Variant,
};

use std::fmt::Display;

pub use serde::de::{Deserializer, Error, MapAccess};
pub use serde::ser::{SerializeMap, Serializer};

#[cfg(feature = "codegen")]
pub use {schemars, ts_rs};

/// A default as schemars takes it.
#[cfg(feature = "codegen")]
#[must_use]
pub fn json_value(json: &str) -> serde_json::Value {
    serde_json::from_str(json).expect("what was just written is JSON")
}

/// Whether schemars says a default: it is said beside.
#[cfg(feature = "codegen")]
pub const fn left_out<T>(_: &T) -> bool {
    true
}

/// What a function of the user says about a value.
///
/// # Errors
/// What would be right.
pub fn verdict<T, E: Display>(
    value: &T,
    judge: impl FnOnce(&T) -> Result<(), E>,
) -> Result<(), String> {
    judge(value).map_err(|expected| expected.to_string())
}

/// The same about a field that was just filled.
///
/// # Errors
/// The deserializer's.
pub fn checked<T, X: Error>(
    filled: &Option<T>,
    judge: impl FnOnce(&T) -> Result<(), String>,
) -> Result<(), X> {
    let value = filled.as_ref().expect("it was just filled");
    judge(value).map_err(X::custom)
}

/// The bit of a field that is away from its default.
pub fn away<T: PartialEq>(value: &T, default: &T, bit: u32) -> u32 {
    if value == default { 0 } else { bit }
}
