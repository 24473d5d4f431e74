//! JSON as a tree that keeps what judging needs: the order of keys, and keys that stand twice.

use std::fmt::{self, Write};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

use super::super::contract::MAX_DEPTH;
use super::super::{Invalid, Rule, Violation, spelled};
use super::cut;

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    Number(Number),
    String(String),
    Array(Vec<Self>),
    Object(Vec<(String, Self)>),
    /// An object or array that stands too deep to be read.
    TooDeep,
}

/// A JSON Pointer that grows on the way down and shrinks on the way up.
#[derive(Debug, Default)]
pub(super) struct Path(String);

impl Path {
    /// Steps into a key or an index and says where to come [back](Self::back) to.
    ///
    /// Keys are a client's own text, so a pointer repeats no more than 64 characters of each.
    pub(super) fn step(&mut self, key: impl fmt::Display) -> usize {
        let mark = self.0.len();
        self.0.push('/');
        for c in cut(key.to_string().chars()).chars() {
            match c {
                '~' => self.0.push_str("~0"),
                '/' => self.0.push_str("~1"),
                _ => self.0.push(c),
            }
        }
        mark
    }

    /// Returns to a mark that [`Self::step`] gave.
    pub(super) fn back(&mut self, mark: usize) {
        self.0.truncate(mark);
    }

    /// The pointer as text.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// What was read.
#[derive(Debug)]
pub(super) struct Tree {
    /// The value itself.
    pub(super) root: Json,
    /// Pointers to what stands too deep.
    pub(super) too_deep: Vec<String>,
}

/// Reads the text, or says where it stops being JSON.
pub(super) fn parse(json: &[u8]) -> Result<Tree, Violation> {
    let mut path = Path::default();
    let mut too_deep = Vec::new();
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let reader = Reader {
        path: &mut path,
        too_deep: &mut too_deep,
        depth: 0,
    };
    let read = reader
        .deserialize(&mut deserializer)
        .and_then(|root| deserializer.end().map(|()| root));
    match read {
        Ok(root) => Ok(Tree { root, too_deep }),
        Err(error) => Err(broken(json, path, &error)),
    }
}

/// How serde_json begins to speak of a number that no 64-bit float can hold.
const OUT_OF_RANGE: &str = "number out of range";

fn broken(json: &[u8], path: Path, error: &serde_json::Error) -> Violation {
    let message = error.to_string();
    let expected = if message.starts_with(OUT_OF_RANGE) {
        "a number that a 64-bit float can hold".to_owned()
    } else {
        format!("valid JSON; {message}")
    };
    Violation {
        path: path.0,
        rule: Rule::Json,
        expected,
        found: rest(json, error),
    }
}

/// The text from the place of the error on, which serde_json says to be the end of a number where
/// that is too large.
fn rest(json: &[u8], error: &serde_json::Error) -> String {
    if error.is_eof() {
        return "the end of the text".to_owned();
    }
    let line: usize = json
        .split_inclusive(|byte| *byte == b'\n')
        .take(error.line().saturating_sub(1))
        .map(<[u8]>::len)
        .sum();
    let at = (line + error.column().saturating_sub(1)).min(json.len());
    let out_of_range = error.to_string().starts_with(OUT_OF_RANGE);
    let before = if out_of_range { &json[..at] } else { &[] };
    let number = before
        .iter()
        .rev()
        .take_while(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'))
        .count();
    // Four bytes a character are enough for 64 characters.
    let rest = &json[at - number..];
    cut(String::from_utf8_lossy(&rest[..rest.len().min(256)]).chars())
}

/// Reads one value. After an error the path says where it happened.
struct Reader<'a> {
    path: &'a mut Path,
    too_deep: &'a mut Vec<String>,
    depth: usize,
}

impl Reader<'_> {
    fn inner(&mut self) -> Reader<'_> {
        Reader {
            path: self.path,
            too_deep: self.too_deep,
            depth: self.depth + 1,
        }
    }

    fn too_deep(self) -> Json {
        if self.too_deep.len() < Invalid::MOST {
            self.too_deep.push(self.path.0.clone());
        }
        Json::TooDeep
    }
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Json::Number(
            Number::from_f64(value).expect("JSON numbers are finite"),
        ))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<Json, A::Error> {
        if self.depth == MAX_DEPTH {
            // Ignoring needs no stack, however deep the rest is.
            while items.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(self.too_deep());
        }
        let mut list = Vec::new();
        loop {
            let mark = self.path.step(list.len());
            let Some(item) = items.next_element_seed(self.inner())? else {
                self.path.back(mark);
                return Ok(Json::Array(list));
            };
            self.path.back(mark);
            list.push(item);
        }
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut entries: A) -> Result<Json, A::Error> {
        if self.depth == MAX_DEPTH {
            while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(self.too_deep());
        }
        let mut object = Vec::new();
        while let Some(key) = entries.next_key::<String>()? {
            let mark = self.path.step(&key);
            let value = entries.next_value_seed(self.inner())?;
            self.path.back(mark);
            object.push((key, value));
        }
        Ok(Json::Object(object))
    }
}

/// The value as JSON text.
impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Number(number) => write!(f, "{}", number_text(number)),
            Self::String(text) => quote(f, text),
            Self::Array(items) => {
                f.write_char('[')?;
                for (i, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if i == 0 { "" } else { "," })?;
                }
                f.write_char(']')
            }
            Self::Object(entries) => {
                f.write_char('{')?;
                for (i, (key, value)) in entries.iter().enumerate() {
                    f.write_str(if i == 0 { "" } else { "," })?;
                    quote(f, key)?;
                    write!(f, ":{value}")?;
                }
                f.write_char('}')
            }
            Self::TooDeep => f.write_char('…'),
        }
    }
}

/// A number as a JavaScript client would have sent it.
pub(super) fn number_text(number: &Number) -> String {
    match number.as_f64().filter(|_| number.is_f64()) {
        Some(float) => spelled(float),
        None => number.to_string(),
    }
}

/// Escapes what a log or terminal must not see, which is more than JSON asks for.
fn quote(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' | '\\' => write!(f, "\\{c}")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            _ if c.is_control() => write!(f, "\\u{:04x}", u32::from(c))?,
            _ => f.write_char(c)?,
        }
    }
    f.write_char('"')
}
