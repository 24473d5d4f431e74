//! `values.json`: what becomes of a value's JSON: its canonical form, or everything that is wrong.

use presence_runtime::Presence;
use presence_runtime::schema::Value;
use serde_json::{Value as Json, json};

use crate::file;

/// The type of the values; `vectors/README.md` repeats it.
#[derive(Presence, Debug)]
#[presence(topic = "boards:{board}:pointers", max_bytes = 512)]
#[serde(rename_all = "camelCase")]
struct Pointer {
    #[presence(min = 0.0, max = 100_000.0)]
    x: f64,
    count: u32,
    #[presence(min_chars = 1, max_chars = 8)]
    label: String,
    #[serde(default)]
    tool: Tool,
    note: Option<bool>,
    #[serde(default)]
    #[presence(max_items = 2)]
    is_marked: Vec<u8>,
}

#[derive(Presence, Debug, Default)]
#[serde(rename_all = "camelCase")]
enum Tool {
    #[default]
    Hand,
    Pen {
        width: u8,
    },
}

#[test]
fn values_have_one_canonical_form_or_all_their_mistakes() {
    let mut vectors = file::read("values");
    for case in vectors["values"].as_array_mut().expect("a list") {
        let input = case["input"].as_str().expect("an input");
        let (key, result) = match Value::parse(Pointer::SCHEMA, input.as_bytes()) {
            Ok(value) => {
                let canonical = String::from_utf8_lossy(value.json()).into_owned();
                let again = Value::parse(Pointer::SCHEMA, canonical.as_bytes());
                assert_eq!(again.as_ref(), Ok(&value), "{input}");
                ("canonical", Json::from(canonical))
            }
            Err(invalid) => {
                let found = invalid.violations.iter();
                let found = found.map(|it| json!({"path": it.path, "rule": it.rule}));
                ("violations", found.collect())
            }
        };
        *case = json!({"input": input, key: result});
    }
    file::compare("values", &vectors);
}
