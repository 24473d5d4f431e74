//! Derived types of every kind, for tests that ask two judges about them.

use std::collections::{BTreeMap, HashMap};
use std::net::Ipv4Addr;

/// Everything there is.
#[derive(crate::Presence, Debug, Clone, PartialEq)]
#[presence(topic = "kinds:{kind}", max_bytes = 30_000)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Kinds {
    pub(crate) is_on: bool,
    /// A byte.
    pub(crate) byte: u8,
    #[presence(min = -5, max = 5)]
    pub(crate) small: i32,
    #[presence(min = -9_007_199_254_740_991, max = 9_007_199_254_740_991)]
    pub(crate) large: i64,
    #[presence(max = 9_007_199_254_740_991)]
    pub(crate) unsigned: u64,
    /// A share.
    #[presence(min = 0.0, max = 0.1)]
    pub(crate) share: f32,
    pub(crate) single: f32,
    #[presence(min = -1.5)]
    pub(crate) double: f64,
    /// A name.
    ///
    /// In two paragraphs.
    #[presence(min_chars = 1, max_chars = 4)]
    pub(crate) name: String,
    #[serde(rename = "odd key/~")]
    pub(crate) odd: Option<bool>,
    pub(crate) maybe: Option<Point>,
    #[serde(default = "three")]
    pub(crate) three: Option<u8>,
    #[serde(default)]
    #[presence(decay = "2500ms")]
    pub(crate) point: Point,
    #[presence(max_items = 2, min = 1)]
    pub(crate) matrix: Vec<Vec<Option<i8>>>,
    #[presence(max_items = 2, max_chars = 3)]
    pub(crate) tags: Option<Vec<String>>,
    pub(crate) tool: Tool,
    pub(crate) mixed: Mixed,
    pub(crate) inside: Inside,
    pub(crate) beside: Beside,
    #[serde(default)]
    pub(crate) all: AllDefault,
    pub(crate) nothing: Nothing,
}

fn three() -> Option<u8> {
    Some(3)
}

/// A point.
#[derive(crate::Presence, Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Point {
    /// From the left.
    pub(crate) x: u16,
    #[serde(default)]
    pub(crate) y: u16,
}

/// No field.
#[derive(crate::Presence, Debug, Clone, Copy, PartialEq)]
pub(crate) struct Nothing {}

/// All fields have defaults.
#[derive(crate::Presence, Debug, Clone, PartialEq)]
#[serde(default)]
pub(crate) struct AllDefault {
    pub(crate) count: u32,
    #[presence(max_chars = 2)]
    pub(crate) text: Option<String>,
}

impl Default for AllDefault {
    fn default() -> Self {
        Self {
            count: 7,
            text: Some("a".to_owned()),
        }
    }
}

#[derive(crate::Presence, Debug, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Tool {
    RoundPen,
    Eraser,
}

/// External tags.
#[derive(crate::Presence, Debug, Clone, PartialEq)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Mixed {
    Unit,
    /// With docs.
    Documented,
    Number(#[presence(max = 9)] u8),
    Maybe(Option<u8>),
    Point(Point),
    Named {
        /// A size.
        size: u8,
        #[serde(default)]
        tool: Option<Tool>,
    },
    Nested(Beside),
}

/// Internal tags.
#[derive(crate::Presence, Debug, Clone, PartialEq)]
#[serde(tag = "is")]
pub(crate) enum Inside {
    Unit,
    /// A point.
    Point(Point),
    Nothing(Nothing),
    Named {
        tool: Tool,
        mixed: Mixed,
        deeper: Option<Deeper>,
        #[presence(max = 1.0)]
        share: f32,
    },
}

/// Internal tags inside of internal tags.
#[derive(crate::Presence, Debug, Clone, PartialEq)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Deeper {
    OneThing { tool: Tool, beside: Beside },
    OtherThing,
}

