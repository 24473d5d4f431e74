//! What ts-rs says of the types, held against what is written.

use std::any::TypeId;
use std::collections::HashSet;

use ts_rs::{Config, TS, TypeVisitor};

use super::super::Error;
use super::names::Named;
use super::print;
use super::types::{self, Side};
use crate::schema::{Describe, Topics};

/// A type as ts-rs declares it.
#[derive(Debug)]
pub(crate) struct Declared {
    /// Its name in TypeScript.
    name: String,
    /// `type Name = …;`
    text: String,
}

/// A type and all types it depends on, as ts-rs declares them.
pub(crate) fn declared<T: Describe>(config: &Config) -> Vec<Declared> {
    let mut seen = Seen {
        config,
        types: HashSet::new(),
        declared: Vec::new(),
    };
    seen.visit::<T>();
    seen.declared
}

struct Seen<'a> {
    config: &'a Config,
    types: HashSet<TypeId>,
    declared: Vec<Declared>,
}

impl TypeVisitor for Seen<'_> {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        // Types without a file of their own are numbers, strings and the like.
        if T::output_path().is_none() || !self.types.insert(TypeId::of::<T>()) {
            return;
        }
        self.declared.push(Declared {
            name: T::ident(self.config),
            text: T::decl(self.config),
        });
        T::visit_dependencies(self);
    }
}

/// Compares every named type.
pub(super) fn check(topics: &Topics, named: &[Named<'_>]) -> Result<(), Error> {
    let config = Config::new().with_large_int("number");
    let declared: Vec<_> = topics
        .iter()
        .flat_map(|topic| (topic.schema.typescript)(&config))
        .collect();
    for it in named {
        let ours = print::declaration(it.name, &[], &types::body(it.shape, Side::Output, &[]));
        let theirs = declared.iter().filter(|other| other.name == it.name);
        let mut theirs = theirs.map(|other| other.text.as_str()).peekable();
        if theirs.peek().is_none() {
            return Err(disagree(it.name, "nothing", &ours));
        }
        if let Some(other) = theirs.find(|theirs| tokens(theirs) != tokens(&ours)) {
            return Err(disagree(it.name, other, &ours));
        }
    }
    Ok(())
}

fn disagree(name: &str, ts_rs: &str, shape: &str) -> Error {
    Error::TypeScript {
        name: name.to_owned(),
        ts_rs: tokens(ts_rs).join(" "),
        shape: tokens(shape).join(" "),
    }
}

/// A declaration without what is only style: comments, space, `export`, quotes of keys, the kind
/// of separators and whether one stands at the end.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            '"' => string(rest),
            _ if is_word(first) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        rest = after.trim_start();
        let last = tokens.last().map(String::as_str);
        match token {
            _ if token.starts_with("/*") => {}
            "export" if last.is_none() => {}
            "|" if last.is_none_or(|last| last == "=" || last == ":" || last == "<") => {}
            "," | ";" if rest.is_empty() || rest.starts_with('}') => {}
            ";" => tokens.push(",".to_owned()),
            // ts-rs has nothing for the key without characters.
            "\"\"" if rest.starts_with(':') => {}
            _ if first == '"' && rest.starts_with(':') => {
                tokens.push(token[1..token.len() - 1].to_owned());
            }
            _ => tokens.push(token.to_owned()),
        }
    }
    tokens
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

/// The length of the string literal at the start.
fn string(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn style_is_no_difference() {
        let ts_rs = "type A = { \n/**\n * Docs; \"x\"\n */\nx: number, \"is\": \"a b\", y: Array<B | null>, };";
        let ours = "export type A = {\n  x: number;\n  is: \"a b\";\n  y: Array<B | null>;\n};\n";
        assert_eq!(tokens(ts_rs), tokens(ours));
        assert_eq!(
            tokens("type A = \"a\" | \"b\";"),
            tokens("export type A =\n  | \"a\"\n  | \"b\";\n")
        );
    }

    #[test]
    fn whatever_is_meant_is_a_difference() {
        let texts = [
            "type A = { x: number };",
            "type A = { x?: number };",
            "type A = { x: \"number\" };",
            "type A = { x: number | null };",
            "type A = { y: number };",
            "type A = { x: number, y: number };",
            "type B = { x: number };",
            "type A = Array<{ x: number }>;",
            "type A = { \"\": number };",
            "type A = { \"\\\"x\": number };",
        ];
        for (i, one) in texts.iter().enumerate() {
            for other in &texts[i + 1..] {
                assert_ne!(tokens(one), tokens(other));
            }
        }
    }
}
