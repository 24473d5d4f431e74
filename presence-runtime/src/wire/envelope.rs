//! Envelopes: the form of requests and messages, as shapes, so that a mistake in them is explained
//! as well as one in a value.

use serde::Deserialize;
use serde::de::Deserializer;
use serde_json::value::RawValue;

use super::fault::Fault;
use crate::schema::{self, Content, Enum, Field, Need, Rules, Shape, Struct, Tag, Variant};

/// The largest integer that JavaScript holds exactly.
const SAFE: i64 = (1 << 53) - 1;
/// Most users somebody can follow, or a filter can name.
pub(super) const MAX_USERS: usize = 128;
/// Most topics of one request.
pub(super) const MAX_TOPICS: usize = 128;

pub(super) const ANY: &Shape = &Shape::Any;
pub(super) const TEXT: &Shape = &Shape::String;
pub(super) const TEXTS: &Shape = &Shape::List(TEXT);
pub(super) const FLAG: &Shape = &Shape::Bool;
pub(super) const COUNT: &Shape = &Shape::Integer { min: 0, max: SAFE };
pub(super) const ACTIVITY: &Shape = &Shape::Enum(&Enum {
    name: "Activity",
    docs: "",
    tag: Tag::External,
    variants: &[unit("active"), unit("idle"), unit("away")],
});

const fn unit(key: &'static str) -> Variant {
    Variant {
        key,
        docs: "",
        content: Content::Unit,
    }
}

/// An envelope of these fields.
pub(super) const fn object(name: &'static str, fields: &'static [Field]) -> Struct {
    Struct {
        name,
        docs: "",
        fields,
    }
}

/// A field that has to be there.
pub(super) const fn needed(key: &'static str, shape: &'static Shape) -> Field {
    Field {
        key,
        docs: "",
        shape,
        rules: Rules::NONE,
        need: Need::Required,
    }
}

/// A field that may be left out.
pub(super) const fn optional(key: &'static str, shape: &'static Shape) -> Field {
    Field {
        need: Need::Default(String::new),
        ..needed(key, shape)
    }
}

/// A list of users that may be left out.
pub(super) const fn users(key: &'static str) -> Field {
    Field {
        rules: Rules {
            max_items: Some(MAX_USERS),
            ..Rules::NONE
        },
        ..optional(key, TEXTS)
    }
}

/// Reads an envelope; when it is not of its shape, says everything that is wrong with it.
pub(super) fn parse<'a, T: Deserialize<'a>>(
    json: &'a [u8],
    shape: &'static Shape,
) -> Result<T, Fault> {
    serde_json::from_slice(json).map_err(|_| Fault::request(schema::explain(shape, json)))
}

/// For a field that may be left out but is taken as it comes when it is there, `null` included.
pub(super) fn present<'de: 'a, 'a, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<&'a RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}
