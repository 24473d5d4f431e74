//! Vector files: JSON laid out to be read by people.

use std::path::PathBuf;

use serde_json::Value as Json;

/// Widest line that an object or a list may take before it is broken up.
const WIDTH: usize = 110;
/// These keys come first and in this order; others follow in theirs.
const FIRST: [&str; 20] = [
    "name", "at", "do", "read", "hear", "key", "who", "via", "value", "status", "input", "text",
    "kind", "id", "code", "answer", "path", "messages", "events", "view",
];

fn path(name: &str) -> PathBuf {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../vectors/");
    PathBuf::from(format!("{root}{name}.json"))
}

/// What a file says.
pub(crate) fn read(name: &str) -> Json {
    let text = std::fs::read_to_string(path(name)).expect("a vector file");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}.json: {error}"))
}

/// Holds a file against what it should say, or writes that.
#[track_caller]
pub(crate) fn compare(name: &str, expected: &Json) {
    let mut expected = layout(expected, 0);
    expected.push('\n');
    if std::env::var_os("PRESENCE_VECTORS").is_some_and(|it| it == "write") {
        assert!(
            std::env::var_os("CI").is_none(),
            "vectors are written by people"
        );
        std::fs::write(path(name), expected).expect("a writable file");
        return;
    }
    let found = std::fs::read_to_string(path(name)).unwrap_or_default();
    if found == expected {
        return;
    }
    let (found, expected): (Vec<_>, Vec<_>) = (found.lines().collect(), expected.lines().collect());
    let same = found
        .iter()
        .zip(&expected)
        .take_while(|(a, b)| a == b)
        .count();
    let from = same.saturating_sub(3);
    let show = |lines: &[&str]| {
        let shown = lines.iter().enumerate().skip(from).take(10);
        let shown = shown.map(|(i, line)| format!("{:4} {line}\n", i + 1));
        shown.collect::<String>()
    };
    panic!(
        "vectors/{name}.json differs from line {}\nthe file:\n{}the runtime:\n{}\
         PRESENCE_VECTORS=write takes over what the runtime says",
        same + 1,
        show(&found),
        show(&expected),
    );
}

/// JSON with short things on one line.
fn layout(json: &Json, indent: usize) -> String {
    let flat = flat(json);
    if indent + flat.chars().count() <= WIDTH && indent > 0 {
        return flat;
    }
    let inner = " ".repeat(indent + 2);
    let (open, lines, close) = match json {
        Json::Array(items) if !items.is_empty() => {
            let lines = items.iter().map(|it| layout(it, indent + 2));
            ('[', lines.collect::<Vec<_>>(), ']')
        }
        Json::Object(_) => {
            let lines = ordered(json).into_iter().map(|(key, value)| {
                let key = Json::from(key).to_string();
                format!("{key}: {}", layout(value, indent + 2))
            });
            ('{', lines.collect(), '}')
        }
        _ => return flat,
    };
    let lines = lines.join(&format!(",\n{inner}"));
    format!("{open}\n{inner}{lines}\n{}{close}", " ".repeat(indent))
}

fn flat(json: &Json) -> String {
    match json {
        Json::Array(items) => {
            let items: Vec<_> = items.iter().map(flat).collect();
            format!("[{}]", items.join(", "))
        }
        Json::Object(_) => {
            let fields = ordered(json).into_iter();
            let fields = fields.map(|(key, value)| format!("{}: {}", Json::from(key), flat(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

fn ordered(json: &Json) -> Vec<(&str, &Json)> {
    let fields = json.as_object().into_iter().flatten();
    let mut fields: Vec<_> = fields.map(|(key, value)| (key.as_str(), value)).collect();
    let rank = |key| {
        FIRST
            .iter()
            .position(|it| *it == key)
            .unwrap_or(FIRST.len())
    };
    fields.sort_by_key(|(key, _)| rank(*key));
    fields
}
