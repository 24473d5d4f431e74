//! TypeScript as text: on one line where that is readable, else indented by two spaces.

use super::types::{Member, Property, Type};

/// The longest line that is not broken.
pub(super) const WIDTH: usize = 88;

/// `export type Name = …;` with its docs.
pub(super) fn declaration(name: &str, docs: &[String], of: &Type) -> String {
    let head = format!("export type {name} =");
    let body = member(of, 0, head.len());
    let space = if body.starts_with('\n') { "" } else { " " };
    format!("{}{head}{space}{body};\n", comment(docs, 0))
}

/// A TSDoc comment with its line end; nothing without docs.
pub(super) fn comment(docs: &[String], indent: usize) -> String {
    let margin = "  ".repeat(indent);
    let docs: Vec<_> = docs.iter().map(|line| line.replace("*/", "*\\/")).collect();
    match docs.as_slice() {
        [] => String::new(),
        [line] => format!("{margin}/** {line} */\n"),
        lines => {
            let lines = lines
                .iter()
                .map(|line| format!("{margin} * {line}").trim_end().to_owned());
            let lines: Vec<_> = lines.collect();
            format!("{margin}/**\n{}\n{margin} */\n", lines.join("\n"))
        }
    }
}

/// A key where an object is declared.
pub(super) fn key(key: &str) -> String {
    let is_word = !key.starts_with(|c: char| c.is_ascii_digit())
        && !key.is_empty()
        && key
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '$');
    if is_word { key.to_owned() } else { quoted(key) }
}

/// A key where an object is made, in which a bare `__proto__` is no key.
pub(super) fn made_key(text: &str) -> String {
    if text == "__proto__" {
        format!("[{}]", quoted(text))
    } else {
        key(text)
    }
}

/// A string literal.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A type that may begin on a new line, `used` columns into the current one.
fn member(of: &Type, indent: usize, used: usize) -> String {
    let short = inline(of);
    match (of, short) {
        (_, Some(text)) if used + text.len() < WIDTH => text,
        (Type::Union(members), _) => union(members, indent),
        (Type::Object(properties), _) => object(properties, indent),
        (Type::Array(inner), _) => format!("Array<{}>", member(inner, indent, used)),
        (Type::Map(inner), _) => {
            format!("{{ [key in string]: {} }}", member(inner, indent, used))
        }
        (Type::Tuple(members), _) => {
            let members = members.iter().map(|it| member(it, indent, used));
            format!("[{}]", members.collect::<Vec<_>>().join(", "))
        }
        (Type::Both(one, other), _) => {
            format!(
                "{} & {}",
                member(one, indent, used),
                member(other, indent, used)
            )
        }
        (Type::Word(text) | Type::Name(text, _), _) => text.clone(),
    }
}

fn object(properties: &[Property], indent: usize) -> String {
    let mut text = "{\n".to_owned();
    for it in properties {
        let head = format!("{}{}:", key(it.key), if it.is_optional { "?" } else { "" });
        let of = member(&it.of, indent + 1, 2 * indent + head.len() + 3);
        let space = if of.starts_with('\n') { "" } else { " " };
        text.push_str(&comment(&it.docs, indent + 1));
        text.push_str(&format!("{}{head}{space}{of};\n", "  ".repeat(indent + 1)));
    }
    text.push_str(&"  ".repeat(indent));
    text.push('}');
    text
}

fn union(members: &[Member], indent: usize) -> String {
    let mut text = String::new();
    for it in members {
        let of = member(&it.of, indent + 2, 2 * indent + 4);
        text.push('\n');
        text.push_str(&comment(&it.docs, indent + 1));
        text.push_str(&format!("{}| {of}", "  ".repeat(indent + 1)));
    }
    text
}

/// The type on one line; nothing when it has docs to show.
fn inline(of: &Type) -> Option<String> {
    Some(match of {
        Type::Word(text) | Type::Name(text, _) => text.clone(),
        Type::Array(inner) => format!("Array<{}>", inline(inner)?),
        Type::Map(inner) => format!("{{ [key in string]: {} }}", inline(inner)?),
        Type::Tuple(members) => {
            let members: Option<Vec<_>> = members.iter().map(inline).collect();
            format!("[{}]", members?.join(", "))
        }
        Type::Both(one, other) => format!("{} & {}", inline(one)?, inline(other)?),
        Type::Union(members) => {
            let members: Option<Vec<_>> = members
                .iter()
                .map(|it| it.docs.is_empty().then(|| inline(&it.of))?)
                .collect();
            members?.join(" | ")
        }
        // Not `string`, which would forbid the tag that may stand beside.
        Type::Object(properties) if properties.is_empty() => "Record<symbol, never>".to_owned(),
        Type::Object(properties) => {
            let properties: Option<Vec<_>> = properties
                .iter()
                .map(|it| {
                    let of = it.docs.is_empty().then(|| inline(&it.of))??;
                    let mark = if it.is_optional { "?" } else { "" };
                    Some(format!("{}{mark}: {of}", key(it.key)))
                })
                .collect();
            format!("{{ {} }}", properties?.join("; "))
        }
    })
}
