//! Payloads for a shape: most of them valid, many nearly, some hostile.

use presence_runtime::schema::{Content, Enum, Field, Need, Rules, Schema, Shape, Tag};

use crate::dice::Dice;
use crate::said::said;

/// A payload for a type.
pub fn payload(schema: &Schema, dice: &mut Dice) -> String {
    let mistakes = *dice.pick(&[0, 0, 1, 1, 2, 4, 8]);
    let mut maker = Maker {
        dice,
        mistakes,
        depth: 0,
    };
    let text = maker.value(schema.shape(), &Rules::NONE);
    if maker.dice.one_in(25) {
        maker.broken(&text)
    } else {
        text
    }
}

/// What stands in the place of something else.
const OTHERS: [&str; 24] = [
    "null",
    "true",
    "false",
    "0",
    "-1",
    "1.5",
    "1e2",
    "-0",
    "1e21",
    "123456789012345680000",
    "5e-324",
    "1e400",
    "\"\"",
    "\"pen\"",
    "\"__proto__\"",
    "[]",
    "{}",
    "[[]]",
    "[null]",
    "{\"x\":1}",
    "{\"__proto__\":{}}",
    "\"\\ud800\"",
    "{\"toJSON\":1}",
    "{\"length\":0}",
];

/// What makes JSON something else when it is put anywhere into it.
const JUNK: [&str; 14] = [
    "", "", ",", "\"", "}", "]", "[", "NaN", "1e999", "\u{0}", "\\", " ", "\u{feff}", "//",
];

/// Keys that nobody declared, and some that every JavaScript object has.
const KEYS: [&str; 8] = [
    "zz",
    "__proto__",
    "constructor",
    "toString",
    "hasOwnProperty",
    "",
    "a/b~c",
    "\u{1f600}",
];

/// Characters of one to four bytes, as they are and escaped.
const PLAIN: [&str; 14] = [
    "a",
    "b",
    "Z",
    "0",
    "7",
    "-",
    "_",
    " ",
    "ä",
    "😀",
    "\\n",
    "\\u0041",
    "\\ud83d\\ude00",
    "/",
];

/// Characters that need escapes, or are refused.
const HOSTILE: [&str; 12] = [
    "\\u0000", "\\u001f", "\u{7f}", "\\ud800", "\\udc00", "\\b", "\u{80}", "\\\"", "\\\\", "\\t",
    "\u{2028}", "\n",
];

struct Maker<'a> {
    dice: &'a mut Dice,
    /// Of a hundred places, how many are made wrong.
    mistakes: usize,
    depth: usize,
}

