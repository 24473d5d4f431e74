//! Mismatches: a client was generated from another contract than the server has. Which of the two
//! is older, and what differs.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Schema;

/// What a client says of the contract it was generated from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// The contract's fingerprint.
    pub fingerprint: String,
    /// Its version, when its type counts them.
    pub version: Option<u32>,
    /// The digests of its fields, or of an enum's variants; empty when it does not say.
    pub fields: BTreeMap<String, String>,
}

/// A client was generated from another contract than the server has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Mismatch {
    /// The type's name.
    pub schema: String,
    /// Who has the older contract.
    pub older: Side,
    /// What differs, by name; empty when the client did not say what its fields are.
    pub fields: Vec<Difference>,
}

/// The two sides of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Side {
    /// Whoever connected.
    Client,
    /// This program.
    Server,
}

/// A field that differs, or a variant of an enum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Its key in JSON; the tag of an enum is named by nothing.
    pub field: String,
    /// What became of it on the way from the older contract to the newer one.
    pub change: FieldChange,
}

/// What became of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum FieldChange {
    /// Only the newer contract has it.
    Added,
    /// Only the older contract has it.
    Removed,
    /// Both have it, and mean something else by it.
    Changed,
}

impl Mismatch {
    /// A type that the client knows and the server does not have.
    #[must_use]
    pub const fn unknown(schema: String) -> Self {
        Self {
            schema,
            older: Side::Server,
            fields: Vec::new(),
        }
    }
}

