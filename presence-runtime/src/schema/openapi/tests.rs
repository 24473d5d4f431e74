//! The document is whole: everything that is referred to is there, under a name of its own.

use std::collections::HashSet;

use super::*;
use crate::schema::judge::derived;

fn topics() -> Topics {
    Topics::new()
        .register::<derived::Kinds>()
        .register::<derived::Choice>()
        .register::<derived::Plain>()
}

fn references<'a>(json: &'a Json, found: &mut HashSet<&'a str>) {
    match json {
        Json::Object(object) => {
            found.extend(object.get("$ref").and_then(Json::as_str));
            object.values().for_each(|it| references(it, found));
        }
        Json::Array(items) => items.iter().for_each(|it| references(it, found)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = topics().openapi();
    let mut found = HashSet::new();
    references(&document, &mut found);
    assert!(found.len() > 20);
    for reference in found {
        let pointer = reference.strip_prefix('#').expect("a reference inside");
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

#[test]
fn every_topic_type_has_its_paths_and_both_sides() {
    let document = topics().openapi();
    for path in ["/kinds:{kind}", "/choices", "/plain:{a}:{b}"] {
        for (verb, method) in [
            ("heartbeat", "post"),
            ("leave", "post"),
            ("value", "get"),
            ("changes", "get"),
        ] {
            let operation = &document["paths"][format!("{path}/{verb}")][method];
            assert!(operation["operationId"].is_string(), "{path}/{verb}");
        }
    }
    let parameters = &document["paths"]["/plain:{a}:{b}/value"]["get"]["parameters"];
    assert_eq!(
        (&parameters[0]["name"], &parameters[1]["name"]),
        (&json!("a"), &json!("b"))
    );

    let schemas = &document["components"]["schemas"];
    // A point may leave out `y`, so whatever has one differs too.
    for differing in ["Kinds", "Point", "Choice", "Mixed"] {
        assert!(schemas[differing].is_object(), "{differing}");
        assert!(
            schemas[format!("{differing}Input")].is_object(),
            "{differing}"
        );
    }
    assert!(schemas["Delete"].is_object());
    assert_eq!(schemas.get("DeleteInput"), None);
    assert_eq!(schemas["Point"]["required"], json!(["x", "y"]));
    assert_eq!(schemas["PointInput"]["required"], json!(["x"]));
}
