//! An annotated type as plain data: what `read` found, with the places that `check` points at.

use std::time::Duration;

use proc_macro2::Span;
use quote::ToTokens;
use syn::{
    Expr, ExprPath, GenericArgument, Generics, Ident, Member, Path, PathArguments, Type, Visibility,
};

use crate::kind::{self, Kind};
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
    pub generics: Generics,
    pub runtime: Path,
    pub name: String,
    pub docs: String,
    pub body: Body,
    pub topic: Option<Topic>,
}

pub enum Body {
    Struct(Fields),
    Newtype(Box<Newtype>),
    Enum(Tag, Vec<Variant>),
}

/// A struct that looks like its one value.
pub struct Newtype {
    /// The field's name, or 0.
    pub member: Member,
    pub payload: Payload,
    pub validate: Option<Expr>,
    pub skipped: Vec<Skipped>,
}

/// Named fields.
pub struct Fields {
    /// Those that are said.
    pub said: Vec<Field>,
    pub skipped: Vec<Skipped>,
}

/// A field that is no part of the JSON.
pub struct Skipped {
    pub member: Member,
    pub ty: Type,
    pub default: Default,
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
    Struct(Fields),
}

pub struct Field {
    pub ident: Ident,
    pub key: Spanned<String>,
    pub docs: String,
    pub payload: Payload,
    pub default: Option<Default>,
    pub decay: Option<Spanned<Duration>>,
    /// The claim from which the server sets it.
    pub server: Option<Spanned<String>>,
    /// A function that judges it.
    pub validate: Option<Expr>,
    /// A function that says when output leaves it out.
    pub omit: Option<ExprPath>,
}

/// What a field or newtype variant holds.
pub struct Payload {
    pub ty: Type,
    /// What it looks like: the wire form's kind where there is one.
    pub kind: Kind,
    pub rules: Rules,
    pub wire: Option<Form>,
}

impl Payload {
    /// The type that a value looks like.
    pub fn looks(&self) -> &Type {
        self.wire.as_ref().map_or(&self.ty, |it| &it.json)
    }
}

/// The type a value is converted to and from: what stands in the field's `Option`s and `Vec`s.
pub struct Form {
    /// What the field holds there.
    pub rust: Type,
    /// What that looks like.
    pub leaf: Type,
    /// What the whole field looks like.
    pub json: Type,
    /// What stands around, outermost first: `Option` or `Vec`.
    pub nests: Vec<Ident>,
    pub span: Span,
}

impl Form {
    pub fn new(ty: &Type, leaf: &Type, span: Span) -> Self {
        let mut nests = Vec::new();
        let mut rust = ty;
        while let Some((nest, inner)) = nest(rust) {
            nests.push(nest);
            rust = inner;
        }
        let mut json = leaf.clone();
        for nest in nests.iter().rev() {
            json = syn::parse_quote_spanned!(span=> #nest<#json>);
        }
        Self {
            rust: rust.clone(),
            leaf: leaf.clone(),
            json,
            nests,
            span,
        }
    }
}

fn nest(ty: &Type) -> Option<(Ident, &Type)> {
    let Type::Path(it) = kind::bare(ty) else {
        return None;
    };
    let segment = it.path.segments.last()?;
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return None;
    };
    match arguments.args.first()? {
        GenericArgument::Type(inner) if segment.ident == "Option" || segment.ident == "Vec" => {
            Some((segment.ident.clone(), inner))
        }
        _ => None,
    }
}

/// The rules of a field as they were written.
#[derive(Debug, Default)]
pub struct Rules {
    pub min: Option<Spanned<Number>>,
    pub max: Option<Spanned<Number>>,
    pub min_chars: Option<Spanned<usize>>,
    pub max_chars: Option<Spanned<usize>>,
    pub max_items: Option<Spanned<usize>>,
    pub pattern: Option<Expression>,
    /// What numbers are counted in.
    pub unit: Option<Spanned<String>>,
}

/// A regular expression that Rust and ECMAScript read alike.
#[derive(Debug)]
pub struct Expression {
    pub source: String,
    /// The most bytes of JSON that a character of a matching string needs.
    pub widest: usize,
    pub span: Span,
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
    pub version: Option<Spanned<usize>>,
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
            Body::Struct(fields) => (fields.said.as_slice(), [].as_slice()),
            Body::Newtype(_) => ([].as_slice(), [].as_slice()),
            Body::Enum(_, variants) => ([].as_slice(), variants.as_slice()),
        };
        let nested = variants.iter().flat_map(|variant| match &variant.content {
            Content::Struct(fields) => fields.said.as_slice(),
            Content::Unit | Content::Newtype(_) => &[],
        });
        own.iter().chain(nested)
    }

    /// The parameters that the JSON tells of. The others stand in skipped fields only.
    pub fn told(&self) -> Vec<&Ident> {
        let parameters = self.generics.type_params().map(|it| &it.ident);
        let is_told = |name: &&Ident| {
            self.payloads().any(|payload| {
                let looks = payload.looks();
                kind::mentions(looks.to_token_stream(), name)
            })
        };
        parameters.filter(is_told).collect()
    }

    /// All that fields, newtypes and newtype variants hold.
    pub fn payloads(&self) -> impl Iterator<Item = &Payload> {
        let (newtype, variants) = match &self.body {
            Body::Struct(_) => (None, [].as_slice()),
            Body::Newtype(it) => (Some(&it.payload), [].as_slice()),
            Body::Enum(_, variants) => (None, variants.as_slice()),
        };
        let newtypes = variants
            .iter()
            .filter_map(|variant| match &variant.content {
                Content::Newtype(payload) => Some(&**payload),
                Content::Unit | Content::Struct(_) => None,
            });
        let fields = self.fields().map(|field| &field.payload);
        fields.chain(newtype).chain(newtypes)
    }
}
