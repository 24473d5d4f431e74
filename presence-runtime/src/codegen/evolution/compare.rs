//! Two schemas of one type, side by side.

use serde_json::{Map, Value};

use super::Change;
use super::form::{self, Form, Kind, properties, reference, requires};

/// Whether schemas say what clients send, or what they are told. An older client must not be
/// refused what it sends now, and must not be told what its types exclude.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// By older clients, to this program.
    Sent,
    /// By this program, to older clients. Bounds are no part of types, and clients do without
    /// knowing fields and variants that are more.
    Told {
        /// Whether the schemas say which fields are always there. Those of input do not.
        is_whole: bool,
    },
}

/// A comparison under way.
pub(super) struct Comparison<'a> {
    schema: &'a str,
    older: &'a Value,
    newer: &'a Value,
    direction: Direction,
    place: Vec<&'a str>,
    /// The named types around, by their names on both sides: recursive types end here.
    around: Vec<[&'a str; 2]>,
    changes: Vec<Change>,
}

impl<'a> Comparison<'a> {
    /// Everything that is another one now.
    pub(super) fn of(
        schema: &'a str,
        older: &'a Value,
        newer: &'a Value,
        direction: Direction,
    ) -> Vec<Change> {
        let title = |of: &'a Value| of["title"].as_str().unwrap_or_default();
        let mut comparison = Self {
            schema,
            older,
            newer,
            direction,
            place: Vec::new(),
            around: vec![[title(older), title(newer)]],
            changes: Vec::new(),
        };
        comparison.value(older, newer);
        comparison.changes
    }

    fn value(&mut self, older: &'a Value, newer: &'a Value) {
        let (old, new) = (form::of(older, self.older), form::of(newer, self.newer));
        match (old.is_nullable, new.is_nullable) {
            (true, false) => self.narrows("null is refused".to_owned()),
            (false, true) if !self.is_sent() => {
                self.breaks("may be null, which older clients do not expect".to_owned());
            }
            _ => {}
        }
        let names = [reference(older), reference(newer)];
        let [Some(old_name), Some(new_name)] = names else {
            return self.form(&old, &new);
        };
        if !self.around.contains(&[old_name, new_name]) {
            self.around.push([old_name, new_name]);
            self.form(&old, &new);
            self.around.pop();
        }
    }

