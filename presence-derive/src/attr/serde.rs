//! The keys of `#[serde(…)]`: those that mean what serde means, and why the others are refused.

use proc_macro2::Span;
use syn::{Attribute, ExprPath};

use super::{Entry, entries, list, meant};
use crate::case::{CASES, Case};
use crate::errors::Errors;
use crate::model::Spanned;

/// What `#[serde(…)]` says about a type.
#[derive(Default)]
pub struct Container {
    pub rename_all: Option<Case>,
    pub rename_all_fields: Option<Spanned<Case>>,
    pub default: Option<Default>,
    pub tag: Option<Spanned<String>>,
    pub content: Option<Spanned<String>>,
    pub transparent: Option<Span>,
}

/// What `#[serde(…)]` says about a variant.
#[derive(Default)]
pub struct Variant {
    pub rename: Option<Spanned<String>>,
    pub rename_all: Option<Case>,
}

/// What `#[serde(…)]` says about a field.
#[derive(Default)]
pub struct Field {
    pub rename: Option<Spanned<String>>,
    pub default: Option<Default>,
    pub skip: Option<Span>,
    pub omit: Option<Spanned<ExprPath>>,
}

/// `default` or `default = "function"`.
pub struct Default {
    pub span: Span,
    pub function: Option<ExprPath>,
}

/// Why a key of serde's is refused, and the way out.
const REFUSED: [(&str, &str); 20] = [
    (
        "untagged",
        "nobody could say which variant was meant; use `tag = \"type\"`",
    ),
    ("from", FOREIGN),
    ("into", FOREIGN),
    ("try_from", FOREIGN),
    (
        "remote",
        "the fields must be the type's own; derive `Presence` on the type itself",
    ),
    (
        "flatten",
        "unknown keys could not be told from known ones; write the fields out, or nest them under a key",
    ),
    ("skip", SKIP),
    ("skip_serializing", SKIP),
    ("skip_deserializing", SKIP),
    (
        "alias",
        "a key has one name, in the schema and in TypeScript too; remove it",
    ),
    (
        "other",
        "an unknown variant is refused, not guessed; make it a variant with a name of its own",
    ),
    ("with", CUSTOM),
    ("serialize_with", CUSTOM),
    ("deserialize_with", CUSTOM),
    ("getter", CUSTOM),
    (
        "borrow",
        "a value owns its data; use `String`, and remove it",
    ),
    (
        "variant_identifier",
        "use an enum of plain variants, and remove it",
    ),
    (
        "field_identifier",
        "use an enum of plain variants, and remove it",
    ),
    (
        "rename",
        "the name of the type is set by `#[presence(name = \"…\")]`",
    ),
    (
        "bound",
        "a parameter stands for any type that can be part of a value; remove it",
    ),
];

const FOREIGN: &str =
    "the JSON would be another type's; derive `Presence` on that type and use it in the field";
const SKIP: &str = "what is sent could not be read again, or the other way round; `skip` leaves the field out of both";
const CUSTOM: &str = "the schema could not follow code; name the type it looks like with `#[presence(wire = \"String\")]`";

/// Says something about serde's own derive, and nothing about the JSON we take.
const NO_MATTER: [&str; 3] = ["crate", "deny_unknown_fields", "expecting"];

const CONTAINER: [&str; 7] = [
    "rename_all",
    "rename_all_fields",
    "default",
    "tag",
    "content",
    "transparent",
    "deny_unknown_fields",
];
const VARIANT: [&str; 2] = ["rename", "rename_all"];
const FIELD: [&str; 4] = ["rename", "default", "skip", "skip_serializing_if"];

