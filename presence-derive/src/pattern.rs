//! The topic pattern of an attribute: `boards:{board}:cursors`.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::parse::Parser;
use syn::{Ident, LitStr};

use crate::errors::Errors;

/// A pattern, segment by segment.
pub struct Pattern {
    pub text: String,
    pub segments: Vec<Segment>,
}

pub enum Segment {
    Literal(String),
    Parameter(Ident),
}

/// Topics of one segment that routes use for themselves.
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

/// The most bytes of a topic.
const MAX_BYTES: usize = 256;

impl Pattern {
    /// Reads a pattern, reporting every segment that is wrong.
    pub fn parse(literal: &LitStr, errors: &Errors) -> Option<Self> {
        let text = literal.value();
        let mut segments: Vec<Segment> = Vec::new();
        let mut whole = true;
        for part in text.split(':') {
            match segment(part, literal.span()) {
                Ok(Segment::Parameter(name)) if segments.iter().any(|it| it.is(&name)) => {
                    errors.on(
                        literal,
                        format!("parameter `{{{name}}}` stands twice: give each its own name"),
                    );
                    whole = false;
                }
                Ok(segment) => segments.push(segment),
                Err(message) => {
                    errors.on(literal, message);
                    whole = false;
                }
            }
        }
        if RESERVED.contains(&text.as_str()) {
            errors.on(
                literal,
                format!("`{text}` is a word of the routes: choose another topic"),
            );
            whole = false;
        }
        // Every parameter has at least one byte.
        let shortest: usize =
            segments.iter().map(Segment::shortest).sum::<usize>() + segments.len();
        if shortest > MAX_BYTES + 1 {
            errors.on(
                literal,
                format!("a topic has at most {MAX_BYTES} bytes: shorten the pattern"),
            );
            whole = false;
        }
        whole.then_some(Self { text, segments })
    }

    /// The parameters in order.
    pub fn parameters(&self) -> impl Iterator<Item = &Ident> {
        self.segments.iter().filter_map(|segment| match segment {
            Segment::Parameter(name) => Some(name),
            Segment::Literal(_) => None,
        })
    }
}

impl Segment {
    fn is(&self, name: &Ident) -> bool {
        matches!(self, Self::Parameter(own) if own == name)
    }

    fn shortest(&self) -> usize {
        match self {
            Self::Literal(text) => text.len(),
            Self::Parameter(_) => 1,
        }
    }
}

fn segment(part: &str, span: Span) -> Result<Segment, String> {
    if part.is_empty() {
        return Err(
            "a segment is empty: write names between the colons, such as `boards:{board}`"
                .to_owned(),
        );
    }
    if let Some(name) = part.strip_prefix('{').and_then(|it| it.strip_suffix('}')) {
        return parameter(name, span).map(Segment::Parameter);
    }
    if part.contains(['{', '}']) {
        return Err(format!(
            "segment `{part}`: a parameter is a whole segment, such as `{{board}}`"
        ));
    }
    match part.chars().find(|c| !allowed(*c)) {
        None => Ok(Segment::Literal(part.to_owned())),
        Some(found) => Err(format!(
            "segment `{part}` contains {found:?}, allowed are A-Z a-z 0-9 _ . ~ @ -"
        )),
    }
}

fn parameter(name: &str, span: Span) -> Result<Ident, String> {
    let wrong =
        || format!("`{{{name}}}`: a parameter is named like a Rust variable, such as `{{board}}`");
    let mut ident = Ident::parse_any.parse_str(name).map_err(|_| wrong())?;
    if !name.is_ascii() || ["self", "Self", "super", "crate", "_"].contains(&name) {
        return Err(wrong());
    }
    if syn::parse_str::<Ident>(name).is_err() {
        ident = Ident::new_raw(name, span);
    }
    ident.set_span(span);
    Ok(ident)
}

fn allowed(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '~' | '@' | '-')
}
