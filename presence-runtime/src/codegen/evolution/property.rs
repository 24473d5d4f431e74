//! What is called compatible is: whatever an older client sends is taken, and whatever it is told is
//! of the types it was compiled with.

use std::fmt::Write;

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value as Json;

use super::*;
use crate::schema::json::of_shape;
use crate::schema::judge::{Side, look, payloads};
use crate::schema::{Content, Enum, Field, Need, Newtype, Rules, Shape, Struct, Tag, Variant};

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2000,
        // A case is a pair of schemas and two dozen payloads.
        max_shrink_iters: 100,
        ..ProptestConfig::default()
    })]

    #[test]
    fn older_clients_live_with_what_is_compatible(
        ((older, newer), sent, told) in payloads::shape()
            .prop_flat_map(|older| {
                let newer = prop_oneof![
                    12 => (any::<u64>(), 1_usize..4).prop_map(move |(seed, changes)| {
                        let mut dice = Dice(seed | 1);
                        (0..changes).fold(older, |shape, _| changed(shape, &mut dice))
                    }),
                    1 => payloads::shape(),
                ];
                (Just(older), newer)
            })
            .prop_flat_map(|(older, newer)| {
                let texts = |shape| vec(payloads::payload(shape), 12);
                (Just((older, newer)), texts(older), texts(newer))
            })
    ) {
        let contract = |shape| Contract {
            input: of_shape(shape, Side::Input),
            output: Some(of_shape(shape, Side::Output)),
        };
        let [before, after] = [older, newer].map(contract);
        let changes = between("S", &before, &after);
        prop_assert!(!std::ptr::eq(older, newer) || changes.is_empty());
        if changes.iter().any(|it| it.is_breaking) {
            return Ok(());
        }
        let shown = || {
            let mut text = format!("{changes:?}\n{older:?}\n{newer:?}");
            write!(text, "\n{:#}\n{:#}", before.input, after.input).expect("a String takes all");
            text
        };
        let takes = |shape, text: &str| look(shape, text.as_bytes(), Side::Input).is_empty();
        for text in sent.iter().filter(|text| takes(older, text)) {
            prop_assert!(takes(newer, text), "{} {}", text, shown());
        }
        let output = after.output.as_ref().expect("it was just made");
        let output = jsonschema::draft202012::new(output).expect("a schema");
        let told = told.iter().filter_map(|text| serde_json::from_str(text).ok());
        for value in told.filter(|value| output.is_valid(value)) {
            prop_assert!(is_typed(&value, older), "{} {}", value, shown());
        }
    }
}

/// Whether a value is of the TypeScript type that a client was compiled with. Clients know what to do
/// with fields and variants they do not know.
fn is_typed(value: &Json, shape: &Shape) -> bool {
    match (shape, value) {
        (Shape::Bool, Json::Bool(_))
        | (Shape::Integer { .. } | Shape::F32 | Shape::F64, Json::Number(_))
        | (Shape::String | Shape::Char, Json::String(_))
        | (Shape::Option(_), Json::Null) => true,
        (Shape::Option(inner), value) => is_typed(value, inner),
        (Shape::List(inner), Json::Array(items)) => items.iter().all(|it| is_typed(it, inner)),
        (Shape::Array(inner, length), Json::Array(items)) => {
            items.len() == *length && items.iter().all(|it| is_typed(it, inner))
        }
        (Shape::Tuple(members), Json::Array(items)) => {
            items.len() == members.len()
                && items
                    .iter()
                    .zip(*members)
                    .all(|(item, it)| is_typed(item, it))
        }
        (Shape::Map(inner), Json::Object(entries)) => {
            entries.values().all(|it| is_typed(it, inner))
        }
        (Shape::Newtype(it), value) => is_typed(value, it.shape),
        (Shape::Struct(it), Json::Object(_)) => has_fields(value, it.fields),
        (Shape::Enum(it), value) => is_variant(value, it),
        _ => false,
    }
}

fn has_fields(value: &Json, fields: &[Field]) -> bool {
    fields.iter().all(|field| match value.get(field.key) {
        Some(value) => is_typed(value, field.shape),
        None => field.is_omitted,
    })
}

