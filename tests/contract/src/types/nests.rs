//! What stands around other types: arrays, tuples, maps, boxes, newtypes, types with parameters and
//! types inside of themselves.

use std::collections::{BTreeMap, HashMap};

use presence_runtime::{Presence, Topics};

use super::records::Point;

#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "tuples", max_bytes = 2048)]
pub struct Tuples {
    pub letter: char,
    pub letters: Option<char>,
    #[presence(min = 0.0, max = 1.0)]
    pub pair: (f32, f64),
    #[presence(max_chars = 3, max = 9)]
    pub triple: (String, Option<u8>, Point),
    #[presence(min = -1.0, max = 1.0)]
    pub matrix: [[f64; 2]; 2],
    #[serde(default)]
    pub one: (bool,),
}

#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "maps", max_bytes = 4096)]
pub struct Maps {
    #[presence(max_items = 2, max_chars = 3, min = 1)]
    pub counts: HashMap<String, u8>,
    #[presence(max_items = 3, max_chars = 4, min_chars = 1)]
    #[serde(default)]
    pub words: BTreeMap<String, Option<String>>,
    #[presence(max_items = 2, max_chars = 2, pattern = r"^[a-zA-Z0-9_ -]*$")]
    pub places: Option<BTreeMap<String, Vec<Point>>>,
}

#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "newtypes")]
pub struct Newtypes {
    pub label: Label,
    pub labels: Labels,
    pub level: Option<Level>,
    pub boxed: Box<Point>,
    pub maybe: Option<Box<Label>>,
}

/// A short line.
#[derive(Presence, Debug, Clone, PartialEq)]
pub struct Label(#[presence(min_chars = 1, max_chars = 5)] pub String);

#[derive(Presence, Debug, Clone, PartialEq)]
pub struct Labels(#[presence(max_items = 2)] pub Vec<Label>);

#[derive(Presence, Debug, Clone, Copy, PartialEq)]
#[serde(transparent)]
pub struct Level {
    #[presence(max = 9)]
    pub level: u8,
    #[serde(skip)]
    pub seen: bool,
}

#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "lines")]
pub struct Line(#[presence(max_chars = 9)] pub Option<String>);

#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "trees", max_bytes = 8_000)]
pub struct Tree {
    pub leaf: u8,
    #[presence(max_items = 2)]
    #[serde(default)]
    pub branches: Vec<Self>,
}

#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "chains", max_bytes = 8_000)]
pub struct Chain {
    pub next: Option<Box<Self>>,
    pub sum: Sum,
}

#[derive(Presence, Debug, Clone, PartialEq)]
#[serde(rename_all = "camelCase")]
pub enum Sum {
    Of(u8),
    Nothing,
    Minus(Box<Self>),
    Around {
        #[presence(max_items = 2, max_chars = 2)]
        inner: BTreeMap<String, Self>,
    },
}

#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "generics", max_bytes = 2048)]
pub struct Generics {
    pub bytes: Pair<u8>,
    pub points: Pair<Point>,
    pub maybe: Option<Pair<Option<bool>>>,
    pub wrapped: Wrapped<Label>,
    pub filled: Filled<Point>,
    pub others: Option<Filled<bool>>,
}

/// Two of a kind.
#[derive(Presence, Debug, Clone, PartialEq)]
pub struct Pair<T> {
    /// The first.
    pub left: T,
    pub right: T,
    #[presence(max_items = 1)]
    pub more: Vec<T>,
}

/// Everything in it may be left out.
#[derive(Presence, Debug, Clone, PartialEq)]
pub struct Filled<T: Default> {
    #[serde(default)]
    pub one: T,
    #[serde(default = "seven")]
    pub seven: u8,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[presence(max_items = 1)]
    pub more: Vec<T>,
}

const fn seven() -> u8 {
    7
}

#[derive(Presence, Debug, Clone, PartialEq)]
pub struct Wrapped<T>(#[presence(max_items = 2)] pub Vec<T>);

pub(super) fn register(topics: Topics) -> Topics {
    topics
        .register::<Tuples>()
        .register::<Maps>()
        .register::<Newtypes>()
        .register::<Line>()
        .register::<Tree>()
        .register::<Chain>()
        .register::<Generics>()
}
