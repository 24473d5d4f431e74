//! JSON as people like to read it: what names a schema first, fields in order of declaration.
//!
//! The order is our own, for `serde_json` has one or another, depending on what else is compiled.

use serde_json::{Map, Value};

use crate::schema::{Content, Field, Shape, Tag};

/// Keywords in the order in which they are read best; all other keys follow.
const KEYWORDS: [&str; 52] = [
    "x-comment",
    "openapi",
    "info",
    "servers",
    "tags",
    "paths",
    "components",
    "operationId",
    "summary",
    "name",
    "in",
    "requestBody",
    "responses",
    "$comment",
    "$schema",
    "title",
    "description",
    "$ref",
    "type",
    "const",
    "enum",
    "default",
    "minimum",
    "maximum",
    "x-unit",
    "minLength",
    "maxLength",
    "pattern",
    "allOf",
    "minItems",
    "maxItems",
    "prefixItems",
    "items",
    "propertyNames",
    "minProperties",
    "maxProperties",
    "anyOf",
    "oneOf",
    "properties",
    "required",
    "additionalProperties",
    "x-presence",
    "parameters",
    "version",
    "fingerprint",
    "ttlMs",
    "maxTtlMs",
    "graceMs",
    "throttleMs",
    "maxBytes",
    "maxMembers",
    "decays",
];

/// A document with a line end; the fields of these shapes stand in it.
pub(super) fn print<'a>(document: &Value, shapes: impl IntoIterator<Item = &'a Shape>) -> String {
    let mut printer = Printer {
        fields: Vec::new(),
        text: String::new(),
    };
    for shape in shapes {
        printer.learn(shape);
    }
    printer.value(document, 0, Keys::Keywords);
    printer.text.push('\n');
    printer.text
}

/// What the keys of an object are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keys {
    Keywords,
    Fields,
}

struct Printer {
    /// The fields and tags of all types as they were met.
    fields: Vec<&'static str>,
    text: String,
}

impl Printer {
    fn learn(&mut self, shape: &Shape) {
        match shape {
            Shape::Option(inner)
            | Shape::List(inner)
            | Shape::Array(inner, _)
            | Shape::Map(inner) => self.learn(inner),
            Shape::Tuple(members) => members.iter().for_each(|it| self.learn(it)),
            Shape::Newtype(it) => self.learn(it.shape),
            Shape::Struct(it) => self.learn_all(it.fields),
            Shape::Enum(it) => {
                match it.tag {
                    Tag::External => {}
                    Tag::Internal(tag) => self.fields.push(tag),
                    Tag::Adjacent(tag, content) => self.fields.extend([tag, content]),
                }
                for variant in it.variants {
                    match variant.content {
                        Content::Unit => {}
                        Content::Newtype(shape, _) => self.learn(shape),
                        Content::Struct(fields) => self.learn_all(fields),
                    }
                }
            }
            _ => {}
        }
    }

    fn learn_all(&mut self, fields: &[Field]) {
        self.fields.extend(fields.iter().map(|field| field.key));
        for field in fields {
            self.learn(field.shape);
        }
    }

    fn value(&mut self, value: &Value, indent: usize, keys: Keys) {
        match value {
            Value::Object(object) if !object.is_empty() => self.object(object, indent, keys),
            Value::Array(items) if items.iter().any(|it| it.is_object() || it.is_array()) => {
                self.text.push('[');
                for (i, item) in items.iter().enumerate() {
                    self.line(i, indent + 1);
                    self.value(item, indent + 1, keys);
                }
                self.line(0, indent);
                self.text.push(']');
            }
            Value::Array(items) => {
                let items: Vec<_> = items.iter().map(Value::to_string).collect();
                self.text.push_str(&format!("[{}]", items.join(", ")));
            }
            _ => self.text.push_str(&value.to_string()),
        }
    }

    fn object(&mut self, object: &Map<String, Value>, indent: usize, keys: Keys) {
        let mut entries: Vec<_> = object.iter().collect();
        entries.sort_by_key(|(key, _)| (self.rank(key, keys), *key));
        self.text.push('{');
        for (i, (key, value)) in entries.into_iter().enumerate() {
            self.line(i, indent + 1);
            self.text
                .push_str(&format!("{}: ", Value::from(key.as_str())));
            let inside = match (keys, key.as_str()) {
                (Keys::Keywords, "properties" | "$defs") => Keys::Fields,
                _ => Keys::Keywords,
            };
            self.value(value, indent + 1, inside);
        }
        self.line(0, indent);
        self.text.push('}');
    }

    fn rank(&self, key: &str, keys: Keys) -> usize {
        let place = match keys {
            Keys::Keywords => KEYWORDS.iter().position(|it| *it == key),
            Keys::Fields => self.fields.iter().position(|it| *it == key),
        };
        place.unwrap_or(usize::MAX)
    }

    fn line(&mut self, before: usize, indent: usize) {
        self.text.push_str(if before > 0 { ",\n" } else { "\n" });
        self.text.push_str(&"  ".repeat(indent));
    }
}
