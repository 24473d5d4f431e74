//! The emitted files are up to date, and say what the runtime does: it and a schema validator
//! give every payload of the table that the JavaScript tests share the same verdict.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use presence_runtime::codegen::{self, Folders};
use presence_runtime::schema::{Invalid, Registered, Value};
use topics::topics;

/// A row of the table.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Row {
    r#type: String,
    payload: String,
    valid: bool,
    /// What a valid payload becomes.
    canonical: Option<String>,
    /// Why JSON Schema takes it though the runtime refuses.
    beyond_schema: Option<String>,
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn rows() -> Vec<Row> {
    let path = repository().join("tests/contract/payloads.json");
    let text = std::fs::read_to_string(path).expect("the table is there");
    serde_json::from_str(&text).expect("the table has known columns")
}

fn registered() -> HashMap<&'static str, Registered> {
    topics().iter().map(|it| (it.schema.name(), *it)).collect()
}

#[test]
fn emitted_files_are_up_to_date() {
    let folders = Folders {
        schemas: repository().join("schemas"),
        generated: repository().join("generated"),
    };
    let drift = codegen::check(&topics(), &folders).expect("the topics can be rendered");
    assert_eq!(
        drift,
        [],
        "run `cargo run -p topics --features codegen -- write`"
    );
}

#[test]
fn the_emitted_schema_is_the_one_that_is_served() {
    for (name, topic) in registered() {
        let path = repository().join(format!("schemas/{name}.schema.json"));
        let text = std::fs::read_to_string(path).expect("the schema is there");
        let mut emitted: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        emitted
            .as_object_mut()
            .expect("an object")
            .remove("$comment");
        assert_eq!(emitted, topic.json_schema(), "{name}");
    }
}

#[test]
fn the_runtime_judges_as_the_table_says() {
    let topics = registered();
    for row in rows() {
        let schema = topics[&*row.r#type].schema;
        match Value::parse(schema, row.payload.as_bytes()) {
            Ok(value) => {
                assert!(row.valid, "{} {}", row.r#type, row.payload);
                let canonical = row.canonical.unwrap_or_else(|| text(&value));
                assert_eq!(text(&value), canonical);
                let again = Value::parse(schema, value.json());
                assert_eq!(again.as_ref(), Ok(&value), "{canonical}");
            }
            Err(Invalid { violations }) => {
                assert!(!row.valid, "{} {}: {violations:?}", row.r#type, row.payload);
                assert!(violations.iter().all(|it| !it.expected.contains("bug")));
            }
        }
    }
}

#[test]
fn a_schema_validator_judges_as_the_table_says() {
    let topics = registered();
    for row in rows() {
        let schema = topics[&*row.r#type].json_schema();
        let validator = jsonschema::draft202012::new(&schema).expect("a schema");
        let json = serde_json::from_str::<serde_json::Value>(&row.payload);
        let is_valid = json.is_ok_and(|json| validator.is_valid(&json));
        // Half of a surrogate pair is no JSON to serde_json, so it is not beyond the schema here.
        let may_differ = row.beyond_schema.is_some();
        assert!(
            is_valid == row.valid || may_differ,
            "{} {}",
            row.r#type,
            row.payload
        );
    }
}

fn text(value: &Value) -> String {
    String::from_utf8(value.json().to_vec()).expect("JSON is UTF-8")
}
