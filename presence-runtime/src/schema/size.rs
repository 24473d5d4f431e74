//! The size proof: the most bytes the canonical JSON of a type can have and how deep it can be,
//! known at compile time.
//!
//! Every bound is reachable or a few bytes above the longest value that exists: an `f64` has at
//! most 24 characters, a code point at most 4 bytes, and with control characters refused an escape
//! never needs more.

use super::shape::{Content, Field, Rules, Shape, Tag, Variant};

/// The most bytes of JSON for a value of this shape under these rules; nothing when it has no bound.
#[must_use]
pub const fn max_json(shape: &Shape, rules: &Rules) -> Option<usize> {
    match shape {
        Shape::Any => None,
        Shape::Bool => Some(5),
        Shape::Integer { min, max } => Some(integer(*min, *max, rules)),
        Shape::F32 => Some(16),
        Shape::F64 => Some(24),
        Shape::String => match rules.max_chars {
            Some(chars) => Some(chars.saturating_mul(4).saturating_add(2)),
            None => None,
        },
        Shape::Option(inner) => larger(max_json(inner, rules), Some(4)),
        Shape::List(inner) => match (rules.max_items, max_json(inner, rules)) {
            (Some(0), _) => Some(2),
            (Some(items), Some(item)) => Some(
                items
                    .saturating_mul(item.saturating_add(1))
                    .saturating_add(1),
            ),
            _ => None,
        },
        Shape::Struct(it) => object(it.fields, 0),
        Shape::Enum(it) => {
            let mut most = Some(0);
            let mut i = 0;
            while i < it.variants.len() {
                most = larger(most, max_variant(&it.variants[i], it.tag));
                i += 1;
            }
            most
        }
    }
}

/// The most objects and arrays that stand inside each other in a value of this shape.
#[must_use]
pub const fn depth(shape: &Shape) -> usize {
    match shape {
        Shape::Any
        | Shape::Bool
        | Shape::Integer { .. }
        | Shape::F32
        | Shape::F64
        | Shape::String => 0,
        Shape::Option(inner) => depth(inner),
        Shape::List(inner) => 1 + depth(inner),
        Shape::Struct(it) => 1 + fields_depth(it.fields),
        Shape::Enum(it) => {
            let mut most = 0;
            let mut i = 0;
            while i < it.variants.len() {
                let inside = match (it.tag, it.variants[i].content) {
                    (Tag::External, Content::Unit) => 0,
                    (_, Content::Unit) => 1,
                    // The fields stand beside the tag.
                    (Tag::Internal(_), Content::Newtype(shape, _)) => depth(shape),
                    (Tag::Internal(_), Content::Struct(fields)) => 1 + fields_depth(fields),
                    (_, Content::Newtype(shape, _)) => 1 + depth(shape),
                    (_, Content::Struct(fields)) => 2 + fields_depth(fields),
                };
                if inside > most {
                    most = inside;
                }
                i += 1;
            }
            most
        }
    }
}

const fn fields_depth(fields: &[Field]) -> usize {
    let mut most = 0;
    let mut i = 0;
    while i < fields.len() {
        let inside = depth(fields[i].shape);
        if inside > most {
            most = inside;
        }
        i += 1;
    }
    most
}

/// The most bytes of a field with its key and colon.
#[must_use]
pub const fn max_field(field: &Field) -> Option<usize> {
    plus(max_json(field.shape, &field.rules), string(field.key) + 1)
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
const fn object(fields: &[Field], others: usize) -> Option<usize> {
    let mut total = Some(2);
    let mut i = 0;
    while i < fields.len() {
        let comma = if i + others > 0 { 1 } else { 0 };
        total = match (total, max_field(&fields[i])) {
            (Some(sum), Some(field)) => Some(field.saturating_add(comma).saturating_add(sum)),
            _ => None,
        };
        i += 1;
    }
    total
}

/// The most bytes of an enum's value that is this variant.
#[must_use]
pub const fn max_variant(variant: &Variant, tag: Tag) -> Option<usize> {
    let key = string(variant.key);
    match (tag, variant.content) {
        (Tag::External, Content::Unit) => Some(key),
        (Tag::External, content) => plus(carried(&content, 0), key + 3),
        (Tag::Internal(name), Content::Unit) => Some(string(name) + key + 3),
        (Tag::Internal(name), Content::Newtype(shape, rules)) => {
            match (shape, max_json(shape, &rules)) {
                (Shape::Struct(it), Some(inner)) if it.fields.is_empty() => {
                    Some(inner + string(name) + key + 1)
                }
                (_, inner) => plus(inner, string(name) + key + 2),
            }
        }
        (Tag::Internal(name), content) => plus(carried(&content, 1), string(name) + key + 1),
        (Tag::Adjacent(name, _), Content::Unit) => Some(string(name) + key + 3),
        (Tag::Adjacent(name, content_key), content) => plus(
            carried(&content, 0),
            string(name) + key + string(content_key) + 5,
        ),
    }
}

const fn carried(content: &Content, others: usize) -> Option<usize> {
    match content {
        Content::Unit => Some(0),
        Content::Newtype(shape, rules) => max_json(shape, rules),
        Content::Struct(fields) => object(fields, others),
    }
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

const fn plus(size: Option<usize>, more: usize) -> Option<usize> {
    match size {
        Some(size) => Some(size.saturating_add(more)),
        None => None,
    }
}

const fn larger(a: Option<usize>, b: Option<usize>) -> Option<usize> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if a > b { a } else { b }),
        _ => None,
    }
}
