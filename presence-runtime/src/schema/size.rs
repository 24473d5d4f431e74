//! The size proof: the most bytes the canonical JSON of a type can have, known at compile time.
//!
//! Every bound is reachable or a few bytes above the longest value that exists: an `f64` has at
//! most 24 characters, a code point at most 4 bytes, and with control characters refused an escape
//! never needs more. A recursive type is as long as 16 levels of it.

use super::contract::MAX_DEPTH;
use super::depth::stands_again;
use super::shape::{Content, Field, Rules, Shape, Tag, Variant};

/// The most bytes of JSON for a value of this shape under these rules; nothing when it has no bound.
#[must_use]
pub const fn max_json(shape: &Shape, rules: &Rules) -> Option<usize> {
    of(shape, rules, TOP).bytes()
}

/// Whether some value of the shape ends within the depth that is allowed.
#[must_use]
pub const fn has_value(shape: &Shape) -> bool {
    !matches!(of(shape, &Rules::NONE, TOP), Size::Never)
}

/// How long the longest of some values is.
#[derive(Debug, Clone, Copy)]
enum Size {
    /// There is none: each would be deeper than allowed.
    Never,
    Most(usize),
    Unbounded,
}

/// Where a shape stands.
#[derive(Debug, Clone, Copy)]
struct Place<'a> {
    /// How many objects and arrays may stand inside each other from here on.
    left: usize,
    /// The innermost named type around, by how many may do so inside of it.
    again: &'a [Size; MAX_DEPTH + 1],
}

const NOTHING_AROUND: [Size; MAX_DEPTH + 1] = [Size::Never; MAX_DEPTH + 1];

const TOP: Place<'static> = Place {
    left: MAX_DEPTH,
    again: &NOTHING_AROUND,
};

impl Place<'_> {
    /// Inside of an object or array. Asked only where one may stand.
    const fn inside(self) -> Self {
        Self {
            left: self.left - 1,
            ..self
        }
    }
}

const fn of(shape: &Shape, rules: &Rules, place: Place<'_>) -> Size {
    match shape {
        Shape::Any => Size::Unbounded,
        Shape::Bool => Size::Most(5),
        Shape::Integer { min, max } => Size::Most(integer(*min, *max, rules)),
        Shape::F32 => Size::Most(if is_positive(rules) { 15 } else { 16 }),
        Shape::F64 => Size::Most(double(rules)),
        Shape::String => text(rules),
        Shape::Char => Size::Most(6),
        Shape::Option(inner) => Size::Most(4).or(of(inner, rules, place)),
        Shape::Again(_) => place.again[place.left],
        Shape::Struct(_) | Shape::Enum(_) | Shape::Newtype(_) => named(shape, place),
        Shape::List(_) | Shape::Array(..) | Shape::Tuple(_) | Shape::Map(_) if place.left == 0 => {
            Size::Never
        }
        Shape::List(inner) => match rules.max_items {
            Some(most) => items(most, of(inner, rules, place.inside())),
            None => Size::Unbounded,
        },
        Shape::Array(inner, length) => match (*length, of(inner, rules, place.inside())) {
            (0, _) => Size::Most(2),
            (_, Size::Never) => Size::Never,
            (length, item) => items(length, item),
        },
        Shape::Tuple(members) => {
            let mut total = Size::Most(1);
            let mut i = 0;
            while i < members.len() {
                total = total.and(of(members[i], rules, place.inside())).plus(1);
                i += 1;
            }
            total
        }
        Shape::Map(inner) => {
            let value = of(inner, rules, place.inside());
            match rules.max_items {
                // There is one key without characters.
                Some(most) if most > 1 && matches!(rules.max_chars, Some(0)) => {
                    items(1, entry(rules, value))
                }
                Some(most) => items(most, entry(rules, value)),
                None => Size::Unbounded,
            }
        }
    }
}

const fn entry(rules: &Rules, value: Size) -> Size {
    text(rules).plus(1).and(value)
}

/// So many in brackets or braces, or none where there can be none.
const fn items(most: usize, item: Size) -> Size {
    match (most, item) {
        (0, _) | (_, Size::Never) => Size::Most(2),
        (_, Size::Unbounded) => Size::Unbounded,
        (_, Size::Most(item)) => Size::Most(
            most.saturating_mul(item.saturating_add(1))
                .saturating_add(1),
        ),
    }
}

const fn text(rules: &Rules) -> Size {
    let widest = match rules.pattern {
        Some(pattern) => pattern.widest,
        None => 4,
    };
    match rules.max_chars {
        Some(chars) => Size::Most(chars.saturating_mul(widest).saturating_add(2)),
        None => Size::Unbounded,
    }
}

/// A named type, which may stand inside itself: level by level from the innermost.
const fn named(shape: &Shape, place: Place<'_>) -> Size {
    if !stands_again(shape) {
        let place = Place {
            again: &NOTHING_AROUND,
            ..place
        };
        return body(shape, place);
    }
    let mut levels = NOTHING_AROUND;
    let mut left = 0;
    while left <= place.left {
        let again = levels;
        levels[left] = body(
            shape,
            Place {
                left,
                again: &again,
            },
        );
        left += 1;
    }
    levels[place.left]
}