/// Reads the attributes of a type.
pub fn container(attributes: &[Attribute], errors: &Errors) -> Container {
    let mut it = Container::default();
    for entry in entries(attributes, "serde", errors) {
        match entry.key.as_str() {
            "rename_all" => it.rename_all = case(&entry, errors).map(|it| it.value),
            "rename_all_fields" => it.rename_all_fields = case(&entry, errors),
            "default" => it.default = default(&entry, errors),
            "tag" => it.tag = text(&entry, "tag = \"type\"", errors),
            "content" => it.content = text(&entry, "content = \"data\"", errors),
            "transparent" => it.transparent = Some(entry.span()),
            key if NO_MATTER.contains(&key) => {}
            _ => refuse(&entry, &CONTAINER, errors),
        }
    }
    it
}

/// Reads the attributes of a variant.
pub fn variant(attributes: &[Attribute], errors: &Errors) -> Variant {
    let mut it = Variant::default();
    for entry in entries(attributes, "serde", errors) {
        match entry.key.as_str() {
            "rename" => it.rename = text(&entry, "rename = \"key\"", errors),
            "rename_all" => it.rename_all = case(&entry, errors).map(|it| it.value),
            _ => refuse(&entry, &VARIANT, errors),
        }
    }
    it
}

/// Reads the attributes of a field.
pub fn field(attributes: &[Attribute], errors: &Errors) -> Field {
    let mut it = Field::default();
    for entry in entries(attributes, "serde", errors) {
        match entry.key.as_str() {
            "rename" => it.rename = text(&entry, "rename = \"key\"", errors),
            "default" => it.default = default(&entry, errors),
            "skip" => it.skip = Some(entry.span()),
            "skip_serializing_if" => it.omit = predicate(&entry, errors),
            _ => refuse(&entry, &FIELD, errors),
        }
    }
    it
}

fn refuse(entry: &Entry, known: &[&str], errors: &Errors) {
    let key = &entry.key;
    match REFUSED.iter().find(|(refused, _)| refused == key) {
        Some((_, reason)) => errors.on(
            &entry.meta,
            format!("`#[serde({key})]` has no place in a presence type: {reason}"),
        ),
        None => errors.at(
            entry.span(),
            format!("`#[serde({key})]` is not known here: {}", meant(key, known)),
        ),
    }
}

fn text(entry: &Entry, example: &str, errors: &Errors) -> Option<Spanned<String>> {
    let literal = entry.string(example, errors)?;
    let value = literal.value();
    // Assigning to this key of an object changes its prototype instead.
    if value == "__proto__" {
        errors.on(
            &literal,
            "`__proto__` is no ordinary key in JavaScript: choose another",
        );
    }
    Some(Spanned {
        value,
        span: literal.span(),
    })
}

fn case(entry: &Entry, errors: &Errors) -> Option<Spanned<Case>> {
    let literal = entry.string(&format!("{} = \"camelCase\"", entry.key), errors)?;
    let name = literal.value();
    match CASES.into_iter().find(|(it, _)| *it == name) {
        Some((_, value)) => Some(Spanned {
            value,
            span: entry.span(),
        }),
        None => {
            let names = CASES.map(|(it, _)| it);
            errors.on(
                &literal,
                format!(
                    "unknown convention `{name}`, expected one of {}",
                    list(&names)
                ),
            );
            None
        }
    }
}

fn predicate(entry: &Entry, errors: &Errors) -> Option<Spanned<ExprPath>> {
    let literal = entry.string("skip_serializing_if = \"Option::is_none\"", errors)?;
    let Ok(value) = literal.parse() else {
        errors.on(
            &literal,
            format!("`{}` is no path to a function", literal.value()),
        );
        return None;
    };
    Some(Spanned {
        value,
        span: entry.span(),
    })
}

fn default(entry: &Entry, errors: &Errors) -> Option<Default> {
    let span = entry.span();
    if entry.is_bare() {
        return Some(Default {
            span,
            function: None,
        });
    }
    let literal = entry.string("default = \"function\"", errors)?;
    let Ok(function) = literal.parse() else {
        errors.on(
            &literal,
            format!("`{}` is no path to a function", literal.value()),
        );
        return None;
    };
    Some(Default {
        span,
        function: Some(function),
    })
}
