//! The keys of `#[presence(…)]`.

use std::time::Duration;

use syn::{Attribute, Expr, LitStr, Path, Type};

use super::{Entry, entries, list, meant};
use crate::errors::Errors;
use crate::expression;
use crate::model::{Rules, Settings, Spanned};

/// What `#[presence(…)]` says about a type.
#[derive(Default)]
pub struct Container {
    pub topic: Option<LitStr>,
    /// Whether there is a topic, be it right or wrong.
    pub has_topic: bool,
    pub settings: Settings,
    pub version: Option<Spanned<usize>>,
    pub name: Option<LitStr>,
    pub runtime: Option<Path>,
    /// The keys that mean nothing without a topic.
    pub needs_topic: Vec<Entry>,
}

/// What `#[presence(…)]` says about a field.
#[derive(Default)]
pub struct Field {
    pub rules: Rules,
    pub decay: Option<Spanned<Duration>>,
    pub server: Option<Spanned<String>>,
    pub validate: Option<Expr>,
    pub wire: Option<Spanned<Type>>,
}

const CONTAINER: [&str; 10] = [
    "topic",
    "ttl",
    "max_ttl",
    "grace",
    "throttle",
    "max_bytes",
    "max_members",
    "version",
    "name",
    "crate",
];

const FIELD: [&str; 11] = [
    "min",
    "max",
    "min_chars",
    "max_chars",
    "max_items",
    "pattern",
    "unit",
    "decay",
    "server",
    "validate",
    "wire",
];

/// Reads the attributes of a type.
pub fn container(attributes: &[Attribute], errors: &Errors) -> Container {
    let mut it = Container::default();
    let settings = &mut it.settings;
    for entry in entries(attributes, "presence", errors) {
        it.has_topic |= entry.key == "topic";
        match entry.key.as_str() {
            "topic" => it.topic = entry.string("topic = \"boards:{board}:cursors\"", errors),
            "ttl" => settings.ttl = entry.duration("ttl = \"30s\"", errors),
            "max_ttl" => settings.max_ttl = entry.duration("max_ttl = \"5min\"", errors),
            "grace" => settings.grace = entry.duration("grace = \"10s\"", errors),
            "throttle" => settings.throttle = entry.duration("throttle = \"50ms\"", errors),
            "max_bytes" => settings.max_bytes = entry.count("max_bytes = 512", errors),
            "max_members" => settings.max_members = entry.count("max_members = 1000", errors),
            "version" => it.version = entry.count("version = 3", errors),
            "name" => it.name = entry.string("name = \"Pointer\"", errors),
            "crate" => it.runtime = entry.path("crate = \"presence_runtime\"", errors),
            key if FIELD.contains(&key) => errors.on(
                &entry.meta,
                format!(
                    "`{key}` belongs on a field; a type knows {}",
                    list(&CONTAINER)
                ),
            ),
            key => errors.at(
                entry.span(),
                format!("unknown key `{key}`: {}", meant(key, &CONTAINER)),
            ),
        }
        if CONTAINER[1..8].contains(&entry.key.as_str()) {
            it.needs_topic.push(entry);
        }
    }
    it
}

/// Reads the attributes of a field.
pub fn field(attributes: &[Attribute], errors: &Errors) -> Field {
    let mut it = Field::default();
    let rules = &mut it.rules;
    for entry in entries(attributes, "presence", errors) {
        match entry.key.as_str() {
            "min" => rules.min = entry.number("min = 0.0", errors),
            "max" => rules.max = entry.number("max = 100.0", errors),
            "min_chars" => rules.min_chars = entry.count("min_chars = 1", errors),
            "max_chars" => rules.max_chars = entry.count("max_chars = 32", errors),
            "max_items" => rules.max_items = entry.count("max_items = 16", errors),
            "pattern" => {
                let literal = entry.string("pattern = \"^[a-z]*$\"", errors);
                rules.pattern = literal.and_then(|it| expression::read(&it, errors));
            }
            "unit" => rules.unit = unit(&entry, errors),
            "decay" => it.decay = entry.duration("decay = \"3s\"", errors),
            "server" => it.server = claim(&entry, errors),
            "validate" => it.validate = entry.function("validate = check", errors),
            "wire" => it.wire = entry.ty("wire = \"String\"", errors),
            key if CONTAINER.contains(&key) => errors.on(
                &entry.meta,
                format!(
                    "`{key}` belongs on the type; a field knows {}",
                    list(&FIELD)
                ),
            ),
            key => errors.at(
                entry.span(),
                format!("unknown key `{key}`: {}", meant(key, &FIELD)),
            ),
        }
    }
    it
}

/// Units are read by people, in comments and descriptions.
fn unit(entry: &Entry, errors: &Errors) -> Option<Spanned<String>> {
    let literal = entry.string("unit = \"px\"", errors)?;
    let value = literal.value();
    let is_short = (1..=32).contains(&value.chars().count());
    if !is_short || value.trim() != value || value.chars().any(char::is_control) {
        errors.on(
            &literal,
            "`unit` is a word or two, such as `unit = \"px\"`: 1 to 32 characters without space around",
        );
    }
    Some(Spanned {
        value,
        span: literal.span(),
    })
}

fn claim(entry: &Entry, errors: &Errors) -> Option<Spanned<String>> {
    let literal = entry.string("server = \"claim\"", errors)?;
    if literal.value().is_empty() {
        errors.on(
            &literal,
            "`server` names the claim of the identity from which the field is set",
        );
    }
    Some(Spanned {
        value: literal.value(),
        span: literal.span(),
    })
}

/// Refuses attributes on a variant.
pub fn variant(attributes: &[Attribute], errors: &Errors) {
    for entry in entries(attributes, "presence", errors) {
        errors.on(
            &entry.meta,
            format!(
                "`{}` does not belong on a variant: put it on a field inside",
                entry.key
            ),
        );
    }
}
