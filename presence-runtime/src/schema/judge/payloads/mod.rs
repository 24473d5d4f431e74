//! JSON texts that a shape takes, nearly takes, or must survive. For property tests.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

mod shapes;

use super::super::depth::mentions;
use super::super::{Content, Enum, Field, Need, Rules, Shape, Tag, Variant};

pub(crate) use self::shapes::shape;

/// Texts for a shape, most of them valid.
pub(crate) fn payload(shape: &'static Shape) -> BoxedStrategy<String> {
    let fitting = value(shape, Rules::NONE, ROUNDS);
    prop_oneof![
        9 => fitting.clone(),
        1 => (fitting, any::<Index>(), broken()).prop_map(|(text, at, junk)| {
            let chars: Vec<char> = text.chars().collect();
            let at = at.index(chars.len() + 1);
            let (before, after) = chars.split_at(at);
            let after = after.get(usize::from(junk.is_empty())..).unwrap_or_default();
            before.iter().chain(&junk.chars().collect::<Vec<_>>()).chain(after).collect()
        }),
    ]
    .boxed()
}

/// What to put anywhere into a text; nothing stands for taking a character out.
fn broken() -> impl Strategy<Value = &'static str> {
    select(vec![
        "", "", ",", "\"", "}", "[", "NaN", "1e999", "\u{0}", "\\", " ", "\u{feff}",
    ])
}

/// How often a recursive type stands inside itself, at most.
const ROUNDS: usize = 3;

/// A value for the shape, or something else in its place.
fn value(shape: &'static Shape, rules: Rules, deep: usize) -> BoxedStrategy<String> {
    prop_oneof![40 => fitting(shape, rules, deep), 1 => other()].boxed()
}

fn other() -> BoxedStrategy<String> {
    let scalar = select(vec![
        "null",
        "true",
        "0",
        "-1",
        "1.5",
        "1e2",
        "\"\"",
        "\"pen\"",
        "[]",
        "{}",
        "[[]]",
        "{\"x\":1}",
    ]);
    let deep = (10_usize..24).prop_map(|n| format!("{}{}", "[".repeat(n), "]".repeat(n)));
    prop_oneof![8 => scalar.prop_map(str::to_owned), 1 => deep].boxed()
}

fn fitting(shape: &'static Shape, rules: Rules, deep: usize) -> BoxedStrategy<String> {
    match shape {
        Shape::Any => other(),
        Shape::Bool => any::<bool>().prop_map(|it| it.to_string()).boxed(),
        Shape::Integer { min, max } => {
            let (min, max) = rules.integers(*min, *max);
            prop_oneof![
                10 => (min..=max.max(min)).prop_map(|it| it.to_string()),
                1 => select(edges(min as f64, max as f64)),
            ]
            .boxed()
        }
        Shape::F32 | Shape::F64 => {
            let min = rules.min.unwrap_or(-1e6);
            let max = rules.max.unwrap_or(1e6);
            prop_oneof![
                // Quarters are exact in both floats.
                10 => (0..=4000_u32).prop_map(move |it| {
                    let within = min + (max - min) * f64::from(it) / 4000.0;
                    format!("{}", (within * 4.0).round().clamp(min * 4.0, max * 4.0) / 4.0)
                }),
                1 => select(edges(min, max)),
            ]
            .boxed()
        }
        Shape::String => string(rules),
        Shape::Option(_) if deep == 0 => Just("null".to_owned()).boxed(),
        Shape::List(_) if deep == 0 => Just("[]".to_owned()).boxed(),
        Shape::Map(_) if deep == 0 => Just("{}".to_owned()).boxed(),
        Shape::Option(inner) => {
            prop_oneof![1 => Just("null".to_owned()), 3 => value(inner, rules, deep)].boxed()
        }
        Shape::List(inner) => {
            let most = rules.max_items.unwrap_or(3);
            let over = most + usize::from(most < 4);
            let count = prop_oneof![20 => 0..=most.min(3), 1 => Just(over)];
            count
                .prop_flat_map(move |count| vec(value(inner, rules, deep), count))
                .prop_map(|items| format!("[{}]", items.join(",")))
                .boxed()
        }
        Shape::Char => string(Rules {
            min_chars: Some(1),
            max_chars: Some(1),
            ..Rules::NONE
        }),
        Shape::Array(inner, length) => exactly(vec![*inner; *length], rules, deep),
        Shape::Tuple(members) => exactly(members.to_vec(), rules, deep),
        Shape::Map(inner) => map(inner, rules, deep),
        Shape::Newtype(it) => value(it.shape, it.rules, deep),
        Shape::Struct(it) => object(entries(it.fields, deep), vec![]),
        Shape::Enum(it) => variants(it, deep),
        Shape::Again(it) => value((it.shape)(), Rules::NONE, deep.saturating_sub(1)),
    }
}

