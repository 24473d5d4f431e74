//! TypeScript expressions as text: on one line where that is readable, else indented by two spaces.

use super::print::{self, WIDTH};

/// A TypeScript expression.
#[derive(Debug)]
pub(super) enum Expression {
    /// A name or a literal.
    Word(String),
    /// A function and its arguments.
    Call(&'static str, Vec<Self>),
    /// Keys and what stands there.
    Object(Vec<(String, Self)>),
}

impl Expression {
    /// A name or a literal.
    pub(super) fn word(text: impl Into<String>) -> Self {
        Self::Word(text.into())
    }

    /// A string literal.
    pub(super) fn text(text: &str) -> Self {
        Self::Word(print::quoted(text))
    }

    /// The text of an expression that begins `used` columns into a line.
    pub(super) fn print(&self, indent: usize, used: usize) -> String {
        let short = self.inline();
        if used + short.len() < WIDTH {
            return short;
        }
        match self {
            Self::Word(_) => short,
            // The last argument opens up alone when it can, as `struct({` does.
            Self::Call(function, arguments) => match arguments.as_slice() {
                [first @ .., last @ (Self::Object(_) | Self::Call(..))]
                    if first.iter().all(|it| matches!(it, Self::Word(_))) =>
                {
                    let first: String = first.iter().map(|it| it.inline() + ", ").collect();
                    let head = format!("{function}({first}");
                    let last = last.print(indent, used + head.len() + 1);
                    format!("{head}{last})")
                }
                arguments => {
                    let lines = arguments
                        .iter()
                        .map(|it| (String::new(), it.print(indent + 1, 2 * indent + 3)));
                    format!("{function}({})", block(lines, indent))
                }
            },
            Self::Object(entries) => {
                let lines = entries.iter().map(|(key, value)| {
                    let head = format!("{}: ", print::made_key(key));
                    let value = value.print(indent + 1, 2 * indent + 3 + head.len());
                    (head, value)
                });
                format!("{{{}}}", block(lines, indent))
            }
        }
    }

    fn inline(&self) -> String {
        match self {
            Self::Word(text) => text.clone(),
            Self::Call(function, arguments) => {
                let arguments: Vec<_> = arguments.iter().map(Self::inline).collect();
                format!("{function}({})", arguments.join(", "))
            }
            Self::Object(entries) if entries.is_empty() => "{}".to_owned(),
            Self::Object(entries) => {
                let entry = |(key, value): &(String, Self)| {
                    format!("{}: {}", print::made_key(key), value.inline())
                };
                let entries: Vec<_> = entries.iter().map(entry).collect();
                format!("{{ {} }}", entries.join(", "))
            }
        }
    }
}

fn block(lines: impl Iterator<Item = (String, String)>, indent: usize) -> String {
    let margin = "  ".repeat(indent + 1);
    let lines: String = lines
        .map(|(head, value)| format!("\n{margin}{head}{value},"))
        .collect();
    format!("{lines}\n{}", "  ".repeat(indent))
}
