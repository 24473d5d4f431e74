//! What became of the contracts since files were emitted, and whether older clients can live with it.
//!
//! Both sides are JSON Schemas of ours: what may be sent is compared by `X.schema.json`, what is
//! received by `X.output.schema.json`, where that stands beside. A change is breaking when an older
//! client sends what is refused now, or is told what its types exclude. Types have no bounds, and
//! clients take no offence at fields they do not know. A variant more is no break either: it is what
//! enums are for. What the code of a type judges, no schema tells, so that changes unseen.

mod bounds;
mod compare;
mod form;
mod topic;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::Error;
use crate::schema::{Registered, Topics};
use compare::{Comparison, Direction};

/// One thing that is another one now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The name of the topic type.
    pub schema: String,
    /// Which field or variant, keys with slashes before them; empty for the type itself.
    pub place: String,
    /// What became of it.
    pub what: String,
    /// Whether older clients cannot live with it.
    pub is_breaking: bool,
}

/// Both schemas of a topic type.
#[derive(Debug)]
struct Contract {
    input: Value,
    /// Nothing where only the other file is there.
    output: Option<Value>,
}

/// Compares the topic types with a schema file that was emitted earlier, or with a folder of them.
///
/// # Errors
/// When there are no such files, or they are no schemas.
pub fn diff(topics: &Topics, against: &Path) -> Result<Vec<Change>, Error> {
    topics.check()?;
    let older = read(against)?;
    let mut newer: BTreeMap<_, _> = topics.iter().map(current).collect();
    let mut changes = Vec::new();
    for (name, older_contract) in &older {
        let called = if newer.contains_key(name) {
            Some(name.clone())
        } else {
            renamed(older_contract, &newer, &older)
        };
        match called.and_then(|it| newer.remove_entry(&it)) {
            None => changes.push(whole(name, "is gone".to_owned(), true)),
            Some((called, contract)) => {
                if called != *name {
                    // Topics are found by their patterns, whatever their type is called.
                    changes.push(whole(name, format!("is called `{called}` now"), false));
                }
                changes.extend(between(name, older_contract, &contract));
            }
        }
    }
    // A single file says nothing of the other types.
    if against.is_dir() {
        let added = newer.keys();
        changes.extend(added.map(|name| whole(name, "is new".to_owned(), false)));
    }
    Ok(changes)
}

fn current(topic: &Registered) -> (String, Contract) {
    let contract = Contract {
        input: topic.json_schema(),
        output: Some(topic.schema.output_schema()),
    };
    (topic.schema.name().to_owned(), contract)
}

/// The name of a new type that has the topics of one that is gone.
fn renamed(
    gone: &Contract,
    newer: &BTreeMap<String, Contract>,
    older: &BTreeMap<String, Contract>,
) -> Option<String> {
    let pattern = |of: &Contract| of.input["x-presence"]["pattern"].clone();
    let has_its_topics = |(name, it): &(&String, &Contract)| {
        !older.contains_key(*name) && topic::covers(&pattern(it), &pattern(gone))
    };
    newer
        .iter()
        .find(has_its_topics)
        .map(|(name, _)| name.clone())
}

/// What became of one type.
fn between(name: &str, older: &Contract, newer: &Contract) -> Vec<Change> {
    let presence = |of: &Contract| of.input["x-presence"].clone();
    let topic = topic::changes(&presence(older), &presence(newer)).into_iter();
    let mut changes: Vec<_> = topic
        .map(|(what, is_breaking)| whole(name, what, is_breaking))
        .collect();
    let sent = Comparison::of(name, &older.input, &newer.input, Direction::Sent);
    let told = match (&older.output, &newer.output) {
        (Some(older), Some(newer)) => {
            Comparison::of(name, older, newer, Direction::Told { is_whole: true })
        }
        _ => {
            let direction = Direction::Told { is_whole: false };
            Comparison::of(name, &older.input, &newer.input, direction)
        }
    };
    // Once is enough to break a place.
    let is_said = |it: &Change| {
        let mut others = sent.iter().filter(|other| other.place == it.place);
        it.is_breaking && others.any(|other| other.is_breaking)
    };
    let told: Vec<_> = told.into_iter().filter(|it| !is_said(it)).collect();
    changes.extend(sent);
    changes.extend(told);
    if changes.is_empty() && presence(older)["fingerprint"] != presence(newer)["fingerprint"] {
        let what = "means something else, in what its schemas do not say";
        changes.push(whole(name, what.to_owned(), false));
    }
    changes
}

fn whole(schema: &str, what: String, is_breaking: bool) -> Change {
    Change {
        schema: schema.to_owned(),
        place: String::new(),
        what,
        is_breaking,
    }
}

/// The contracts of topic types in a file or folder, by name.
fn read(path: &Path) -> Result<BTreeMap<String, Contract>, Error> {
    let mut paths = Vec::new();
    if path.is_dir() {
        for entry in std::fs::read_dir(path).map_err(disk(path))? {
            let path = entry.map_err(disk(path))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.ends_with(INPUT) && !name.ends_with(OUTPUT) {
                paths.push(path);
            }
        }
    } else {
        paths.push(path.to_owned());
    }
    let mut found = BTreeMap::new();
    for path in &paths {
        let input = schema(path)?;
        let name = input["title"].as_str().map(str::to_owned);
        let name = name.filter(|_| input["x-presence"].is_object());
        let name = name.ok_or_else(|| Error::NoSchema(path.clone()))?;
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        let beside = file.strip_suffix(INPUT).map(|it| format!("{it}{OUTPUT}"));
        let beside = beside.map(|it| path.with_file_name(it));
        let output = match beside.filter(|it| it.is_file()) {
            Some(beside) => {
                let output = schema(&beside)?;
                if output["title"] != input["title"] {
                    return Err(Error::NoSchema(beside));
                }
                Some(output)
            }
            None => None,
        };
        found.insert(name, Contract { input, output });
    }
    if found.is_empty() {
        return Err(Error::NoSchema(path.to_owned()));
    }
    Ok(found)
}

const INPUT: &str = ".schema.json";
const OUTPUT: &str = ".output.schema.json";

fn schema(path: &Path) -> Result<Value, Error> {
    let text = std::fs::read_to_string(path).map_err(disk(path))?;
    serde_json::from_str(&text).map_err(|_| Error::NoSchema(path.to_owned()))
}

fn disk(path: &Path) -> impl Fn(std::io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Disk {
        path: path.clone(),
        source,
    }
}

#[cfg(test)]
mod property;
#[cfg(test)]
mod tests;