impl Schema {
    /// How what a client knows differs from this contract; nothing when it does not.
    ///
    /// Where both sides have a version, as `#[presence(version = 3)]` says it, the lower one is older.
    /// Else it is inferred. Contracts grow: when only the client has fields that the other side lacks,
    /// the server is the older one. In all other cases it is the client, because pages are open for
    /// longer than it takes to start a server.
    ///
    /// What is inferred is right wherever a contract only gained fields, whoever was deployed first, and wherever
    /// servers are deployed before pages, unless it lost fields and gained none: then the page that is
    /// older has something more. Where pages come first, or a server goes back, a field that changed
    /// is told of the wrong side. The names of the fields are right in any case.
    #[must_use]
    pub fn mismatch(&self, known: &Known) -> Option<Mismatch> {
        if known.fingerprint == self.fingerprint() {
            return None;
        }
        let ours: BTreeMap<_, _> = self.digests().into_iter().collect();
        let is_new = |key: &str| !ours.contains_key(key);
        let is_missing = |key: &str| !known.fields.contains_key(key);
        let grown = known.fields.keys().any(|key| is_new(key));
        let versions = known.version.zip(self.version());
        let by_version = versions.filter(|(theirs, ours)| theirs != ours);
        let older = if let Some((theirs, ours)) = by_version {
            if theirs < ours {
                Side::Client
            } else {
                Side::Server
            }
        } else if grown && !ours.keys().any(|key| is_missing(key)) {
            Side::Server
        } else {
            Side::Client
        };
        let (only_ours, only_theirs) = match older {
            Side::Client => (FieldChange::Added, FieldChange::Removed),
            Side::Server => (FieldChange::Removed, FieldChange::Added),
        };
        let difference = |field: &str, change| Difference {
            field: field.to_owned(),
            change,
        };
        let mut fields = Vec::new();
        if !known.fields.is_empty() {
            fields.extend(
                ours.iter()
                    .filter_map(|(key, digest)| match known.fields.get(*key) {
                        None => Some(difference(key, only_ours)),
                        Some(theirs) if theirs != digest => {
                            Some(difference(key, FieldChange::Changed))
                        }
                        Some(_) => None,
                    }),
            );
            let theirs = known.fields.keys().filter(|key| is_new(key));
            fields.extend(theirs.map(|key| difference(key, only_theirs)));
        }
        Some(Mismatch {
            schema: self.name().to_owned(),
            older,
            fields,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(crate::Presence)]
    #[presence(topic = "boards:{board}:cursors")]
    struct Cursor {
        x: f64,
        #[presence(max_chars = 8)]
        label: String,
    }

    const SCHEMA: &Schema = <Cursor as crate::Presence>::SCHEMA;

    /// What a client knows of the contract after some fields became others.
    fn known(change: impl FnOnce(&mut BTreeMap<String, String>)) -> Known {
        let digests = SCHEMA.digests().into_iter();
        let mut fields = digests.map(|(key, it)| (key.to_owned(), it)).collect();
        change(&mut fields);
        Known {
            fingerprint: "another".to_owned(),
            fields,
            version: None,
        }
    }

    fn verdict(known: &Known) -> (Side, Vec<(String, FieldChange)>) {
        let found = SCHEMA.mismatch(known).expect("they differ");
        assert_eq!(found.schema, "Cursor");
        let fields = found.fields.into_iter().map(|it| (it.field, it.change));
        (found.older, fields.collect())
    }

    fn one(field: &str, change: FieldChange) -> Vec<(String, FieldChange)> {
        vec![(field.to_owned(), change)]
    }

    #[test]
    fn the_same_contract_is_no_mismatch() {
        let fingerprint = SCHEMA.fingerprint();
        let same = Known {
            fingerprint,
            ..Known::default()
        };
        assert_eq!(SCHEMA.mismatch(&same), None);
    }

    #[test]
    fn whoever_lacks_a_field_is_older() {
        let without = known(|fields| drop(fields.remove("label")));
        let expected = (Side::Client, one("label", FieldChange::Added));
        assert_eq!(verdict(&without), expected);

        let with = known(|fields| drop(fields.insert("tool".to_owned(), "0".to_owned())));
        let expected = (Side::Server, one("tool", FieldChange::Added));
        assert_eq!(verdict(&with), expected);
    }

    #[derive(crate::Presence)]
    #[presence(topic = "counted:{board}:cursors", version = 3)]
    struct Counted {
        x: f64,
    }

    #[test]
    fn versions_say_who_is_older_whatever_the_fields_look_like() {
        let schema = <Counted as crate::Presence>::SCHEMA;
        let more = [("x", "0"), ("gone", "0")];
        let fields = more.map(|(key, it)| (key.to_owned(), it.to_owned()));
        let older = |version| {
            let known = Known {
                fingerprint: "another".to_owned(),
                version,
                fields: fields.clone().into(),
            };
            let found = schema.mismatch(&known).expect("they differ");
            (found.older, found.fields[1].change)
        };
        assert_eq!(older(Some(2)), (Side::Client, FieldChange::Removed));
        assert_eq!(older(Some(4)), (Side::Server, FieldChange::Added));
        // As if there were none.
        assert_eq!(older(Some(3)), (Side::Server, FieldChange::Added));
        assert_eq!(older(None), (Side::Server, FieldChange::Added));
    }

    #[test]
    fn a_field_that_changed_or_went_is_named() {
        let changed = known(|fields| drop(fields.insert("x".to_owned(), "0".to_owned())));
        let expected = (Side::Client, one("x", FieldChange::Changed));
        assert_eq!(verdict(&changed), expected);

        let renamed = known(|fields| {
            let digest = fields.remove("label").expect("it is there");
            fields.insert("name".to_owned(), digest);
        });
        let fields = [
            one("label", FieldChange::Added),
            one("name", FieldChange::Removed),
        ]
        .concat();
        assert_eq!(verdict(&renamed), (Side::Client, fields));
    }

    #[test]
    fn who_says_only_the_fingerprint_learns_that_it_is_another() {
        let fingerprint = "another".to_owned();
        let silent = Known {
            fingerprint,
            ..Known::default()
        };
        assert_eq!(verdict(&silent), (Side::Client, vec![]));
    }
}
