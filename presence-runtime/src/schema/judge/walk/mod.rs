//! The walk over a payload, beside the shape it should have.

mod tagged;

use std::cmp::Ordering;
use std::collections::HashSet;
use std::fmt::Display;

use super::tree::{Json, Path, Tree, number_text};
use super::{cut, nearest};
use crate::schema::strict::{self, NO_KEY, is_control};
use crate::schema::{Check, Field, Invalid, Need, Rule, Rules, Shape, Violation, phrase};

/// A walk that collects violations until there are [`Invalid::MOST`].
pub(super) struct Walk {
    path: Path,
    violations: Vec<Violation>,
    side: Side,
    /// Whether parts were too deep to be read.
    has_depth: bool,
}

/// Whether a value comes from a client or from the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Input,
    Output,
}

/// What a `char` asks for.
const ONE_CHARACTER: Rules = Rules {
    min_chars: Some(1),
    max_chars: Some(1),
    ..Rules::NONE
};

/// The keys and values of an object.
type Entries = [(String, Json)];

impl Walk {
    /// Everything that is wrong with the tree.
    pub(super) fn over(shape: &Shape, tree: &Tree, side: Side) -> Vec<Violation> {
        let mut walk = Self::new(tree, side);
        walk.value(&tree.root, shape, &Rules::NONE);
        walk.violations
    }

    /// Everything that is wrong with the value of a field.
    pub(super) fn over_field(it: &Field, tree: &Tree, side: Side) -> Vec<Violation> {
        let mut walk = Self::new(tree, side);
        walk.checked(&tree.root, it.shape, &it.rules, it.check);
        walk.violations
    }

    fn new(tree: &Tree, side: Side) -> Self {
        Self {
            path: Path::default(),
            violations: tree.too_deep.iter().map(|path| too_deep(path)).collect(),
            side,
            has_depth: !tree.too_deep.is_empty(),
        }
    }

    fn value(&mut self, json: &Json, shape: &Shape, rules: &Rules) {
        match (shape, json) {
            // Reported where it was read.
            (_, Json::TooDeep)
            | (Shape::Any, _)
            | (Shape::Bool, Json::Bool(_))
            | (Shape::Option(_), Json::Null) => {}
            (Shape::Option(inner), _) => self.value_or_null(json, inner, rules),
            (Shape::Integer { min, max }, Json::Number(number)) => {
                let bounds = rules.integers(*min, *max);
                self.integer(number, bounds, &phrase::value(shape, rules));
            }
            (Shape::F32, Json::Number(number)) => self.f32(number, rules),
            (Shape::F64, Json::Number(number)) => self.f64(number, rules),
            (Shape::String, Json::String(text)) => self.string(json, text, rules),
            (Shape::Char, Json::String(text)) => self.string(json, text, &ONE_CHARACTER),
            (Shape::List(inner), Json::Array(items)) => {
                self.at_most(json, items.len(), rules);
                self.items(items, rules, |_| Some(inner));
            }
            (Shape::Array(inner, length), Json::Array(items)) => {
                self.exactly(json, items.len(), *length);
                self.items(items, rules, |i| (i < *length).then_some(*inner));
            }
            (Shape::Tuple(members), Json::Array(items)) => {
                self.exactly(json, items.len(), members.len());
                self.items(items, rules, |i| members.get(i).copied());
            }
            (Shape::Map(inner), Json::Object(entries)) => {
                self.at_most(json, entries.len(), rules);
                self.map(entries, inner, rules);
            }
            (Shape::Newtype(it), _) => self.checked(json, it.shape, &it.rules, it.check),
            (Shape::Again(it), _) => self.value(json, (it.shape)(), &Rules::NONE),
            (Shape::Struct(it), Json::Object(entries)) => self.object(entries, None, it.fields),
            (Shape::Enum(it), _) => self.variants(json, it),
            _ => self.report(Rule::Type, phrase::value(shape, rules), json),
        }
    }

