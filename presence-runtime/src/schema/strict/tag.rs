//! Finding the tag of an object. It usually comes first; what comes before it is kept as text,
//! where duplicate keys and the spelling of numbers survive, and is read afterwards.

use std::fmt;
use std::vec;

use serde::de::value::StringDeserializer;
use serde::de::{DeserializeSeed, Deserializer, Error, IntoDeserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Reads a map up to its tag, and the tag with `seed`.
pub(super) fn find<'de, A: MapAccess<'de>, S: DeserializeSeed<'de>>(
    mut map: A,
    tag: &'static str,
    seed: S,
) -> Result<(S::Value, Rest<A>), A::Error> {
    let mut before = Vec::new();
    while let Some(key) = map.next_key_seed(Text(tag))? {
        let Some(key) = key else {
            let found = map.next_value_seed(seed)?;
            let rest = Rest {
                before: before.into_iter(),
                value: None,
                after: map,
            };
            return Ok((found, rest));
        };
        before.push((key, map.next_value()?));
    }
    Err(A::Error::missing_field(tag))
}

/// The keys and values of an object other than its tag.
pub(super) struct Rest<A> {
    before: vec::IntoIter<(String, Box<RawValue>)>,
    value: Option<Box<RawValue>>,
    after: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Rest<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        let Some((key, value)) = self.before.next() else {
            return self.after.next_key_seed(seed);
        };
        self.value = Some(value);
        let key: StringDeserializer<A::Error> = key.into_deserializer();
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        let Some(value) = self.value.take() else {
            return self.after.next_value_seed(seed);
        };
        // The text lives shorter than 'de, so the seed must not borrow from it.
        let mut text = serde_json::Deserializer::from_reader(value.get().as_bytes());
        seed.deserialize(&mut text).map_err(A::Error::custom)
    }
}

/// Whether a string is this text; what it is when not.
pub(super) struct Text(pub(super) &'static str);

impl Visitor<'_> for Text {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Option<String>, E> {
        Ok((text != self.0).then(|| text.to_owned()))
    }
}

impl<'de> DeserializeSeed<'de> for Text {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<Option<String>, D::Error> {
        deserializer.deserialize_str(self)
    }
}
