//! Two schemas of one topic type, side by side.

use serde_json::{Map, Value};

use super::Change;
use super::form::{self, Form, Kind, properties, requires};

/// Deeper than any value; recursive types end here.
const MAX_DEPTH: usize = 16;

/// A comparison under way.
pub(super) struct Comparison<'a> {
    schema: &'a str,
    older: &'a Value,
    newer: &'a Value,
    place: Vec<&'a str>,
    changes: Vec<Change>,
}

impl<'a> Comparison<'a> {
    /// Everything that is another one now.
    pub(super) fn of(schema: &'a str, older: &'a Value, newer: &'a Value) -> Vec<Change> {
        let mut comparison = Self {
            schema,
            older,
            newer,
            place: Vec::new(),
            changes: Vec::new(),
        };
        comparison.topic();
        comparison.value(older, newer);
        comparison.changes
    }

    /// Where the topics are and how they behave.
    fn topic(&mut self) {
        let (older, newer) = (&self.older["x-presence"], &self.newer["x-presence"]);
        if older["pattern"] != newer["pattern"] {
            let (old, new) = (&older["pattern"], &newer["pattern"]);
            self.breaks(format!("its topics are {new}, before {old}"));
        }
        let figures = [
            "ttlMs",
            "maxTtlMs",
            "graceMs",
            "throttleMs",
            "maxBytes",
            "maxMembers",
        ];
        for figure in figures {
            let (old, new) = (&older[figure], &newer[figure]);
            if old != new {
                let is_breaking = figure == "maxBytes" && new.as_u64() < old.as_u64();
                self.tell(format!("{figure} is {new}, before {old}"), is_breaking);
            }
        }
        let none = Map::new();
        let decays = |of: &'a Value| of["decays"].as_object();
        let (old, new) = (decays(older), decays(newer));
        let (old, new) = (old.unwrap_or(&none), new.unwrap_or(&none));
        for (key, ms) in new {
            match old.get(key) {
                Some(before) if before == ms => {}
                Some(before) => self.fits(format!("`{key}` decays after {ms} ms, before {before}")),
                None => self.fits(format!("`{key}` decays after {ms} ms")),
            }
        }
        for key in old.keys().filter(|key| !new.contains_key(*key)) {
            self.fits(format!("`{key}` decays no longer"));
        }
    }

    fn value(&mut self, older: &'a Value, newer: &'a Value) {
        if self.place.len() >= MAX_DEPTH {
            return;
        }
        let (old, new) = (form::of(older, self.older), form::of(newer, self.newer));
        match (old.is_nullable, new.is_nullable) {
            (true, false) => self.breaks("null is refused".to_owned()),
            (false, true) => {
                self.breaks("may be null, which older clients do not expect".to_owned())
            }
            _ => {}
        }
        match (&old.kind, &new.kind) {
            (Kind::Integer, Kind::Number) => {
                self.fits("takes fractions".to_owned());
                self.range(&old, &new);
            }
            (Kind::Integer, Kind::Integer) | (Kind::Number, Kind::Number) => self.range(&old, &new),
            (Kind::Number, Kind::Integer) => self.breaks("takes no fractions".to_owned()),
            (Kind::Boolean, Kind::Boolean) | (Kind::Other, Kind::Other) => {}
            (Kind::String, Kind::String) => self.text(old.schema, new.schema),
            (Kind::List(old_item), Kind::List(new_item)) => {
                self.length(&old, &new, ["minItems", "maxItems"]);
                self.at("-", |it| it.value(old_item, new_item));
            }
            (Kind::Tuple(old), Kind::Tuple(new)) if old.len() == new.len() => {
                for (old, new) in old.iter().zip(*new) {
                    self.at("-", |it| it.value(old, new));
                }
            }
            (Kind::Tuple(old), Kind::Tuple(new)) => {
                self.breaks(format!("has {} items, before {}", new.len(), old.len()));
            }
            (Kind::Map(old_item), Kind::Map(new_item)) => {
                self.length(&old, &new, ["minProperties", "maxProperties"]);
                self.text(&old.schema["propertyNames"], &new.schema["propertyNames"]);
                self.at("-", |it| it.value(old_item, new_item));
            }
            (Kind::Object(old_fields), Kind::Object(new_fields)) => {
                self.fields(&old, &new, old_fields, new_fields);
            }
            (Kind::Variants(old_tag, _), Kind::Variants(new_tag, _)) if old_tag != new_tag => {
                let name =
                    |tag: &Option<&str>| tag.map_or("none".to_owned(), |it| format!("`{it}`"));
                let (old, new) = (name(old_tag), name(new_tag));
                self.breaks(format!("its tag is {new}, before {old}"));
            }
            (Kind::Variants(_, old), Kind::Variants(tag, new)) => {
                for (name, old) in old {
                    match new.get(name) {
                        None => self.at(name, |it| it.breaks("is gone".to_owned())),
                        Some(new) => self.at(name, |it| it.variant(*tag, *old, *new)),
                    }
                }
                for name in new.keys().filter(|name| !old.contains_key(*name)) {
                    self.at(name, |it| {
                        it.fits("is new; older clients do not know this variant".to_owned());
                    });
                }
            }
            (old, new) => self.breaks(format!("is {}, before {}", new.name(), old.name())),
        }
    }