/// Adjacent tags.
#[derive(crate::Presence, Debug, Clone, PartialEq)]
#[serde(tag = "t", content = "c", rename_all = "UPPERCASE")]
pub(crate) enum Beside {
    Unit,
    Maybe(Option<bool>),
    List(#[presence(max_items = 2)] Vec<Point>),
    Named { tool: Tool },
}

/// A topic whose values are an enum.
#[derive(crate::Presence, Debug, Clone, PartialEq)]
#[presence(topic = "choices", max_bytes = 2000)]
#[serde(tag = "choice")]
pub(crate) enum Choice {
    /// Nothing.
    None,
    Some {
        tool: Tool,
        at: Option<Point>,
    },
}

/// A topic without an input type of its own.
#[derive(crate::Presence, Debug, Clone, PartialEq)]
#[presence(topic = "plain:{a}:{b}", name = "Delete")]
pub(crate) struct Plain {
    pub(crate) tool: Tool,
}

/// Everything that stands around other types.
#[derive(crate::Presence, Debug, Clone, PartialEq)]
#[presence(topic = "nests", max_bytes = 30_000)]
pub(crate) struct Nests {
    /// A letter.
    pub(crate) letter: char,
    #[presence(min = 0.0, max = 1.0)]
    pub(crate) pair: (f32, f32),
    #[presence(max_chars = 3, max = 9)]
    pub(crate) triple: (String, Option<u8>, Tool),
    #[presence(min = -1.0)]
    pub(crate) matrix: [[f64; 2]; 2],
    pub(crate) boxed: Box<Point>,
    pub(crate) maybe: Option<Box<Tool>>,
    #[presence(max_items = 2, max_chars = 3, min = 1)]
    pub(crate) counts: HashMap<String, u8>,
    #[presence(max_items = 2, max_chars = 4)]
    #[serde(default)]
    pub(crate) words: BTreeMap<String, Option<String>>,
    #[presence(max_items = 2, max_chars = 8, pattern = "^[a-z]+(-[a-z]+)*$")]
    pub(crate) slugs: Vec<String>,
    #[presence(max_items = 2, max_chars = 2, pattern = r"^\d*$")]
    pub(crate) places: Option<BTreeMap<String, Vec<Point>>>,
    pub(crate) label: Label,
    pub(crate) labels: Labels,
    pub(crate) level: Option<Level>,
    pub(crate) one: (bool,),
}

/// A short line.
#[derive(crate::Presence, Debug, Clone, PartialEq)]
pub(crate) struct Label(
    #[presence(min_chars = 1, max_chars = 5, pattern = r"^[^\d]*$")] pub(crate) String,
);

#[derive(crate::Presence, Debug, Clone, PartialEq, Default)]
pub(crate) struct Labels(#[presence(max_items = 2)] pub(crate) Vec<Label>);

#[derive(crate::Presence, Debug, Clone, Copy, PartialEq)]
#[serde(transparent)]
pub(crate) struct Level {
    #[presence(max = 9)]
    pub(crate) level: u8,
    #[serde(skip)]
    pub(crate) seen: bool,
}

/// A newtype as a topic.
#[derive(crate::Presence, Debug, Clone, PartialEq)]
#[presence(topic = "lines")]
pub(crate) struct Line(#[presence(max_chars = 9)] pub(crate) Option<String>);

/// A recursive topic.
#[derive(crate::Presence, Debug, Clone, PartialEq)]
#[presence(topic = "trees", max_bytes = 8_000)]
pub(crate) struct Tree {
    pub(crate) leaf: u8,
    #[presence(max_items = 2)]
    #[serde(default)]
    pub(crate) branches: Vec<Self>,
}

/// A list by hand, and an enum that holds itself.
#[derive(crate::Presence, Debug, Clone, PartialEq)]
#[presence(topic = "chains", max_bytes = 8_000)]
pub(crate) struct Chain {
    pub(crate) next: Option<Box<Self>>,
    pub(crate) sum: Sum,
}

#[derive(crate::Presence, Debug, Clone, PartialEq)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Sum {
    Of(u8),
    Minus(Box<Self>),
    Around {
        #[presence(max_items = 2, max_chars = 2)]
        inner: BTreeMap<String, Self>,
    },
}

/// What is left out.
#[derive(crate::Presence, Debug, Clone, PartialEq)]
#[presence(topic = "sparse:{a}")]
#[serde(rename_all = "camelCase")]
pub(crate) struct Sparse {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) soft: Option<u8>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[presence(max_items = 2)]
    pub(crate) list: Vec<u8>,
    #[serde(default, skip_serializing_if = "is_off")]
    pub(crate) is_on: bool,
    #[serde(skip)]
    pub(crate) cache: Option<std::time::Instant>,
    pub(crate) inside: SparseInside,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_off(is_on: &bool) -> bool {
    !is_on
}

#[derive(crate::Presence, Debug, Clone, PartialEq)]
#[serde(tag = "is", rename_all_fields = "camelCase")]
pub(crate) enum SparseInside {
    Bare,
    Full {
        #[serde(default, skip_serializing_if = "String::is_empty")]
        #[presence(max_chars = 3)]
        long_text: String,
        #[serde(skip, default = "seven")]
        seven: u8,
    },
}

fn seven() -> u8 {
    7
}

/// A wire form of its own, and code that judges.
#[derive(crate::Presence, Debug, Clone, PartialEq)]
#[presence(topic = "forms")]
pub(crate) struct Forms {
    #[presence(wire = "String", max_chars = 15)]
    pub(crate) address: Ipv4Addr,
    #[presence(wire = "String", max_chars = 15)]
    pub(crate) gateway: Option<Ipv4Addr>,
    #[presence(wire = "Hex", max_items = 2)]
    #[serde(default)]
    pub(crate) colours: Vec<Colour>,
    #[presence(validate = even)]
    pub(crate) even: u8,
    #[presence(wire = "String", max_chars = 15, validate = "local")]
    #[serde(default = "localhost")]
    pub(crate) local: Ipv4Addr,
    pub(crate) odd: Odd,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Colour(pub(crate) u32);

/// Six hex digits.
#[derive(crate::Presence, Debug, Clone, PartialEq)]
pub(crate) struct Hex(#[presence(min_chars = 6, max_chars = 6)] pub(crate) String);

impl From<&Colour> for Hex {
    fn from(colour: &Colour) -> Self {
        Self(format!("{:06x}", colour.0))
    }
}

impl TryFrom<Hex> for Colour {
    type Error = &'static str;

    fn try_from(hex: Hex) -> Result<Self, Self::Error> {
        match u32::from_str_radix(&hex.0, 16) {
            Ok(colour) => Ok(Self(colour)),
            Err(_) => Err("six hex digits"),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "every type is judged so")]
fn even(number: &u8) -> Result<(), &'static str> {
    if number.is_multiple_of(2) {
        Ok(())
    } else {
        Err("an even number")
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "every type is judged so")]
fn local(address: &Ipv4Addr) -> Result<(), String> {
    if address.is_loopback() {
        Ok(())
    } else {
        Err("an address of this machine".to_owned())
    }
}

fn localhost() -> Ipv4Addr {
    Ipv4Addr::LOCALHOST
}

#[derive(crate::Presence, Debug, Clone, PartialEq)]
pub(crate) struct Odd(#[presence(max = 9, validate = odd)] pub(crate) u8);

#[expect(clippy::trivially_copy_pass_by_ref, reason = "every type is judged so")]
fn odd(number: &u8) -> Result<(), &'static str> {
    if even(number).is_err() {
        Ok(())
    } else {
        Err("an odd number")
    }
}

/// Uses of types with parameters.
#[derive(crate::Presence, Debug, Clone, PartialEq)]
#[presence(topic = "generics")]
pub(crate) struct Generics {
    pub(crate) bytes: Pair<u8>,
    pub(crate) points: Pair<Point>,
    pub(crate) maybe: Option<Pair<Option<bool>>>,
    pub(crate) both: Keyed<Label, Pair<i8>>,
    pub(crate) wrapped: Wrapped<Tool>,
}

/// Two of a kind.
#[derive(crate::Presence, Debug, Clone, PartialEq)]
pub(crate) struct Pair<T> {
    /// The first.
    pub(crate) left: T,
    pub(crate) right: T,
    #[presence(max_items = 1)]
    pub(crate) more: Vec<T>,
}

#[derive(crate::Presence, Debug, Clone, PartialEq)]
pub(crate) struct Keyed<K: Clone, V>
where
    V: PartialEq,
{
    pub(crate) key: K,
    pub(crate) value: Option<V>,
    #[serde(skip)]
    pub(crate) cached: Option<V>,
}

#[derive(crate::Presence, Debug, Clone, PartialEq)]
pub(crate) struct Wrapped<T>(#[presence(max_items = 2)] pub(crate) Vec<T>);

/// What the server sets.
#[derive(crate::Presence, Debug, Clone, PartialEq)]
#[presence(topic = "claims")]
pub(crate) struct Claims {
    pub(crate) x: u8,
    #[presence(server = "role", max_chars = 8)]
    pub(crate) role: String,
    #[presence(server = "team", max_chars = 8)]
    pub(crate) team: Option<String>,
    #[presence(server = "level")]
    #[serde(default = "seven")]
    pub(crate) level: u8,
}
