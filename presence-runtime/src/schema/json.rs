//! The contract as JSON Schema (draft 2020-12), from the [`Shape`] alone: what input may be, and
//! what output is.
//!
//! This is what the server serves and, word for word, what codegen writes after checking it
//! against schemars. Lengths count code points there as here; only what JSON Schema cannot say is
//! missing: keys that stand twice, and the size of the canonical form.

use std::time::Duration;

use serde_json::{Map, Value as Json, json};

use super::depth::stands_again;
use super::judge::Side;
use super::strict::{F32_MAX, NO_KEY};
use super::{Content, Enum, Field, Need, Registered, Rules, Schema, Settings, Shape, Tag, Variant};

/// A string without control characters other than tab, line feed and carriage return.
pub(crate) const NO_CONTROL: &str = r"^[^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]*$";

/// What a number is counted in, for which JSON Schema has no word.
pub(crate) const UNIT: &str = "x-unit";

const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

impl Schema {
    /// What values are that the server sends, as JSON Schema.
    #[must_use]
    pub fn output_schema(&self) -> Json {
        let mut root = of_shape(self.shape(), Side::Output);
        put(&mut root, "title", self.name());
        root
    }

    /// The contract as JSON Schema, with the figures the type declares under `x-presence`.
    #[must_use]
    pub fn json_schema(&self) -> Json {
        document(self, self.settings())
    }
}

impl Registered {
    /// The contract as JSON Schema, with the figures in force under `x-presence`.
    #[must_use]
    pub fn json_schema(&self) -> Json {
        document(self.schema, &self.settings)
    }
}

fn document(schema: &Schema, settings: &Settings) -> Json {
    let mut root = of_shape(schema.shape(), Side::Input);
    put(&mut root, "title", schema.name());
    put(&mut root, "x-presence", presence(schema, settings));
    root
}

/// A whole schema for one shape.
pub(crate) fn of_shape(shape: &Shape, side: Side) -> Json {
    let mut document = Document {
        named: Map::new(),
        side,
    };
    let mut root = document.body(shape, &Rules::NONE);
    if stands_again(shape) {
        let _ = document.used(shape, &Rules::NONE);
    }
    put(&mut root, "$schema", DRAFT);
    if !document.named.is_empty() {
        put(&mut root, "$defs", Json::Object(document.named));
    }
    root
}

/// What JSON Schema has no words for.
pub(crate) fn presence(schema: &Schema, settings: &Settings) -> Json {
    let decays: Map<_, _> = schema
        .decays()
        .iter()
        .map(|decay| (decay.key.to_owned(), millis(decay.after)))
        .collect();
    let mut json = json!({
        "pattern": schema.pattern().to_string(),
        "parameters": schema.pattern().parameters().collect::<Vec<_>>(),
        "fingerprint": schema.fingerprint(),
        "ttlMs": millis(settings.ttl),
        "maxTtlMs": millis(settings.max_ttl),
        "graceMs": millis(settings.grace),
        "throttleMs": millis(settings.throttle),
        "maxBytes": settings.max_bytes,
        "maxMembers": settings.max_members,
        "decays": decays,
    });
    put_some(&mut json, "version", schema.version());
    json
}

fn millis(duration: Duration) -> Json {
    u64::try_from(duration.as_millis())
        .expect("a duration of a topic type is far below the age of the universe")
        .into()
}

/// A document under way: the named types that were met.
struct Document {
    named: Map<String, Json>,
    side: Side,
}

impl Document {
    /// A shape where it is used: named types are referred to.
    fn used(&mut self, shape: &Shape, rules: &Rules) -> Json {
        let name = match shape {
            Shape::Struct(it) => it.name,
            Shape::Enum(it) => it.name,
            Shape::Newtype(it) => it.name,
            Shape::Again(it) => return again(it.name),
            _ => return self.body(shape, rules),
        };
        let body = self.body(shape, rules);
        // Two types of one name are told apart by a number, as schemars does.
        let mut unique = name.to_owned();
        let mut number = 1;
        while self.named.get(&unique).is_some_and(|other| *other != body) {
            number += 1;
            unique = format!("{name}{number}");
        }
        let reference = json!({ "$ref": format!("#/$defs/{unique}") });
        self.named.insert(unique, body);
        reference
    }

