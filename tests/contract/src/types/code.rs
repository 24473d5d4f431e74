//! What is left out, set by the server, judged by code, or another type on the wire.

use std::fmt;
use std::str::FromStr;

use presence_runtime::{Presence, Topics};

#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "sparse:{a}")]
#[serde(rename_all = "camelCase")]
pub struct Sparse {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub soft: Option<u8>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[presence(max_items = 2)]
    pub small_list: Vec<u8>,
    #[serde(skip)]
    pub cache: u64,
    pub inside: SparseInside,
}

/// Everything in it has a default, and some of it is left out when it is that.
#[derive(Presence, Debug, Clone, PartialEq, Default)]
#[presence(topic = "sparser:{a}")]
#[serde(default)]
pub struct Sparser {
    #[serde(skip_serializing_if = "is_zero")]
    pub count: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub soft: Option<u8>,
    pub always: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(number: &u8) -> bool {
    *number == 0
}

#[derive(Presence, Debug, Clone, PartialEq)]
#[serde(tag = "is", rename_all_fields = "camelCase")]
pub enum SparseInside {
    Bare,
    Full {
        #[serde(default, skip_serializing_if = "String::is_empty")]
        #[presence(max_chars = 3)]
        long_text: String,
    },
}

#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "stamped:{a}")]
pub struct Stamped {
    pub x: u8,
    #[presence(server = "team", max_chars = 8)]
    pub team: Option<String>,
    #[presence(server = "level")]
    #[serde(default)]
    pub level: u8,
}

#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "forms")]
pub struct Forms {
    #[presence(wire = "String", max_chars = 6)]
    pub word: Word,
    #[presence(wire = "String", max_chars = 6)]
    pub words: Option<Word>,
    #[presence(wire = "Steps", max_items = 2)]
    #[serde(default)]
    pub distances: Vec<Distance>,
    #[presence(validate = even)]
    pub even: u8,
    pub odd: Odd,
}

/// A word without a 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Word(String);

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Word {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.contains('0') {
            Err("a word without a 0")
        } else {
            Ok(Self(text.to_owned()))
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Distance {
    metres: u32,
}

#[derive(Presence, Debug, Clone, PartialEq)]
pub struct Steps {
    #[presence(max = 1000)]
    pub steps: u32,
}

impl From<&Distance> for Steps {
    fn from(distance: &Distance) -> Self {
        Self {
            steps: distance.metres / 2,
        }
    }
}

impl TryFrom<Steps> for Distance {
    type Error = &'static str;

    fn try_from(steps: Steps) -> Result<Self, Self::Error> {
        if steps.steps == 13 {
            return Err("any number but 13");
        }
        Ok(Self {
            metres: steps.steps * 2,
        })
    }
}

#[derive(Presence, Debug, Clone, PartialEq)]
pub struct Odd(#[presence(max = 9, validate = odd)] pub u8);

#[expect(clippy::trivially_copy_pass_by_ref, reason = "every type is judged so")]
fn even(number: &u8) -> Result<(), &'static str> {
    if number.is_multiple_of(2) {
        Ok(())
    } else {
        Err("an even number")
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "every type is judged so")]
fn odd(number: &u8) -> Result<(), &'static str> {
    if even(number).is_err() {
        Ok(())
    } else {
        Err("an odd number")
    }
}

pub(super) fn register(topics: Topics) -> Topics {
    topics
        .register::<Sparse>()
        .register::<Sparser>()
        .register::<Stamped>()
        .register::<Forms>()
}
