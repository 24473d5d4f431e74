//! An annotated type as plain data: what `read` found, with the places that `check` points at.

use std::time::Duration;

use proc_macro2::Span;
use syn::{ExprPath, Ident, Path, Type, Visibility};

use crate::kind::Kind;
use crate::pattern::Pattern;

/// A value and where it was written.
#[derive(Debug, Clone, Copy)]
pub struct Spanned<T> {
    pub value: T,
    pub span: Span,
}

/// A type that derives `Presence`.
pub struct Model {
    pub ident: Ident,
    pub visibility: Visibility,
    pub runtime: Path,
    pub name: String,
    pub docs: String,
    pub body: Body,
    pub topic: Option<Topic>,
}

pub enum Body {
    Struct(Vec<Field>),
    Enum(Tag, Vec<Variant>),
}

/// How JSON tells variants apart, in serde's terms.
pub enum Tag {
    External,
    Internal(Spanned<String>),
    Adjacent(Spanned<String>, Spanned<String>),
}

pub struct Variant {
    pub ident: Ident,
    pub key: Spanned<String>,
    pub docs: String,
    pub content: Content,
}

pub enum Content {
    Unit,
    Newtype(Box<Payload>),
    Struct(Vec<Field>),
}

pub struct Field {
    pub ident: Ident,
    pub key: Spanned<String>,
    pub docs: String,
    pub payload: Payload,
    pub default: Option<Default>,
    pub decay: Option<Spanned<Duration>>,
}

/// What a field or newtype variant holds.
pub struct Payload {
    pub ty: Type,
    pub kind: Kind,
    pub rules: Rules,
}

/// The rules of a field as they were written.
#[derive(Debug, Default)]
pub struct Rules {
    pub min: Option<Spanned<Number>>,
    pub max: Option<Spanned<Number>>,
    pub min_chars: Option<Spanned<usize>>,
    pub max_chars: Option<Spanned<usize>>,
    pub max_items: Option<Spanned<usize>>,
}

/// A number of an attribute.
#[derive(Debug, Clone, Copy)]
pub struct Number {
    pub value: f64,
    /// The number when it was written as an integer.
    pub integer: Option<i128>,
}

/// Where the value of a missing field comes from.
#[derive(Clone)]
pub enum Default {
    /// `Default` of the field's type.
    Type,
    /// A function of the field's type.
    Function(ExprPath),
    /// The same field of the container's default: `Default` of the type, or a function.
    Container(Option<ExprPath>),
}

/// What makes a type a topic type.
pub struct Topic {
    pub pattern: Pattern,
    pub span: Span,
    pub settings: Settings,
}

/// The figures that were given.
#[derive(Default)]
pub struct Settings {
    pub ttl: Option<Spanned<Duration>>,
    pub max_ttl: Option<Spanned<Duration>>,
    pub grace: Option<Spanned<Duration>>,
    pub throttle: Option<Spanned<Duration>>,
    pub max_bytes: Option<Spanned<usize>>,
    pub max_members: Option<Spanned<usize>>,
}

impl Model {
    /// All fields: a struct's, or those of all struct variants.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        let (own, variants) = match &self.body {
            Body::Struct(fields) => (fields.as_slice(), [].as_slice()),
            Body::Enum(_, variants) => ([].as_slice(), variants.as_slice()),
        };
        let nested = variants.iter().flat_map(|variant| match &variant.content {
            Content::Struct(fields) => fields.as_slice(),
            Content::Unit | Content::Newtype(_) => &[],
        });
        own.iter().chain(nested)
    }

    /// All that fields and newtype variants hold.
    pub fn payloads(&self) -> impl Iterator<Item = &Payload> {
        let variants = match &self.body {
            Body::Struct(_) => [].as_slice(),
            Body::Enum(_, variants) => variants.as_slice(),
        };
        let newtypes = variants
            .iter()
            .filter_map(|variant| match &variant.content {
                Content::Newtype(payload) => Some(&**payload),
                Content::Unit | Content::Struct(_) => None,
            });
        self.fields().map(|field| &field.payload).chain(newtypes)
    }
}
