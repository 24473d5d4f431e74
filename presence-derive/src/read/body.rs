//! The bodies of types: structs, newtypes and enums.

use syn::punctuated::Punctuated;
use syn::{Data, DeriveInput, Member, Token};

use super::Reader;
use super::fields::key;
use crate::attr;
use crate::errors::Errors;
use crate::model::{Body, Content, Default, Newtype, Payload, Tag, Variant};

impl Reader<'_> {
    /// What a type is made of; nothing when it is of a sort that cannot be told from JSON.
    pub(super) fn body(&self, input: &DeriveInput, serde: attr::serde::Container) -> Option<Body> {
        let errors = self.errors;
        if let (Some(span), Data::Enum(_)) = (serde.transparent, &input.data) {
            errors.at(
                span,
                "`#[serde(transparent)]` is for a struct with one field: remove it",
            );
        }
        match &input.data {
            Data::Struct(it) => self.structure(input, &it.fields, &serde),
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
                let variants = it.variants.iter();
                let variants = variants.filter_map(|variant| self.variant(variant, &serde));
                let variants = variants.collect();
                Some(Body::Enum(tag(serde, errors), variants))
            }
            Data::Union(it) => {
                errors.on(it.union_token, "a union has no JSON: use an enum");
                None
            }
        }
    }

    fn structure(
        &self,
        input: &DeriveInput,
        fields: &syn::Fields,
        serde: &attr::serde::Container,
    ) -> Option<Body> {
        let errors = self.errors;
        for (key, span) in [
            ("tag", serde.tag.as_ref().map(|it| it.span)),
            ("content", serde.content.as_ref().map(|it| it.span)),
            (
                "rename_all_fields",
                serde.rename_all_fields.as_ref().map(|it| it.span),
            ),
        ] {
            if let Some(span) = span {
                errors.at(span, format!("`#[serde({key})]` is for enums: remove it"));
            }
        }
        let default = serde.default.as_ref();
        let container = default.map(|it| Default::Container(it.function.clone()));
        match fields {
            syn::Fields::Named(it) if serde.transparent.is_none() => Some(Body::Struct(
                self.fields(&it.named, serde.rename_all, container.as_ref()),
            )),
            syn::Fields::Named(it) => self.newtype(input, &it.named, serde),
            syn::Fields::Unnamed(it) => self.newtype(input, &it.unnamed, serde),
            syn::Fields::Unit => {
                errors.on(
                    &input.ident,
                    "a struct without a body says nothing: write `struct Name {}`, an object without keys",
                );
                None
            }
        }
    }

    /// A struct that looks like its one field.
    fn newtype(
        &self,
        input: &DeriveInput,
        fields: &Punctuated<syn::Field, Token![,]>,
        serde: &attr::serde::Container,
    ) -> Option<Body> {
        let errors = self.errors;
        if let Some(default) = &serde.default {
            errors.at(
                default.span,
                "the value inside has no key that could be left out: put `default` on the field that holds this type",
            );
        }
        let mut said = Vec::new();
        let mut skipped = Vec::new();
        for (i, field) in fields.iter().enumerate() {
            let member = field
                .ident
                .clone()
                .map_or_else(|| Member::from(i), Member::Named);
            let ours = attr::presence::field(&field.attrs, errors);
            let serde = attr::serde::field(&field.attrs, errors);
            match serde.skip {
                Some(_) => skipped.push(self.skipped(member, field, serde.default, None)),
                None => said.push((member, field, ours, serde)),
            }
        }
        if said.len() != 1 {
            errors.on(
                &input.ident,
                match fields {
                    _ if serde.transparent.is_some() => {
                        "`#[serde(transparent)]` is for a struct with one field: skip the others, or remove it"
                    }
                    _ => "a struct without names for its fields has exactly one: write `struct Name { field: Type }`",
                },
            );
            return None;
        }
        let (member, field, mut ours, serde) = said.remove(0);
        self.only_value(
            &ours,
            &serde,
            "the value inside has no key of its own: remove this",
        );
        let validate = ours.validate.clone();
        // Reported, and not taken for what the value looks like.
        ours.wire = None;
        Some(Body::Newtype(Box::new(Newtype {
            member,
            payload: self.payload(&field.ty, ours),
            validate,
            skipped,
        })))
    }

    fn variant(
        &self,
        variant: &syn::Variant,
        container: &attr::serde::Container,
    ) -> Option<Variant> {
        let errors = self.errors;
        attr::presence::variant(&variant.attrs, errors);
        let serde = attr::serde::variant(&variant.attrs, errors);
        let inside = serde
            .rename_all
            .or(container.rename_all_fields.as_ref().map(|it| it.value));
        let content = match &variant.fields {
            syn::Fields::Unit => Content::Unit,
            syn::Fields::Named(it) => Content::Struct(self.fields(&it.named, inside, None)),
            syn::Fields::Unnamed(it) if it.unnamed.len() == 1 => {
                Content::Newtype(Box::new(self.content(&it.unnamed[0])))
            }
            syn::Fields::Unnamed(it) => {
                errors.on(
                    it,
                    "a variant carries nothing, one value or named fields: write `Variant { field: Type }`, or a tuple in further parentheses",
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

    /// The one value of a variant.
    fn content(&self, field: &syn::Field) -> Payload {
        let errors = self.errors;
        let mut ours = attr::presence::field(&field.attrs, errors);
        let serde = attr::serde::field(&field.attrs, errors);
        self.only_value(
            &ours,
            &serde,
            "the value of a variant has no key of its own: remove this",
        );
        if let Some(validate) = &ours.validate {
            errors.on(
                validate,
                "`validate` is for fields: give the variant named fields, or a struct",
            );
        }
        ours.wire = None;
        self.payload(&field.ty, ours)
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
