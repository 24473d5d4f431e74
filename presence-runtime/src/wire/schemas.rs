//! What a client says of the contracts it was generated from.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::envelope::MAX_TOPICS;
use super::fault::{Detail, Fault};
use crate::schema::{Invalid, Known, Rule};

/// A contract: its fingerprint alone, or with the digests of its fields.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Said {
    Fingerprint(String),
    Contract(Contract),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Contract {
    fingerprint: String,
    #[serde(default)]
    fields: BTreeMap<String, String>,
}

impl From<Said> for Known {
    fn from(said: Said) -> Self {
        match said {
            Said::Fingerprint(fingerprint) => Self {
                fingerprint,
                fields: BTreeMap::new(),
            },
            Said::Contract(it) => Self {
                fingerprint: it.fingerprint,
                fields: it.fields,
            },
        }
    }
}

const CONTRACT: &str = "a fingerprint, or an object of a `fingerprint` and the digests of `fields`";

/// Reads one contract.
///
/// # Errors
/// `invalid_request` when it is none.
pub fn known(json: &RawValue, path: &str) -> Result<Known, Fault> {
    let said = serde_json::from_str::<Said>(json.get());
    said.map(Known::from)
        .map_err(|_| refused(path, CONTRACT, json))
}

/// Reads contracts by the names of their types.
///
/// # Errors
/// `invalid_request` when they are none, or too many.
pub fn known_by_name(json: &RawValue) -> Result<BTreeMap<String, Known>, Fault> {
    let said = serde_json::from_str::<BTreeMap<String, Said>>(json.get());
    match said {
        Ok(said) if said.len() <= MAX_TOPICS => Ok(said
            .into_iter()
            .map(|(name, said)| (name, said.into()))
            .collect()),
        _ => {
            let expected = format!("an object of at most {MAX_TOPICS} keys, each {CONTRACT}");
            Err(refused("/schemas", &expected, json))
        }
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
        let read = read(r#"{"A":"a1","B":{"fingerprint":"b2","fields":{"x":"c3"}}}"#);
        let read = read.expect("both forms are known");
        assert_eq!(read["A"].fingerprint, "a1");
        assert!(read["A"].fields.is_empty());
        assert_eq!(read["B"].fingerprint, "b2");
        assert_eq!(read["B"].fields["x"], "c3");
    }

    #[test]
    fn anything_else_is_refused_with_its_place() {
        for json in [
            "null",
            "[]",
            r#"{"A":1}"#,
            r#"{"A":{"fields":{}}}"#,
            r#"{"A":{"fingerprint":"a","fields":{"x":1}}}"#,
            r#"{"A":{"fingerprint":"a","more":1}}"#,
        ] {
            let fault = read(json).expect_err(json);
            assert_eq!(fault.details[0].path, "/schemas", "{json}");
        }
    }
}
