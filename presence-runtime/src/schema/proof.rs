//! What the derive proves while the user's crate compiles: that every value fits, and that what
//! it could not see behind a type's name is right. Each question answers with the message of the
//! compile error, so that the panic can stand in the user's code and point there.

use super::contract::MAX_DEPTH;
use super::shape::{Field, Rules, Shape};
use super::{depth, size};

/// The text of a compile error, put together in a constant.
#[derive(Debug)]
pub struct Message {
    bytes: [u8; Self::MOST],
    length: usize,
}

impl Message {
    const MOST: usize = 1024;

    const EMPTY: Self = Self {
        bytes: [0; Self::MOST],
        length: 0,
    };

    /// The text.
    #[must_use]
    pub const fn as_str(&self) -> &str {
        match str::from_utf8(self.bytes.split_at(self.length).0) {
            Ok(text) => text,
            Err(_) => "the message has more than 1024 bytes",
        }
    }

    const fn text(mut self, text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut i = 0;
        while i < bytes.len() && self.length < Self::MOST {
            self.bytes[self.length] = bytes[i];
            self.length += 1;
            i += 1;
        }
        self
    }

    const fn number(self, number: usize) -> Self {
        let mut digits = [b'0'; 20];
        let mut start = digits.len();
        let mut rest = number;
        loop {
            start -= 1;
            digits[start] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        match str::from_utf8(digits.split_at(start).1) {
            Ok(text) => self.text(text),
            Err(_) => self,
        }
    }
}

/// Why values of this shape can have more than `max_bytes` of JSON, or be too deep.
#[must_use]
pub const fn oversized(shape: &Shape, name: &str, max_bytes: usize) -> Option<Message> {
    let message = Message::EMPTY.text("`").text(name);
    let deep = depth::depth(shape);
    if deep > MAX_DEPTH {
        let message = message
            .text("` puts ")
            .number(deep)
            .text(" objects and arrays inside each other, at most ")
            .number(MAX_DEPTH)
            .text(" may: put some side by side");
        return Some(message);
    }
    if !size::has_value(shape) {
        let message = message
            .text("` has no value: each needs another one inside, and at most ")
            .number(MAX_DEPTH)
            .text(" objects and arrays may stand inside each other; use Option<Box<_>> or Vec");
        return Some(message);
    }
    match size::max_json(shape, &Rules::NONE) {
        Some(needed) if needed <= max_bytes => None,
        Some(needed) => {
            let message = message
                .text("` needs up to ")
                .number(needed)
                .text(" bytes but `max_bytes = ")
                .number(max_bytes)
                .text("`");
            // Of a recursive type no part is the one that is too long.
            if depth::stands_again(shape) {
                return Some(message.text(": it stands inside itself, up to 16 levels deep"));
            }
            Some(parts(message, shape))
        }
        None => Some(parts(message.text("` has no largest size"), shape)),
    }
}

/// Why a field's type cannot stand there under the field's rules.
#[must_use]
pub const fn unfit(shape: &Shape, rules: &Rules) -> Option<Message> {
    let message = Message::EMPTY;
    let met = survey(shape);
    if met & HIDDEN_NULL != 0 {
        return Some(
            message.text(
                "an Option in an Option: `null` cannot say which of the two is None; use one",
            ),
        );
    }
    if met & LIST != 0 && rules.max_items.is_none() {
        return Some(message.text("unbounded list: add `#[presence(max_items = N)]`"));
    }
    if met & MAP != 0 && rules.max_items.is_none() {
        return Some(
            message.text("unbounded map: add `#[presence(max_items = N, max_chars = N)]`"),
        );
    }
    if met & MAP != 0 && rules.max_chars.is_none() {
        return Some(message.text("unbounded keys: add `#[presence(max_chars = N)]`"));
    }
    if met & STRING != 0 && rules.max_chars.is_none() {
        return Some(message.text("unbounded String: add `#[presence(max_chars = N)]`"));
    }
    if met & (LIST | MAP) == 0 && rules.max_items.is_some() {
        return Some(
            message.text("`max_items` is for lists and maps, and this type is neither: remove it"),
        );
    }
    let has_text_rule =
        rules.min_chars.is_some() || rules.max_chars.is_some() || rules.pattern.is_some();
    if met & (STRING | MAP) == 0 && has_text_rule {
        return Some(message.text(
            "`min_chars`, `max_chars` and `pattern` are for strings and the keys of maps, and this type has none: remove them",
        ));
    }
    if met & NUMBER == 0 && rules.unit.is_some() {
        return Some(message.text("`unit` is for numbers, and this type is none: remove it"));
    }
    if met & NUMBER == 0 && (rules.min.is_some() || rules.max.is_some()) {
        return Some(
            message.text("`min` and `max` are for numbers, and this type is none: remove them"),
        );
    }
    None
}

const LIST: u8 = 1;
const MAP: u8 = 2;
const STRING: u8 = 4;
const NUMBER: u8 = 8;
/// A `null` inside of an `Option`.
const HIDDEN_NULL: u8 = 16;

/// What rules can speak of in a shape; named types have rules of their own.
const fn survey(shape: &Shape) -> u8 {
    match shape {
        Shape::Integer { .. } | Shape::F32 | Shape::F64 => NUMBER,
        Shape::String => STRING,
        Shape::Option(inner) if takes_null(inner) => HIDDEN_NULL | survey(inner),
        Shape::Option(inner) | Shape::Array(inner, _) => survey(inner),
        Shape::List(inner) => LIST | survey(inner),
        Shape::Map(inner) => MAP | survey(inner),
        Shape::Tuple(members) => {
            let mut all = 0;
            let mut i = 0;
            while i < members.len() {
                all |= survey(members[i]);
                i += 1;
            }
            all
        }
        Shape::Any
        | Shape::Bool
        | Shape::Char
        | Shape::Newtype(_)
        | Shape::Struct(_)
        | Shape::Enum(_)
        | Shape::Again(_) => 0,
    }
}

const fn takes_null(shape: &Shape) -> bool {
    match shape {
        Shape::Option(_) => true,
        Shape::Newtype(it) => takes_null(it.shape),
        _ => false,
    }
}

/// Why the struct of this shape cannot stand beside a tag.
#[must_use]
pub const fn clashes(shape: &Shape, tag: &str) -> Option<Message> {
    let Shape::Struct(it) = shape else {
        return None;
    };
    let mut i = 0;
    while i < it.fields.len() {
        if same(it.fields[i].key, tag) {
            let message = Message::EMPTY
                .text("`")
                .text(it.name)
                .text("` has a field `")
                .text(tag)
                .text("`, which is the tag of this enum: rename one of them");
            return Some(message);
        }
        i += 1;
    }
    None
}

/// The sizes of the parts: `: a = 194, b = 24`.
const fn parts(mut message: Message, shape: &Shape) -> Message {
    match shape {
        Shape::Struct(it) => fields(message, it.fields),
        Shape::Newtype(it) => parts(message, it.shape),
        Shape::Enum(it) => {
            let mut i = 0;
            while i < it.variants.len() {
                let variant = &it.variants[i];
                message = part(message, i, variant.key, size::max_variant(variant, it.tag));
                i += 1;
            }
            message
        }
        _ => message,
    }
}

const fn fields(mut message: Message, fields: &[Field]) -> Message {
    let mut i = 0;
    while i < fields.len() {
        message = part(message, i, fields[i].key, size::max_field(&fields[i]));
        i += 1;
    }
    message
}

const fn part(message: Message, index: usize, key: &str, size: Option<usize>) -> Message {
    let message = message
        .text(if index == 0 { ": " } else { ", " })
        .text(key)
        .text(" = ");
    match size {
        Some(size) => message.number(size),
        None => message.text("unbounded"),
    }
}

const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}
