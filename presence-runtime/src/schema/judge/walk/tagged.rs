//! Enums on the walk: which variant it is, and what it carries.

use std::collections::HashSet;

use super::super::tree::Json;
use super::{Entries, Walk};
use crate::schema::{Content, Enum, Field, Rule, Shape, Tag, Variant, phrase};

impl Walk {
    pub(super) fn variants(&mut self, json: &Json, it: &Enum) {
        match (it.tag, json) {
            (Tag::External, _) => self.external(json, it),
            (Tag::Internal(tag), Json::Object(entries)) => self.internal(entries, tag, it),
            (Tag::Adjacent(tag, content), Json::Object(entries)) => {
                self.adjacent(entries, tag, content, it);
            }
            _ => self.report(Rule::Type, phrase::tagged(it), json),
        }
    }

    /// `"unit"` or `{"variant": content}`.
    fn external(&mut self, json: &Json, it: &Enum) {
        let name = match json {
            Json::String(name) => name,
            Json::Object(entries) => match entries.as_slice() {
                [(name, _), more @ ..] if more.iter().all(|(key, _)| key == name) => {
                    for (_, again) in more {
                        self.at(name, |walk| walk.duplicate(name, again));
                    }
                    name
                }
                _ => return self.report(Rule::Type, "one key, the variant", json),
            },
            _ => return self.report(Rule::Type, phrase::variants(it), json),
        };
        let Some(variant) = it.variants.iter().find(|variant| variant.key == name) else {
            return self.report(Rule::Variant, phrase::variants(it), json);
        };
        match (json, variant.content) {
            (Json::Object(entries), Content::Newtype(shape, rules)) => {
                self.at(name, |walk| walk.value(&entries[0].1, shape, &rules));
            }
            (Json::Object(entries), Content::Struct(fields)) => self.at(name, |walk| {
                walk.content(&entries[0].1, fields);
            }),
            (Json::Object(_), Content::Unit) => {
                self.report(Rule::Type, format!("the string \"{name}\""), json);
            }
            (_, Content::Unit) => {}
            _ => self.report(Rule::Type, format!("an object with the key `{name}`"), json),
        }
    }

    /// `{"tag": "variant", …content}`.
    fn internal(&mut self, entries: &Entries, tag: &str, it: &Enum) {
        let Some(variant) = self.tag(entries, tag, it) else {
            return;
        };
        match variant.content {
            Content::Unit => self.object(entries, Some(tag), &[]),
            Content::Struct(fields) => self.object(entries, Some(tag), fields),
            Content::Newtype(Shape::Struct(it), _) => self.object(entries, Some(tag), it.fields),
            Content::Newtype(shape, rules) => {
                let rest = entries.iter().filter(|(key, _)| key != tag);
                let rest = rest.map(|(key, value)| (key.clone(), value.clone()));
                self.value(&Json::Object(rest.collect()), shape, &rules);
            }
        }
    }

    /// `{"tag": "variant", "content": content}`.
    fn adjacent(&mut self, entries: &Entries, tag: &str, content: &str, it: &Enum) {
        let Some(variant) = self.tag(entries, tag, it) else {
            return;
        };
        let mut seen = HashSet::new();
        let has_content = !matches!(variant.content, Content::Unit);
        let known = if has_content {
            &[tag, content][..]
        } else {
            &[tag]
        };
        for (key, value) in entries.iter().filter(|(key, _)| key != tag) {
            if self.is_full() {
                return;
            }
            self.at(key, |walk| match variant.content {
                _ if !seen.insert(key.as_str()) => walk.duplicate(key, value),
                Content::Newtype(shape, rules) if key == content => {
                    walk.value(value, shape, &rules);
                }
                Content::Struct(fields) if key == content => walk.content(value, fields),
                _ => walk.unknown(key, known),
            });
        }
        if has_content && !seen.contains(content) {
            let expected = match variant.content {
                Content::Newtype(shape, rules) => phrase::value(shape, &rules),
                Content::Struct(_) | Content::Unit => "an object".to_owned(),
            };
            self.missing(content, expected);
        }
    }

    fn content(&mut self, json: &Json, fields: &[Field]) {
        match json {
            Json::Object(entries) => self.object(entries, None, fields),
            Json::TooDeep => {}
            _ => self.report(Rule::Type, "an object", json),
        }
    }

    /// The variant an object's tag names, when it names one.
    fn tag<'a>(&mut self, entries: &Entries, tag: &str, it: &'a Enum) -> Option<&'a Variant> {
        let mut tags = entries.iter().filter(|(key, _)| key == tag);
        let Some((_, first)) = tags.next() else {
            self.missing(tag, phrase::variants(it));
            return None;
        };
        for (_, again) in tags {
            self.at(tag, |walk| walk.duplicate(tag, again));
        }
        let Json::String(name) = first else {
            self.at(tag, |walk| {
                walk.report(Rule::Type, phrase::variants(it), first)
            });
            return None;
        };
        let variant = it.variants.iter().find(|variant| variant.key == name);
        if variant.is_none() {
            self.at(tag, |walk| {
                walk.report(Rule::Variant, phrase::variants(it), first)
            });
        }
        variant
    }
}