    fn variant(&mut self, tag: Option<&str>, old: Option<&'a Value>, new: Option<&'a Value>) {
        match (old, new) {
            (None, None) => {}
            (Some(old), Some(new)) => {
                let (old_fields, new_fields) = (properties(old), properties(new));
                let form = |schema, fields| Form {
                    is_nullable: false,
                    kind: Kind::Object(fields),
                    schema,
                };
                let (old, new) = (form(old, old_fields), form(new, new_fields));
                if tag.is_some() {
                    return self.fields(&old, &new, old_fields, new_fields);
                }
                // The one key is the variant's own name.
                if let (Some(old), Some(new)) =
                    (old_fields.values().next(), new_fields.values().next())
                {
                    self.value(old, new);
                }
            }
            (None, Some(_)) => self.breaks("carries something, before nothing".to_owned()),
            (Some(_), None) => self.breaks("carries nothing, before something".to_owned()),
        }
    }

    fn fields(
        &mut self,
        old: &Form<'a>,
        new: &Form<'a>,
        old_fields: &'a Map<String, Value>,
        new_fields: &'a Map<String, Value>,
    ) {
        for (key, field) in old_fields
            .iter()
            .filter(|(_, it)| it.get("const").is_none())
        {
            let Some(now) = new_fields.get(key) else {
                self.at(key, |it| {
                    it.breaks("is gone; older clients still send it".to_owned())
                });
                continue;
            };
            let required = |schema| requires(schema, key);
            let was = required(old.schema);
            let is = required(new.schema);
            self.at(key, |it| {
                match (was, is) {
                    (false, true) => it.breaks("has to be sent".to_owned()),
                    (true, false) => it.fits("may be left out".to_owned()),
                    _ => it.default(field, now),
                }
                it.value(field, now);
            });
        }
        let added = new_fields
            .keys()
            .filter(|key| !old_fields.contains_key(*key));
        for key in added {
            let is_required = requires(new.schema, key);
            self.at(key, |it| match is_required {
                true => it.breaks("is new and has to be sent".to_owned()),
                false => it.fits("is new and may be left out".to_owned()),
            });
        }
    }

    fn default(&mut self, old: &Value, new: &Value) {
        let (old, new) = (&old["default"], &new["default"]);
        if old != new {
            self.fits(format!("defaults to {new}, before {old}"));
        }
    }

    fn range(&mut self, old: &Form<'_>, new: &Form<'_>) {
        self.bound(old.schema, new.schema, "minimum", "at least", false);
        self.bound(old.schema, new.schema, "maximum", "at most", true);
    }

    fn length(&mut self, old: &Form<'_>, new: &Form<'_>, [min, max]: [&str; 2]) {
        self.bound(
            old.schema,
            new.schema,
            min,
            "at least so many items:",
            false,
        );
        self.bound(old.schema, new.schema, max, "at most so many items:", true);
    }

    fn text(&mut self, old: &Value, new: &Value) {
        self.bound(old, new, "minLength", "at least so many characters:", false);
        self.bound(old, new, "maxLength", "at most so many characters:", true);
        let pattern = |of: &Value| of["allOf"][0]["pattern"].as_str().map(str::to_owned);
        match (pattern(old), pattern(new)) {
            (None, None) => {}
            (old, new) if old == new => {}
            (Some(old), None) => self.fits(format!("need not match {old} any longer")),
            (None, Some(new)) => self.breaks(format!("has to match {new}")),
            (Some(old), Some(new)) => self.breaks(format!("has to match {new}, before {old}")),
        }
    }

    /// A bound on one side, which is no bound where it is absent.
    fn bound(&mut self, old: &Value, new: &Value, key: &str, name: &str, is_upper: bool) {
        let (old, new) = (old.get(key), new.get(key));
        if old == new {
            return;
        }
        let number = |bound: Option<&Value>| bound.and_then(Value::as_f64);
        let is_narrower = match (number(old), number(new)) {
            (Some(old), Some(new)) if is_upper => new < old,
            (Some(old), Some(new)) => new > old,
            (before, _) => before.is_none(),
        };
        let text = |bound: Option<&Value>| bound.map_or("no bound".to_owned(), Value::to_string);
        self.tell(
            format!("{name} {}, before {}", text(new), text(old)),
            is_narrower,
        );
    }

    fn at(&mut self, key: &'a str, compare: impl FnOnce(&mut Self)) {
        self.place.push(key);
        compare(self);
        self.place.pop();
    }

    fn breaks(&mut self, what: String) {
        self.tell(what, true);
    }

    fn fits(&mut self, what: String) {
        self.tell(what, false);
    }

    fn tell(&mut self, what: String, is_breaking: bool) {
        self.changes.push(Change {
            schema: self.schema.to_owned(),
            place: self.place.iter().map(|key| format!("/{key}")).collect(),
            what,
            is_breaking,
        });
    }
}
