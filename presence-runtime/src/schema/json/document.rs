//! A shape as a schema, and the named types in it as definitions.

use serde_json::{Map, Value as Json, json};

use super::super::judge::Side;
use super::super::strict::{F32_MAX, NO_KEY};
use super::super::{Content, Enum, Field, Need, Rules, Shape, Tag, Variant};
use super::parts::{again, default_of, describe, nullable, number, object, put, put_some, strings};
use super::{NO_CONTROL, UNIT};

/// A document under way: the named types that were met.
pub(super) struct Document {
    named: Map<String, Json>,
    side: Side,
}

impl Document {
    /// Nothing was met yet.
    pub(super) fn new(side: Side) -> Self {
        Self {
            named: Map::new(),
            side,
        }
    }

    /// The named types that were met.
    pub(super) fn named(self) -> Map<String, Json> {
        self.named
    }

    /// A shape where it is used: named types are referred to.
    pub(super) fn used(&mut self, shape: &Shape, rules: &Rules) -> Json {
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
    pub(super) fn body(&mut self, shape: &Shape, rules: &Rules) -> Json {
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
