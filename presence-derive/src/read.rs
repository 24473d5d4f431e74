//! Reads a type into the model, reporting what is wrong with each part by itself.

use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::{Data, DeriveInput, Fields, Ident, LitStr, Token, Type};

use crate::attr;
use crate::case::Case;
use crate::errors::Errors;
use crate::kind::Kind;
use crate::model::{Body, Content, Default, Field, Model, Payload, Spanned, Tag, Topic, Variant};
use crate::pattern::Pattern;

/// Reads a type; nothing when it is of a sort that cannot be told from JSON.
pub fn read(input: &DeriveInput, errors: &Errors) -> Option<Model> {
    let ours = attr::presence::container(&input.attrs, errors);
    let serde = attr::serde::container(&input.attrs, errors);
    if !input.generics.params.is_empty() {
        errors.on(
            &input.generics,
            "a presence type has no parameters: clients could not say which it was; write the types out",
        );
    }
    let name = match &ours.name {
        Some(name) => type_name(name, errors),
        None => input.ident.unraw().to_string(),
    };
    let runtime = ours.runtime.clone();
    let topic = topic(ours, errors);
    let body = body(input, serde, errors)?;
    Some(Model {
        ident: input.ident.clone(),
        visibility: input.vis.clone(),
        runtime: runtime.unwrap_or_else(|| syn::parse_quote!(::presence_runtime)),
        name,
        docs: attr::docs(&input.attrs),
        body,
        topic,
    })
}

fn topic(ours: attr::presence::Container, errors: &Errors) -> Option<Topic> {
    let Some(literal) = ours.topic else {
        let stray = ours.needs_topic.into_iter().filter(|_| !ours.has_topic);
        for entry in stray {
            errors.at(
                entry.span(),
                format!("`{}` means nothing without `topic = \"…\"`", entry.key),
            );
        }
        return None;
    };
    Some(Topic {
        pattern: Pattern::parse(&literal, errors)?,
        span: literal.span(),
        settings: ours.settings,
    })
}

/// Types of the languages the contract is written in have such names.
fn type_name(literal: &LitStr, errors: &Errors) -> String {
    let name = literal.value();
    let mut chars = name.chars();
    let starts = chars.next().is_some_and(|c| c.is_ascii_alphabetic());
    if !starts || !chars.all(|c| c.is_ascii_alphanumeric() || c == '_') {
        errors.on(
            literal,
            "a name has the characters A-Z a-z 0-9 _ and begins with a letter",
        );
    }
    name
}

fn body(input: &DeriveInput, serde: attr::serde::Container, errors: &Errors) -> Option<Body> {
    match &input.data {
        Data::Struct(it) => {
            for (key, span) in [
                ("tag", serde.tag.map(|it| it.span)),
                ("content", serde.content.map(|it| it.span)),
                (
                    "rename_all_fields",
                    serde.rename_all_fields.map(|it| it.span),
                ),
            ] {
                if let Some(span) = span {
                    errors.at(span, format!("`#[serde({key})]` is for enums: remove it"));
                }
            }
            let Fields::Named(named) = &it.fields else {
                errors.on(
                    &input.ident,
                    "a presence type has named fields, which become the keys of an object: write `struct Name { field: Type }`",
                );
                return None;
            };
            let default = serde.default.map(|it| Default::Container(it.function));
            let named = &named.named;
            Some(Body::Struct(fields(
                named,
                serde.rename_all,
                default.as_ref(),
                errors,
            )))
        }
        Data::Enum(it) => {
            if let Some(default) = &serde.default {
                errors.at(
                    default.span,
                    "`#[serde(default)]` on a type is for structs: put it on the field that holds the enum",
                );
            }
            if it.variants.is_empty() {
                errors.on(
                    &input.ident,
                    "an enum without variants has no value: add one",
                );
            }
            let variants = it
                .variants
                .iter()
                .filter_map(|variant| read_variant(variant, &serde, errors))
                .collect();
            Some(Body::Enum(tag(serde, errors), variants))
        }
        Data::Union(it) => {
            errors.on(it.union_token, "a union has no JSON: use an enum");
            None
        }
    }
}

