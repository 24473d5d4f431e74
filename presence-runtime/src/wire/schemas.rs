//! What a client says of the contracts it was generated from.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use serde_json::value::RawValue;

use super::envelope::MAX_TOPICS;
use super::fault::{Detail, Fault};
use crate::schema::{Invalid, Known, Rule, Rules, Wire as _};

const CONTRACT: &str =
    "a fingerprint, or an object of a `fingerprint`, the digests of `fields` and a `version`";

/// Reads one contract.
///
/// # Errors
/// `invalid_request` when it is none.
pub fn known(json: &RawValue, path: &str) -> Result<Known, Fault> {
    let said = serde_json::from_str(json.get()).ok();
    said.and_then(contract)
        .ok_or_else(|| refused(path, CONTRACT, json))
}

/// Reads contracts by the names of their types.
///
/// # Errors
/// `invalid_request` when they are none, or too many.
pub fn known_by_name(json: &RawValue) -> Result<BTreeMap<String, Known>, Fault> {
    let said: Option<BTreeMap<String, Json>> = serde_json::from_str(json.get()).ok();
    let said = said.filter(|it| it.len() <= MAX_TOPICS);
    let known = said.and_then(|said| {
        let known = said.into_iter();
        known
            .map(|(name, json)| Some((name, contract(json)?)))
            .collect()
    });
    known.ok_or_else(|| {
        let expected = format!("an object of at most {MAX_TOPICS} keys, each {CONTRACT}");
        refused("/schemas", &expected, json)
    })
}

/// A contract: its fingerprint alone, or with the digests of its fields.
fn contract(json: Json) -> Option<Known> {
    let mut known = Known::default();
    match json {
        Json::String(fingerprint) => known.fingerprint = fingerprint,
        Json::Object(mut object) => {
            known.fingerprint = object.remove("fingerprint").and_then(text)?;
            if let Some(fields) = object.remove("fields") {
                let Json::Object(fields) = fields else {
                    return None;
                };
                let fields = fields.into_iter();
                known.fields = fields
                    .map(|(key, digest)| Some((key, text(digest)?)))
                    .collect::<Option<_>>()?;
            }
            if let Some(version) = object.remove("version") {
                // In any spelling that JSON has for it, as everywhere.
                known.version = Some(u32::decode(version, &Rules::NONE).ok()?);
            }
            if !object.is_empty() {
                return None;
            }
        }
        _ => return None,
    }
    Some(known)
}

fn text(json: Json) -> Option<String> {
    match json {
        Json::String(text) => Some(text),
        _ => None,
    }
}

fn refused(path: &str, expected: &str, found: &RawValue) -> Fault {
    let detail = Detail {
        path: path.to_owned(),
        rule: Rule::Type,
        expected: expected.to_owned(),
        found: found.get().chars().take(64).collect(),
    };
    Fault::request(Invalid {
        violations: vec![detail],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<BTreeMap<String, Known>, Fault> {
        let raw = RawValue::from_string(json.to_owned()).expect("JSON");
        known_by_name(&raw)
    }

    #[test]
    fn a_contract_is_said_with_or_without_its_fields() {
        let both = read(r#"{"A":"a1","B":{"fingerprint":"b2","version":7,"fields":{"x":"c3"}}}"#);
        let both = both.expect("both forms are known");
        assert_eq!(both["A"].fingerprint, "a1");
        assert!(both["A"].fields.is_empty());
        assert_eq!(both["B"].fingerprint, "b2");
        assert_eq!(both["B"].fields["x"], "c3");
        assert_eq!((both["A"].version, both["B"].version), (None, Some(7)));
        for spelled in ["7.0", "70e-1", "0.7E1"] {
            let json = format!(r#"{{"A":{{"fingerprint":"a","version":{spelled}}}}}"#);
            let known = read(&json).expect("a count");
            assert_eq!(known["A"].version, Some(7), "{spelled}");
        }
    }

    #[test]
    fn anything_else_is_refused_with_its_place() {
        for json in [
            "null",
            "[]",
            r#"{"A":1}"#,
            r#"{"A":["a"]}"#,
            r#"{"A":{"fields":{}}}"#,
            r#"{"A":{"fingerprint":"a","fields":{"x":1}}}"#,
            r#"{"A":{"fingerprint":"a","more":1}}"#,
            r#"{"A":{"fingerprint":"a","version":1.5}}"#,
            r#"{"A":{"fingerprint":"a","version":-1}}"#,
            r#"{"A":{"fingerprint":"a","version":4294967296}}"#,
        ] {
            let fault = read(json).expect_err(json);
            assert_eq!(fault.details[0].path, "/schemas", "{json}");
        }
    }
}
