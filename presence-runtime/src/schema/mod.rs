//! What may be said: topic types, their rules, and the verdict on every payload.
//!
//! The derive emits one constant [`Shape`] per type. Everything that judges or describes a type
//! reads it: the size proof, the violations, the JSON Schema, the TypeScript. Types meet the rest
//! of the runtime only as [`Value`]s, validated canonical bytes that name their [`Schema`].

mod claims;
mod contract;
pub(crate) mod depth;
mod describe;
mod expression;
mod fingerprint;
pub(crate) mod json;
pub(crate) mod judge;
mod mismatch;
mod name;
mod named;
mod number;
mod openapi;
mod pattern;
pub(crate) mod phrase;
pub(crate) mod proof;
mod settings;
mod shape;
pub mod size;
pub(crate) mod strict;
mod topics;
mod value;
mod violation;

pub use claims::{Claims, StampError};
#[cfg(feature = "server")]
pub(crate) use contract::MAX_DEPTH;
pub use contract::{Declaration, Presence, Schema};
pub use describe::Describe;
pub use expression::{Compiled, Expression};
#[cfg(feature = "server")]
pub(crate) use judge::explain;
pub use mismatch::{Difference, FieldChange, Known, Mismatch, Side};
pub use name::{NameError, TopicName, TopicOf, valid_parameter};
pub use named::{Name, Named};
pub(crate) use number::spelled;
pub use pattern::{Pattern, Segment};
pub use settings::Settings;
pub use shape::{
    Again, Check, Content, Decay, Enum, Field, Need, Newtype, Rules, Shape, Struct, Tag, Variant,
};
pub use strict::Wire;
pub use topics::{Registered, Topics, TopicsError};
pub use value::Value;
pub use violation::{Invalid, Rule, Violation};