fn is_variant(value: &Json, it: &Enum) -> bool {
    let known = |name: &str| it.variants.iter().find(|variant| variant.key == name);
    let carries = |value: &Json, content| match content {
        Content::Unit => false,
        Content::Newtype(shape, _) => is_typed(value, shape),
        Content::Struct(fields) => value.is_object() && has_fields(value, fields),
    };
    match (it.tag, value) {
        (Tag::External, Json::String(name)) => {
            known(name).is_none_or(|variant| matches!(variant.content, Content::Unit))
        }
        (Tag::External, Json::Object(entries)) => {
            let mut entries = entries.iter();
            let (Some((name, value)), None) = (entries.next(), entries.next()) else {
                return false;
            };
            known(name).is_none_or(|variant| carries(value, variant.content))
        }
        (Tag::Internal(tag) | Tag::Adjacent(tag, _), Json::Object(entries)) => {
            let Some(name) = entries.get(tag).and_then(Json::as_str) else {
                return false;
            };
            let Some(variant) = known(name) else {
                return true;
            };
            match (it.tag, variant.content) {
                (_, Content::Unit) => true,
                (Tag::Adjacent(_, key), content) => {
                    entries.get(key).is_some_and(|it| carries(it, content))
                }
                (_, content) => carries(value, content),
            }
        }
        _ => false,
    }
}

/// A generator that goes on from a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, count: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("31 bits") % count
    }
}

fn leak<T>(it: T) -> &'static T {
    Box::leak(Box::new(it))
}