    /// An `Option` that is not null. Its mistakes of type say that null is welcome too.
    fn value_or_null(&mut self, json: &Json, inner: &Shape, rules: &Rules) {
        let before = self.violations.len();
        self.value(json, inner, rules);
        if let Some(first) = self.violations.get_mut(before)
            && first.rule == Rule::Type
            && first.path == self.path.as_str()
            && !first.expected.ends_with(" or null")
        {
            first.expected.push_str(" or null");
        }
    }

    fn integer(&mut self, number: &serde_json::Number, (min, max): (i64, i64), asked: &str) {
        let rule = if let Some(integer) = number.as_i64() {
            if integer < min {
                Rule::Min
            } else if integer > max {
                Rule::Max
            } else {
                return;
            }
        } else {
            let float = number.as_f64().expect("every JSON number has an f64");
            if float.fract() != 0.0 {
                Rule::Type
            } else if float < min as f64 {
                Rule::Min
            } else if float > max as f64 {
                Rule::Max
            } else {
                return;
            }
        };
        self.report(rule, asked, &number_text(number));
    }

    fn f32(&mut self, number: &serde_json::Number, rules: &Rules) {
        let float = number.as_f64().expect("every JSON number has an f64");
        if float.abs() > strict::F32_MAX {
            let (rule, expected) = if float > 0.0 {
                (Rule::Max, "a 32-bit float, at most 3.4028235e38")
            } else {
                (Rule::Min, "a 32-bit float, at least -3.4028235e38")
            };
            return self.report(rule, expected, &number_text(number));
        }
        self.f64(number, rules);
    }

    fn f64(&mut self, number: &serde_json::Number, rules: &Rules) {
        let float = number.as_f64().expect("every JSON number has an f64");
        let rule = if rules.min.is_some_and(|min| float < min) {
            Rule::Min
        } else if rules.max.is_some_and(|max| float > max) {
            Rule::Max
        } else {
            return;
        };
        self.report(
            rule,
            phrase::value(&Shape::F64, rules),
            &number_text(number),
        );
    }

    fn string(&mut self, json: &Json, text: &str, rules: &Rules) {
        let count = text.chars().count();
        if let Some(min) = rules.min_chars.filter(|min| count < *min) {
            let found = format!("{}: {json}", phrase::characters(count));
            self.report(
                Rule::MinChars,
                format!("at least {}", phrase::characters(min)),
                &found,
            );
        }
        if let Some(max) = rules.max_chars.filter(|max| count > *max) {
            let found = format!("{}: {json}", phrase::characters(count));
            self.report(
                Rule::MaxChars,
                format!("at most {}", phrase::characters(max)),
                &found,
            );
        }
        if let Some(control) = text.chars().find(|c| is_control(*c)) {
            self.report(
                Rule::Control,
                "no control characters but tab, line feed and carriage return",
                &format!("U+{:04X} in {json}", u32::from(control)),
            );
        }
        if let Some(pattern) = rules.pattern.filter(|it| !(it.matches)(text)) {
            self.report(
                Rule::Pattern,
                format!("a string that matches {}", pattern.source),
                json,
            );
        }
    }

    fn at_most(&mut self, json: &Json, count: usize, rules: &Rules) {
        if let Some(max) = rules.max_items.filter(|max| count > *max) {
            self.report(
                Rule::MaxItems,
                format!("at most {}", phrase::items(max)),
                &format!("{}: {json}", phrase::items(count)),
            );
        }
    }

    fn exactly(&mut self, json: &Json, count: usize, length: usize) {
        let rule = match count.cmp(&length) {
            Ordering::Less => Rule::MinItems,
            Ordering::Equal => return,
            Ordering::Greater => Rule::MaxItems,
        };
        self.report(
            rule,
            phrase::items(length),
            &format!("{}: {json}", phrase::items(count)),
        );
    }

