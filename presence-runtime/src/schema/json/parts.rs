//! What schemas are put together from.

use serde_json::{Map, Value as Json, json};

use super::super::{Field, Rules};
use super::NO_CONTROL;

/// A named type inside of itself. Whatever stands in it is a definition, but for the root.
pub(super) fn again(name: &str) -> Json {
    json!({ "$ref": format!("#/$defs/{name}") })
}

/// What strings and keys have in common.
pub(super) fn strings(json: &mut Json, rules: &Rules) {
    put(json, "pattern", NO_CONTROL);
    put_some(json, "minLength", rules.min_chars);
    put_some(json, "maxLength", rules.max_chars);
    // There is one `pattern` a schema.
    let pattern = rules.pattern.map(|it| json!([{ "pattern": it.source }]));
    put_some(json, "allOf", pattern);
}

/// An object that needs exactly these keys.
pub(super) fn object<const N: usize>(entries: [(&str, Json); N]) -> Json {
    let required: Vec<_> = entries.iter().map(|(key, _)| *key).collect();
    let properties = entries.map(|(key, json)| (key.to_owned(), json));
    json!({
        "type": "object",
        "properties": Map::from_iter(properties),
        "required": required,
        "additionalProperties": false,
    })
}

/// The same or null.
pub(super) fn nullable(mut json: Json) -> Json {
    match json.get_mut("type") {
        Some(Json::String(name)) => {
            let name = std::mem::take(name);
            put(&mut json, "type", vec![name, "null".to_owned()]);
            json
        }
        Some(_) => json,
        None => json!({ "anyOf": [json, { "type": "null" }] }),
    }
}

pub(super) fn default_of(field: &Field, default: fn() -> String) -> Json {
    let text = default();
    serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("the default of `{}` is JSON: {error}: {text}", field.key))
}

/// A bound; whole numbers are spelled without a fraction.
pub(crate) fn number(bound: f64) -> Json {
    const EXACT: f64 = (1_i64 << 53) as f64;
    if bound.fract() == 0.0 && bound.abs() < EXACT {
        Json::from(bound as i64)
    } else {
        Json::from(bound)
    }
}

pub(super) fn describe(json: &mut Json, docs: &str) {
    put_some(json, "description", (!docs.is_empty()).then_some(docs));
}

pub(super) fn put_some(json: &mut Json, key: &str, value: Option<impl Into<Json>>) {
    if let Some(value) = value {
        put(json, key, value);
    }
}

pub(super) fn put(json: &mut Json, key: &str, value: impl Into<Json>) {
    json.as_object_mut()
        .expect("schemas are objects")
        .insert(key.to_owned(), value.into());
}
