//! Enums: which variant it is, and what it carries, in the three ways JSON can say it.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::Wire;
use super::object::{Fields, read, read_value, value};
use super::tag::{Rest, Text, find};
use crate::schema::{Content, Enum, Rules, Variant};

/// An enum as the derive knows it.
pub trait Choice: Sized {
    /// Its variants and how JSON tells them apart.
    const ENUM: &'static Enum;

    /// The index of this variant.
    fn variant(&self) -> usize;

    /// Reads what the variant of this index carries.
    ///
    /// # Errors
    /// The deserializer's.
    fn read<'de, B: Body<'de>>(variant: usize, body: B) -> Result<Self, B::Error>;
}

/// An enum whose variants' content stands apart from their names.
pub trait Enclosed: Choice {
    /// Writes what this variant carries. Not asked of a variant that carries nothing.
    ///
    /// # Errors
    /// The serializer's.
    fn content<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;
}

/// What comes after a variant's name is known. Each method reads all of it.
pub trait Body<'de>: Sized {
    /// The deserializer's.
    type Error: Error;

    /// Nothing.
    ///
    /// # Errors
    /// When there is something.
    fn unit(self) -> Result<(), Self::Error>;

    /// One value.
    ///
    /// # Errors
    /// The deserializer's.
    fn newtype<T: Wire>(self, rules: &Rules) -> Result<T, Self::Error>;

    /// Named fields.
    ///
    /// # Errors
    /// The deserializer's.
    fn fields<F: Fields>(self) -> Result<F::Whole, Self::Error>;
}

/// Reads `"variant"` or `{"variant": content}`.
///
/// # Errors
/// The deserializer's, at the first mistake.
pub fn external<'de, T: Choice, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_any(External(PhantomData))
}

/// Reads `{"tag": "variant", …fields}`.
///
/// # Errors
/// The deserializer's, at the first mistake.
pub fn internal<'de, T: Choice, D: Deserializer<'de>>(
    deserializer: D,
    tag: &'static str,
) -> Result<T, D::Error> {
    deserializer.deserialize_map(Internal {
        tag,
        of: PhantomData,
    })
}

/// Reads `{"tag": "variant", "content": content}`.
///
/// # Errors
/// The deserializer's, at the first mistake.
pub fn adjacent<'de, T: Choice, D: Deserializer<'de>>(
    deserializer: D,
    tag: &'static str,
    content: &'static str,
) -> Result<T, D::Error> {
    deserializer.deserialize_map(Adjacent {
        tag,
        content,
        of: PhantomData,
    })
}

/// Writes an enum whose tag is external or adjacent.
///
/// # Errors
/// The serializer's.
pub fn enclosed<T: Enclosed, S: Serializer>(
    value: &T,
    keys: Option<(&'static str, &'static str)>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let variant = &T::ENUM.variants[value.variant()];
    let unit = matches!(variant.content, Content::Unit);
    let Some((tag, content)) = keys else {
        if unit {
            return serializer.serialize_str(variant.key);
        }
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(variant.key, &ContentOf(value))?;
        return map.end();
    };
    let mut map = serializer.serialize_map(Some(if unit { 1 } else { 2 }))?;
    map.serialize_entry(tag, variant.key)?;
    if !unit {
        map.serialize_entry(content, &ContentOf(value))?;
    }
    map.end()
}

/// Begins an object with the tag of an internally tagged enum.
///
/// # Errors
/// The serializer's.
pub fn tagged<T: Choice, S: Serializer>(
    value: &T,
    tag: &'static str,
    serializer: S,
) -> Result<S::SerializeMap, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    map.serialize_entry(tag, T::ENUM.variants[value.variant()].key)?;
    Ok(map)
}

struct ContentOf<'a, T>(&'a T);

impl<T: Enclosed> Serialize for ContentOf<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.content(serializer)
    }
}

struct External<T>(PhantomData<fn() -> T>);