/// The shape with something else in it.
fn changed(shape: &'static Shape, dice: &mut Dice) -> &'static Shape {
    if dice.below(4) == 0 {
        return other(shape, dice);
    }
    match shape {
        Shape::Option(inner) => match changed(inner, dice) {
            it @ (Shape::Option(_) | Shape::Newtype(_)) => it,
            it => leak(Shape::Option(it)),
        },
        Shape::List(inner) => leak(Shape::List(changed(inner, dice))),
        Shape::Map(inner) => leak(Shape::Map(changed(inner, dice))),
        Shape::Array(inner, length) => leak(Shape::Array(changed(inner, dice), *length)),
        Shape::Tuple(members) => {
            let mut members = members.to_vec();
            let at = dice.below(members.len());
            members[at] = changed(members[at], dice);
            leak(Shape::Tuple(members.leak()))
        }
        Shape::Newtype(it) => leak(Shape::Newtype(leak(Newtype {
            rules: rules(it.rules, dice),
            shape: match dice.below(2) {
                0 => changed(it.shape, dice),
                _ => it.shape,
            },
            ..**it
        }))),
        Shape::Struct(it) => leak(Shape::Struct(leak(Struct {
            fields: fields(it.fields, dice),
            ..**it
        }))),
        Shape::Enum(it) => leak(Shape::Enum(leak(variants(it, dice)))),
        _ => other(shape, dice),
    }
}

/// Something in the place of a shape, near to it or not.
fn other(shape: &'static Shape, dice: &mut Dice) -> &'static Shape {
    match (dice.below(9), shape) {
        (0, Shape::Option(inner)) => inner,
        (0 | 1, Shape::Option(_) | Shape::Newtype(_)) => shape,
        (0, _) => leak(Shape::Option(shape)),
        (1, Shape::List(inner)) => leak(Shape::Array(inner, 2)),
        (1, Shape::Array(inner, length)) => leak(Shape::Array(inner, length + 1)),
        (2, Shape::Array(inner, _)) => leak(Shape::List(inner)),
        (3, Shape::Array(inner, length)) => leak(Shape::Tuple(vec![*inner; *length].leak())),
        (1, Shape::Integer { .. }) => &Shape::F64,
        (2, Shape::Integer { min, max }) => leak(Shape::Integer {
            min: min - 1,
            max: max + 1,
        }),
        (3, Shape::Integer { min, max }) => leak(Shape::Integer {
            min: min + 1,
            max: *max,
        }),
        (1, Shape::F32) => &Shape::F64,
        (1, Shape::F64) => &Shape::F32,
        (1, Shape::Char) => &Shape::String,
        (1, Shape::String) => &Shape::Char,
        (4, _) => &Shape::Bool,
        (5, _) => &Shape::String,
        (6, _) => &Shape::Integer { min: 0, max: 255 },
        _ => shape,
    }
}

/// Other rules, which some value can keep.
fn rules(own: Rules, dice: &mut Dice) -> Rules {
    let rules = other_rules(own, dice);
    let is_empty = rules.min.zip(rules.max).is_some_and(|(min, max)| min > max)
        || rules
            .min_chars
            .zip(rules.max_chars)
            .is_some_and(|(min, max)| min > max);
    if is_empty { own } else { rules }
}

fn other_rules(rules: Rules, dice: &mut Dice) -> Rules {
    let step = |bound: Option<usize>, dice: &mut Dice| match dice.below(4) {
        0 => None,
        1 => bound.map(|it| it + 1),
        2 => bound.map(|it| it.saturating_sub(1)),
        _ => Some(2),
    };
    match dice.below(7) {
        0 => Rules {
            min: rules.min.map(|it| it - 1.0),
            ..rules
        },
        1 => Rules {
            max: rules.max.map(|it| it + 1.0),
            ..rules
        },
        2 => Rules {
            min: Some(0.0),
            ..rules
        },
        3 => Rules {
            min_chars: step(rules.min_chars, dice),
            ..rules
        },
        4 => Rules {
            max_chars: step(rules.max_chars, dice),
            ..rules
        },
        5 => Rules {
            max_items: step(rules.max_items, dice),
            ..rules
        },
        _ => Rules {
            pattern: None,
            ..rules
        },
    }
}

fn fields(fields: &[Field], dice: &mut Dice) -> &'static [Field] {
    let mut fields = fields.to_vec();
    let at = dice.below(fields.len() + 1);
    let Some(field) = fields.get_mut(at) else {
        let new = Field {
            is_omitted: dice.below(2) == 0,
            need: match dice.below(3) {
                0 => Need::Required,
                _ => Need::Default(|| "true".to_owned()),
            },
            ..Field::new("new", &Shape::Bool)
        };
        fields.retain(|it| it.key != "new");
        fields.push(new);
        return fields.leak();
    };
    match dice.below(8) {
        0 => field.need = Need::Required,
        1 => field.need = Need::Default(|| "null".to_owned()),
        2 => field.is_omitted = !field.is_omitted && !matches!(field.need, Need::Required),
        3 => field.server = field.server.xor(Some("claim")),
        4 => drop(fields.remove(at)),
        5 => field.rules = rules(field.rules, dice),
        _ => {
            field.shape = changed(field.shape, dice);
            if matches!(field.need, Need::Optional) {
                field.need = Need::of(field.shape);
            }
        }
    }
    fields.leak()
}

fn variants(it: &Enum, dice: &mut Dice) -> Enum {
    let mut variants = it.variants.to_vec();
    let at = dice.below(variants.len());
    let is_one_of_many = variants.len() > 1;
    let variant = &mut variants[at];
    let mut tag = it.tag;
    match (dice.below(6), variant.content, it.tag) {
        (0, ..) => variants.push(Variant {
            key: "more",
            docs: "",
            content: Content::Unit,
        }),
        (1, ..) if is_one_of_many => drop(variants.remove(at)),
        (2, Content::Unit, _) => variant.content = Content::Struct(&[]),
        (3, _, Tag::Internal(_)) => tag = Tag::Internal("of"),
        (3, _, Tag::Adjacent(..)) => tag = Tag::Adjacent("is", "content"),
        (_, Content::Newtype(shape, own), Tag::External | Tag::Adjacent(..)) => {
            variant.content = Content::Newtype(changed(shape, dice), rules(own, dice));
        }
        (_, Content::Struct(own), _) => variant.content = Content::Struct(fields(own, dice)),
        _ => {}
    }
    variants.dedup_by_key(|it| it.key);
    Enum {
        tag,
        variants: variants.leak(),
        ..*it
    }
}
