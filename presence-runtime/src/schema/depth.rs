//! How deep values are, and which types stand inside themselves and can be of any depth.

use super::shape::{Content, Field, Shape, Tag};

/// Whether a named type stands inside itself.
pub(crate) const fn stands_again(shape: &Shape) -> bool {
    match shape {
        Shape::Newtype(it) => mentions(it.shape),
        Shape::Struct(it) => fields_mention(it.fields),
        Shape::Enum(it) => {
            let mut i = 0;
            while i < it.variants.len() {
                let is_met = match it.variants[i].content {
                    Content::Unit => false,
                    Content::Newtype(shape, _) => mentions(shape),
                    Content::Struct(fields) => fields_mention(fields),
                };
                if is_met {
                    return true;
                }
                i += 1;
            }
            false
        }
        _ => false,
    }
}

const fn fields_mention(fields: &[Field]) -> bool {
    let mut i = 0;
    while i < fields.len() {
        if mentions(fields[i].shape) {
            return true;
        }
        i += 1;
    }
    false
}

/// Whether the type around stands in the shape, other named types aside.
pub(super) const fn mentions(shape: &Shape) -> bool {
    match shape {
        Shape::Again(_) => true,
        Shape::Option(inner) | Shape::List(inner) | Shape::Array(inner, _) | Shape::Map(inner) => {
            mentions(inner)
        }
        Shape::Tuple(members) => {
            let mut i = 0;
            while i < members.len() {
                if mentions(members[i]) {
                    return true;
                }
                i += 1;
            }
            false
        }
        _ => false,
    }
}

/// Whether values of the shape can be of any depth, and theirs must be looked at.
#[must_use]
pub(crate) const fn is_recursive(shape: &Shape) -> bool {
    match shape {
        Shape::Again(_) => true,
        Shape::Option(inner) | Shape::List(inner) | Shape::Array(inner, _) | Shape::Map(inner) => {
            is_recursive(inner)
        }
        Shape::Tuple(members) => {
            let mut i = 0;
            while i < members.len() {
                if is_recursive(members[i]) {
                    return true;
                }
                i += 1;
            }
            false
        }
        Shape::Newtype(it) => is_recursive(it.shape),
        Shape::Struct(it) => any_recursive(it.fields),
        Shape::Enum(it) => {
            let mut i = 0;
            while i < it.variants.len() {
                let inside = match it.variants[i].content {
                    Content::Unit => false,
                    Content::Newtype(shape, _) => is_recursive(shape),
                    Content::Struct(fields) => any_recursive(fields),
                };
                if inside {
                    return true;
                }
                i += 1;
            }
            false
        }
        _ => false,
    }
}

const fn any_recursive(fields: &[Field]) -> bool {
    let mut i = 0;
    while i < fields.len() {
        if is_recursive(fields[i].shape) {
            return true;
        }
        i += 1;
    }
    false
}

/// The most objects and arrays that stand inside each other in a value of this shape; of a
/// recursive type, in one round of it.
#[must_use]
pub(crate) const fn depth(shape: &Shape) -> usize {
    match shape {
        Shape::Any
        | Shape::Bool
        | Shape::Integer { .. }
        | Shape::F32
        | Shape::F64
        | Shape::String
        | Shape::Char
        | Shape::Again(_) => 0,
        Shape::Option(inner) => depth(inner),
        Shape::Newtype(it) => depth(it.shape),
        Shape::List(inner) | Shape::Array(inner, _) | Shape::Map(inner) => 1 + depth(inner),
        Shape::Tuple(members) => {
            let mut most = 0;
            let mut i = 0;
            while i < members.len() {
                let inside = depth(members[i]);
                if inside > most {
                    most = inside;
                }
                i += 1;
            }
            1 + most
        }
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