fn tag(serde: attr::serde::Container, errors: &Errors) -> Tag {
    match (serde.tag, serde.content) {
        (None, None) => Tag::External,
        (Some(tag), None) => Tag::Internal(tag),
        (Some(tag), Some(content)) => Tag::Adjacent(tag, content),
        (None, Some(content)) => {
            errors.at(
                content.span,
                "`content` needs a `tag` beside it: `#[serde(tag = \"type\", content = \"data\")]`",
            );
            Tag::External
        }
    }
}

fn read_variant(
    variant: &syn::Variant,
    container: &attr::serde::Container,
    errors: &Errors,
) -> Option<Variant> {
    attr::presence::variant(&variant.attrs, errors);
    let serde = attr::serde::variant(&variant.attrs, errors);
    let inside = serde
        .rename_all
        .or(container.rename_all_fields.as_ref().map(|it| it.value));
    let content = match &variant.fields {
        Fields::Unit => Content::Unit,
        Fields::Named(it) => Content::Struct(fields(&it.named, inside, None, errors)),
        Fields::Unnamed(it) if it.unnamed.len() == 1 => {
            Content::Newtype(Box::new(newtype(&it.unnamed[0], errors)))
        }
        Fields::Unnamed(it) => {
            errors.on(
                it,
                "a variant carries nothing, one value or named fields: write `Variant { field: Type }`",
            );
            return None;
        }
    };
    let key = key(serde.rename, &variant.ident, |name| {
        container.rename_all.map(|case| case.variant(name))
    });
    Some(Variant {
        ident: variant.ident.clone(),
        key,
        docs: attr::docs(&variant.attrs),
        content,
    })
}

fn newtype(field: &syn::Field, errors: &Errors) -> Payload {
    let ours = attr::presence::field(&field.attrs, errors);
    let serde = attr::serde::field(&field.attrs, errors);
    let keys = [
        serde.rename.map(|it| it.span),
        serde.default.map(|it| it.span),
    ];
    for span in keys.into_iter().flatten() {
        errors.at(
            span,
            "the value of a variant has no key of its own: remove this",
        );
    }
    if let Some(decay) = ours.decay {
        errors.at(
            decay.span,
            "`decay` is for the fields of a struct with a `topic`",
        );
    }
    payload(&field.ty, ours)
}

fn payload(ty: &Type, ours: attr::presence::Field) -> Payload {
    Payload {
        ty: ty.clone(),
        kind: Kind::of(ty),
        rules: ours.rules,
    }
}

fn fields(
    fields: &Punctuated<syn::Field, Token![,]>,
    case: Option<Case>,
    container: Option<&Default>,
    errors: &Errors,
) -> Vec<Field> {
    let named = fields
        .iter()
        .filter_map(|field| Some((field.ident.as_ref()?, field)));
    named
        .map(|(ident, field)| {
            let ours = attr::presence::field(&field.attrs, errors);
            let serde = attr::serde::field(&field.attrs, errors);
            let own = serde.default.map(|it| match it.function {
                Some(function) => Default::Function(function),
                None => Default::Type,
            });
            Field {
                ident: ident.clone(),
                key: key(serde.rename, ident, |name| {
                    case.map(|case| case.field(name))
                }),
                docs: attr::docs(&field.attrs),
                decay: ours.decay,
                payload: payload(&field.ty, ours),
                default: own.or_else(|| container.cloned()),
            }
        })
        .collect()
}

fn key(
    renamed: Option<Spanned<String>>,
    ident: &Ident,
    by_case: impl FnOnce(&str) -> Option<String>,
) -> Spanned<String> {
    renamed.unwrap_or_else(|| {
        let name = ident.unraw().to_string();
        Spanned {
            value: by_case(&name).unwrap_or(name),
            span: ident.span(),
        }
    })
}
