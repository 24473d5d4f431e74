//! JSON Schema: what schemars says, tightened by what it cannot know, held against the shape.

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::{Error, File, Folder, MARK, diff, json};
use crate::schema::Registered;
use crate::schema::json::{NO_CONTROL, UNIT, presence};

/// The schema files of a topic type: what may be sent, and what is received.
pub(super) fn render(topic: &Registered) -> Result<[File; 2], Error> {
    let input = SchemaSettings::draft2020_12().for_deserialize();
    let mut input = from_schemars(topic, input);
    input["x-presence"] = presence(topic.schema, &topic.settings);
    let output = SchemaSettings::draft2020_12().for_serialize();
    let output = from_schemars(topic, output);
    Ok([
        file(topic, "schema", input, &topic.json_schema())?,
        file(
            topic,
            "output.schema",
            output,
            &topic.schema.output_schema(),
        )?,
    ])
}

fn file(topic: &Registered, kind: &str, mut theirs: Value, ours: &Value) -> Result<File, Error> {
    let name = topic.schema.name();
    let is_input = ours.pointer("/x-presence").is_some();
    if is_input {
        without_stamps(&mut theirs);
        may_be_left_out(&mut theirs);
    }
    complete(&mut theirs, ours, false);
    if let Some(difference) = diff::first(&theirs, ours) {
        return Err(Error::Schema {
            name,
            pointer: difference.pointer,
            schemars: difference.left,
            shape: difference.right,
        });
    }
    let mut document = theirs;
    document["$comment"] = MARK.into();
    Ok(File {
        folder: Folder::Schemas,
        name: format!("{name}.{kind}.json"),
        text: json::print(&document, [topic.schema.shape()]),
    })
}

/// What schemars says of a side, with what a topic type has and a Rust type has not.
fn from_schemars(topic: &Registered, settings: SchemaSettings) -> Value {
    let meta_schema = settings.meta_schema.clone();
    let mut generator = settings.into_generator();
    let root = (topic.schema.json_schema)(&mut generator).to_value();
    let mut named = generator.take_definitions(true);
    // A named type is referred to, also where it is the root.
    let reference = root.get("$ref").cloned().unwrap_or_default();
    let name = reference.as_str().unwrap_or_default();
    let name = name.trim_start_matches("#/$defs/");
    let referred = named.remove(name);
    // A recursive type is referred to from inside, too.
    if let Some(referred) = &referred
        && refers(referred, &reference)
    {
        named.insert(name.to_owned(), referred.clone());
    }
    let mut root = referred.unwrap_or(root);
    root["$schema"] = meta_schema.into();
    root["title"] = topic.schema.name().into();
    if !named.is_empty() {
        root["$defs"] = Value::Object(named);
    }
    tighten(&mut root);
    root
}

/// Takes out what the server sets: it is no part of input.
fn without_stamps(schema: &mut Value) {
    let Some(object) = schema.as_object_mut() else {
        return;
    };
    let mut stamps = Vec::new();
    if let Some(properties) = object.get_mut("properties").and_then(Value::as_object_mut) {
        properties.retain(|key, property| {
            let is_stamp = property.get("readOnly") == Some(&Value::Bool(true));
            stamps.extend(is_stamp.then(|| Value::from(key.as_str())));
            !is_stamp
        });
    }
    if let Some(required) = object.get_mut("required").and_then(Value::as_array_mut) {
        required.retain(|key| !stamps.contains(key));
    }
    for key in ["properties", "required"] {
        let is_empty = |it: &Value| *it == json!({}) || *it == json!([]);
        if object.get(key).is_some_and(is_empty) {
            object.remove(key);
        }
    }
}

/// Stands where a field of a type with parameters has a default, which schemars cannot know.
const UNSAID_DEFAULT: &str = "x-presence-default";

/// What has a default need not be sent, whether or not schemars knows the default.
fn may_be_left_out(schema: &mut Value) {
    match schema {
        Value::Object(entries) => {
            let properties = entries.get("properties").and_then(Value::as_object);
            let keys = properties.into_iter().flatten();
            let keys = keys.filter(|(_, it)| it.get(UNSAID_DEFAULT).is_some());
            let keys: Vec<_> = keys.map(|(key, _)| Value::from(key.as_str())).collect();
            if let Some(required) = entries.get_mut("required").and_then(Value::as_array_mut) {
                required.retain(|key| !keys.contains(key));
                if required.is_empty() {
                    entries.remove("required");
                }
            }
            entries.values_mut().for_each(may_be_left_out);
        }
        Value::Array(items) => items.iter_mut().for_each(may_be_left_out),
        _ => {}
    }
}

/// Whether there is such a `$ref` in a schema.
fn refers(schema: &Value, reference: &Value) -> bool {
    match schema {
        Value::Object(entries) => entries
            .iter()
            .any(|(key, value)| key == "$ref" && value == reference || refers(value, reference)),
        Value::Array(items) => items.iter().any(|it| refers(it, reference)),
        _ => false,
    }
}