    /// A shape in full.
    fn body(&mut self, shape: &Shape, rules: &Rules) -> Json {
        match shape {
            Shape::Any => json!(true),
            Shape::Bool => json!({ "type": "boolean" }),
            Shape::Integer { min, max } => {
                let (min, max) = rules.integers(*min, *max);
                let mut json = json!({ "type": "integer", "minimum": min, "maximum": max });
                put_some(&mut json, UNIT, rules.unit);
                json
            }
            Shape::F32 => {
                let mut json = json!({
                    "type": "number",
                    "minimum": number(rules.min.unwrap_or(-F32_MAX)),
                    "maximum": number(rules.max.unwrap_or(F32_MAX)),
                });
                put_some(&mut json, UNIT, rules.unit);
                json
            }
            Shape::F64 => {
                let mut json = json!({ "type": "number" });
                put_some(&mut json, "minimum", rules.min.map(number));
                put_some(&mut json, "maximum", rules.max.map(number));
                put_some(&mut json, UNIT, rules.unit);
                json
            }
            Shape::String => {
                let mut json = json!({ "type": "string" });
                strings(&mut json, rules);
                json
            }
            Shape::Char => json!({
                "type": "string", "pattern": NO_CONTROL, "minLength": 1, "maxLength": 1,
            }),
            Shape::Option(inner) => nullable(self.used(inner, rules)),
            Shape::List(inner) => {
                let mut json = json!({ "type": "array", "items": self.used(inner, rules) });
                put_some(&mut json, "maxItems", rules.max_items);
                json
            }
            Shape::Array(inner, length) => json!({
                "type": "array",
                "items": self.used(inner, rules),
                "minItems": length,
                "maxItems": length,
            }),
            Shape::Tuple(members) => {
                let items: Vec<_> = members.iter().map(|it| self.used(it, rules)).collect();
                json!({
                    "type": "array",
                    "prefixItems": items,
                    "items": false,
                    "minItems": members.len(),
                    "maxItems": members.len(),
                })
            }
            Shape::Map(inner) => {
                let mut names = json!({ "not": { "const": NO_KEY } });
                strings(&mut names, rules);
                let mut json = json!({
                    "type": "object",
                    "propertyNames": names,
                    "additionalProperties": self.used(inner, rules),
                });
                put_some(&mut json, "maxProperties", rules.max_items);
                json
            }
            Shape::Newtype(it) => {
                let mut json = self.used(it.shape, &it.rules);
                describe(&mut json, it.docs);
                json
            }
            Shape::Again(it) => again(it.name),
            Shape::Struct(it) => {
                let mut json = self.object(it.fields);
                describe(&mut json, it.docs);
                json
            }
            Shape::Enum(it) => {
                let mut json = self.variants(it);
                describe(&mut json, it.docs);
                json
            }
        }
    }

    fn object(&mut self, fields: &[Field]) -> Json {
        let mut properties = Map::new();
        let is_output = self.side == Side::Output;
        let fields = || {
            fields
                .iter()
                .filter(move |field| is_output || field.server.is_none())
        };
        for field in fields() {
            let mut property = self.used(field.shape, &field.rules);
            describe(&mut property, field.docs);
            if let Need::Default(default) = field.need {
                put(&mut property, "default", default_of(field, default));
            }
            // The server's, where there are some: input has none.
            put_some(&mut property, "readOnly", field.server.map(|_| true));
            properties.insert(field.key.to_owned(), property);
        }
        let is_required = |field: &&Field| match self.side {
            Side::Input => matches!(field.need, Need::Required),
            Side::Output => !field.is_omitted,
        };
        let required: Vec<_> = fields()
            .filter(is_required)
            .map(|field| field.key)
            .collect();
        let mut json = json!({ "type": "object", "additionalProperties": false });
        if !properties.is_empty() {
            put(&mut json, "properties", Json::Object(properties));
        }
        if !required.is_empty() {
            put(&mut json, "required", required);
        }
        json
    }

    /// Variants that are strings without docs come together first, as schemars has it.
    fn variants(&mut self, it: &Enum) -> Json {
        let is_plain = |variant: &&Variant| {
            it.tag == Tag::External
                && matches!(variant.content, Content::Unit)
                && variant.docs.is_empty()
        };
        let plain: Vec<_> = it.variants.iter().filter(is_plain).map(|v| v.key).collect();
        let plain_only = plain.len() == it.variants.len();
        let plain = (!plain.is_empty()).then(|| json!({ "type": "string", "enum": plain }));
        if let (Some(plain), true) = (&plain, plain_only) {
            return plain.clone();
        }
        let others = it.variants.iter().filter(|variant| !is_plain(variant));
        let others = others.map(|variant| {
            let mut json = self.variant(variant, it.tag);
            describe(&mut json, variant.docs);
            json
        });
        json!({ "oneOf": plain.into_iter().chain(others.collect::<Vec<_>>()).collect::<Vec<_>>() })
    }

