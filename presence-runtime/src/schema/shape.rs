//! The shape of a type as constant data: what the derive emits and everything else reads.

use std::time::Duration;

use super::expression::Expression;

/// How a type looks in JSON.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// Any JSON; only the envelopes of requests have it, no annotated type does.
    Any,
    /// `true` or `false`.
    Bool,
    /// An integer within these bounds, which never leave ±(2^53 − 1).
    Integer {
        /// Smallest value of the type.
        min: i64,
        /// Largest value of the type.
        max: i64,
    },
    /// A finite `f32`.
    F32,
    /// A finite `f64`.
    F64,
    /// A string without control characters other than tab, line feed and carriage return.
    String,
    /// A string of one such code point.
    Char,
    /// The value or `null`.
    Option(&'static Self),
    /// An array of any length; a field's `max_items` bounds it.
    List(&'static Self),
    /// An array of exactly so many items.
    Array(&'static Self, usize),
    /// An array with one item of each of these shapes.
    Tuple(&'static [&'static Self]),
    /// An object with any keys but `__proto__`; a field's `max_items` and `max_chars` bound it.
    Map(&'static Self),
    /// A name for another shape with rules of its own.
    Newtype(&'static Newtype),
    /// An object with known keys.
    Struct(&'static Struct),
    /// One of several variants.
    Enum(&'static Enum),
    /// The named type that this stands in, once more.
    Again(Again),
}

/// The name of a recursive type where it stands inside itself, and the way back to its shape.
#[derive(Debug, Clone, Copy)]
pub struct Again {
    /// The type's name in schemas and TypeScript.
    pub name: &'static str,
    /// The type's shape, the innermost named one around.
    pub shape: fn() -> &'static Shape,
}

/// A type that looks like the one value inside.
#[derive(Debug, Clone, Copy)]
pub struct Newtype {
    /// Its name in schemas and TypeScript.
    pub name: &'static str,
    /// Its doc comment, trimmed; empty without one.
    pub docs: &'static str,
    /// What it holds.
    pub shape: &'static Shape,
    /// What is asked of the value beyond its shape. The rules of a field do not reach in here.
    pub rules: Rules,
    /// What the type itself asks of the value.
    pub check: Option<Check>,
}

/// A named struct.
#[derive(Debug, Clone, Copy)]
pub struct Struct {
    /// Its name in schemas and TypeScript.
    pub name: &'static str,
    /// Its doc comment, trimmed; empty without one.
    pub docs: &'static str,
    /// Its fields in order of declaration.
    pub fields: &'static [Field],
}

/// A field of a struct or struct variant.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its key in JSON, after serde's renaming.
    pub key: &'static str,
    /// Its doc comment, trimmed; empty without one.
    pub docs: &'static str,
    /// What it holds.
    pub shape: &'static Shape,
    /// What is asked of the value beyond its shape.
    pub rules: Rules,
    /// Whether input may leave it out.
    pub need: Need,
    /// Whether output leaves it out when it is the default.
    pub is_omitted: bool,
    /// The claim of the member's identity from which the server sets it; input must not.
    pub server: Option<&'static str>,
    /// What the type itself asks of the value.
    pub check: Option<Check>,
}

impl Field {
    /// A field that asks for nothing but the shape.
    #[must_use]
    pub const fn new(key: &'static str, shape: &'static Shape) -> Self {
        Self {
            key,
            docs: "",
            shape,
            rules: Rules::NONE,
            need: Need::of(shape),
            is_omitted: false,
            server: None,
            check: None,
        }
    }
}

/// What only the code of a type can judge: `validate`, or a conversion from the wire form. It is
/// beyond JSON Schema and TypeScript, so the server alone says no.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    /// Judges the JSON of a value that keeps its shape and rules; says what would be right.
    pub judge: fn(&str) -> Result<(), String>,
}

/// Whether input may leave a field out, and what stands there then.
#[derive(Debug, Clone, Copy)]
pub enum Need {
    /// Missing is a violation.
    Required,
    /// Missing means `null`: an `Option` without an own default.
    Optional,
    /// Missing means this value, as JSON text.
    Default(fn() -> String),
}

impl Need {
    /// What a field of this shape needs when it has no default.
    #[must_use]
    pub const fn of(shape: &Shape) -> Self {
        match shape {
            Shape::Option(_) => Self::Optional,
            _ => Self::Required,
        }
    }
}

/// What a field asks of its value beyond the shape. `max_items` speaks of every list and map on the
/// way, the others of the numbers, strings and keys inside.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rules {
    /// Smallest number allowed.
    pub min: Option<f64>,
    /// Largest number allowed.
    pub max: Option<f64>,
    /// Fewest Unicode code points allowed in a string.
    pub min_chars: Option<usize>,
    /// Most Unicode code points allowed in a string.
    pub max_chars: Option<usize>,
    /// Most items allowed in a list.
    pub max_items: Option<usize>,
    /// What a string looks like.
    pub pattern: Option<Expression>,
    /// What numbers are counted in, for those who read them.
    pub unit: Option<&'static str>,
}

impl Rules {
    /// No rule at all.
    pub const NONE: Self = Self {
        min: None,
        max: None,
        min_chars: None,
        max_chars: None,
        max_items: None,
        pattern: None,
        unit: None,
    };

    /// The smallest and largest integer that these bounds and the rules allow.
    pub(crate) fn integers(&self, min: i64, max: i64) -> (i64, i64) {
        let low = self.min.map_or(min, |bound| min.max(bound.ceil() as i64));
        let high = self.max.map_or(max, |bound| max.min(bound.floor() as i64));
        (low, high)
    }
}

/// A named enum.
#[derive(Debug, Clone, Copy)]
pub struct Enum {
    /// Its name in schemas and TypeScript.
    pub name: &'static str,
    /// Its doc comment, trimmed; empty without one.
    pub docs: &'static str,
    /// How JSON tells the variants apart.
    pub tag: Tag,
    /// Its variants in order of declaration.
    pub variants: &'static [Variant],
}

/// How JSON tells the variants of an enum apart, in serde's terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tag {
    /// `"unit"` or `{"variant": content}`.
    External,
    /// `{"tag": "variant", …content}`.
    Internal(&'static str),
    /// `{"tag": "variant", "content": content}`.
    Adjacent(&'static str, &'static str),
}

/// A variant of an enum.
#[derive(Debug, Clone, Copy)]
pub struct Variant {
    /// Its name in JSON, after serde's renaming.
    pub key: &'static str,
    /// Its doc comment, trimmed; empty without one.
    pub docs: &'static str,
    /// What it carries.
    pub content: Content,
}

/// What a variant carries.
#[derive(Debug, Clone, Copy)]
pub enum Content {
    /// Nothing.
    Unit,
    /// One value.
    Newtype(&'static Shape, Rules),
    /// Named fields.
    Struct(&'static [Field]),
}

/// A field that falls back to its default some time after it was last sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decay {
    /// The field's key in JSON.
    pub key: &'static str,
    /// How long its value stays.
    pub after: Duration,
}