/// What schemars has no words for: the rules of what stands in maps and tuples.
const UNSAID: [&str; 6] = [
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "maxItems",
    "allOf",
];

/// Adds what schemars has no words for.
fn complete(theirs: &mut Value, ours: &Value, is_inside: bool) {
    match (theirs, ours) {
        (Value::Object(theirs), Value::Object(ours)) => {
            if theirs.remove(UNSAID_DEFAULT).is_some() {
                theirs.extend(
                    ours.get("default")
                        .map(|it| ("default".to_owned(), it.clone())),
                );
            }
            let has_keys = ours.contains_key("propertyNames");
            let unsaid = ours.iter().filter(|(key, _)| match key.as_str() {
                "propertyNames" | "maxProperties" | UNIT => true,
                "items" => ours.contains_key("prefixItems"),
                key => is_inside && UNSAID.contains(&key),
            });
            for (key, value) in unsaid {
                theirs.insert(key.clone(), value.clone());
            }
            for (key, theirs) in theirs {
                if let Some(ours) = ours.get(key) {
                    let is_inside = is_inside
                        || key == "prefixItems"
                        || has_keys && key == "additionalProperties";
                    complete(theirs, ours, is_inside);
                }
            }
        }
        (Value::Array(theirs), Value::Array(ours)) => {
            for (theirs, ours) in theirs.iter_mut().zip(ours) {
                complete(theirs, ours, is_inside);
            }
        }
        _ => {}
    }
}

/// Says in JSON Schema what schemars leaves to `format`, which validators do not enforce, and what
/// holds for every type here: integers keep the range of their Rust type and of JavaScript, floats
/// the range of theirs, and strings have no control characters.
fn tighten(schema: &mut Value) {
    let Some(object) = schema.as_object_mut() else {
        return;
    };
    if let Some((min, max)) = object.remove("format").as_ref().and_then(range) {
        narrow(object, "minimum", min, |own, other| own > other);
        narrow(object, "maximum", max, |own, other| own < other);
    }
    for key in ["minimum", "maximum"] {
        if let Some(bound) = object.get_mut(key) {
            *bound = whole(bound);
        }
    }
    let free = !object.contains_key("enum") && !object.contains_key("const");
    if free && object.get("type").is_some_and(is_string) {
        // There is one `pattern` a schema.
        if let Some(pattern) = object.remove("pattern") {
            object.insert("allOf".to_owned(), json!([{ "pattern": pattern }]));
        }
        object.insert("pattern".to_owned(), NO_CONTROL.into());
    }
    for key in ["items", "additionalProperties"] {
        object.get_mut(key).into_iter().for_each(tighten);
    }
    for key in ["oneOf", "anyOf", "prefixItems"] {
        let members = object.get_mut(key).and_then(Value::as_array_mut);
        members.into_iter().flatten().for_each(tighten);
    }
    for key in ["properties", "$defs"] {
        let members = object.get_mut(key).and_then(Value::as_object_mut);
        members
            .into_iter()
            .flat_map(Map::values_mut)
            .for_each(tighten);
    }
}

/// What a format of schemars means.
fn range(format: &Value) -> Option<(Value, Value)> {
    const SAFE: i64 = (1 << 53) - 1;
    let (min, max) = match format.as_str()? {
        "uint8" => (0, u8::MAX.into()),
        "uint16" => (0, u16::MAX.into()),
        "uint32" => (0, u32::MAX.into()),
        "uint64" => (0, SAFE),
        "int8" => (i8::MIN.into(), i8::MAX.into()),
        "int16" => (i16::MIN.into(), i16::MAX.into()),
        "int32" => (i32::MIN.into(), i32::MAX.into()),
        "int64" => (-SAFE, SAFE),
        "float" => return Some((json!(-3.402_823_5e38), json!(3.402_823_5e38))),
        _ => return None,
    };
    Some((min.into(), max.into()))
}

/// Puts a bound, unless schemars knows a narrower one.
fn narrow(
    object: &mut Map<String, Value>,
    key: &str,
    bound: Value,
    is_narrower: impl Fn(f64, f64) -> bool,
) {
    let own = object.get(key).and_then(Value::as_f64);
    let other = bound.as_f64().expect("bounds are numbers");
    if !own.is_some_and(|own| is_narrower(own, other)) {
        object.insert(key.to_owned(), bound);
    }
}

fn is_string(kind: &Value) -> bool {
    kind == "string"
        || kind
            .as_array()
            .is_some_and(|kinds| kinds.contains(&"string".into()))
}

/// The same number, without a fraction of zero.
fn whole(bound: &Value) -> Value {
    bound
        .as_f64()
        .map_or_else(|| bound.clone(), crate::schema::json::number)
}