impl Maker<'_> {
    fn errs(&mut self) -> bool {
        self.dice.below(100) < self.mistakes
    }

    fn value(&mut self, shape: &Shape, rules: &Rules) -> String {
        if self.errs() {
            return self.other();
        }
        match shape {
            Shape::Any => self.other(),
            Shape::Bool => (*self.dice.pick(&["true", "false"])).to_owned(),
            Shape::Integer { min, max } => self.integer(*min, *max, rules),
            Shape::F32 | Shape::F64 => self.float(rules),
            Shape::String => self.string(rules),
            Shape::Char => self.string(&Rules {
                min_chars: Some(1),
                max_chars: Some(1),
                ..Rules::NONE
            }),
            Shape::Option(_) if self.dice.one_in(3) => "null".to_owned(),
            Shape::Option(inner) => self.value(inner, rules),
            Shape::List(inner) => {
                let count = self.count(rules);
                self.items((0..count).map(|_| (*inner, *rules)).collect())
            }
            Shape::Array(inner, length) => {
                let count = self.about(*length);
                self.items((0..count).map(|_| (*inner, *rules)).collect())
            }
            Shape::Tuple(members) => {
                let mut items: Vec<_> = members.iter().map(|it| (*it, *rules)).collect();
                let count = self.about(items.len());
                items.resize(count, (&Shape::Bool, Rules::NONE));
                self.items(items)
            }
            Shape::Map(inner) => self.map(inner, rules),
            Shape::Newtype(it) => self.value(it.shape, &it.rules),
            Shape::Again(it) => self.value((it.shape)(), &Rules::NONE),
            Shape::Struct(it) => {
                let entries = self.fields(it.fields);
                self.object(entries)
            }
            Shape::Enum(it) => self.variant(it),
        }
    }

    fn other(&mut self) -> String {
        if self.dice.one_in(20) {
            let depth = self.dice.below(24);
            return format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        }
        (*self.dice.pick(&OTHERS)).to_owned()
    }

    fn integer(&mut self, min: i64, max: i64, rules: &Rules) -> String {
        let low = rules.min.map_or(min, |bound| min.max(bound.ceil() as i64));
        let high = rules.max.map_or(max, |bound| max.min(bound.floor() as i64));
        let number = match self.dice.below(4) {
            0 => low,
            1 => high,
            _ => self.dice.between(low, high.max(low)),
        };
        let number = if self.errs() {
            let steps: &[i64] = &[-1, 1, i64::from(u32::MAX), 1 << 54];
            number.saturating_add(*self.dice.pick(steps))
        } else {
            number
        };
        match self.dice.below(12) {
            0 => format!("{number}.0"),
            1 => format!("{:e}", number as f64),
            2 if self.errs() => format!("{number}.5"),
            _ => number.to_string(),
        }
    }

    fn float(&mut self, rules: &Rules) -> String {
        let (min, max) = (rules.min.unwrap_or(-1e6), rules.max.unwrap_or(1e6));
        let number = match self.dice.below(5) {
            0 => min,
            1 => max,
            _ => {
                let part = self.dice.between(0, 1 << 40) as f64 / (1_i64 << 40) as f64;
                (min + (max - min) * part).clamp(min, max)
            }
        };
        let number = if self.errs() {
            let edges = [
                number + 1.0,
                number - 1.0,
                3.402_823_5e38,
                -3.402_823_6e38,
                1e300,
                1e-300,
            ];
            *self.dice.pick(&edges)
        } else {
            number
        };
        match self.dice.below(4) {
            0 => format!("{number:e}"),
            1 => format!("{number:.1}"),
            _ => number.to_string(),
        }
    }

    fn string(&mut self, rules: &Rules) -> String {
        let said: Vec<_> = said(rules).collect();
        let is_likely = rules.pattern.is_some() || self.dice.one_in(10);
        if !said.is_empty() && is_likely && !self.errs() {
            return quoted(self.dice.pick::<&str>(&said));
        }
        if let Some(pattern) = rules.pattern.filter(|_| !self.errs()) {
            // Nothing is known of the expression, so texts are tried.
            for _ in 0..64 {
                let text = self.text(rules);
                let read: Result<String, _> = serde_json::from_str(&text);
                if read.is_ok_and(|it| (pattern.matches)(&it)) {
                    return text;
                }
            }
        }
        self.text(rules)
    }

    fn text(&mut self, rules: &Rules) -> String {
        let min = rules.min_chars.unwrap_or(0);
        let max = rules.max_chars.unwrap_or(min + 6).max(min);
        let count = match self.dice.below(8) {
            0 => min,
            1 => max,
            _ => self.dice.between(min as i64, max.min(min + 8) as i64) as usize,
        };
        let count = if self.errs() {
            *self.dice.pick(&[min.saturating_sub(1), max + 1])
        } else {
            count
        };
        let mut text = "\"".to_owned();
        for _ in 0..count {
            let hostile = self.errs() && self.dice.one_in(4);
            let from: &[&str] = if hostile { &HOSTILE } else { &PLAIN };
            text.push_str(self.dice.pick::<&str>(from));
        }
        text + "\""
    }

    fn count(&mut self, rules: &Rules) -> usize {
        let most = rules.max_items.unwrap_or(3);
        if self.errs() {
            return most + 1;
        }
        self.dice.below(most.min(4) + 1)
    }

    fn about(&mut self, length: usize) -> usize {
        if self.errs() {
            *self.dice.pick(&[length.saturating_sub(1), length + 1])
        } else {
            length
        }
    }

    fn items(&mut self, items: Vec<(&Shape, Rules)>) -> String {
        let items: Vec<_> = items
            .into_iter()
            .map(|(shape, rules)| self.inside(|maker| maker.value(shape, &rules)))
            .collect();
        format!("[{}]", items.join(","))
    }

    /// Recursive types end somewhere.
    fn inside(&mut self, make: impl FnOnce(&mut Self) -> String) -> String {
        if self.depth > 12 {
            return "null".to_owned();
        }
        self.depth += 1;
        let text = make(self);
        self.depth -= 1;
        text
    }

    fn map(&mut self, inner: &Shape, rules: &Rules) -> String {
        let mut entries = Vec::new();
        for _ in 0..self.count(rules) {
            let key = self.string(rules);
            let value = self.inside(|maker| maker.value(inner, rules));
            if self.errs() || entries.iter().all(|(known, _)| *known != key) {
                entries.push((key, value));
            }
        }
        self.object(entries)
    }

    fn fields(&mut self, fields: &[Field]) -> Vec<(String, String)> {
        let mut entries = Vec::new();
        for field in fields {
            let is_left_out = match (field.server, field.need) {
                (Some(_), _) => !self.errs(),
                (None, Need::Required) => self.errs(),
                (None, Need::Optional | Need::Default(_)) => self.dice.one_in(3),
            };
            // Most recursive types end by leaving themselves out.
            let is_deep = self.depth > 3 && !matches!(field.need, Need::Required);
            let ends = is_deep && self.dice.one_in(2);
            if !is_left_out && !ends {
                let value = self.inside(|maker| maker.value(field.shape, &field.rules));
                entries.push((quoted(field.key), value));
            }
        }
        entries
    }

    /// An object of entries in any order, whose keys are JSON already.
    fn object(&mut self, mut entries: Vec<(String, String)>) -> String {
        if self.errs() {
            entries.push((quoted(self.dice.pick::<&str>(&KEYS)), self.other()));
        }
        if let Some(at) = (!entries.is_empty()).then(|| self.dice.below(entries.len())) {
            entries.rotate_left(at);
            if self.errs() {
                let twice = entries[0].clone();
                entries.push(twice);
            } else if self.errs() {
                entries[0].0.insert(1, 'x');
            }
        }
        let space = if self.dice.one_in(10) { " " } else { "" };
        let entries: Vec<_> = entries
            .into_iter()
            .map(|(key, value)| format!("{space}{key}{space}:{space}{value}"))
            .collect();
        format!("{{{}}}", entries.join(","))
    }

    fn variant(&mut self, it: &Enum) -> String {
        // The last variants of recursive enums tend to be the recursive ones.
        let among = if self.depth > 6 { 1 } else { it.variants.len() };
        let variant = &it.variants[self.dice.below(among)];
        let key = quoted(if self.errs() { "nobody" } else { variant.key });
        match (it.tag, variant.content) {
            (Tag::External, Content::Unit) if self.errs() => format!("{{{key}:null}}"),
            (Tag::External, Content::Unit) => key,
            (Tag::External, _) if self.errs() => key,
            (Tag::External, content) => {
                let entry = (key, self.content(content));
                self.object(vec![entry])
            }
            (Tag::Internal(tag), content) => {
                let mut entries = match content {
                    Content::Unit => Vec::new(),
                    Content::Struct(fields) => self.fields(fields),
                    Content::Newtype(Shape::Struct(it), _) => self.fields(it.fields),
                    Content::Newtype(..) => unreachable!("the derive refuses it"),
                };
                if !self.errs() {
                    entries.push((quoted(tag), key));
                }
                self.object(entries)
            }
            (Tag::Adjacent(tag, content_key), content) => {
                let mut entries = Vec::new();
                if !self.errs() {
                    entries.push((quoted(tag), key));
                }
                if !matches!(content, Content::Unit) || self.errs() {
                    entries.push((quoted(content_key), self.content(content)));
                }
                self.object(entries)
            }
        }
    }

    fn content(&mut self, content: Content) -> String {
        self.inside(|maker| match content {
            Content::Unit => "null".to_owned(),
            Content::Newtype(shape, rules) => maker.value(shape, &rules),
            Content::Struct(fields) => {
                let entries = maker.fields(fields);
                maker.object(entries)
            }
        })
    }

    /// The text with something put in, or a character taken out.
    fn broken(&mut self, text: &str) -> String {
        let chars: Vec<char> = text.chars().collect();
        let at = self.dice.below(chars.len() + 1);
        let junk = *self.dice.pick(&JUNK);
        let (before, after) = chars.split_at(at);
        let after = after
            .get(usize::from(junk.is_empty())..)
            .unwrap_or_default();
        before.iter().collect::<String>() + junk + &after.iter().collect::<String>()
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
