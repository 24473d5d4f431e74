//! Fingerprints: whether two programs mean the same by a topic type.
//!
//! What counts is what may be said: keys, types, rules, defaults, variants and decays. Docs, the
//! names of types and the order of declarations do not count, and neither do the figures, which
//! clients learn from the server.

use std::fmt::{Display, Write};

use sha2::{Digest, Sha256};

use super::{Content, Decay, Enum, Field, Need, Rules, Schema, Shape, Tag, Variant};

impl Schema {
    /// The contract's fingerprint: 16 hex digits that change when what may be said changes.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut text = canonical(self.shape(), &Rules::NONE);
        text.push_str(&decays(self.decays()));
        digest::<8>(&text)
    }

    /// The digests of the contract's fields, or of an enum's variants and, under no name, of how
    /// they are told apart: 8 hex digits each. What differs can be named by them.
    #[must_use]
    pub fn digests(&self) -> Vec<(&'static str, String)> {
        match self.shape() {
            Shape::Struct(it) => {
                let digest = |field: &Field| {
                    let decay = self.decays().iter().filter(|it| it.key == field.key);
                    let decay: Vec<_> = decay.copied().collect();
                    (
                        field.key,
                        digest::<4>(&(object(&[*field]) + &decays(&decay))),
                    )
                };
                it.fields.iter().map(digest).collect()
            }
            Shape::Enum(it) => {
                let variant = |variant: &'static Variant| {
                    let alone = Enum {
                        variants: std::slice::from_ref(variant),
                        ..**it
                    };
                    (variant.key, digest::<4>(&variants(&alone)))
                };
                let none = Enum {
                    variants: &[],
                    ..**it
                };
                let tag = ("", digest::<4>(&variants(&none)));
                std::iter::once(tag)
                    .chain(it.variants.iter().map(variant))
                    .collect()
            }
            shape => vec![("", digest::<4>(&canonical(shape, &Rules::NONE)))],
        }
    }
}

/// The first bytes of a text's SHA-256 in hex.
fn digest<const BYTES: usize>(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest[..BYTES].iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a String takes everything");
        hex
    })
}

/// A text that two shapes have in common exactly when they allow the same.
fn canonical(shape: &Shape, rules: &Rules) -> String {
    match shape {
        Shape::Any => "any".to_owned(),
        Shape::Bool => "bool".to_owned(),
        Shape::Integer { min, max } => {
            let (min, max) = rules.integers(*min, *max);
            format!("integer{}{}", range(Some(min), Some(max)), unit(rules))
        }
        Shape::F32 => format!("f32{}{}", range(rules.min, rules.max), unit(rules)),
        Shape::F64 => format!("f64{}{}", range(rules.min, rules.max), unit(rules)),
        Shape::String => format!("string{}", strings(rules)),
        Shape::Char => "char".to_owned(),
        Shape::Option(inner) => format!("option<{}>", canonical(inner, rules)),
        Shape::List(inner) => format!(
            "list{}<{}>",
            range(None, rules.max_items),
            canonical(inner, rules)
        ),
        Shape::Array(inner, length) => format!("array{length}<{}>", canonical(inner, rules)),
        Shape::Tuple(members) => {
            let members: Vec<_> = members.iter().map(|it| canonical(it, rules)).collect();
            format!("tuple<{}>", members.join(","))
        }
        Shape::Map(inner) => format!(
            "map{}{}<{}>",
            range(None, rules.max_items),
            strings(rules),
            canonical(inner, rules)
        ),
        // The name is no part of what may be said.
        Shape::Newtype(it) => canonical(it.shape, &it.rules),
        Shape::Struct(it) => object(it.fields),
        Shape::Enum(it) => variants(it),
        Shape::Again(_) => "again".to_owned(),
    }
}

/// The same number counted in something else is another one.
fn unit(rules: &Rules) -> String {
    rules.unit.map(quoted).unwrap_or_default()
}

fn strings(rules: &Rules) -> String {
    let pattern = rules.pattern.map(|it| quoted(it.source));
    format!(
        "{}{}",
        range(rules.min_chars, rules.max_chars),
        pattern.unwrap_or_default()
    )
}

fn object(fields: &[Field]) -> String {
    let field = |field: &Field| {
        let need = match field.need {
            Need::Required => String::new(),
            Need::Optional => "?".to_owned(),
            Need::Default(default) => format!("={}", default()),
        };
        let value = canonical(field.shape, &field.rules);
        let omitted = if field.is_omitted { "!" } else { "" };
        let server = field.server.map(|claim| format!("@{}", quoted(claim)));
        let server = server.unwrap_or_default();
        format!("{}{need}{omitted}{server}:{value}", quoted(field.key))
    };
    format!("{{{}}}", sorted(fields.iter().map(field)))
}

