//! What holds other shapes: `Option` and `Vec`.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use serde::ser::Serializer;

use super::{AsSerde, Wire, Within};
use crate::schema::{Rules, Shape};

impl<T: Wire> Wire for Option<T> {
    const SHAPE: &'static Shape = &Shape::Option(T::SHAPE);

    fn encode<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Some(value) => value.encode(serializer),
            None => serializer.serialize_unit(),
        }
    }

    fn decode<'de, D: Deserializer<'de>>(deserializer: D, rules: &Rules) -> Result<Self, D::Error> {
        deserializer.deserialize_option(OrNull(Within::new(rules)))
    }

    fn keeps(&self, rules: &Rules) -> bool {
        self.as_ref().is_none_or(|value| value.keeps(rules))
    }

    fn missing() -> Option<Self> {
        Some(None)
    }

    fn bad_default() -> Option<&'static str> {
        T::bad_default()
    }
}

struct OrNull<'r, T>(Within<'r, T>);

impl<'de, T: Wire> Visitor<'de> for OrNull<'_, T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value or null")
    }

    fn visit_none<E: Error>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_unit<E: Error>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        T::decode(deserializer, self.0.rules).map(Some)
    }
}

impl<T: Wire> Wire for Vec<T> {
    const SHAPE: &'static Shape = &Shape::List(T::SHAPE);

    fn encode<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(AsSerde))
    }

    fn decode<'de, D: Deserializer<'de>>(deserializer: D, rules: &Rules) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Items {
            rules,
            of: PhantomData,
        })
    }

    fn keeps(&self, rules: &Rules) -> bool {
        rules.max_items.is_none_or(|max| self.len() <= max)
            && self.iter().all(|item| item.keeps(rules))
    }

    fn bad_default() -> Option<&'static str> {
        T::bad_default()
    }
}

struct Items<'r, T> {
    rules: &'r Rules,
    of: PhantomData<fn() -> T>,
}

impl<'de, T: Wire> Visitor<'de> for Items<'_, T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<T>, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Within::new(self.rules))? {
            if self.rules.max_items.is_some_and(|max| list.len() == max) {
                return Err(A::Error::custom("more items than allowed"));
            }
            list.push(item);
        }
        Ok(list)
    }
}
