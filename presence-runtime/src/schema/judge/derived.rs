//! Derived types of every kind, for tests that ask two judges about them.

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
