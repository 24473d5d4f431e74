//! Topic names: parsed once at the door, trusted afterwards.

use std::borrow::Borrow;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use super::{Pattern, Presence, Segment};

const MAX_BYTES: usize = TopicName::MAX_BYTES;
const MAX_PARAMETER_BYTES: usize = TopicName::MAX_PARAMETER_BYTES;
/// Words that routes use in the place of a topic.
const RESERVED: [&str; 8] = [
    "ws",
    "users",
    "topics",
    "schemas",
    "changes",
    "openapi.json",
    ".",
    "..",
];

/// A topic's name: segments of `[A-Za-z0-9_.~@-]+` joined by `:`, at most 256 bytes.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TopicName(Arc<str>);

/// Why a text is no topic name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// It is empty or has more than 256 bytes.
    #[error("a topic has 1 to {MAX_BYTES} bytes, found {0}")]
    Length(usize),
    /// A segment between colons has no characters.
    #[error("a topic's segments between colons must not be empty")]
    EmptySegment,
    /// A character is outside of the alphabet.
    #[error("a topic's segments consist of A-Z a-z 0-9 _ . ~ @ -, found {0:?}")]
    Character(char),
    /// The name is a word of the routes.
    #[error("`{0}` is reserved and never a topic")]
    Reserved(&'static str),
    /// A parameter is empty, too long or outside of the alphabet.
    #[error(
        "parameter `{name}` has 1 to {MAX_PARAMETER_BYTES} bytes of A-Z a-z 0-9 _ . ~ @ -, found {found:?}"
    )]
    Parameter {
        /// The parameter's name in the pattern.
        name: &'static str,
        /// At most 64 characters of what was given.
        found: String,
    },
}

impl TopicName {
    /// The most bytes a topic name may have.
    pub const MAX_BYTES: usize = 256;
    /// The most bytes a parameter of a pattern may have.
    pub const MAX_PARAMETER_BYTES: usize = 128;

    /// Reads a name.
    ///
    /// # Errors
    /// When the text is not a topic name.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if text.is_empty() || text.len() > MAX_BYTES {
            return Err(NameError::Length(text.len()));
        }
        if let Some(found) = text.chars().find(|c| *c != ':' && !allowed(*c)) {
            return Err(NameError::Character(found));
        }
        if text.split(':').any(str::is_empty) {
            return Err(NameError::EmptySegment);
        }
        if let Some(word) = RESERVED.into_iter().find(|word| *word == text) {
            return Err(NameError::Reserved(word));
        }
        Ok(Self(text.into()))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The parts between colons.
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        self.0.split(':')
    }
}

// Equal and hashed as its text, so that a map can be asked with a text.
impl Borrow<str> for TopicName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TopicName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for TopicName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0)
    }
}

/// The name of a topic whose values are `T`s.
pub struct TopicOf<T> {
    name: TopicName,
    of: PhantomData<fn() -> T>,
}

impl<T: Presence> TopicOf<T> {
    /// Fills the pattern's parameters in order. The derive calls this with as many as there are.
    ///
    /// # Errors
    /// When a parameter is not 1 to 128 bytes of the segment alphabet, or the whole is too long.
    pub fn new(parameters: &[&dyn fmt::Display]) -> Result<Self, NameError> {
        let name = fill(T::SCHEMA.pattern(), parameters)?;
        Ok(Self {
            name,
            of: PhantomData,
        })
    }

    /// What stands for the pattern's parameters, in order.
    ///
    /// ```
    /// # use presence_runtime::Presence;
    /// #[derive(Presence)]
    /// #[presence(topic = "boards:{board}:cursors")]
    /// struct Cursor { x: f64 }
    ///
    /// let [board] = Cursor::topic("42")?.parameters();
    /// assert_eq!(board, "42");
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn parameters(&self) -> T::Parameters {
        let segments = T::SCHEMA.pattern().segments().iter();
        let pairs = segments.zip(self.name.segments());
        let texts = pairs.filter_map(|(segment, text)| match segment {
            Segment::Parameter(_) => Some(text.to_owned()),
            Segment::Literal(_) => None,
        });
        let texts: Vec<_> = texts.collect();
        let Ok(parameters) = texts.try_into() else {
            unreachable!("the derive counts the pattern's parameters")
        };
        parameters
    }

