//! What holds other shapes: `Option`, `Box`, `Vec`, arrays and tuples.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserializer, Error, IgnoredAny, SeqAccess, Visitor};
use serde::ser::{SerializeMap, SerializeSeq, Serializer};

use super::{AsSerde, Record, Wire, Within};
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

impl<T: Wire> Wire for Box<T> {
    const SHAPE: &'static Shape = T::SHAPE;

    fn encode<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        T::encode(self, serializer)
    }

    fn decode<'de, D: Deserializer<'de>>(deserializer: D, rules: &Rules) -> Result<Self, D::Error> {
        T::decode(deserializer, rules).map(Self::new)
    }

    fn keeps(&self, rules: &Rules) -> bool {
        T::keeps(self, rules)
    }

    fn missing() -> Option<Self> {
        T::missing().map(Self::new)
    }

    fn bad_default() -> Option<&'static str> {
        T::bad_default()
    }
}

impl<T: Record> Record for Box<T> {
    fn fields<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        T::fields(self, map)
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

/// Arrays have the lengths that schemars knows.
macro_rules! arrays {
    ($($length:literal)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<T: Wire> Wire for [T; $length] {
            const SHAPE: &'static Shape = &Shape::Array(T::SHAPE, $length);

            fn encode<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_seq(self.iter().map(AsSerde))
            }

            fn decode<'de, D: Deserializer<'de>>(
                deserializer: D,
                rules: &Rules,
            ) -> Result<Self, D::Error> {
                deserializer.deserialize_seq(Exactly::<T, $length> { rules, of: PhantomData })
            }

            fn keeps(&self, rules: &Rules) -> bool {
                self.iter().all(|item| item.keeps(rules))
            }

            fn bad_default() -> Option<&'static str> {
                T::bad_default()
            }
        }
    )*};
}

arrays! {
    1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32
}

struct Exactly<'r, T, const N: usize> {
    rules: &'r Rules,
    of: PhantomData<fn() -> T>,
}

impl<'de, T: Wire, const N: usize> Visitor<'de> for Exactly<'_, T, N> {
    type Value = [T; N];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an array of {N}")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<[T; N], A::Error> {
        let mut filled = [const { None }; N];
        for place in &mut filled {
            *place = Some(next(&mut items, self.rules)?);
        }
        end(items)?;
        Ok(filled.map(|item| item.expect("every place was filled")))
    }
}

macro_rules! tuples {
    ($(($($type:ident $place:tt)+))*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($type: Wire),+> Wire for ($($type,)+) {
            const SHAPE: &'static Shape = &Shape::Tuple(&[$($type::SHAPE),+]);

            fn encode<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut items = serializer.serialize_seq(None)?;
                $(items.serialize_element(&AsSerde(&self.$place))?;)+
                items.end()
            }

            fn decode<'de, De: Deserializer<'de>>(
                deserializer: De,
                rules: &Rules,
            ) -> Result<Self, De::Error> {
                struct Members<'r, T>(&'r Rules, PhantomData<fn() -> T>);

                impl<'de, $($type: Wire),+> Visitor<'de> for Members<'_, ($($type,)+)> {
                    type Value = ($($type,)+);

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("an array with one item of each")
                    }

                    fn visit_seq<Items: SeqAccess<'de>>(
                        self,
                        mut items: Items,
                    ) -> Result<Self::Value, Items::Error> {
                        let members = ($(next::<$type, Items>(&mut items, self.0)?,)+);
                        end(items)?;
                        Ok(members)
                    }
                }

                deserializer.deserialize_seq(Members::<Self>(rules, PhantomData))
            }

            fn keeps(&self, rules: &Rules) -> bool {
                true $(&& self.$place.keeps(rules))+
            }

            fn bad_default() -> Option<&'static str> {
                None $(.or_else($type::bad_default))+
            }
        }
    )*};
}

tuples! {
    (A 0)
    (A 0 B 1)
    (A 0 B 1 C 2)
    (A 0 B 1 C 2 D 3)
    (A 0 B 1 C 2 D 3 E 4)
    (A 0 B 1 C 2 D 3 E 4 F 5)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7)
}

fn next<'de, T: Wire, A: SeqAccess<'de>>(items: &mut A, rules: &Rules) -> Result<T, A::Error> {
    items
        .next_element_seed(Within::new(rules))?
        .ok_or_else(|| A::Error::custom("too few items"))
}

fn end<'de, A: SeqAccess<'de>>(mut items: A) -> Result<(), A::Error> {
    match items.next_element::<IgnoredAny>()? {
        None => Ok(()),
        Some(_) => Err(A::Error::custom("too many items")),
    }
}
