//! Strict encoding and decoding: what JSON a type accepts and what it becomes.
//!
//! [`Wire`] is ours rather than serde's pair of traits, so that serde derives on the same type are
//! welcome and not needed, and so that strictness sits in the types: it survives the buffering
//! that serde does for internally tagged enums.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserializer, Error, Unexpected, Visitor};
use serde::ser::{Serialize, Serializer};

use super::{Describe, Rules, Shape};

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

    /// Reads it, refusing whatever is not exactly of its shape.
    ///
    /// # Errors
    /// The deserializer's, at the first mistake.
    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;

    /// Whether it keeps the rules of the field it stands in and all rules inside it.
    fn keeps(&self, rules: &Rules) -> bool;
}

/// What `#[serde(with = …)]` on the fields of a derived shadow calls.
pub mod with {
    use serde::{Deserializer, Serializer};

    use super::Wire;

    /// Writes a field.
    ///
    /// # Errors
    /// The serializer's.
    pub fn serialize<T: Wire, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        value.encode(serializer)
    }

    /// Reads a field.
    ///
    /// # Errors
    /// The deserializer's.
    pub fn deserialize<'de, T: Wire, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        T::decode(deserializer)
    }
}

/// Lets a type with [`Wire`] alone stand where serde's traits are asked for.
#[derive(Debug)]
pub struct AsSerde<T>(pub T);

impl<T: Wire> Serialize for AsSerde<&T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.encode(serializer)
    }
}

impl<'de, T: Wire> serde::Deserialize<'de> for AsSerde<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::decode(deserializer).map(AsSerde)
    }
}

/// Asks for an object where serde's derive would take an array as well.
#[derive(Debug)]
pub struct ObjectOnly<D>(pub D);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for ObjectOnly<D> {
    type Error = D::Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(visitor)
    }

    // An internally tagged enum asks for anything and would take `[tag, content]`.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_enum(name, variants, visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map identifier ignored_any
    }
}

impl Wire for bool {
    const SHAPE: &'static Shape = &Shape::Bool;

    fn encode<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bool(*self)
    }

    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde::Deserialize::deserialize(deserializer)
    }

    fn keeps(&self, _rules: &Rules) -> bool {
        true
    }
}

/// The largest integer every JavaScript engine holds exactly, 2^53 − 1.
const SAFE: i64 = (1 << 53) - 1;

macro_rules! integers {
    ($($type:ident: $min:expr, $max:expr, $serialize:ident;)*) => {$(
        impl Wire for $type {
            const SHAPE: &'static Shape = &Shape::Integer { min: $min, max: $max };

            fn encode<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.$serialize(*self)
            }

            fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let number = deserializer.deserialize_any(Integer { min: $min, max: $max })?;
                Ok(Self::try_from(number).expect("the visitor keeps the bounds of the type"))
            }

            fn keeps(&self, rules: &Rules) -> bool {
                let number = *self as f64;
                within(number, rules) && number >= $min as f64 && number <= $max as f64
            }
        }
    )*};
}

integers! {
    u8: 0, u8::MAX as i64, serialize_u8;
    u16: 0, u16::MAX as i64, serialize_u16;
    u32: 0, u32::MAX as i64, serialize_u32;
    u64: 0, SAFE, serialize_u64;
    i8: i8::MIN as i64, i8::MAX as i64, serialize_i8;
    i16: i16::MIN as i64, i16::MAX as i64, serialize_i16;
    i32: i32::MIN as i64, i32::MAX as i64, serialize_i32;
    i64: -SAFE, SAFE, serialize_i64;
}

/// Reads an integer, also when JSON spells it `1.0` or `1e2`, as JSON Schema and JavaScript do.
struct Integer {
    min: i64,
    max: i64,
}