/// One of each, seldom one more or less.
fn exactly(shapes: Vec<&'static Shape>, rules: Rules, deep: usize) -> BoxedStrategy<String> {
    let each: Vec<_> = shapes
        .into_iter()
        .map(|it| value(it, rules, deep))
        .collect();
    (each, 0_u8..60)
        .prop_map(|(mut items, mistake)| {
            match mistake {
                0 => drop(items.pop()),
                1 => items.push("1".to_owned()),
                _ => {}
            }
            format!("[{}]", items.join(","))
        })
        .boxed()
}

fn map(inner: &'static Shape, rules: Rules, deep: usize) -> BoxedStrategy<String> {
    let most = rules.max_items.unwrap_or(3);
    let count = prop_oneof![20 => 0..=most.min(3), 1 => Just(most.min(4) + 1)];
    let odd = select(vec![
        "\"__proto__\"",
        "\"constructor\"",
        "\"toString\"",
        "\"\"",
    ]);
    let key = prop_oneof![60 => string(rules), 1 => odd.prop_map(str::to_owned)];
    count
        .prop_flat_map(move |count| vec((key.clone(), value(inner, rules, deep)), count))
        .prop_map(|entries| {
            let entries = entries.iter().map(|(key, value)| format!("{key}:{value}"));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
        })
        .boxed()
}

/// Numbers around the bounds, in spellings that JSON allows.
fn edges(min: f64, max: f64) -> Vec<String> {
    let mut texts = vec![];
    for bound in [min, max] {
        for number in [bound - 1.0, bound, bound + 1.0] {
            texts.push(format!("{number}"));
            texts.push(format!("{number:e}"));
            texts.push(format!("{number:.1}"));
        }
    }
    texts.extend(
        [
            "-0",
            "0.0",
            "0.5",
            "1E0",
            "9007199254740991",
            "9007199254740992",
            "-9007199254740993",
            "18446744073709551615",
            "18446744073709551616",
            "1e300",
            "-1e300",
            "1e400",
            "3.4028235e38",
            "3.4028236e38",
        ]
        .map(str::to_owned),
    );
    texts
}

fn string(rules: Rules) -> BoxedStrategy<String> {
    let min = rules.min_chars.unwrap_or(0);
    let max = rules.max_chars.unwrap_or(min + 4);
    let low = min.saturating_sub(1);
    let count = prop_oneof![
        20 => min..=max.max(min).min(min + 6),
        1 => select(vec![low, max, max + 1]),
    ];
    let plain = select(vec![
        "a",
        "Z",
        "ä",
        "😀",
        " ",
        "\\n",
        "\\t",
        "\\u0041",
        "\\ud83d\\ude00",
        "/",
    ]);
    let hostile = select(vec![
        "\\u0000", "\\u001f", "\u{7f}", "\\ud800", "\\b", "\u{80}", "\\\"", "\n",
    ]);
    let one = prop_oneof![300 => plain, 1 => hostile];
    count
        .prop_flat_map(move |count| vec(one.clone(), count))
        .prop_map(|chars| format!("\"{}\"", chars.concat()))
        .boxed()
}

type Entries = Vec<(String, String)>;

