//! Types around other types: tuples, arrays, lists, maps and newtypes.

use std::collections::{BTreeMap, HashMap};

use super::kinds::Point;
use super::tagged::Tool;

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
