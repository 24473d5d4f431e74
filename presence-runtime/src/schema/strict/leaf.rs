//! The leaves of every shape: booleans, integers, floats, strings.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};
use serde::ser::Serializer;

use super::Wire;
use crate::schema::{Rules, Shape};

impl Wire for bool {
    const SHAPE: &'static Shape = &Shape::Bool;

    fn encode<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bool(*self)
    }

    fn decode<'de, D: Deserializer<'de>>(deserializer: D, _: &Rules) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }

    fn keeps(&self, _: &Rules) -> bool {
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

            fn decode<'de, D: Deserializer<'de>>(
                deserializer: D,
                rules: &Rules,
            ) -> Result<Self, D::Error> {
                let number = deserializer.deserialize_any(Integer { min: $min, max: $max })?;
                let number = Self::try_from(number).expect("the visitor keeps the type's bounds");
                kept(number, rules)
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

impl Wire for f64 {
    const SHAPE: &'static Shape = &Shape::F64;

    fn encode<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(*self)
    }

    fn decode<'de, D: Deserializer<'de>>(deserializer: D, rules: &Rules) -> Result<Self, D::Error> {
        kept(Self::deserialize(deserializer)?, rules)
    }

    fn keeps(&self, rules: &Rules) -> bool {
        self.is_finite() && within(*self, rules)
    }
}

/// The largest `f32` as JSON spells it: a little more than the number itself, to which it is read.
pub(in crate::schema) const F32_MAX: f64 = 3.402_823_5e38;

impl Wire for f32 {
    const SHAPE: &'static Shape = &Shape::F32;

    fn encode<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f32(*self)
    }

    // The rules judge the number as it was written, before rounding can carry it over a bound:
    // that is what JSON Schema and TypeScript see.
    fn decode<'de, D: Deserializer<'de>>(deserializer: D, rules: &Rules) -> Result<Self, D::Error> {
        let number = f64::deserialize(deserializer)?;
        if number.abs() > F32_MAX {
            return Err(D::Error::custom("beyond the range of a 32-bit float"));
        }
        Ok(kept(number, rules)? as Self)
    }

    // The bounds are rounded like the number itself, else 0.1 would be above a `max` of 0.1.
    fn keeps(&self, rules: &Rules) -> bool {
        self.is_finite()
            && rules.min.is_none_or(|min| *self >= min as Self)
            && rules.max.is_none_or(|max| *self <= max as Self)
    }
}

impl Wire for String {
    const SHAPE: &'static Shape = &Shape::String;

    fn encode<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }

    fn decode<'de, D: Deserializer<'de>>(deserializer: D, rules: &Rules) -> Result<Self, D::Error> {
        kept(Self::deserialize(deserializer)?, rules)
    }

    fn keeps(&self, rules: &Rules) -> bool {
        text_keeps(self, rules)
    }
}

/// Whether a string, or a key of a map, keeps the rules of its field.
pub(super) fn text_keeps(text: &str, rules: &Rules) -> bool {
    // Byte by byte and to the end, which compilers make many bytes at a time of. A byte that begins
    // no character is none of the ASCII ones either.
    let (mut chars, mut controls) = (0, 0);
    for byte in text.bytes() {
        chars += usize::from(byte & 0xc0 != 0x80);
        controls += usize::from(is_control(char::from(byte)));
    }
    if controls > 0 {
        return false;
    }
    rules.min_chars.is_none_or(|min| chars >= min)
        && rules.max_chars.is_none_or(|max| chars <= max)
        && rules.pattern.is_none_or(|it| (it.matches)(text))
}

impl Wire for char {
    const SHAPE: &'static Shape = &Shape::Char;

    fn encode<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_char(*self)
    }

    fn decode<'de, D: Deserializer<'de>>(deserializer: D, rules: &Rules) -> Result<Self, D::Error> {
        kept(Self::deserialize(deserializer)?, rules)
    }

    fn keeps(&self, _: &Rules) -> bool {
        !is_control(*self)
    }
}

/// Whether a string may not contain the character: control characters would need six bytes in
/// JSON, and nobody means to send one.
pub(in crate::schema) const fn is_control(c: char) -> bool {
    matches!(c, '\0'..='\u{1f}' | '\u{7f}') && !matches!(c, '\t' | '\n' | '\r')
}

fn kept<T: Wire, E: Error>(value: T, rules: &Rules) -> Result<T, E> {
    if value.keeps(rules) {
        Ok(value)
    } else {
        Err(E::custom("breaks a rule of its field"))
    }
}

fn within(number: f64, rules: &Rules) -> bool {
    rules.min.is_none_or(|min| number >= min) && rules.max.is_none_or(|max| number <= max)
}
