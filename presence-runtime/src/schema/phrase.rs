//! Plain English for what a shape and its rules ask for.

use super::{Enum, Rules, Shape, Tag, spelled};

/// What is asked for, such as "a number from 0 to 100000".
pub(crate) fn value(shape: &Shape, rules: &Rules) -> String {
    match shape {
        Shape::Any => "JSON".to_owned(),
        Shape::Bool => "true or false".to_owned(),
        Shape::Integer { min, max } => {
            let (min, max) = rules.integers(*min, *max);
            format!("an integer from {min} to {max}")
        }
        Shape::F32 | Shape::F64 => match (rules.min.map(spelled), rules.max.map(spelled)) {
            (None, None) => "a number".to_owned(),
            (Some(min), None) => format!("a number of at least {min}"),
            (None, Some(max)) => format!("a number of at most {max}"),
            (Some(min), Some(max)) => format!("a number from {min} to {max}"),
        },
        Shape::Char => "a string of 1 character".to_owned(),
        Shape::String => match (rules.min_chars, rules.max_chars) {
            (None, None) => "a string".to_owned(),
            (Some(min), None) => format!("a string of at least {}", characters(min)),
            (None, Some(max)) => format!("a string of at most {}", characters(max)),
            (Some(min), Some(max)) => format!("a string of {min} to {}", characters(max)),
        },
        Shape::Option(inner) => format!("{} or null", value(inner, rules)),
        Shape::List(_) => match rules.max_items {
            None => "an array".to_owned(),
            Some(max) => format!("an array of at most {}", items(max)),
        },
        Shape::Array(_, length) => format!("an array of {}", items(*length)),
        Shape::Tuple(members) => format!("an array of {}", items(members.len())),
        Shape::Map(_) => match rules.max_items {
            None => "an object".to_owned(),
            Some(max) => format!("an object of at most {}", items(max)),
        },
        Shape::Newtype(it) => value(it.shape, &it.rules),
        Shape::Again(it) => value((it.shape)(), &Rules::NONE),
        Shape::Struct(_) => "an object".to_owned(),
        Shape::Enum(it) => tagged(it),
    }
}

/// An enum, such as "an object whose `kind` is one of `pen`, `eraser`".
pub(crate) fn tagged(it: &Enum) -> String {
    match it.tag {
        Tag::External => variants(it),
        Tag::Internal(tag) | Tag::Adjacent(tag, _) => {
            format!("an object whose `{tag}` is {}", variants(it))
        }
    }
}

/// The variants of an enum, such as "one of `pen`, `eraser`".
pub(crate) fn variants(it: &Enum) -> String {
    let mut names: Vec<_> = it.variants.iter().map(|variant| variant.key).collect();
    names.sort_by_key(|name| rank(name));
    match names.as_slice() {
        [only] => format!("`{only}`"),
        _ => format!("one of {}", enumerated(&names)),
    }
}

/// The keys of an object, such as "one of the keys `x`, `y`".
pub(crate) fn keys(known: &[&str]) -> String {
    match known {
        [] => "no further key".to_owned(),
        [only] => format!("only the key `{only}`"),
        _ => format!("one of the keys {}", enumerated(known)),
    }
}

/// Where a key stands among others in JavaScript, whose objects have keys that look like an index
/// first, by number, and then the others as they came: so it lists them.
pub(crate) fn rank(key: &str) -> u32 {
    let index: Option<u32> = key.parse().ok();
    index
        .filter(|it| *it < u32::MAX && it.to_string() == key)
        .unwrap_or(u32::MAX)
}

/// A long list is cut, for nobody reads it in an error.
fn enumerated(names: &[&str]) -> String {
    const MOST: usize = 16;
    let shown = names.iter().take(MOST).map(|name| format!("`{name}`"));
    let shown: Vec<_> = shown.collect();
    let more = if names.len() > MOST { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}

pub(crate) fn characters(count: usize) -> String {
    plural(count, "character")
}

pub(crate) fn items(count: usize) -> String {
    plural(count, "item")
}

fn plural(count: usize, noun: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{s}")
}