impl Visitor<'_> for Integer {
    type Value = i64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an integer from {} to {}", self.min, self.max)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<i64, E> {
        match i64::try_from(number) {
            Ok(number) => self.visit_i64(number),
            Err(_) => Err(E::invalid_value(Unexpected::Unsigned(number), &self)),
        }
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<i64, E> {
        if (self.min..=self.max).contains(&number) {
            Ok(number)
        } else {
            Err(E::invalid_value(Unexpected::Signed(number), &self))
        }
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<i64, E> {
        if number.fract() == 0.0 && number.abs() <= SAFE as f64 {
            self.visit_i64(number as i64)
        } else {
            Err(E::invalid_value(Unexpected::Float(number), &self))
        }
    }
}

/// The largest `f32` as JSON spells it.
pub(super) const F32_MAX: f64 = 3.402_823_5e38;

impl Wire for f32 {
    const SHAPE: &'static Shape = &Shape::F32;

    fn encode<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f32(*self)
    }

    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number: f64 = serde::Deserialize::deserialize(deserializer)?;
        if number.abs() > F32_MAX {
            return Err(D::Error::invalid_value(
                Unexpected::Float(number),
                &"a 32-bit float",
            ));
        }
        Ok(number as Self)
    }

    // The bounds are rounded like the number itself, else 0.1 would be above a `max` of 0.1.
    fn keeps(&self, rules: &Rules) -> bool {
        self.is_finite()
            && rules.min.is_none_or(|min| *self >= min as Self)
            && rules.max.is_none_or(|max| *self <= max as Self)
    }
}

impl Wire for f64 {
    const SHAPE: &'static Shape = &Shape::F64;

    fn encode<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(*self)
    }

    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde::Deserialize::deserialize(deserializer)
    }

    fn keeps(&self, rules: &Rules) -> bool {
        self.is_finite() && within(*self, rules)
    }
}

impl Wire for String {
    const SHAPE: &'static Shape = &Shape::String;

    fn encode<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }

    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde::Deserialize::deserialize(deserializer)
    }

    fn keeps(&self, rules: &Rules) -> bool {
        let mut chars = 0;
        for c in self.chars() {
            if is_control(c) {
                return false;
            }
            chars += 1;
        }
        rules.min_chars.is_none_or(|min| chars >= min)
            && rules.max_chars.is_none_or(|max| chars <= max)
    }
}

impl<T: Wire> Wire for Option<T> {
    const SHAPE: &'static Shape = &Shape::Option(T::SHAPE);

    fn encode<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Some(value) => serializer.serialize_some(&AsSerde(value)),
            None => serializer.serialize_none(),
        }
    }

    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value: Option<AsSerde<T>> = serde::Deserialize::deserialize(deserializer)?;
        Ok(value.map(|it| it.0))
    }

    fn keeps(&self, rules: &Rules) -> bool {
        self.as_ref().is_none_or(|value| value.keeps(rules))
    }
}

impl<T: Wire> Wire for Vec<T> {
    const SHAPE: &'static Shape = &Shape::List(T::SHAPE);

    fn encode<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(AsSerde))
    }

    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Items<T>(PhantomData<T>);
        impl<'de, T: Wire> Visitor<'de> for Items<T> {
            type Value = Vec<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array")
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(
                self,
                mut items: A,
            ) -> Result<Vec<T>, A::Error> {
                let mut list = Vec::new();
                while let Some(AsSerde(item)) = items.next_element()? {
                    list.push(item);
                }
                Ok(list)
            }
        }
        deserializer.deserialize_seq(Items(PhantomData))
    }

    fn keeps(&self, rules: &Rules) -> bool {
        rules.max_items.is_none_or(|max| self.len() <= max)
            && self.iter().all(|item| item.keeps(rules))
    }
}

/// Whether a string may not contain the character: control characters would need six bytes in
/// JSON, and nobody means to send one.
pub(super) const fn is_control(c: char) -> bool {
    matches!(c, '\0'..='\u{1f}' | '\u{7f}') && !matches!(c, '\t' | '\n' | '\r')
}

fn within(number: f64, rules: &Rules) -> bool {
    rules.min.is_none_or(|min| number >= min) && rules.max.is_none_or(|max| number <= max)
}