const fn body(shape: &Shape, place: Place<'_>) -> Size {
    match shape {
        Shape::Newtype(it) => of(it.shape, &it.rules, place),
        Shape::Struct(it) => object(it.fields, 0, place),
        Shape::Enum(it) => {
            let mut most = Size::Never;
            let mut i = 0;
            while i < it.variants.len() {
                most = most.or(variant(&it.variants[i], it.tag, place));
                i += 1;
            }
            most
        }
        _ => Size::Never,
    }
}

impl Size {
    const fn bytes(self) -> Option<usize> {
        match self {
            Self::Never => Some(0),
            Self::Most(bytes) => Some(bytes),
            Self::Unbounded => None,
        }
    }

    const fn plus(self, more: usize) -> Self {
        match self {
            Self::Most(bytes) => Self::Most(bytes.saturating_add(more)),
            other => other,
        }
    }

    /// One beside the other.
    const fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Never, _) | (_, Self::Never) => Self::Never,
            (Self::Unbounded, _) | (_, Self::Unbounded) => Self::Unbounded,
            (Self::Most(a), Self::Most(b)) => Self::Most(a.saturating_add(b)),
        }
    }

    /// The longer one.
    const fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Never, it) | (it, Self::Never) => it,
            (Self::Unbounded, _) | (_, Self::Unbounded) => Self::Unbounded,
            (Self::Most(a), Self::Most(b)) => Self::Most(if a > b { a } else { b }),
        }
    }
}

/// The most bytes of a field of a topic type with its key and colon.
#[must_use]
pub const fn max_field(of: &Field) -> Option<usize> {
    field(of, TOP.inside()).bytes()
}

const fn field(it: &Field, place: Place<'_>) -> Size {
    of(it.shape, &it.rules, place).plus(string(it.key) + 1)
}

/// The length of `text` as a JSON string.
#[must_use]
pub const fn string(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut length = 2;
    let mut i = 0;
    while i < bytes.len() {
        length += match bytes[i] {
            b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0c => 2,
            0..0x20 => 6,
            _ => 1,
        };
        i += 1;
    }
    length
}

/// Fields in braces, beside `others` fields that are already counted.
const fn object(fields: &[Field], others: usize, place: Place<'_>) -> Size {
    if place.left == 0 {
        return Size::Never;
    }
    let mut total = Size::Most(2);
    let mut i = 0;
    while i < fields.len() {
        let comma = if i + others > 0 { 1 } else { 0 };
        total = total.and(field(&fields[i], place.inside())).plus(comma);
        i += 1;
    }
    total
}

/// The most bytes of a topic type's value that is this variant.
#[must_use]
pub const fn max_variant(of: &Variant, tag: Tag) -> Option<usize> {
    variant(of, tag, TOP).bytes()
}

const fn variant(it: &Variant, tag: Tag, place: Place<'_>) -> Size {
    let key = string(it.key);
    if let (Tag::External, Content::Unit) = (tag, it.content) {
        return Size::Most(key);
    }
    if place.left == 0 {
        return Size::Never;
    }
    match (tag, it.content) {
        (Tag::External, content) => carried(&content, place.inside()).plus(key + 3),
        (Tag::Internal(name), Content::Unit) => Size::Most(string(name) + key + 3),
        (Tag::Internal(name), Content::Newtype(shape, rules)) => {
            let comma = match shape {
                Shape::Struct(it) if it.fields.is_empty() => 0,
                _ => 1,
            };
            of(shape, &rules, place).plus(string(name) + key + 1 + comma)
        }
        (Tag::Internal(name), Content::Struct(fields)) => {
            object(fields, 1, place).plus(string(name) + key + 1)
        }
        (Tag::Adjacent(name, _), Content::Unit) => Size::Most(string(name) + key + 3),
        (Tag::Adjacent(name, content_key), content) => {
            carried(&content, place.inside()).plus(string(name) + key + string(content_key) + 5)
        }
    }
}

const fn carried(content: &Content, place: Place<'_>) -> Size {
    match content {
        Content::Unit => Size::Most(0),
        Content::Newtype(shape, rules) => of(shape, rules, place),
        Content::Struct(fields) => object(fields, 0, place),
    }
}

/// A sign, 17 digits, a point, and zeros or an exponent of five characters. Far from zero and the
/// end of the digits there is neither.
const fn double(rules: &Rules) -> usize {
    let (min, max) = match (rules.min, rules.max) {
        (Some(min), Some(max)) => (min, max),
        (Some(min), None) => (min, f64::MAX),
        (None, Some(max)) => (f64::MIN, max),
        (None, None) => (f64::MIN, f64::MAX),
    };
    let is_plain = (min >= 1.0 && max < 1e16) || (max <= -1.0 && min > -1e16);
    let sign = if min >= 0.0 { 0 } else { 1 };
    sign + if is_plain { 18 } else { 23 }
}

const fn is_positive(rules: &Rules) -> bool {
    matches!(rules.min, Some(min) if min >= 0.0)
}

const fn integer(min: i64, max: i64, rules: &Rules) -> usize {
    let low = match rules.min {
        Some(bound) if bound > min as f64 => bound as i64,
        _ => min,
    };
    let high = match rules.max {
        Some(bound) if bound < max as f64 => bound as i64,
        _ => max,
    };
    let (low, high) = (digits(low), digits(high));
    if low > high { low } else { high }
}

const fn digits(number: i64) -> usize {
    let mut rest = number.unsigned_abs();
    let mut count = if number < 0 { 2 } else { 1 };
    while rest >= 10 {
        rest /= 10;
        count += 1;
    }
    count
}
