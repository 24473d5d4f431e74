//! What else a type may be: what holds others, what looks like others, what is left out.

#![deny(warnings, missing_docs)]
#![allow(dead_code)]

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use presence_runtime::Presence;

/// A topic.
#[derive(Presence, Debug, Clone, PartialEq)]
#[presence(topic = "all", max_bytes = 32_768)]
pub struct All {
    letter: char,
    #[presence(max = 9, max_chars = 4)]
    tuple: (u8, Option<String>, [Point; 2]),
    #[presence(max_items = 4, max_chars = 8, pattern = r"^[a-z\d_-]+$")]
    map: HashMap<String, Option<Box<Point>>>,
    #[presence(max_items = 2, max_chars = 3)]
    deep: Vec<BTreeMap<String, String>>,
    label: Label,
    clear: Clear,
    #[presence(wire = "String", max_chars = 45)]
    address: Option<IpAddr>,
    #[presence(validate = check::even)]
    even: u8,
    #[presence(validate = "check::even")]
    #[serde(default, skip_serializing_if = "check::is_zero")]
    also: u8,
    #[serde(skip)]
    cache: Option<std::time::Instant>,
    #[presence(server = "role", max_chars = 8)]
    role: Option<String>,
    pairs: Pair<Point, Option<u8>>,
    wrapped: Option<Wrapped<Label>>,
    tree: Tree,
    beside: Beside,
}

mod check {
    pub(super) fn even(number: &u8) -> Result<(), &'static str> {
        if *number % 2 == 0 { Ok(()) } else { Err("an even number") }
    }

    pub(super) fn is_zero(number: &u8) -> bool {
        *number == 0
    }
}

#[derive(Presence, Debug, Clone, Copy, PartialEq, Default)]
struct Point {
    x: f32,
}

#[derive(Presence, Debug, Clone, PartialEq)]
struct Label(#[presence(max_chars = 8)] String);

#[derive(Presence, Debug, Clone, PartialEq)]
#[serde(transparent)]
struct Clear {
    #[serde(skip, default = "Vec::new")]
    cache: Vec<u8>,
    inside: Option<Point>,
}

#[derive(Presence, Debug, Clone, PartialEq)]
struct Pair<A: Clone, B = u8>
where
    B: Clone,
{
    a: A,
    #[serde(default = "nothing")]
    b: Option<A>,
    #[presence(max_items = 2)]
    rest: Vec<B>,
    #[serde(skip)]
    of: std::marker::PhantomData<B>,
}

fn nothing<T>() -> Option<T> {
    None
}

#[derive(Presence, Debug, Clone, PartialEq)]
struct Wrapped<T>(T);

#[derive(Presence, Debug, Clone, PartialEq)]
struct Tree {
    next: Option<Box<(Self, u8)>>,
}

#[derive(Presence, Debug, Clone, PartialEq)]
#[serde(tag = "is")]
enum Beside {
    Point(Box<Point>),
    Fields {
        #[serde(skip)]
        cached: u8,
        x: u8,
    },
}

/// Serde's derives beside ours.
#[derive(Presence, serde::Serialize, serde::Deserialize)]
#[presence(topic = "both")]
#[serde(rename_all = "camelCase")]
pub struct Both {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    maybe: Option<u8>,
    #[serde(skip)]
    cache: u8,
}

fn main() {
    let value = Clear { cache: vec![1], inside: None };
    assert_eq!(value.clone(), value);
}
