//! Types that hold themselves.

use std::collections::BTreeMap;

/// A recursive topic.
#[derive(crate::Presence, Debug, Clone, PartialEq)]
#[presence(topic = "trees", max_bytes = 8_000)]
pub(crate) struct Tree {
    pub(crate) leaf: u8,
    #[presence(max_items = 2)]
    #[serde(default)]
    pub(crate) branches: Vec<Self>,
}

/// A list by hand, and an enum that holds itself.
#[derive(crate::Presence, Debug, Clone, PartialEq)]
#[presence(topic = "chains", max_bytes = 8_000)]
pub(crate) struct Chain {
    pub(crate) next: Option<Box<Self>>,
    pub(crate) sum: Sum,
}

#[derive(crate::Presence, Debug, Clone, PartialEq)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Sum {
    Of(u8),
    Minus(Box<Self>),
    Around {
        #[presence(max_items = 2, max_chars = 2)]
        inner: BTreeMap<String, Self>,
    },
}