    fn items<'s>(
        &mut self,
        items: &[Json],
        rules: &Rules,
        shape: impl Fn(usize) -> Option<&'s Shape>,
    ) {
        for (i, item) in items.iter().enumerate() {
            if self.is_full() {
                return;
            }
            if let Some(shape) = shape(i) {
                self.at(i, |walk| walk.value(item, shape, rules));
            }
        }
    }

    fn map(&mut self, entries: &Entries, inner: &Shape, rules: &Rules) {
        let mut seen = HashSet::new();
        for (key, value) in entries {
            if self.is_full() {
                return;
            }
            self.at(key, |walk| {
                if !seen.insert(key.as_str()) {
                    return walk.duplicate(key, value);
                }
                if key == NO_KEY {
                    let found = format!("the key `{key}`");
                    return walk.report(Rule::Unknown, "another key", &found);
                }
                walk.string(&Json::String(key.clone()), key, rules);
                walk.value(value, inner, rules);
            });
        }
    }

    /// A value that the code of its type has to take, too.
    fn checked(&mut self, json: &Json, shape: &Shape, rules: &Rules, check: Option<Check>) {
        let before = self.violations.len();
        let had_depth = self.has_depth;
        self.value(json, shape, rules);
        let Some(check) = check.filter(|_| self.violations.len() == before && !had_depth) else {
            return;
        };
        if let Err(expected) = (check.judge)(&json.to_string()) {
            self.report(Rule::Validate, expected, json);
        }
    }

    /// The entries of an object beside the fields it should have; an enum's tag is no field.
    fn object(&mut self, entries: &Entries, tag: Option<&str>, fields: &[Field]) {
        let mut ordered: Vec<_> = fields.iter().collect();
        ordered.sort_by_key(|field| phrase::rank(field.key));
        let known = ordered
            .iter()
            .filter(|field| field.server.is_none() || self.side == Side::Output);
        let known: Vec<_> = known.map(|field| field.key).collect();
        let mut seen = HashSet::new();
        for (key, value) in entries.iter().filter(|(key, _)| Some(key.as_str()) != tag) {
            if self.is_full() {
                return;
            }
            let field = fields.iter().find(|field| field.key == key);
            self.at(key, |walk| match field {
                _ if !seen.insert(key.as_str()) => walk.duplicate(key, value),
                Some(Field {
                    server: Some(_), ..
                }) if walk.side == Side::Input => walk.stamped(value),
                Some(it) => walk.checked(value, it.shape, &it.rules, it.check),
                None => walk.unknown(key, &known),
            });
        }
        for field in ordered {
            let is_ours = field.server.is_some() && self.side == Side::Input;
            if matches!(field.need, Need::Required) && !is_ours && !seen.contains(field.key) {
                self.missing(field.key, phrase::value(field.shape, &field.rules));
            }
        }
    }

    fn duplicate(&mut self, key: &str, again: &Json) {
        self.report(
            Rule::Duplicate,
            format!("the key `{}` once", cut(key.chars())),
            again,
        );
    }

    fn stamped(&mut self, value: &Json) {
        self.report(Rule::Server, "nothing: the server sets this field", value);
    }

    fn unknown(&mut self, key: &str, known: &[&str]) {
        let expected = match nearest::to(key, known) {
            Some(meant) => format!("the key `{meant}`"),
            None => phrase::keys(known),
        };
        self.report(Rule::Unknown, expected, &format!("the key `{key}`"));
    }

    fn missing(&mut self, key: &str, expected: String) {
        self.at(key, |walk| {
            walk.report(Rule::Required, expected, &"nothing")
        });
    }

    fn at(&mut self, key: impl Display, look: impl FnOnce(&mut Self)) {
        let mark = self.path.step(key);
        look(self);
        self.path.back(mark);
    }

    fn report(&mut self, rule: Rule, expected: impl Into<String>, found: &dyn Display) {
        if !self.is_full() {
            self.violations.push(Violation {
                path: self.path.as_str().to_owned(),
                rule,
                expected: expected.into(),
                found: cut(found.to_string().chars()),
            });
        }
    }

    fn is_full(&self) -> bool {
        self.violations.len() >= Invalid::MOST
    }
}

fn too_deep(path: &str) -> Violation {
    Violation {
        path: path.to_owned(),
        rule: Rule::Depth,
        expected: "at most 16 objects and arrays inside each other".to_owned(),
        found: "one more".to_owned(),
    }
}
