//! Enums, by how their variants are told apart.

use super::kinds::{Nothing, Point};

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
