//! The longest value of a type, which the size proof must allow and come close to.

use presence_runtime::schema::{Content, Enum, Field, Rules, Schema, Shape, Tag};

use crate::dice::Dice;
use crate::said::said;

/// JSON text of a value as long as any that is easily found, and how many bytes longer the longest
/// may be: the digits of floats are tried out, and fields that the server sets stand at their defaults.
///
/// # Panics
/// When the type has no value.
#[must_use]
pub fn longest(schema: &Schema) -> (String, usize) {
    let found = value(schema.shape(), &Rules::NONE, DEPTH).expect("the type has a value");
    (found.text, found.slack)
}

/// The most objects and arrays that stand inside each other.
const DEPTH: usize = 16;

/// What the best of the floats that are tried may fall short of the bound.
const FLOAT: usize = 3;

#[derive(Clone)]
struct Found {
    text: String,
    slack: usize,
}

impl Found {
    fn exact(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            slack: 0,
        }
    }

    /// How long it could be.
    fn reach(&self) -> usize {
        self.text.len() + self.slack
    }
}

/// Nothing where each value would be too deep.
fn value(shape: &Shape, rules: &Rules, left: usize) -> Option<Found> {
    let inside = || left.checked_sub(1);
    Some(match shape {
        Shape::Any => unreachable!("no type has this"),
        Shape::Bool => Found::exact("false"),
        Shape::Integer { min, max } => integer(*min, *max, rules, None),
        Shape::F32 | Shape::F64 => float(matches!(shape, Shape::F32), rules),
        Shape::String => string(rules, 0),
        Shape::Char => Found::exact("\"🦀\""),
        Shape::Option(inner) => value(inner, rules, left)
            .filter(|it| it.reach() > 4)
            .unwrap_or_else(|| Found::exact("null")),
        Shape::List(inner) => {
            let count = rules.max_items.expect("lists are bounded");
            let item = value(inner, rules, inside()?);
            brackets(item.into_iter().cycle().take(count))
        }
        Shape::Array(inner, length) => {
            let item = value(inner, rules, inside()?)?;
            brackets(std::iter::repeat_n(item, *length))
        }
        Shape::Tuple(members) => {
            let left = inside()?;
            let members: Option<Vec<_>> = members.iter().map(|it| value(it, rules, left)).collect();
            brackets(members?.into_iter())
        }
        Shape::Map(inner) => {
            let count = rules.max_items.expect("maps are bounded");
            let item = value(inner, rules, inside()?);
            let keys = if rules.max_chars == Some(0) { 1 } else { count };
            let entries = item.into_iter().cycle().take(keys).enumerate();
            braces(entries.map(|(i, it)| (string(rules, i).text, it)))
        }
        Shape::Newtype(it) => match (it.shape, it.check) {
            (Shape::Integer { min, max }, Some(check)) => {
                integer(*min, *max, &it.rules, Some(check.judge))
            }
            _ => value(it.shape, &it.rules, left)?,
        },
        Shape::Struct(it) => braces(fields(it.fields, inside()?)?.into_iter()),
        Shape::Enum(it) => variants(it, left)?,
        Shape::Again(it) => value((it.shape)(), &Rules::NONE, left)?,
    })
}

fn fields(fields: &[Field], left: usize) -> Option<Vec<(String, Found)>> {
    // Those that the server sets are no part of input.
    let sent = fields.iter().filter(|it| it.server.is_none());
    sent.map(|it| field(it, left)).collect()
}

fn field(it: &Field, left: usize) -> Option<(String, Found)> {
    let found = match (it.shape, it.check) {
        (Shape::Integer { min, max }, Some(check)) => {
            integer(*min, *max, &it.rules, Some(check.judge))
        }
        (Shape::String, Some(check)) => told(string(&it.rules, 0), &it.rules, check.judge, quoted),
        (Shape::List(Shape::String), Some(check)) => {
            let count = it.rules.max_items.expect("lists are bounded");
            let list = |text: &str| format!("[{}]", vec![quoted(text); count].join(","));
            let longest = value(it.shape, &it.rules, left)?;
            told(longest, &it.rules, check.judge, list)
        }
        // A `null` would be left out.
        (Shape::Option(inner), _) if it.is_omitted => {
            let mut found = value(inner, &it.rules, left)?;
            found.slack += 4_usize.saturating_sub(found.text.len());
            found
        }
        _ => value(it.shape, &it.rules, left)?,
    };
    Some((quoted(it.key), found))
}

/// The longest, or else the longest of those that the code of its type takes.
fn told(longest: Found, rules: &Rules, judge: Judge, as_json: impl Fn(&str) -> String) -> Found {
    if judge(&longest.text).is_ok() {
        return longest;
    }
    let texts = said(rules).map(as_json);
    let taken = texts.filter(|it| judge(it).is_ok());
    Found::exact(taken.max_by_key(String::len).expect("a text that is taken"))
}

