//! Reads a type into the model, reporting what is wrong with each part by itself.

use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::{Data, DeriveInput, GenericParam, Ident, LitStr, Member, Token, Type};

use crate::attr;
use crate::case::Case;
use crate::errors::Errors;
use crate::kind::{Kind, Own};
use crate::model::{
    Body, Content, Default, Field, Fields, Form, Model, Newtype, Payload, Skipped, Spanned, Tag,
    Topic, Variant,
};
use crate::pattern::Pattern;

/// Reads a type; nothing when it is of a sort that cannot be told from JSON.
pub fn read(input: &DeriveInput, errors: &Errors) -> Option<Model> {
    let ours = attr::presence::container(&input.attrs, errors);
    let serde = attr::serde::container(&input.attrs, errors);
    parameters(input, &ours, errors);
    let name = match &ours.name {
        Some(name) => type_name(name, errors),
        None => input.ident.unraw().to_string(),
    };
    let runtime = ours.runtime.clone();
    let topic = topic(ours, errors);
    let reader = Reader {
        own: Own::new(&input.ident, &input.generics),
        errors,
    };
    let body = reader.body(input, serde)?;
    Some(Model {
        ident: input.ident.clone(),
        visibility: input.vis.clone(),
        generics: input.generics.clone(),
        runtime: runtime.unwrap_or_else(|| syn::parse_quote!(::presence_runtime)),
        name,
        docs: attr::docs(&input.attrs),
        body,
        topic,
    })
}

/// A struct may have type parameters, for which types are put where it is used.
fn parameters(input: &DeriveInput, ours: &attr::presence::Container, errors: &Errors) {
    for parameter in &input.generics.params {
        match parameter {
            GenericParam::Lifetime(it) => errors.on(
                it,
                "a value owns its data: use `String`, `Vec` or the type itself, and no lifetime",
            ),
            GenericParam::Const(it) => errors.on(
                it,
                "clients could not say which number it was: write the number out",
            ),
            GenericParam::Type(it) if ours.has_topic => errors.on(
                it,
                "a topic has values of one type: make a struct with the topic that holds this one with its types written out",
            ),
            GenericParam::Type(it) if matches!(input.data, Data::Enum(_)) => errors.on(
                it,
                "of types with parameters only structs can be told apart by their use: write the types out",
            ),
            GenericParam::Type(_) => {}
        }
    }
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

/// Reads the parts of a type, which may hold the type itself.
struct Reader<'a> {
    own: Own,
    errors: &'a Errors,
}

impl Reader<'_> {
    fn body(&self, input: &DeriveInput, serde: attr::serde::Container) -> Option<Body> {
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
        let (member, field, ours, serde) = said.remove(0);
        self.only_value(
            &ours,
            &serde,
            "the value inside has no key of its own: remove this",
        );
        let validate = ours.validate.clone();
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
        let ours = attr::presence::field(&field.attrs, errors);
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
        self.payload(&field.ty, ours)
    }

    /// Refuses what is for fields with a key.
    fn only_value(&self, ours: &attr::presence::Field, serde: &attr::serde::Field, no_key: &str) {
        let errors = self.errors;
        let keys = [
            serde.rename.as_ref().map(|it| it.span),
            serde.default.as_ref().map(|it| it.span),
            serde.skip,
            serde.omit.as_ref().map(|it| it.span),
        ];
        for span in keys.into_iter().flatten() {
            errors.at(span, no_key);
        }
        if let Some(decay) = ours.decay {
            errors.at(
                decay.span,
                "`decay` is for the fields of a struct with a `topic`",
            );
        }
        if let Some(server) = &ours.server {
            errors.at(
                server.span,
                "`server` is for the fields of a struct with a `topic`",
            );
        }
        if let Some(wire) = &ours.wire {
            errors.at(
                wire.span,
                "`wire` is for fields: put it where this type is used",
            );
        }
    }

    fn payload(&self, ty: &Type, ours: attr::presence::Field) -> Payload {
        let ty = self.own.named(ty);
        let wire = ours.wire.map(|it| Form::new(&ty, &it.value, it.span));
        let looks = wire.as_ref().map_or(&ty, |it| &it.json);
        Payload {
            kind: Kind::of(looks, &self.own),
            rules: ours.rules,
            ty,
            wire,
        }
    }

    fn fields(
        &self,
        fields: &Punctuated<syn::Field, Token![,]>,
        case: Option<Case>,
        container: Option<&Default>,
    ) -> Fields {
        let errors = self.errors;
        let mut said = Vec::new();
        let mut skipped = Vec::new();
        for field in fields {
            let Some(ident) = &field.ident else { continue };
            let mut ours = attr::presence::field(&field.attrs, errors);
            let serde = attr::serde::field(&field.attrs, errors);
            if serde.skip.is_some() {
                self.nothing_else(field, &ours, &serde);
                let member = Member::Named(ident.clone());
                skipped.push(self.skipped(member, field, serde.default, container));
                continue;
            }
            let own = serde.default.map(|it| match it.function {
                Some(function) => Default::Function(function),
                None => Default::Type,
            });
            said.push(Field {
                ident: ident.clone(),
                key: key(serde.rename, ident, |name| {
                    case.map(|case| case.field(name))
                }),
                docs: attr::docs(&field.attrs),
                decay: ours.decay,
                server: ours.server.take(),
                validate: ours.validate.take(),
                omit: serde.omit.map(|it| it.value),
                payload: self.payload(&field.ty, ours),
                default: own.or_else(|| container.cloned()),
            });
        }
        Fields { said, skipped }
    }

    /// What is skipped has neither a key nor rules.
    fn nothing_else(
        &self,
        field: &syn::Field,
        ours: &attr::presence::Field,
        serde: &attr::serde::Field,
    ) {
        let has_key = serde.rename.is_some() || serde.omit.is_some();
        let has_rules = field.attrs.iter().any(|it| it.path().is_ident("presence"));
        if has_key || has_rules || ours.decay.is_some() {
            self.errors.on(
                &field.ident,
                "a skipped field is no part of the JSON: remove its other attributes, or `skip`",
            );
        }
    }

    fn skipped(
        &self,
        member: Member,
        field: &syn::Field,
        default: Option<attr::serde::Default>,
        container: Option<&Default>,
    ) -> Skipped {
        Skipped {
            member,
            ty: self.own.named(&field.ty),
            default: match (default, container) {
                (Some(it), _) => it.function.map_or(Default::Type, Default::Function),
                (None, Some(container)) => container.clone(),
                (None, None) => Default::Type,
            },
        }
    }
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
