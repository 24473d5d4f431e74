//! Structs in structs, with keys and defaults of every kind.

use presence_runtime::{Presence, Topics};

#[derive(Presence, Debug, Clone, Copy, PartialEq, Default)]
pub struct Point {
    pub x: i16,
    #[serde(default)]
    pub y: i16,
}

#[derive(Presence, Debug, Clone, Copy, PartialEq)]
pub struct Nothing {}

#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "keys")]
#[serde(rename_all = "SCREAMING-KEBAB-CASE")]
pub struct Keys {
    pub first_key: bool,
    #[serde(rename = "odd key/~")]
    pub odd: Option<bool>,
    #[serde(rename = "constructor")]
    pub built: bool,
    #[serde(rename = "ключ")]
    pub foreign: Option<u8>,
    pub r#type: Point,
}

#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "defaults")]
#[serde(default)]
pub struct Defaults {
    pub count: u32,
    #[presence(max_chars = 3)]
    pub text: Option<String>,
    pub point: Point,
    #[presence(max_items = 2)]
    pub points: Vec<Point>,
    #[presence(decay = "1s")]
    pub typing: bool,
}

impl Default for Defaults {
    fn default() -> Self {
        Self {
            count: 7,
            text: Some("a".to_owned()),
            point: Point { x: 1, y: 2 },
            points: vec![Point { x: 3, y: 4 }],
            typing: false,
        }
    }
}

#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "nested", max_bytes = 2048)]
#[serde(rename_all = "camelCase")]
pub struct Nested {
    pub point: Point,
    pub maybe_point: Option<Point>,
    #[presence(max_items = 3)]
    pub path: Vec<Point>,
    pub nothing: Nothing,
    pub maybe_nothing: Option<Nothing>,
    #[serde(default)]
    pub again: Option<Inner>,
}

#[derive(Presence, Debug, Clone, PartialEq)]
pub struct Inner {
    #[presence(max_items = 2)]
    pub grid: Vec<Vec<Point>>,
    #[presence(max = 9)]
    pub level: u8,
}

#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "empty:{place}")]
pub struct Empty {}

pub(super) fn register(topics: Topics) -> Topics {
    topics
        .register::<Keys>()
        .register::<Defaults>()
        .register::<Nested>()
        .register::<Empty>()
}
