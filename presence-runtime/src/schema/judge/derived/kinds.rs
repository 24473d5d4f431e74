//! A struct with a field of every kind, and structs with little in them.

use super::tagged::{Beside, Inside, Mixed, Tool};

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

/// A topic without an input type of its own.
#[derive(crate::Presence, Debug, Clone, PartialEq)]
#[presence(topic = "plain:{a}:{b}", name = "Delete")]
pub(crate) struct Plain {
    pub(crate) tool: Tool,
}
