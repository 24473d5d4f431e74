//! Maps: objects with any keys, each at most once.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::hash::BuildHasher;
use std::marker::PhantomData;

use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde::ser::Serializer;

use super::leaf::text_keeps;
use super::{AsSerde, Wire, Within};
use crate::schema::{Rules, Shape};

/// No key of a map: to assign to it in JavaScript changes an object's prototype instead.
pub(in crate::schema) const NO_KEY: &str = "__proto__";

impl<V: Wire> Wire for BTreeMap<String, V> {
    const SHAPE: &'static Shape = &Shape::Map(V::SHAPE);

    fn encode<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter().map(|(key, value)| (key, AsSerde(value))))
    }

    fn decode<'de, D: Deserializer<'de>>(deserializer: D, rules: &Rules) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Entries::<Self, V>::under(rules))
    }

    fn keeps(&self, rules: &Rules) -> bool {
        all_keep(self.len(), self.iter(), rules)
    }

    fn bad_default() -> Option<&'static str> {
        V::bad_default()
    }
}

impl<V: Wire, H: BuildHasher + Default + 'static> Wire for HashMap<String, V, H> {
    const SHAPE: &'static Shape = &Shape::Map(V::SHAPE);

    // Sorted, for there is one canonical form of a value.
    fn encode<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut entries: Vec<_> = self.iter().collect();
        entries.sort_unstable_by_key(|(key, _)| *key);
        let entries = entries.into_iter();
        serializer.collect_map(entries.map(|(key, value)| (key, AsSerde(value))))
    }

    fn decode<'de, D: Deserializer<'de>>(deserializer: D, rules: &Rules) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Entries::<Self, V>::under(rules))
    }

    fn keeps(&self, rules: &Rules) -> bool {
        all_keep(self.len(), self.iter(), rules)
    }

    fn bad_default() -> Option<&'static str> {
        V::bad_default()
    }
}

fn all_keep<'a, V: Wire + 'a>(
    count: usize,
    mut entries: impl Iterator<Item = (&'a String, &'a V)>,
    rules: &Rules,
) -> bool {
    rules.max_items.is_none_or(|max| count <= max)
        && entries.all(|(key, value)| key_keeps(key, rules) && value.keeps(rules))
}

fn key_keeps(key: &str, rules: &Rules) -> bool {
    key != NO_KEY && text_keeps(key, rules)
}

struct Entries<'r, M, V> {
    rules: &'r Rules,
    of: PhantomData<fn() -> (M, V)>,
}

impl<'r, M, V> Entries<'r, M, V> {
    const fn under(rules: &'r Rules) -> Self {
        Self {
            rules,
            of: PhantomData,
        }
    }
}

/// A map that is filled key by key.
trait Fill<V>: Default {
    /// Whether the key is new.
    fn fill(&mut self, key: String, value: V) -> bool;
}

impl<V> Fill<V> for BTreeMap<String, V> {
    fn fill(&mut self, key: String, value: V) -> bool {
        self.insert(key, value).is_none()
    }
}

impl<V, H: BuildHasher + Default> Fill<V> for HashMap<String, V, H> {
    fn fill(&mut self, key: String, value: V) -> bool {
        self.insert(key, value).is_none()
    }
}

impl<'de, M: Fill<V>, V: Wire> Visitor<'de> for Entries<'_, M, V> {
    type Value = M;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<M, A::Error> {
        let mut map = M::default();
        let mut count = 0;
        while let Some(key) = entries.next_key::<String>()? {
            count += 1;
            if self.rules.max_items.is_some_and(|max| count > max) {
                return Err(A::Error::custom("more entries than allowed"));
            }
            if !key_keeps(&key, self.rules) {
                return Err(A::Error::custom("a key breaks a rule of its field"));
            }
            let value = entries.next_value_seed(Within::new(self.rules))?;
            if !map.fill(key, value) {
                return Err(A::Error::custom("a key stands twice"));
            }
        }
        Ok(map)
    }
}
