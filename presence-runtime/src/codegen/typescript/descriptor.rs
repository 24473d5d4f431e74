//! A topic type as a constant that clients are given.

use std::time::Duration;

use super::print::{self, quoted};
use super::schema;
use super::types::{self, Side};
use crate::schema::{Field, Need, Registered, Shape};

/// Words that cannot name a constant.
const RESERVED: [&str; 46] = [
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
    "var",
    "void",
    "while",
    "with",
];

/// `export const cursor: TopicDescriptor<…> = {…};`
pub(super) fn text(topic: &Registered) -> String {
    let contract = topic.schema;
    let pattern = quoted(&contract.pattern().to_string());
    let parameters: Vec<_> = contract.pattern().parameters().map(quoted).collect();
    let decays: Vec<_> = contract
        .decays()
        .iter()
        .map(|it| format!("{}: {}", print::made_key(it.key), millis(it.after)))
        .collect();
    let digests: Vec<_> = contract
        .digests()
        .into_iter()
        .map(|(key, digest)| format!("{}: {}", print::made_key(key), quoted(&digest)))
        .collect();
    let settings = &topic.settings;
    let entries = [
        ("name", quoted(contract.name())),
        ("pattern", pattern.clone()),
        ("parameters", format!("[{}]", parameters.join(", "))),
        ("fingerprint", quoted(&contract.fingerprint())),
        ("fields", object(&digests)),
        ("schema", schema::constant(contract.name())),
        ("ttlMs", millis(settings.ttl)),
        ("maxTtlMs", millis(settings.max_ttl)),
        ("graceMs", millis(settings.grace)),
        ("throttleMs", millis(settings.throttle)),
        ("maxBytes", settings.max_bytes.to_string()),
        ("decays", object(&decays)),
        ("defaults", object(&defaults(contract.shape()))),
    ];
    let entries = entries.map(|(key, value)| format!("  {key}: {value},\n"));
    let (output, input) = (
        value_name(contract.shape(), Side::Output),
        value_name(contract.shape(), Side::Input),
    );
    format!(
        "/** The topics `{}`, where everybody's value is a {{@link {output}}}. */\n\
         export const {}: TopicDescriptor<{output}, {input}, {pattern}> = {{\n{}}};\n",
        contract.pattern(),
        constant(contract.name()),
        entries.concat(),
    )
}

/// What the fields of a value are when they are not sent. Variants of an enum are left to the server.
fn defaults(shape: &Shape) -> Vec<String> {
    let Shape::Struct(it) = shape else {
        return Vec::new();
    };
    let default = |field: &Field| match field.need {
        Need::Required => None,
        Need::Optional => Some("null".to_owned()),
        Need::Default(json) => Some(json()),
    };
    let entries = it.fields.iter().filter_map(|field| {
        default(field).map(|json| format!("{}: {json}", print::made_key(field.key)))
    });
    entries.collect()
}

fn object(entries: &[String]) -> String {
    match entries {
        [] => "{}".to_owned(),
        entries => format!("{{ {} }}", entries.join(", ")),
    }
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
        _ => unreachable!("the derive is for structs and enums"),
    };
    types::name(name, shape, side)
}

fn millis(duration: Duration) -> String {
    duration.as_millis().to_string()
}