/// Fields in any order; what may be left out sometimes is, what may not seldom is.
fn entries(fields: &'static [Field], deep: usize) -> BoxedStrategy<Entries> {
    let each: Vec<_> = fields
        .iter()
        .map(|field| {
            let present = if matches!(field.need, Need::Required) {
                0.99
            } else {
                0.7
            };
            let value = value(field.shape, field.rules, deep);
            proptest::option::weighted(present, value)
                .prop_map(move |value| value.map(|value| (field.key.to_owned(), value)))
        })
        .collect();
    each.prop_map(|entries| entries.into_iter().flatten().collect::<Entries>())
        .prop_shuffle()
        .boxed()
}

/// An object of these and the first entries, seldom with a key too many, twice or misspelt.
fn object(entries: BoxedStrategy<Entries>, first: Entries) -> BoxedStrategy<String> {
    let mistake = prop_oneof![20 => Just(0_u8), 1 => 1_u8..=4];
    (entries, mistake, any::<Index>())
        .prop_map(move |(mut entries, mistake, at)| {
            entries.splice(0..0, first.clone());
            let at = at.index(entries.len().max(1));
            match (mistake, entries.get(at).cloned()) {
                (1, _) => entries.push(("zz".to_owned(), "1".to_owned())),
                (2, Some(twice)) => entries.push(twice),
                (3, Some(_)) => entries[at].0.push('x'),
                (4, Some(_)) => drop(entries.remove(at)),
                _ => {}
            }
            let len = entries.len().max(1);
            entries.rotate_left(at % len);
            let entries = entries
                .into_iter()
                .map(|(key, value)| format!("{}:{value}", serde_json::Value::from(key)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
        })
        .boxed()
}

fn variants(it: &'static Enum, deep: usize) -> BoxedStrategy<String> {
    let ends = |variant: &&Variant| match variant.content {
        Content::Unit => true,
        Content::Newtype(shape, _) => !mentions(shape),
        Content::Struct(fields) => !fields.iter().any(|field| mentions(field.shape)),
    };
    let each = it.variants.iter().filter(|it| deep > 0 || ends(it));
    let each = each.map(|variant| {
        let key = serde_json::Value::from(variant.key).to_string();
        match (it.tag, variant.content) {
            (Tag::External, Content::Unit) => prop_oneof![
                20 => Just(key.clone()),
                1 => Just(format!("{{{key}:null}}")),
                1 => Just("0".to_owned()),
            ]
            .boxed(),
            (Tag::External, content) => {
                let key = variant.key.to_owned();
                let entry = carried(content, deep).prop_map(move |it| vec![(key.clone(), it)]);
                object(entry.boxed(), vec![])
            }
            (Tag::Internal(tag), content) => {
                let first = vec![(tag.to_owned(), key)];
                match content {
                    Content::Unit => object(Just(vec![]).boxed(), first),
                    Content::Struct(fields) => object(entries(fields, deep), first),
                    Content::Newtype(Shape::Struct(it), _) => {
                        object(entries(it.fields, deep), first)
                    }
                    Content::Newtype(..) => unreachable!("the derive refuses it"),
                }
            }
            (Tag::Adjacent(tag, content_key), content) => {
                let first = vec![(tag.to_owned(), key)];
                let rest = match content {
                    Content::Unit => prop_oneof![
                        20 => Just(vec![]),
                        1 => Just(vec![(content_key.to_owned(), "null".to_owned())]),
                    ]
                    .boxed(),
                    _ => carried(content, deep)
                        .prop_map(move |it| vec![(content_key.to_owned(), it)])
                        .boxed(),
                };
                object(rest, first)
            }
        }
    });
    let unknown = match it.tag {
        Tag::External => "\"nobody\"".to_owned(),
        Tag::Internal(tag) | Tag::Adjacent(tag, _) => format!("{{\"{tag}\":0}}"),
    };
    let each = each.chain([Just(unknown).boxed()]);
    proptest::strategy::Union::new(each).boxed()
}

fn carried(content: Content, deep: usize) -> BoxedStrategy<String> {
    match content {
        Content::Unit => Just("null".to_owned()).boxed(),
        Content::Newtype(shape, rules) => value(shape, rules, deep),
        Content::Struct(fields) => object(entries(fields, deep), vec![]),
    }
}
