//! Envelopes: the form of requests and messages, as shapes, so that a mistake in them is explained
//! as well as one in a value.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, Visitor};

use super::fault::Fault;
use crate::schema::{self, Content, Enum, Field, Need, Rules, Shape, Struct, Tag, Variant, Wire};

/// The largest integer that JavaScript holds exactly.
const SAFE: i64 = (1 << 53) - 1;
/// Most users somebody can follow, or a filter can name.
pub(crate) const MAX_USERS: usize = 128;
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

/// A variant without content.
pub(super) const fn unit(key: &'static str) -> Variant {
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
        need: Need::Required,
        ..Field::new(key, shape)
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
    read(json).map_err(|_| Fault::request(schema::explain(shape, json)))
}

/// The same of an envelope with a key or token in it: of what came, only these fields are shown, for
/// what is anywhere else may be nearly a secret.
pub(super) fn parse_secret<'a, T: Deserialize<'a>>(
    json: &'a [u8],
    shape: &'static Shape,
    shown: &[&str],
) -> Result<T, Fault> {
    read(json).map_err(|_| {
        let mut invalid = schema::explain(shape, json);
        for it in &mut invalid.violations {
            let field = it.path.split('/').nth(1).unwrap_or_default();
            if !shown.contains(&field) {
                "something else, which is not repeated here".clone_into(&mut it.found);
            }
        }
        Fault::request(invalid)
    })
}

fn read<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Result<T, serde_json::Error> {
    // Looked at once as a whole, instead of at each text in it.
    let text = std::str::from_utf8(json).map_err(de::Error::custom)?;
    serde_json::from_str(text).map(|Object(envelope)| envelope)
}

/// An envelope from an object only, where serde's derive would take an array as well.
pub(super) struct Object<T>(pub(super) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keys<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Keys<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map))
            }
        }
        deserializer.deserialize_map(Keys(PhantomData)).map(Self)
    }
}

/// For a field that may be left out: `null` is not the same, it is taken as it comes.
pub(super) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// For a count: no larger than JavaScript holds, in any spelling JSON has for it.
pub(super) fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    u64::decode(deserializer, &Rules::NONE)
}

/// For a count that may be left out.
pub(super) fn given_count<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<u64>, D::Error> {
    count(deserializer).map(Some)
}

/// For a list of envelopes.
pub(super) fn objects<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    let objects = Vec::<Object<T>>::deserialize(deserializer)?;
    Ok(objects.into_iter().map(|Object(it)| it).collect())
}
