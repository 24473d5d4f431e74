//! Any shape there may be.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::super::super::{
    Compiled, Content, Enum, Expression, Field, Need, Rules, Shape, Tag, Variant,
};

/// Any shape, leaked: tests are short.
pub(crate) fn shape() -> BoxedStrategy<&'static Shape> {
    let leaf = prop_oneof![
        Just(Shape::Bool),
        select(vec![(0, 255), (-128, 127), (0, (1 << 53) - 1)])
            .prop_map(|(min, max)| Shape::Integer { min, max }),
        Just(Shape::F32),
        Just(Shape::F64),
        Just(Shape::String),
        Just(Shape::Char),
    ];
    leaf.prop_map(leak)
        .prop_recursive(4, 24, 4, |inner| {
            let structs = fields(inner.clone()).prop_map(|fields| {
                leak(Shape::Struct(leak(super::super::super::Struct {
                    name: "S",
                    docs: "",
                    fields,
                })))
            });
            prop_oneof![
                inner.clone().prop_map(|it| match it {
                    // `null` cannot say which of two options is meant.
                    Shape::Option(_) | Shape::Newtype(_) => it,
                    _ => leak(Shape::Option(it)),
                }),
                inner.clone().prop_map(|it| leak(Shape::List(it))),
                inner.clone().prop_map(|it| leak(Shape::Map(it))),
                (inner.clone(), 1_usize..3).prop_map(|(it, length)| leak(Shape::Array(it, length))),
                vec(inner.clone(), 1..3).prop_map(|all| leak(Shape::Tuple(all.leak()))),
                (inner.clone(), rules()).prop_map(|(shape, rules)| {
                    leak(Shape::Newtype(leak(super::super::super::Newtype {
                        name: "N",
                        docs: "",
                        shape,
                        rules,
                        check: None,
                    })))
                }),
                structs,
                enums(inner),
            ]
        })
        .boxed()
}

fn leak<T>(it: T) -> &'static T {
    Box::leak(Box::new(it))
}

fn rules() -> impl Strategy<Value = Rules> {
    let range = proptest::option::of((-9_i32..9, 0_i32..100));
    let chars = proptest::option::of((0_usize..3, 0_usize..4));
    let max_items = proptest::option::of(0_usize..3);
    let pattern = proptest::option::weighted(0.2, select(vec![WORDS, NO_A]));
    (range, chars, max_items, pattern).prop_map(|(range, chars, max_items, pattern)| Rules {
        min: range.map(|(min, _)| f64::from(min)),
        max: range.map(|(min, more)| f64::from(min + more)),
        min_chars: chars.map(|(min, _)| min),
        max_chars: chars.map(|(min, more)| min + more),
        max_items,
        pattern,
        unit: None,
    })
}

const WORDS: Expression = Expression {
    source: r"^(?:\w|[ä😀 ]){1,}$",
    widest: 4,
    matches: |text| {
        static IT: Compiled = Compiled::new(r"^(?:\w|[ä😀 ]){1,}$");
        IT.matches(text)
    },
};

const NO_A: Expression = Expression {
    source: r"^[^a\d]*$",
    widest: 4,
    matches: |text| {
        static IT: Compiled = Compiled::new(r"^[^a\d]*$");
        IT.matches(text)
    },
};

fn fields(inner: BoxedStrategy<&'static Shape>) -> BoxedStrategy<&'static [Field]> {
    let field = (inner, rules(), 0_u8..3);
    vec(field, 0..4)
        .prop_map(|fields| {
            let fields = fields.into_iter().zip(["a", "b c", "kind"]);
            let fields = fields.map(|((shape, rules, need), key)| Field {
                rules,
                need: match need {
                    0 => Need::Default(|| "null".to_owned()),
                    _ => Need::of(shape),
                },
                ..Field::new(key, shape)
            });
            &*fields.collect::<Vec<_>>().leak()
        })
        .boxed()
}

fn enums(inner: BoxedStrategy<&'static Shape>) -> impl Strategy<Value = &'static Shape> {
    let tag = select(vec![
        Tag::External,
        Tag::Internal("is"),
        Tag::Adjacent("is", "of"),
    ]);
    let variant = (0_u8..3, inner.clone(), rules(), fields(inner));
    (tag, vec(variant, 1..4)).prop_map(|(tag, variants)| {
        let variants = variants.into_iter().zip(["pen", "box", "x y"]);
        let variants = variants.map(|((kind, shape, rules, fields), key)| {
            let inlined = matches!((tag, shape), (Tag::Internal(_), Shape::Struct(_)));
            let content = match kind {
                0 => Content::Unit,
                1 if tag == Tag::External || inlined || matches!(tag, Tag::Adjacent(..)) => {
                    Content::Newtype(shape, rules)
                }
                _ => Content::Struct(fields),
            };
            Variant {
                key,
                docs: "",
                content,
            }
        });
        let variants = variants.collect::<Vec<_>>().leak();
        leak(Shape::Enum(leak(Enum {
            name: "E",
            docs: "",
            tag,
            variants,
        })))
    })
}
