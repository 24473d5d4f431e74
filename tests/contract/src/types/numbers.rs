//! Numbers of every width, with and without bounds.

use presence_runtime::{Presence, Topics};

#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "widths")]
#[serde(rename_all = "kebab-case")]
pub struct Widths {
    pub small_byte: u8,
    pub signed_byte: i8,
    pub short: u16,
    pub signed_short: i16,
    pub word: u32,
    pub signed_word: i32,
    #[presence(max = 9_007_199_254_740_991)]
    pub long: u64,
    #[presence(min = -9_007_199_254_740_991, max = 9_007_199_254_740_991)]
    pub signed_long: i64,
}

#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "bounds")]
pub struct Bounds {
    #[presence(min = 3)]
    pub at_least: u8,
    #[presence(max = 0)]
    pub negative: i16,
    #[presence(min = 7, max = 7)]
    pub seven: u32,
    #[presence(min = -1, max = 1)]
    pub sign: Option<i64>,
}

#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "floats")]
pub struct Floats {
    pub any: f64,
    pub single: f32,
    #[presence(min = -1.5)]
    pub at_least: f64,
    #[presence(max = 0.1)]
    pub at_most: f32,
    #[presence(min = 1e-7, max = 1e21)]
    pub far: f64,
    #[presence(min = 0.0, max = 1.0, unit = "%")]
    pub share: Option<f32>,
}

#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "units")]
pub struct Units {
    /// From the left.
    #[presence(unit = "px")]
    pub x: f64,
    #[presence(min = 0, max = 59, unit = "min")]
    pub late: Option<u8>,
    #[presence(unit = "km/h", max_items = 2)]
    pub speeds: Vec<Option<f32>>,
    #[presence(unit = "°", min = -180.0, max = 180.0)]
    pub place: (f64, [f64; 2]),
    pub level: Decibels,
}

/// How loud it is.
#[derive(Presence, Debug, Clone, Copy, PartialEq)]
pub struct Decibels(#[presence(max = 120, unit = "dB")] pub u8);

#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "switches:{a}:{b}")]
pub struct Switches {
    pub on: bool,
    pub maybe: Option<bool>,
    #[presence(max_items = 3)]
    pub many: Vec<bool>,
}

pub(super) fn register(topics: Topics) -> Topics {
    topics
        .register::<Widths>()
        .register::<Bounds>()
        .register::<Floats>()
        .register::<Units>()
        .register::<Switches>()
}