    fn form(&mut self, old: &Form<'a>, new: &Form<'a>) {
        match (&old.kind, &new.kind) {
            (Kind::Integer, Kind::Number) => {
                self.fits("takes fractions".to_owned());
                self.range(old.schema, new.schema);
            }
            (Kind::Integer, Kind::Integer) | (Kind::Number, Kind::Number) => {
                self.range(old.schema, new.schema);
            }
            (Kind::Number, Kind::Integer) => self.narrows("takes no fractions".to_owned()),
            (Kind::Boolean, Kind::Boolean) | (Kind::Other, Kind::Other) => {}
            (Kind::String, Kind::String) => self.text(old.schema, new.schema),
            (Kind::List(old_item), Kind::List(new_item)) => {
                self.length(old.schema, new.schema, ["minItems", "maxItems"]);
                self.at("-", |it| it.value(old_item, new_item));
            }
            (Kind::Tuple(old), Kind::Tuple(new)) if old.len() == new.len() => {
                let mut before = None;
                for (old, new) in old.iter().zip(new) {
                    // The items of an array are all the same.
                    let pair = [std::ptr::from_ref(*old), std::ptr::from_ref(*new)];
                    if before.replace(pair) != Some(pair) {
                        self.at("-", |it| it.value(old, new));
                    }
                }
            }
            (Kind::Tuple(old), Kind::Tuple(new)) => {
                self.breaks(format!("has {} items, before {}", new.len(), old.len()));
            }
            (Kind::Map(old_item), Kind::Map(new_item)) => {
                let count = ["minProperties", "maxProperties"];
                self.length(old.schema, new.schema, count);
                self.text(&old.schema["propertyNames"], &new.schema["propertyNames"]);
                self.at("-", |it| it.value(old_item, new_item));
            }
            (Kind::Object, Kind::Object) => self.fields(old.schema, new.schema),
            (Kind::Variants(old_tag, _), Kind::Variants(new_tag, _)) if old_tag != new_tag => {
                let name =
                    |tag: &Option<&str>| tag.map_or("none".to_owned(), |it| format!("`{it}`"));
                let (old, new) = (name(old_tag), name(new_tag));
                self.breaks(format!("its tag is {new}, before {old}"));
            }
            (Kind::Variants(_, old), Kind::Variants(tag, new)) => {
                for (name, old) in old {
                    match new.get(name) {
                        None if !self.is_sent() => {}
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
            (Some(old), Some(new)) if tag.is_some() => self.fields(old, new),
            (Some(old), Some(new)) => {
                // The one key is the variant's own name.
                let content = |of| properties(of).values().next();
                if let (Some(old), Some(new)) = (content(old), content(new)) {
                    self.value(old, new);
                }
            }
            (None, Some(_)) => self.breaks("carries something, before nothing".to_owned()),
            (Some(_), None) => self.breaks("carries nothing, before something".to_owned()),
        }
    }

    fn fields(&mut self, old: &'a Value, new: &'a Value) {
        let (old_fields, new_fields) = (properties(old), properties(new));
        let is_tag = |field: &Value| field.get("const").is_some();
        for (key, field) in old_fields.iter().filter(|(_, it)| !is_tag(it)) {
            let was = requires(old, key);
            let Some(now) = new_fields.get(key) else {
                self.at(key, |it| it.gone(was));
                continue;
            };
            let is = requires(new, key);
            self.at(key, |it| {
                it.presence(was, is);
                if was == is {
                    it.default(field, now);
                }
                it.value(field, now);
            });
        }
        self.added(new, old_fields, new_fields);
    }

    /// A field that is there no longer.
    fn gone(&mut self, was_required: bool) {
        match self.direction {
            Direction::Sent => self.breaks("is gone; older clients still send it".to_owned()),
            Direction::Told { is_whole } if is_whole && was_required => {
                self.breaks("is gone; older clients expect it".to_owned());
            }
            Direction::Told { .. } => {}
        }
    }

    /// Whether a field has to be there.
    fn presence(&mut self, was: bool, is: bool) {
        match (self.direction, was, is) {
            (Direction::Sent, false, true) => self.breaks("has to be sent".to_owned()),
            (Direction::Sent, true, false) => self.fits("may be left out".to_owned()),
            (Direction::Told { is_whole: true }, true, false) => {
                self.breaks("may be missing, which older clients do not expect".to_owned());
            }
            _ => {}
        }
    }

    fn added(
        &mut self,
        new: &'a Value,
        old_fields: &'a Map<String, Value>,
        new_fields: &'a Map<String, Value>,
    ) {
        let added = new_fields
            .iter()
            .filter(|(key, _)| !old_fields.contains_key(*key));
        for (key, field) in added {
            let is_required = requires(new, key);
            let is_ours = field["readOnly"] == true;
            self.at(key, |it| match it.direction {
                Direction::Sent if is_required => {
                    it.breaks("is new and has to be sent".to_owned());
                }
                Direction::Sent => it.fits("is new and may be left out".to_owned()),
                Direction::Told { .. } if is_ours => {
                    it.push("is new and set by the server".to_owned(), false);
                }
                Direction::Told { .. } => {}
            });
        }
    }

    fn default(&mut self, old: &Value, new: &Value) {
        let (old, new) = (&old["default"], &new["default"]);
        let text = |of: &Value| match of {
            Value::Null => "nothing".to_owned(),
            of => of.to_string(),
        };
        if old != new {
            self.fits(format!("defaults to {}, before {}", text(new), text(old)));
        }
    }

    fn is_sent(&self) -> bool {
        self.direction == Direction::Sent
    }

    fn at(&mut self, key: &'a str, compare: impl FnOnce(&mut Self)) {
        self.place.push(key);
        compare(self);
        self.place.pop();
    }

    /// Older clients cannot live with it.
    pub(super) fn breaks(&mut self, what: String) {
        self.push(what, true);
    }

    /// What was sent can be sent still; of what is told it says nothing.
    pub(super) fn fits(&mut self, what: String) {
        if self.is_sent() {
            self.push(what, false);
        }
    }

    /// Not everything that was sent can be sent still; of what is told it says nothing.
    pub(super) fn narrows(&mut self, what: String) {
        if self.is_sent() {
            self.push(what, true);
        }
    }

    fn push(&mut self, what: String, is_breaking: bool) {
        self.changes.push(Change {
            schema: self.schema.to_owned(),
            place: self.place.iter().map(|key| format!("/{key}")).collect(),
            what,
            is_breaking,
        });
    }
}