    fn variant(&mut self, variant: &Variant, tag: Tag) -> Json {
        let named = json!({ "type": "string", "const": variant.key });
        match (tag, variant.content) {
            (Tag::External, Content::Unit) => named,
            (Tag::External, content) => object([(variant.key, self.content(content))]),
            (Tag::Internal(tag), Content::Unit) => object([(tag, named)]),
            (Tag::Internal(tag), content) => {
                let mut json = self.inlined(content);
                let required = json.get("required").and_then(Json::as_array);
                let required: Vec<_> = std::iter::once(&Json::from(tag))
                    .chain(required.into_iter().flatten())
                    .cloned()
                    .collect();
                put(&mut json, "required", required);
                let properties = json
                    .as_object_mut()
                    .expect("schemas are objects")
                    .entry("properties")
                    .or_insert_with(|| json!({}));
                put(properties, tag, named);
                json
            }
            (Tag::Adjacent(tag, _), Content::Unit) => object([(tag, named)]),
            (Tag::Adjacent(tag, key), content) => {
                object([(tag, named), (key, self.content(content))])
            }
        }
    }

    fn content(&mut self, content: Content) -> Json {
        match content {
            Content::Unit => json!({ "type": "null" }),
            Content::Newtype(shape, rules) => self.used(shape, &rules),
            Content::Struct(fields) => self.object(fields),
        }
    }

    /// Content whose fields stand beside the tag.
    fn inlined(&mut self, content: Content) -> Json {
        match content {
            Content::Newtype(shape, rules) => self.body(shape, &rules),
            content => self.content(content),
        }
    }
}

/// A named type inside of itself. Whatever stands in it is a definition, but for the root.
fn again(name: &str) -> Json {
    json!({ "$ref": format!("#/$defs/{name}") })
}

/// What strings and keys have in common.
fn strings(json: &mut Json, rules: &Rules) {
    put(json, "pattern", NO_CONTROL);
    put_some(json, "minLength", rules.min_chars);
    put_some(json, "maxLength", rules.max_chars);
    // There is one `pattern` a schema.
    let pattern = rules.pattern.map(|it| json!([{ "pattern": it.source }]));
    put_some(json, "allOf", pattern);
}

/// An object that needs exactly these keys.
fn object<const N: usize>(entries: [(&str, Json); N]) -> Json {
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
fn nullable(mut json: Json) -> Json {
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

fn default_of(field: &Field, default: fn() -> String) -> Json {
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

fn describe(json: &mut Json, docs: &str) {
    put_some(json, "description", (!docs.is_empty()).then_some(docs));
}

fn put_some(json: &mut Json, key: &str, value: Option<impl Into<Json>>) {
    if let Some(value) = value {
        put(json, key, value);
    }
}

fn put(json: &mut Json, key: &str, value: impl Into<Json>) {
    json.as_object_mut()
        .expect("schemas are objects")
        .insert(key.to_owned(), value.into());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Rule;
    use super::super::judge::{Side, look, payloads};
    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        /// A schema validator and the walk give the same verdict on every JSON text, whatever
        /// the shape; only keys that stand twice are beyond JSON Schema.
        #[test]
        fn agrees_with_the_walk(
            (shape, texts) in payloads::shape().prop_flat_map(|shape| {
                (Just(shape), proptest::collection::vec(payloads::payload(shape), 8))
            })
        ) {
            let schema = of_shape(shape, Side::Input);
            let validator = jsonschema::draft202012::new(&schema).expect("a schema");
            for text in texts {
                let found = look(shape, text.as_bytes(), Side::Input);
                let beyond = |rule| matches!(rule, Rule::Json | Rule::Duplicate | Rule::Depth);
                if found.iter().any(|it| beyond(it.rule)) {
                    continue;
                }
                let json: Json = serde_json::from_str(&text).expect("the walk says it is JSON");
                prop_assert_eq!(
                    validator.is_valid(&json), found.is_empty(),
                    "{} {:?} {:#}", text, found, schema
                );
            }
        }
    }
}
