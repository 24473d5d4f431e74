//! Enums with every kind of tag.

use presence_runtime::{Presence, Topics};

use super::records::{Nothing, Point};

#[derive(Presence, Debug, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Pencil {
    RoundPen,
    Eraser,
}

#[derive(Presence, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Only {
    #[serde(rename = "the only one")]
    One,
}

#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "external")]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum External {
    Unit,
    Other,
    Number(#[presence(max = 9)] u8),
    Maybe(Option<u8>),
    Point(Point),
    Named {
        tool_size: u8,
        #[serde(default)]
        tool: Option<Pencil>,
    },
    Deeper(Adjacent),
    List(#[presence(max_items = 2, max_chars = 2)] Vec<String>),
}

#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "internal")]
#[serde(tag = "is")]
pub enum Internal {
    Unit,
    Point(Point),
    Nothing(Nothing),
    Named {
        tool: Pencil,
        only: Only,
        deeper: Option<Deeper>,
        #[presence(max = 1.0)]
        share: f32,
    },
}

#[derive(Presence, Debug, Clone, PartialEq)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Deeper {
    OneThing { tool: Pencil, beside: Adjacent },
    OtherThing,
}

#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "adjacent")]
#[serde(tag = "t", content = "c", rename_all = "UPPERCASE")]
pub enum Adjacent {
    Unit,
    Maybe(Option<bool>),
    List(#[presence(max_items = 2)] Vec<Point>),
    Named { tool: Pencil },
}

#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "choices:{choice}", name = "Delete")]
pub struct Choices {
    pub tool: Pencil,
    pub only: Only,
    #[presence(max_items = 3)]
    pub tools: Vec<Pencil>,
    pub external: Option<External>,
    pub internal: Internal,
    pub adjacent: Adjacent,
}

#[derive(Presence, Debug, Clone, Copy, PartialEq, Eq)]
#[presence(topic = "moods")]
pub enum Mood {
    Happy,
    /// Documented.
    Sad,
}

pub(super) fn register(topics: Topics) -> Topics {
    topics
        .register::<External>()
        .register::<Internal>()
        .register::<Adjacent>()
        .register::<Choices>()
        .register::<Mood>()
}