fn variants(it: &Enum, left: usize) -> Option<Found> {
    let each = it.variants.iter().filter_map(|variant| {
        let key = quoted(variant.key);
        let content = |left: Option<usize>| match variant.content {
            Content::Unit => None,
            Content::Newtype(shape, rules) => value(shape, &rules, left?),
            Content::Struct(own) => Some(braces(fields(own, left?.checked_sub(1)?)?.into_iter())),
        };
        let is_unit = matches!(variant.content, Content::Unit);
        let inside = left.checked_sub(1);
        match it.tag {
            Tag::External if is_unit => Some(Found::exact(key)),
            Tag::External => Some(braces([(key, content(inside)?)].into_iter())),
            Tag::Internal(tag) if is_unit => {
                inside?;
                Some(braces([(quoted(tag), Found::exact(key))].into_iter()))
            }
            Tag::Internal(tag) => {
                let content = content(Some(left))?;
                let comma = if content.text == "{}" { "" } else { "," };
                let rest = &content.text[1..];
                Some(Found {
                    text: format!("{{{}:{key}{comma}{rest}", quoted(tag)),
                    slack: content.slack,
                })
            }
            Tag::Adjacent(tag, _) if is_unit => {
                inside?;
                Some(braces([(quoted(tag), Found::exact(key))].into_iter()))
            }
            Tag::Adjacent(tag, name) => {
                let entries = [
                    (quoted(tag), Found::exact(key)),
                    (quoted(name), content(inside)?),
                ];
                Some(braces(entries.into_iter()))
            }
        }
    });
    each.max_by_key(Found::reach)
}

fn brackets(items: impl Iterator<Item = Found>) -> Found {
    let items: Vec<_> = items.collect();
    let texts: Vec<_> = items.iter().map(|it| it.text.as_str()).collect();
    Found {
        text: format!("[{}]", texts.join(",")),
        slack: items.iter().map(|it| it.slack).sum(),
    }
}

fn braces(entries: impl Iterator<Item = (String, Found)>) -> Found {
    let entries: Vec<_> = entries.collect();
    let texts = entries.iter().map(|(key, it)| format!("{key}:{}", it.text));
    Found {
        text: format!("{{{}}}", texts.collect::<Vec<_>>().join(",")),
        slack: entries.iter().map(|(_, it)| it.slack).sum(),
    }
}

/// Code of a type that judges a value's text.
type Judge = fn(&str) -> Result<(), String>;

/// The longest integer that the code of its type takes.
fn integer(min: i64, max: i64, rules: &Rules, judge: Option<Judge>) -> Found {
    let low = rules.min.map_or(min, |bound| min.max(bound.ceil() as i64));
    let high = rules.max.map_or(max, |bound| max.min(bound.floor() as i64));
    let near = [low, high, low.saturating_add(1), high.saturating_sub(1)];
    let texts = near
        .into_iter()
        .filter(|it| (low..=high).contains(it))
        .map(|it| it.to_string())
        .filter(|it| judge.is_none_or(|judge| judge(it).is_ok()));
    Found::exact(
        texts
            .max_by_key(String::len)
            .expect("a number that is taken"),
    )
}

fn float(is_single: bool, rules: &Rules) -> Found {
    let printed = |number: f64| {
        if is_single {
            serde_json::to_string(&(number as f32))
        } else {
            serde_json::to_string(&number)
        }
        .expect("finite numbers")
    };
    let (min, max) = (rules.min.unwrap_or(f64::MIN), rules.max.unwrap_or(f64::MAX));
    let mut dice = Dice::new(7);
    let mut tried = vec![min, max, -1.5e-300, -0.5, 0.5];
    for exponent in [-300, -37, -7, -6, -5, -4, -3, 0, 3, 12, 15, 20] {
        for _ in 0..200 {
            let digits = 1.0 + dice.below(1 << 52) as f64 / (1_u64 << 52) as f64 * 8.9;
            let number = digits * 10_f64.powi(exponent);
            tried.extend([number, -number]);
        }
    }
    let texts = tried
        .into_iter()
        .filter(|it| (min..=max).contains(it) && (!is_single || it.abs() < 3e38))
        .map(printed)
        .filter(|it| it.parse().is_ok_and(|it| (min..=max).contains(&it)));
    Found {
        text: texts.max_by_key(String::len).expect("a number in range"),
        slack: FLOAT,
    }
}

/// A string as long as allowed; those of different numbers differ.
fn string(rules: &Rules, number: usize) -> Found {
    let chars = rules.max_chars.expect("strings are bounded");
    let last =
        |first: u32| char::from_u32(first + u32::try_from(number).expect("few")).expect("a letter");
    let texts = [
        ('🦀', '🦀'),
        ('€', '€'),
        ('é', 'é'),
        ('"', '"'),
        ('z', 'a'),
        ('9', '0'),
    ]
    .into_iter()
    .map(|(c, first)| {
        let mut text: String = std::iter::repeat_n(c, chars.saturating_sub(1)).collect();
        text.extend((chars > 0).then(|| last(first as u32)));
        text
    })
    .filter(|it| rules.pattern.is_none_or(|pattern| (pattern.matches)(it)))
    .map(|it| quoted(&it));
    Found::exact(
        texts
            .max_by_key(String::len)
            .expect("a string that matches"),
    )
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