    /// The topic of this name; nothing when the type's pattern does not match it.
    #[must_use]
    pub fn of(name: &TopicName) -> Option<Self> {
        T::SCHEMA.pattern().matches(name).then(|| Self {
            name: name.clone(),
            of: PhantomData,
        })
    }
}

impl<T> TopicOf<T> {
    /// The name without its type.
    #[must_use]
    pub const fn name(&self) -> &TopicName {
        &self.name
    }
}

impl AsRef<Self> for TopicName {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl<T> AsRef<TopicName> for TopicOf<T> {
    fn as_ref(&self) -> &TopicName {
        &self.name
    }
}

impl<T> Clone for TopicOf<T> {
    fn clone(&self) -> Self {
        Self {
            name: self.name.clone(),
            of: PhantomData,
        }
    }
}

impl<T> fmt::Debug for TopicOf<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name.fmt(f)
    }
}

impl<T> fmt::Display for TopicOf<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name.fmt(f)
    }
}

/// Whether the text can stand for a parameter of a pattern.
#[must_use]
pub fn valid_parameter(text: &str) -> bool {
    !text.is_empty() && text.len() <= MAX_PARAMETER_BYTES && text.chars().all(allowed)
}

const fn allowed(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '~' | '@' | '-')
}

fn fill(pattern: Pattern, parameters: &[&dyn fmt::Display]) -> Result<TopicName, NameError> {
    let mut given = parameters.iter();
    let mut text = String::new();
    for (i, segment) in pattern.segments().iter().enumerate() {
        if i > 0 {
            text.push(':');
        }
        match segment {
            Segment::Literal(literal) => text.push_str(literal),
            Segment::Parameter(name) => {
                let value = given.next().map(ToString::to_string).unwrap_or_default();
                if !valid_parameter(&value) {
                    return Err(NameError::Parameter {
                        name,
                        found: value.chars().take(64).collect(),
                    });
                }
                text.push_str(&value);
            }
        }
    }
    TopicName::parse(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_whole_alphabet() {
        for good in ["a", "boards:42:cursors", "A-Z_a.z~0@9", "ws:1", "a:ws"] {
            assert_eq!(
                TopicName::parse(good).map(|n| n.to_string()),
                Ok(good.to_owned())
            );
        }
    }

    #[test]
    fn refuses_what_is_no_name() {
        assert_eq!(TopicName::parse(""), Err(NameError::Length(0)));
        assert!(TopicName::parse(&"a".repeat(256)).is_ok());
        assert_eq!(
            TopicName::parse(&"a".repeat(257)),
            Err(NameError::Length(257))
        );
        assert_eq!(TopicName::parse("a::b"), Err(NameError::EmptySegment));
        assert_eq!(TopicName::parse(":a"), Err(NameError::EmptySegment));
        assert_eq!(TopicName::parse("a b"), Err(NameError::Character(' ')));
        assert_eq!(TopicName::parse("ä"), Err(NameError::Character('ä')));
        for word in RESERVED {
            assert_eq!(TopicName::parse(word), Err(NameError::Reserved(word)));
        }
    }

    #[test]
    fn fills_a_pattern() {
        let pattern = Pattern::new(&[Segment::Literal("boards"), Segment::Parameter("board")]);
        assert_eq!(fill(pattern, &[&42]).expect("valid").as_str(), "boards:42");
        for bad in ["", "a:b", "a b", &"x".repeat(129)] {
            let error = fill(pattern, &[&bad]).expect_err(bad);
            assert!(
                matches!(error, NameError::Parameter { name: "board", .. }),
                "{error}"
            );
        }
    }
}
