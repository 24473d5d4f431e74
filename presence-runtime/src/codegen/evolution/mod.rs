//! What became of the contracts since files were emitted, and whether older clients can live with it.
//!
//! Both sides are JSON Schemas of ours: what may be sent is compared by `X.schema.json`. A change
//! is breaking when an older client sends what is refused now, or is told what its types exclude. A
//! variant more is no break: it is what enums are for, and clients are told of it.

mod compare;
mod form;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::Error;
use crate::schema::Topics;
use compare::Comparison;

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

/// Compares the topic types with a schema file that was emitted earlier, or with a folder of them.
///
/// # Errors
/// When there are no such files, or they are no schemas.
pub fn diff(topics: &Topics, against: &Path) -> Result<Vec<Change>, Error> {
    topics.check()?;
    let older = read(against)?;
    let newer: BTreeMap<_, _> = topics
        .iter()
        .map(|it| (it.schema.name().to_owned(), it.json_schema()))
        .collect();
    let mut changes = Vec::new();
    for (name, older) in &older {
        match newer.get(name) {
            Some(newer) => changes.extend(Comparison::of(name, older, newer)),
            None => changes.push(whole(name, "is gone", true)),
        }
    }
    // A single file says nothing of the other types.
    if against.is_dir() {
        let added = newer.keys().filter(|name| !older.contains_key(*name));
        changes.extend(added.map(|name| whole(name, "is new", false)));
    }
    Ok(changes)
}

fn whole(schema: &str, what: &str, is_breaking: bool) -> Change {
    Change {
        schema: schema.to_owned(),
        place: String::new(),
        what: what.to_owned(),
        is_breaking,
    }
}

/// The schemas of topic types in a file or folder, by name.
fn read(path: &Path) -> Result<BTreeMap<String, Value>, Error> {
    let disk = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::Disk { path, source }
    };
    let mut paths = Vec::new();
    if path.is_dir() {
        for entry in std::fs::read_dir(path).map_err(disk(path))? {
            let path = entry.map_err(disk(path))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.ends_with(".schema.json") && !name.ends_with(".output.schema.json") {
                paths.push(path);
            }
        }
    } else {
        paths.push(path.to_owned());
    }
    let no_schema = |path: &Path| Error::NoSchema(path.to_owned());
    let mut found = BTreeMap::new();
    for path in &paths {
        let text = std::fs::read_to_string(path).map_err(disk(path))?;
        let schema: Value = serde_json::from_str(&text).map_err(|_| no_schema(path))?;
        let name = schema["title"].as_str().map(str::to_owned);
        match name.filter(|_| schema["x-presence"].is_object()) {
            Some(name) => drop(found.insert(name, schema)),
            None => return Err(no_schema(path)),
        }
    }
    if found.is_empty() {
        return Err(no_schema(path));
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
