//! TypeScript types as a tree, made from shapes.

use crate::schema::{Content, Decay, Enum, Field, Need, Rules, Shape, Tag, phrase};

/// Whether a type says what is received or what may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Output,
    Input,
}

/// A TypeScript type.
#[derive(Debug, PartialEq)]
pub(super) enum Type {
    /// A keyword or a literal.
    Word(String),
    /// A type of ours: its name, and the name of the file it stands in.
    Name(String, &'static str),
    Array(Box<Self>),
    Tuple(Vec<Self>),
    /// An object with any keys.
    Map(Box<Self>),
    Object(Vec<Property>),
    Union(Vec<Member>),
    Both(Box<Self>, Box<Self>),
}

#[derive(Debug, PartialEq)]
pub(super) struct Property {
    pub(super) key: &'static str,
    pub(super) is_optional: bool,
    pub(super) of: Type,
    pub(super) docs: Vec<String>,
}

/// A member of a union.
#[derive(Debug, PartialEq)]
pub(super) struct Member {
    pub(super) of: Type,
    pub(super) docs: Vec<String>,
}

/// The most items of an array that are written one by one.
const MOST_PLACES: usize = 64;

/// Whether input of a shape may look different from output.
pub(super) fn differs(shape: &Shape) -> bool {
    match shape {
        Shape::Option(inner) | Shape::List(inner) | Shape::Array(inner, _) | Shape::Map(inner) => {
            differs(inner)
        }
        Shape::Tuple(members) => members.iter().any(|it| differs(it)),
        Shape::Newtype(it) => differs(it.shape),
        Shape::Struct(it) => any_differs(it.fields),
        Shape::Enum(it) => it.variants.iter().any(|variant| match variant.content {
            Content::Unit => false,
            Content::Newtype(shape, _) => differs(shape),
            Content::Struct(fields) => any_differs(fields),
        }),
        _ => false,
    }
}

fn any_differs(fields: &[Field]) -> bool {
    fields.iter().any(|field| {
        !matches!(field.need, Need::Required) || field.server.is_some() || differs(field.shape)
    })
}

/// The name of a named type on a side.
pub(super) fn name(name: &str, shape: &Shape, side: Side) -> String {
    let suffix = if side == Side::Input && differs(shape) {
        "Input"
    } else {
        ""
    };
    format!("{name}{suffix}")
}

/// A shape in full; fields of these keys decay.
pub(super) fn body(shape: &Shape, side: Side, decays: &[Decay]) -> Type {
    match shape {
        Shape::Any => Type::Word("unknown".to_owned()),
        Shape::Bool => Type::Word("boolean".to_owned()),
        Shape::Integer { .. } | Shape::F32 | Shape::F64 => Type::Word("number".to_owned()),
        Shape::String | Shape::Char => Type::Word("string".to_owned()),
        Shape::Option(inner) => Type::Union(vec![
            plain(used(inner, side)),
            plain(Type::Word("null".to_owned())),
        ]),
        Shape::List(inner) => Type::Array(Box::new(used(inner, side))),
        Shape::Array(inner, length) if *length <= MOST_PLACES => {
            Type::Tuple((0..*length).map(|_| used(inner, side)).collect())
        }
        Shape::Array(inner, _) => Type::Array(Box::new(used(inner, side))),
        Shape::Tuple(members) => Type::Tuple(members.iter().map(|it| used(it, side)).collect()),
        Shape::Map(inner) => Type::Map(Box::new(used(inner, side))),
        Shape::Newtype(it) => used(it.shape, side),
        Shape::Again(_) => used(shape, side),
        Shape::Struct(it) => object(it.fields, side, decays),
        Shape::Enum(it) => variants(it, side),
    }
}

/// A shape where it is used.
fn used(shape: &Shape, side: Side) -> Type {
    match shape {
        Shape::Struct(it) => Type::Name(name(it.name, shape, side), it.name),
        Shape::Enum(it) => Type::Name(name(it.name, shape, side), it.name),
        Shape::Newtype(it) => Type::Name(name(it.name, shape, side), it.name),
        Shape::Again(it) => Type::Name(name(it.name, (it.shape)(), side), it.name),
        _ => body(shape, side, &[]),
    }
}

fn object(fields: &[Field], side: Side, decays: &[Decay]) -> Type {
    let property = |field: &Field| Property {
        key: field.key,
        is_optional: match side {
            Side::Input => !matches!(field.need, Need::Required),
            Side::Output => field.is_omitted,
        },
        of: used(field.shape, side),
        docs: docs(field, side, decays),
    };
    let fields = fields
        .iter()
        .filter(|field| side == Side::Output || field.server.is_none());
    Type::Object(fields.map(property).collect())
}

/// The docs of a field, and what its type does not say.
fn docs(field: &Field, side: Side, decays: &[Decay]) -> Vec<String> {
    let mut lines = lines(field.docs);
    lines.extend(constraint(field.shape, &field.rules));
    if let Need::Default(default) = field.need {
        let default = default();
        if side == Side::Input {
            lines.push(format!("Defaults to `{default}`."));
        }
        if let Some(decay) = decays.iter().find(|decay| decay.key == field.key) {
            let seconds = decay.after.as_secs_f64();
            lines.push(format!(
                "Falls back to `{default}` {seconds} s after it was last sent."
            ));
        }
    }
    lines
}

fn constraint(shape: &Shape, rules: &Rules) -> Option<String> {
    let mut leaf = shape;
    while let Shape::Option(inner)
    | Shape::List(inner)
    | Shape::Array(inner, _)
    | Shape::Map(inner) = leaf
    {
        leaf = inner;
    }
    let leaf_says = matches!(leaf, Shape::Integer { .. });
    if !leaf_says && *rules == Rules::NONE {
        return None;
    }
    let phrase = phrase(shape, rules);
    let mut chars = phrase.chars();
    let first = chars.next()?.to_uppercase();
    Some(format!("{first}{}.", chars.as_str()))
}

/// What is asked for, lists with their items: "an array of at most 3 items, each a string".
fn phrase(shape: &Shape, rules: &Rules) -> String {
    let own = phrase::value(shape, rules);
    match shape {
        Shape::Integer { .. } | Shape::F32 | Shape::F64 => match rules.unit {
            Some(unit) => format!("{own}, in {unit}"),
            None => own,
        },
        Shape::String => match rules.pattern {
            Some(pattern) => format!("{own} that matches `{}`", pattern.source),
            None => own,
        },
        Shape::List(inner) | Shape::Array(inner, _) => {
            format!("{own}, each {}", phrase(inner, rules))
        }
        Shape::Tuple(members) => {
            let members: Vec<_> = members.iter().map(|it| phrase(it, rules)).collect();
            format!("{own}: {}", members.join("; "))
        }
        Shape::Map(inner) => format!(
            "{own}, each key {}, each value {}",
            phrase(&Shape::String, rules),
            phrase(
                inner,
                &Rules {
                    pattern: None,
                    ..*rules
                }
            )
        ),
        Shape::Option(inner) => format!("{}, or null", phrase(inner, rules)),
        _ => own,
    }
}

fn variants(it: &Enum, side: Side) -> Type {
    let variant = |variant: &crate::schema::Variant| {
        let key = literal(variant.key);
        let of = match (it.tag, variant.content) {
            (Tag::External, Content::Unit) => key,
            (Tag::External, content) => record([(variant.key, carried(content, side))]),
            (Tag::Internal(tag) | Tag::Adjacent(tag, _), Content::Unit) => record([(tag, key)]),
            (Tag::Internal(tag), Content::Newtype(shape, _)) => {
                Type::Both(Box::new(record([(tag, key)])), Box::new(used(shape, side)))
            }
            (Tag::Internal(tag), Content::Struct(fields)) => {
                let mut properties = vec![property(tag, key)];
                if let Type::Object(own) = object(fields, side, &[]) {
                    properties.extend(own);
                }
                Type::Object(properties)
            }
            (Tag::Adjacent(tag, content_key), content) => {
                record([(tag, key), (content_key, carried(content, side))])
            }
        };
        let mut docs = lines(variant.docs);
        if let Content::Newtype(shape, rules) = variant.content {
            docs.extend(constraint(shape, &rules));
        }
        Member { of, docs }
    };
    Type::Union(it.variants.iter().map(variant).collect())
}

fn carried(content: Content, side: Side) -> Type {
    match content {
        Content::Unit => Type::Word("null".to_owned()),
        Content::Newtype(shape, _) => used(shape, side),
        Content::Struct(fields) => object(fields, side, &[]),
    }
}

fn record<const N: usize>(entries: [(&'static str, Type); N]) -> Type {
    Type::Object(entries.map(|(key, of)| property(key, of)).into())
}

fn property(key: &'static str, of: Type) -> Property {
    Property {
        key,
        is_optional: false,
        of,
        docs: Vec::new(),
    }
}

fn plain(of: Type) -> Member {
    Member {
        of,
        docs: Vec::new(),
    }
}

fn literal(text: &str) -> Type {
    Type::Word(serde_json::Value::from(text).to_string())
}

impl Type {
    /// Calls `see` for every type of ours in it, with its file.
    pub(super) fn names(&self, see: &mut impl FnMut(&str, &'static str)) {
        match self {
            Self::Word(_) => {}
            Self::Name(name, file) => see(name, file),
            Self::Array(inner) | Self::Map(inner) => inner.names(see),
            Self::Tuple(members) => members.iter().for_each(|it| it.names(see)),
            Self::Object(properties) => properties.iter().for_each(|it| it.of.names(see)),
            Self::Union(members) => members.iter().for_each(|it| it.of.names(see)),
            Self::Both(one, other) => {
                one.names(see);
                other.names(see);
            }
        }
    }
}

/// The docs of a named type; a newtype's say what its value may be.
pub(super) fn docs_of(docs: &str, shape: &Shape) -> Vec<String> {
    let mut lines = lines(docs);
    if let Shape::Newtype(it) = shape {
        lines.extend(constraint(it.shape, &it.rules));
    }
    lines
}

/// Docs line by line.
pub(super) fn lines(docs: &str) -> Vec<String> {
    docs.lines().map(str::to_owned).collect()
}
