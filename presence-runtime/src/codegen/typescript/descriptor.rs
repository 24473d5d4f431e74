//! A topic type as a constant that clients are given.

use std::time::Duration;

use super::expression::Expression;
use super::print::quoted;
use super::schema;
use super::types::{self, Side};
use crate::schema::{Field, Need, Registered, Shape};

/// Words that cannot name a constant.
const RESERVED: [&str; 50] = [
    "arguments",
    "await",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "eval",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "if",
    "implements",
    "import",
    "in",
    "instanceof",
    "interface",
    // What generated files call the module of schemas.
    "is",
    "let",
    "new",
    "null",
    "package",
    "private",
    "protected",
    "public",
    "return",
    "static",
    "super",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "typeof",
    "undefined",
    "var",
    "void",
    "while",
    "with",
    "yield",
];

/// `export const cursor: TopicDescriptor<…> = {…};`
pub(super) fn text(topic: &Registered) -> String {
    let contract = topic.schema;
    let pattern = quoted(&contract.pattern().to_string());
    let word = Expression::word;
    let parameters: Vec<_> = contract.pattern().parameters().map(quoted).collect();
    let digests = contract.digests().into_iter();
    let digests = digests.map(|(key, digest)| (key.to_owned(), Expression::text(&digest)));
    let decays = contract.decays().iter();
    let decays = decays.map(|it| (it.key.to_owned(), word(millis(it.after))));
    let settings = &topic.settings;
    let entries = [
        ("name", Expression::text(contract.name())),
        ("pattern", word(pattern.clone())),
        ("parameters", word(format!("[{}]", parameters.join(", ")))),
        ("fingerprint", Expression::text(&contract.fingerprint())),
        ("fields", Expression::Object(digests.collect())),
        ("schema", word(schema::constant(contract.name()))),
        ("ttlMs", word(millis(settings.ttl))),
        ("maxTtlMs", word(millis(settings.max_ttl))),
        ("graceMs", word(millis(settings.grace))),
        ("throttleMs", word(millis(settings.throttle))),
        ("maxBytes", word(settings.max_bytes.to_string())),
        ("decays", Expression::Object(decays.collect())),
        ("defaults", Expression::Object(defaults(contract.shape()))),
    ];
    let version = contract
        .version()
        .map(|it| ("version", word(it.to_string())));
    let entries = entries.into_iter().chain(version).map(|(key, value)| {
        let value = value.print(1, key.len() + 4);
        format!("  {key}: {value},\n")
    });
    let (output, input) = (
        value_name(contract.shape(), Side::Output),
        value_name(contract.shape(), Side::Input),
    );
    format!(
        "/** The topics `{}`, where everybody's value is a {{@link {output}}}. */\n\
         export const {}: TopicDescriptor<{output}, {input}, {pattern}> = {{\n{}}};\n",
        contract.pattern(),
        constant(contract.name()),
        entries.collect::<String>(),
    )
}

/// What the fields of a value are when they are not sent, but for those that only the server knows.
/// Variants of an enum are left to it, too.
fn defaults(shape: &Shape) -> Vec<(String, Expression)> {
    let Shape::Struct(it) = shape else {
        return Vec::new();
    };
    let default = |field: &Field| match field.need {
        _ if field.server.is_some() || field.is_omitted => None,
        Need::Required => None,
        Need::Optional => Some("null".to_owned()),
        Need::Default(json) => Some(json()),
    };
    let entries = it.fields.iter().filter_map(|field| {
        default(field).map(|json| (field.key.to_owned(), Expression::word(json)))
    });
    entries.collect()
}

/// The name of the descriptor of a topic type.
pub(super) fn constant(name: &str) -> String {
    let name = lower_first(name);
    if RESERVED.contains(&name.as_str()) {
        format!("{name}Topic")
    } else {
        name
    }
}

/// `aName` for `AName`.
pub(super) fn lower_first(name: &str) -> String {
    let mut chars = name.chars();
    let first = chars.next().map(|c| c.to_ascii_lowercase());
    first.into_iter().chain(chars).collect()
}

fn value_name(shape: &Shape, side: Side) -> String {
    let name = match shape {
        Shape::Struct(it) => it.name,
        Shape::Enum(it) => it.name,
        Shape::Newtype(it) => it.name,
        _ => unreachable!("the derive is for structs and enums"),
    };
    types::name(name, shape, side)
}

fn millis(duration: Duration) -> String {
    duration.as_millis().to_string()
}