fn variants(it: &Enum) -> String {
    let tag = match it.tag {
        Tag::External => String::new(),
        Tag::Internal(tag) => quoted(tag),
        Tag::Adjacent(tag, content) => format!("{},{}", quoted(tag), quoted(content)),
    };
    let variants = it.variants.iter().map(|variant| {
        let content = match variant.content {
            Content::Unit => String::new(),
            Content::Newtype(shape, rules) => format!(":{}", canonical(shape, &rules)),
            Content::Struct(fields) => format!(":{}", object(fields)),
        };
        format!("{}{content}", quoted(variant.key))
    });
    format!("enum({tag})({})", sorted(variants))
}

fn decays(decays: &[Decay]) -> String {
    let decays = decays
        .iter()
        .map(|decay| format!("{}:{}", quoted(decay.key), decay.after.as_millis()));
    format!("decays({})", sorted(decays))
}

fn range<T: Display>(min: Option<T>, max: Option<T>) -> String {
    let bound = |bound: Option<T>| bound.map(|it| it.to_string()).unwrap_or_default();
    format!("[{},{}]", bound(min), bound(max))
}

// Not `Debug`, whose escapes may differ between versions of Rust.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn sorted(parts: impl Iterator<Item = String>) -> String {
    let mut parts: Vec<_> = parts.collect();
    parts.sort_unstable();
    parts.join(";")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::Struct;
    use super::*;

    const X: Field = Field::new("x", &Shape::F64);
    const SIZE: Field = Field {
        key: "size",
        shape: &Shape::Integer { min: 0, max: 255 },
        ..X
    };

    fn of(fields: &[Field]) -> String {
        object(fields)
    }

    #[test]
    fn docs_and_order_do_not_count() {
        let documented = Field {
            docs: "Pixels.",
            ..X
        };
        assert_eq!(of(&[X, SIZE]), of(&[SIZE, documented]));
    }

    #[test]
    fn a_rule_that_the_type_implies_does_not_count() {
        let implied = Rules {
            min: Some(0.0),
            max: Some(255.0),
            ..Rules::NONE
        };
        let wide = &Shape::Integer {
            min: -1000,
            max: 1000,
        };
        assert_eq!(
            of(&[SIZE]),
            of(&[Field {
                rules: implied,
                ..SIZE
            }])
        );
        assert_eq!(
            of(&[SIZE]),
            of(&[Field {
                rules: implied,
                shape: wide,
                ..SIZE
            }])
        );
    }

    #[test]
    fn whatever_may_be_said_counts() {
        const POINT: Shape = Shape::Struct(&Struct {
            name: "P",
            docs: "",
            fields: &[X],
        });
        const fn kind(tag: Tag) -> Enum {
            const VARIANTS: &[Variant] = &[Variant {
                key: "pen",
                docs: "",
                content: Content::Newtype(&POINT, Rules::NONE),
            }];
            Enum {
                name: "E",
                docs: "",
                tag,
                variants: VARIANTS,
            }
        }
        const EXTERNAL: Shape = Shape::Enum(&kind(Tag::External));
        const INTERNAL: Shape = Shape::Enum(&kind(Tag::Internal("is")));
        let rules = |rules| Field { rules, ..X };
        let shape = |shape| Field { shape, ..X };
        let need = |need| Field { need, ..X };
        let all = [
            X,
            SIZE,
            rules(Rules {
                min: Some(0.5),
                ..Rules::NONE
            }),
            rules(Rules {
                max: Some(0.5),
                ..Rules::NONE
            }),
            shape(&Shape::F32),
            shape(&Shape::Bool),
            shape(&Shape::String),
            shape(&Shape::Option(&Shape::F64)),
            shape(&Shape::List(&Shape::F64)),
            shape(&POINT),
            shape(&EXTERNAL),
            shape(&INTERNAL),
            need(Need::Optional),
            need(Need::Default(|| "1.0".to_owned())),
            need(Need::Default(|| "2.0".to_owned())),
        ];
        let mut texts: Vec<_> = all.iter().map(|field| of(&[*field])).collect();
        texts.push(of(&[]));
        texts.sort_unstable();
        let count = texts.len();
        texts.dedup();
        assert_eq!(texts.len(), count);

        let decay = |secs| Decay {
            key: "x",
            after: Duration::from_secs(secs),
        };
        assert_ne!(decays(&[decay(1)]), decays(&[decay(2)]));
    }
}
