//! Where the topics of a type are and how they behave, side by side.

use serde_json::{Map, Value};

/// What became of it: in words, and whether older clients cannot live with it.
pub(super) fn changes(older: &Value, newer: &Value) -> Vec<(String, bool)> {
    let mut changes = Vec::new();
    pattern(&older["pattern"], &newer["pattern"], &mut changes);
    version(&older["version"], &newer["version"], &mut changes);
    figures(older, newer, &mut changes);
    decays(&older["decays"], &newer["decays"], &mut changes);
    changes
}

/// Whether every topic of the older pattern is one of the newer pattern.
pub(super) fn covers(newer: &Value, older: &Value) -> bool {
    let segments = |of: &Value| -> Vec<String> {
        let text = of.as_str().unwrap_or_default();
        text.split(':').map(str::to_owned).collect()
    };
    let (older, newer) = (segments(older), segments(newer));
    older.len() == newer.len()
        && newer
            .iter()
            .zip(&older)
            .all(|(new, old)| new.starts_with('{') || new == old)
}

fn pattern(old: &Value, new: &Value, changes: &mut Vec<(String, bool)>) {
    if old != new {
        let is_breaking = !covers(new, old);
        changes.push((format!("its topics are {new}, before {old}"), is_breaking));
    }
}

fn version(old: &Value, new: &Value, changes: &mut Vec<(String, bool)>) {
    match (old.as_u64(), new.as_u64()) {
        (Some(old), Some(new)) if new < old => {
            let what = format!("its version is {new}, before {old}: older clients seem newer");
            changes.push((what, true));
        }
        (old, new) if old == new => {}
        (_, Some(new)) => changes.push((format!("its version is {new}"), false)),
        (_, None) => changes.push(("it has no version any longer".to_owned(), false)),
    }
}

fn figures(older: &Value, newer: &Value, changes: &mut Vec<(String, bool)>) {
    // Nobody is refused who would have been taken, but for these two when they fall.
    for (figure, is_limit) in [
        ("ttlMs", false),
        ("maxTtlMs", true),
        ("graceMs", false),
        ("throttleMs", false),
        ("maxBytes", true),
        ("maxMembers", false),
    ] {
        let (old, new) = (&older[figure], &newer[figure]);
        if old != new {
            let is_breaking = is_limit && new.as_u64() < old.as_u64();
            changes.push((format!("{figure} is {new}, before {old}"), is_breaking));
        }
    }
}

fn decays(old: &Value, new: &Value, changes: &mut Vec<(String, bool)>) {
    let none = Map::new();
    let (old, new) = (old.as_object(), new.as_object());
    let (old, new) = (old.unwrap_or(&none), new.unwrap_or(&none));
    for (key, ms) in new {
        let what = match old.get(key) {
            Some(before) if before == ms => continue,
            Some(before) => format!("`{key}` decays after {ms} ms, before {before}"),
            None => format!("`{key}` decays after {ms} ms"),
        };
        changes.push((what, false));
    }
    for key in old.keys().filter(|key| !new.contains_key(*key)) {
        changes.push((format!("`{key}` decays no longer"), false));
    }
}
