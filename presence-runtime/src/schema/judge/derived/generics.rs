//! Types with parameters.

use super::kinds::Point;
use super::nests::Label;
use super::tagged::Tool;

/// Uses of types with parameters.
#[derive(crate::Presence, Debug, Clone, PartialEq)]
#[presence(topic = "generics")]
pub(crate) struct Generics {
    pub(crate) bytes: Pair<u8>,
    pub(crate) points: Pair<Point>,
    pub(crate) maybe: Option<Pair<Option<bool>>>,
    pub(crate) both: Keyed<Label, Pair<i8>>,
    pub(crate) wrapped: Wrapped<Tool>,
}

/// Two of a kind.
#[derive(crate::Presence, Debug, Clone, PartialEq)]
pub(crate) struct Pair<T> {
    /// The first.
    pub(crate) left: T,
    pub(crate) right: T,
    #[presence(max_items = 1)]
    pub(crate) more: Vec<T>,
}

#[derive(crate::Presence, Debug, Clone, PartialEq)]
pub(crate) struct Keyed<K: Clone, V>
where
    V: PartialEq,
{
    pub(crate) key: K,
    pub(crate) value: Option<V>,
    #[serde(skip)]
    pub(crate) cached: Option<V>,
}

#[derive(crate::Presence, Debug, Clone, PartialEq)]
pub(crate) struct Wrapped<T>(#[presence(max_items = 2)] pub(crate) Vec<T>);
