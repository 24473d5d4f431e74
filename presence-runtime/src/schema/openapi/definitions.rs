//! The values of topic types as schemas of one document: those inside others stand beside them, and
//! what differs as input has a name of its own.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::super::Registered;

/// Schemas by the names they have in the document.
#[derive(Debug, Default)]
pub(super) struct Definitions {
    schemas: BTreeMap<String, Json>,
}

/// The names of what may be sent and of what is received.
#[derive(Debug)]
pub(super) struct Names {
    pub(super) input: String,
    pub(super) output: String,
}

impl Definitions {
    /// Adds both sides of a topic type.
    pub(super) fn add(&mut self, topic: &Registered) -> Names {
        let name = topic.schema.name();
        let input = parts(name, topic.json_schema());
        let output = parts(name, topic.schema.output_schema());
        let differing = differing(&input, &output);
        let rename = |part: &str| {
            let suffix = if differing.contains(&part) {
                "Input"
            } else {
                ""
            };
            format!("{part}{suffix}")
        };
        for (part, schema) in &input {
            self.put(rename(part), schema, &rename);
        }
        for (part, schema) in &output {
            self.put(part.clone(), schema, &str::to_owned);
        }
        Names {
            input: rename(name),
            output: name.to_owned(),
        }
    }

    /// All schemas.
    pub(super) fn into_schemas(self) -> impl Iterator<Item = (String, Json)> {
        self.schemas.into_iter()
    }

    fn put(&mut self, name: String, schema: &Json, rename: &impl Fn(&str) -> String) {
        let mut schema = schema.clone();
        refer(&mut schema, rename);
        self.schemas.insert(name, schema);
    }
}

/// A schema and its definitions, each by its name.
fn parts(name: &str, mut schema: Json) -> BTreeMap<String, Json> {
    let root = schema.as_object_mut().expect("schemas are objects");
    root.remove("$schema");
    root.remove("x-presence");
    let mut parts: BTreeMap<_, _> = match root.remove("$defs") {
        Some(Json::Object(inner)) => inner.into_iter().collect(),
        _ => BTreeMap::new(),
    };
    parts.insert(name.to_owned(), schema);
    parts
}

/// The parts that are another thing as input, or refer to such a part.
fn differing<'a>(
    input: &'a BTreeMap<String, Json>,
    output: &BTreeMap<String, Json>,
) -> Vec<&'a str> {
    let mut differing: Vec<&str> = Vec::new();
    loop {
        let more = input.iter().find(|(name, schema)| {
            !differing.contains(&name.as_str())
                && (output.get(*name) != Some(schema)
                    || references(schema).iter().any(|it| differing.contains(it)))
        });
        match more {
            Some((name, _)) => differing.push(name),
            None => return differing,
        }
    }
}

fn references(schema: &Json) -> Vec<&str> {
    match schema {
        Json::Object(object) => {
            let own = object.get("$ref").and_then(referred);
            own.into_iter()
                .chain(object.values().flat_map(references))
                .collect()
        }
        Json::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

fn referred(reference: &Json) -> Option<&str> {
    reference.as_str()?.strip_prefix("#/$defs/")
}

/// Has all references lead to where the definitions stand in the document.
fn refer(schema: &mut Json, rename: &impl Fn(&str) -> String) {
    match schema {
        Json::Object(object) => {
            let name = object.get("$ref").and_then(referred).map(rename);
            if let Some(name) = name {
                let reference = format!("#/components/schemas/{name}");
                object.insert("$ref".to_owned(), reference.into());
            }
            object.values_mut().for_each(|it| refer(it, rename));
        }
        Json::Array(items) => items.iter_mut().for_each(|it| refer(it, rename)),
        _ => {}
    }
}