impl<'de, T: Choice> Visitor<'de> for External<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a variant's name or an object with it as the only key")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<T, E> {
        T::read(Name(T::ENUM.variants).visit_str(name)?, Bare(PhantomData))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        match map.next_key_seed(Name(T::ENUM.variants))? {
            Some(variant) => T::read(variant, Behind(map)),
            None => Err(A::Error::custom("no variant in the object")),
        }
    }
}

struct Internal<T> {
    tag: &'static str,
    of: PhantomData<fn() -> T>,
}

impl<'de, T: Choice> Visitor<'de> for Internal<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with the key `{}`", self.tag)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        let (variant, rest) = find(map, self.tag, Name(T::ENUM.variants))?;
        T::read(variant, Beside(rest))
    }
}

struct Adjacent<T> {
    tag: &'static str,
    content: &'static str,
    of: PhantomData<fn() -> T>,
}

impl<'de, T: Choice> Visitor<'de> for Adjacent<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with the key `{}`", self.tag)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        let (variant, mut rest) = find(map, self.tag, Name(T::ENUM.variants))?;
        if matches!(T::ENUM.variants[variant].content, Content::Unit) {
            return T::read(variant, Beside(rest));
        }
        match rest.next_key_seed(Text(self.content))? {
            Some(None) => T::read(variant, Behind(rest)),
            Some(Some(_)) => Err(A::Error::custom("unknown key")),
            None => Err(A::Error::missing_field(self.content)),
        }
    }
}

/// Finds a variant by its name.
#[derive(Clone, Copy)]
struct Name(&'static [Variant]);

impl Visitor<'_> for Name {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a variant's name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<usize, E> {
        self.0
            .iter()
            .position(|it| it.key == name)
            .ok_or_else(|| E::custom("unknown variant"))
    }
}

impl<'de> DeserializeSeed<'de> for Name {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_str(self)
    }
}

/// Nothing came but the name.
struct Bare<E>(PhantomData<fn() -> E>);

impl<E: Error> Body<'_> for Bare<E> {
    type Error = E;

    fn unit(self) -> Result<(), E> {
        Ok(())
    }

    fn newtype<T: Wire>(self, _: &Rules) -> Result<T, E> {
        Err(E::custom("the variant needs content"))
    }

    fn fields<F: Fields>(self) -> Result<F::Whole, E> {
        Err(E::custom("the variant needs content"))
    }
}

/// The content is the value that comes next, and the last.
struct Behind<A>(A);

impl<'de, A: MapAccess<'de>> Body<'de> for Behind<A> {
    type Error = A::Error;

    fn unit(self) -> Result<(), A::Error> {
        Err(A::Error::custom("the variant carries nothing"))
    }

    fn newtype<T: Wire>(mut self, rules: &Rules) -> Result<T, A::Error> {
        let content = value(&mut self.0, rules)?;
        end(self.0).map(|()| content)
    }

    fn fields<F: Fields>(mut self) -> Result<F::Whole, A::Error> {
        let content = read_value::<F, A>(&mut self.0)?;
        end(self.0).map(|()| content)
    }
}

/// The content is all other keys.
struct Beside<A>(Rest<A>);

impl<'de, A: MapAccess<'de>> Body<'de> for Beside<A> {
    type Error = A::Error;

    fn unit(self) -> Result<(), A::Error> {
        end(self.0)
    }

    fn newtype<T: Wire>(self, rules: &Rules) -> Result<T, A::Error> {
        T::decode(MapAccessDeserializer::new(self.0), rules)
    }

    fn fields<F: Fields>(self) -> Result<F::Whole, A::Error> {
        read::<F, _>(self.0)
    }
}

fn end<'de, A: MapAccess<'de>>(mut map: A) -> Result<(), A::Error> {
    match map.next_key::<IgnoredAny>()? {
        None => Ok(()),
        Some(_) => Err(A::Error::custom("unknown key")),
    }
}
