//! The form that a schema of ours describes, without the many ways to write it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// What a schema describes.
#[derive(Debug)]
pub(super) struct Form<'a> {
    pub(super) is_nullable: bool,
    pub(super) kind: Kind<'a>,
    /// The schema itself, where its bounds are.
    pub(super) schema: &'a Value,
}

#[derive(Debug)]
pub(super) enum Kind<'a> {
    Boolean,
    Integer,
    Number,
    String,
    List(&'a Value),
    /// Exactly so many items.
    Tuple(Vec<&'a Value>),
    Map(&'a Value),
    Object,
    /// An enum: the key of its tag, and its variants by name.
    Variants(Option<&'a str>, BTreeMap<&'a str, Option<&'a Value>>),
    /// Nothing that is emitted.
    Other,
}

impl Kind<'_> {
    /// In words.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Boolean => "a boolean",
            Self::Integer => "an integer",
            Self::Number => "a number",
            Self::String => "a string",
            Self::List(_) => "an array",
            Self::Tuple(_) => "an array of fixed length",
            Self::Map(_) => "an object of any keys",
            Self::Object => "an object",
            Self::Variants(..) => "an enum",
            Self::Other => "something else",
        }
    }
}

/// The form of a schema that stands in a document.
pub(super) fn of<'a>(schema: &'a Value, document: &'a Value) -> Form<'a> {
    let schema = resolved(schema, document);
    if let Some([inner, null]) = schema["anyOf"].as_array().map(Vec::as_slice)
        && null["type"] == "null"
    {
        return Form {
            is_nullable: true,
            ..of(inner, document)
        };
    }
    let (kind, is_nullable) = match &schema["type"] {
        Value::Array(names) => (names[0].as_str(), names.len() > 1),
        name => (name.as_str(), false),
    };
    let kind = match kind {
        Some("boolean") => Kind::Boolean,
        Some("integer") => Kind::Integer,
        Some("number") => Kind::Number,
        Some("string") if schema.get("enum").is_some() || schema.get("const").is_some() => {
            Kind::Variants(None, variants(std::slice::from_ref(schema), None, document))
        }
        Some("string") => Kind::String,
        Some("array") => match schema["prefixItems"].as_array() {
            Some(items) => Kind::Tuple(items.iter().collect()),
            None => match fixed_length(schema) {
                Some(count) => Kind::Tuple(vec![&schema["items"]; count]),
                None => Kind::List(&schema["items"]),
            },
        },
        Some("object") if schema["additionalProperties"].is_object() => {
            Kind::Map(&schema["additionalProperties"])
        }
        Some("object") => match tag(schema) {
            Some(tag) => {
                let one = std::slice::from_ref(schema);
                Kind::Variants(Some(tag), variants(one, Some(tag), document))
            }
            None => Kind::Object,
        },
        _ => match schema["oneOf"].as_array() {
            Some(members) => {
                let tag = members.iter().find_map(|it| tag(resolved(it, document)));
                Kind::Variants(tag, variants(members, tag, document))
            }
            None => Kind::Other,
        },
    };
    Form {
        is_nullable,
        kind,
        schema,
    }
}

/// The fields of an object.
pub(super) fn properties(schema: &Value) -> &Map<String, Value> {
    static NONE: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    schema["properties"].as_object().unwrap_or(&NONE)
}

/// Whether an object needs a field.
pub(super) fn requires(schema: &Value, key: &str) -> bool {
    let required = schema["required"].as_array();
    required.is_some_and(|it| it.iter().any(|it| it == key))
}

/// The named type that a schema refers to, if it does; it may be null there as well.
pub(super) fn reference(schema: &Value) -> Option<&str> {
    let schema = match schema["anyOf"].as_array().map(Vec::as_slice) {
        Some([inner, _]) => inner,
        _ => schema,
    };
    name(schema)
}

fn name(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix("#/$defs/")
}

/// How many items an array has, where that is fixed.
fn fixed_length(schema: &Value) -> Option<usize> {
    let (min, max) = (schema["minItems"].as_u64()?, schema["maxItems"].as_u64()?);
    (min == max).then(|| usize::try_from(min).ok())?
}

fn resolved<'a>(schema: &'a Value, document: &'a Value) -> &'a Value {
    match name(schema).and_then(|name| document["$defs"].get(name)) {
        Some(named) => resolved(named, document),
        None => schema,
    }
}

/// The key that says which variant an object is.
fn tag(schema: &Value) -> Option<&str> {
    let of = properties(schema).iter();
    let mut tags = of.filter(|(_, it)| it.get("const").is_some());
    tags.next().map(|(key, _)| key.as_str())
}

fn variants<'a>(
    members: &'a [Value],
    tag: Option<&str>,
    document: &'a Value,
) -> BTreeMap<&'a str, Option<&'a Value>> {
    let mut found = BTreeMap::new();
    for member in members {
        let member = resolved(member, document);
        if let Some(name) = member["const"].as_str() {
            found.insert(name, None);
        } else if let Some(names) = member["enum"].as_array() {
            found.extend(names.iter().filter_map(Value::as_str).map(|it| (it, None)));
        } else if let Some(tag) = tag {
            let name = properties(member)
                .get(tag)
                .and_then(|it| it["const"].as_str());
            found.extend(name.map(|name| (name, Some(member))));
        } else {
            let name = properties(member).keys().next();
            found.extend(name.map(|name| (name.as_str(), Some(member))));
        }
    }
    found
}
