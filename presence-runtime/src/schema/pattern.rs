//! Patterns: which topics belong to a topic type.

use std::fmt;

use super::name::TopicName;

/// A part of a pattern between colons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Segment {
    /// Exactly this text.
    Literal(&'static str),
    /// Any segment; the name is the parameter's.
    Parameter(&'static str),
}

/// Which topics belong to a topic type, such as `boards:{board}:cursors`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Pattern(&'static [Segment]);

impl Pattern {
    /// A pattern of these segments. The derive checks them at compile time.
    #[must_use]
    pub const fn new(segments: &'static [Segment]) -> Self {
        Self(segments)
    }

    /// Its segments in order.
    #[must_use]
    pub const fn segments(self) -> &'static [Segment] {
        self.0
    }

    /// The names of its parameters in order.
    pub fn parameters(self) -> impl Iterator<Item = &'static str> {
        self.0.iter().filter_map(|segment| match segment {
            Segment::Parameter(name) => Some(*name),
            Segment::Literal(_) => None,
        })
    }

    /// The most bytes that a topic of it has.
    #[cfg(feature = "server")]
    pub(crate) fn longest(self) -> usize {
        let segments = self.0.iter().map(|segment| match segment {
            Segment::Literal(text) => text.len() + 1,
            Segment::Parameter(_) => TopicName::MAX_PARAMETER_BYTES + 1,
        });
        segments
            .sum::<usize>()
            .saturating_sub(1)
            .min(TopicName::MAX_BYTES)
    }

    /// Whether the topic belongs to this pattern.
    #[must_use]
    pub fn matches(self, topic: &TopicName) -> bool {
        let mut parts = topic.segments();
        self.0.iter().all(|segment| match (segment, parts.next()) {
            (Segment::Literal(text), Some(part)) => *text == part,
            (Segment::Parameter(_), Some(part)) => super::valid_parameter(part),
            (_, None) => false,
        }) && parts.next().is_none()
    }

    /// Whether some topic belongs to both patterns.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.0.len() == other.0.len()
            && self.0.iter().zip(other.0).all(|pair| match pair {
                (Segment::Literal(a), Segment::Literal(b)) => a == b,
                _ => true,
            })
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, segment) in self.0.iter().enumerate() {
            let colon = if i == 0 { "" } else { ":" };
            match segment {
                Segment::Literal(text) => write!(f, "{colon}{text}")?,
                Segment::Parameter(name) => write!(f, "{colon}{{{name}}}")?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::Segment::{Literal, Parameter};
    use super::*;

    const CURSORS: Pattern =
        Pattern::new(&[Literal("boards"), Parameter("board"), Literal("cursors")]);

    fn name(text: &str) -> TopicName {
        TopicName::parse(text).expect(text)
    }

    #[test]
    fn matches_segment_by_segment() {
        assert!(CURSORS.matches(&name("boards:42:cursors")));
        for other in [
            "boards:42",
            "boards:42:cursors:x",
            "board:42:cursors",
            "boards:42:status",
        ] {
            assert!(!CURSORS.matches(&name(other)), "{other}");
        }
    }

    #[test]
    fn a_parameter_has_at_most_128_bytes() {
        assert!(CURSORS.matches(&name(&format!("boards:{}:cursors", "x".repeat(128)))));
        assert!(!CURSORS.matches(&name(&format!("boards:{}:cursors", "x".repeat(129)))));
    }

    #[test]
    fn overlap_needs_one_topic_in_both() {
        let status = Pattern::new(&[Literal("boards"), Parameter("id"), Literal("status")]);
        let any = Pattern::new(&[Parameter("a"), Literal("42"), Parameter("c")]);
        assert!(!CURSORS.overlaps(status));
        assert!(CURSORS.overlaps(any) && any.overlaps(status));
        assert!(!CURSORS.overlaps(Pattern::new(&[Literal("boards")])));
    }

    #[test]
    fn reads_as_it_was_written() {
        assert_eq!(CURSORS.to_string(), "boards:{board}:cursors");
        assert_eq!(CURSORS.parameters().collect::<Vec<_>>(), ["board"]);
    }
}
