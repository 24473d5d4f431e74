//! What applications write that nobody thought of: keys of every character, words of JavaScript,
//! docs that end comments, parameters of which the JSON tells nothing, types of the standard library.

use std::collections::{BTreeMap, HashMap};
use std::marker::PhantomData;
use std::net::Ipv4Addr;
use std::time::Duration;

use presence_runtime::{Presence, Topics};
use serde::{Deserialize, Serialize};

/// Docs with */, `back*ticks`, ${x}, \ and <b>.
///
/// # A heading
///
/// ```text
/// */ // {@link Nothing}
/// ```
#[allow(rustdoc::invalid_html_tags, reason = "what people write")]
#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "words:{r#type}:{class}")]
pub struct Words {
    /// `*/` "quoted" \n
    pub class: u8,
    pub constructor: u8,
    pub prototype: Option<u8>,
    pub r#await: bool,
    pub undefined: bool,
    #[serde(default)]
    pub default: bool,
    #[serde(rename = "toString")]
    pub to_string: WordsKind,
    #[serde(rename = "hasOwnProperty")]
    pub has_own: bool,
    #[serde(rename = "10")]
    pub ten: u8,
    #[serde(rename = "2")]
    pub two: u8,
    #[serde(rename = "")]
    pub empty: Option<u8>,
    #[serde(rename = "$ref")]
    pub reference: Option<u8>,
    pub größe: u8,
    pub 名前: bool,
}

/// # */
#[derive(Presence, Debug, Clone, Copy, PartialEq, Eq)]
pub enum WordsKind {
    /// `*/`
    None,
    Default,
    #[serde(rename = "constructor")]
    Constructor,
    #[serde(rename = "valueOf")]
    ValueOf,
}

#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "quotes", max_bytes = 4096)]
pub struct Quotes {
    #[serde(rename = "a\"b")]
    pub quote: u8,
    #[serde(rename = "\\")]
    pub backslash: Option<u8>,
    #[serde(rename = "\n\u{1}\u{8}\u{2028}")]
    pub controls: Quoted,
    #[serde(rename = "'`${x}*/</script>")]
    pub code: Option<QuotedKind>,
    #[serde(rename = "🦀/~%")]
    pub astral: QuotedContent,
}

#[derive(Presence, Debug, Clone, PartialEq)]
#[serde(tag = "t\"ag")]
pub enum Quoted {
    #[serde(rename = "\"a\\")]
    Unit,
    Named {
        #[serde(rename = "\"")]
        quote: u8,
    },
}

#[derive(Presence, Debug, Clone, PartialEq)]
#[serde(tag = "\"", content = "\\")]
pub enum QuotedContent {
    #[serde(rename = "\"a\\")]
    Unit,
    #[serde(rename = "constructor")]
    Number(u8),
}

#[derive(Presence, Debug, Clone, PartialEq)]
pub enum QuotedKind {
    #[serde(rename = "\"a\\")]
    Unit,
    #[serde(rename = "\n*/")]
    Comment,
    #[serde(rename = "\"")]
    Number(u8),
}

/// With serde's own derives beside ours.
#[derive(Presence, Serialize, Deserialize, Debug, Clone, PartialEq)]
#[presence(topic = "beside-serde")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BesideSerde {
    pub a_b: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub c_d: Option<u8>,
}

#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "phantoms")]
pub struct Phantoms {
    pub one: Phantom<Marker>,
    pub other: Half<Marker, Option<u8>>,
}

/// Known to Rust only.
#[derive(Debug, Clone, PartialEq)]
pub struct Marker;

#[derive(Presence, Debug, Clone, PartialEq)]
pub struct Phantom<T> {
    pub id: u32,
    #[serde(skip)]
    pub of: PhantomData<T>,
}

#[derive(Presence, Debug, Clone, PartialEq)]
pub struct Half<M, T> {
    pub id: T,
    #[serde(skip)]
    pub of: PhantomData<M>,
}

#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "foreign")]
pub struct Foreign {
    #[presence(wire = "String", min_chars = 7, max_chars = 15, pattern = "^[0-9.]*$")]
    pub address: Ipv4Addr,
    #[presence(wire = "Millis")]
    pub after: Duration,
    /// Beyond what JavaScript holds, so it travels as text.
    #[presence(wire = "String", max_chars = 20, pattern = "^-?[0-9]+$")]
    pub large: i64,
    #[presence(wire = "String", max_items = 2, max_chars = 39, pattern = "^[0-9]+$")]
    #[serde(default)]
    pub huge: Vec<u128>,
}

#[derive(Presence, Debug, Clone, PartialEq)]
pub struct Millis(#[presence(max = 86_400_000)] pub u64);

impl From<&Duration> for Millis {
    fn from(duration: &Duration) -> Self {
        Self(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
    }
}

impl From<Millis> for Duration {
    fn from(millis: Millis) -> Self {
        Self::from_millis(millis.0)
    }
}

#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "boxes", max_bytes = 8192)]
pub struct Boxes {
    #[presence(max_items = 2, max_chars = 3)]
    pub forms: Option<HashMap<String, BoxesForm>>,
    #[presence(max_items = 2, max_chars = 2)]
    #[serde(default)]
    pub deep: BTreeMap<String, BTreeMap<String, Option<Vec<BoxesForm>>>>,
}

#[derive(Presence, Debug, Clone, PartialEq)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum BoxesForm {
    Circle {
        radius: f64,
    },
    Group {
        #[presence(max_items = 2, max_chars = 2)]
        inner: BTreeMap<String, Option<WordsKind>>,
    },
    None,
}

pub(super) fn register(topics: Topics) -> Topics {
    topics
        .register::<Words>()
        .register::<Quotes>()
        .register::<BesideSerde>()
        .register::<Phantoms>()
        .register::<Foreign>()
        .register::<Boxes>()
}
