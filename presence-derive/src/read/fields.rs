//! Fields, and what they hold.

use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::{Ident, Member, Token, Type};

use super::Reader;
use crate::attr;
use crate::case::Case;
use crate::kind::Kind;
use crate::model::{Default, Field, Fields, Form, Payload, Skipped, Spanned};

impl Reader<'_> {
    /// Refuses what is for fields with a key.
    pub(super) fn only_value(
        &self,
        ours: &attr::presence::Field,
        serde: &attr::serde::Field,
        no_key: &str,
    ) {
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

    /// What a field, newtype or newtype variant holds.
    pub(super) fn payload(&self, ty: &Type, ours: attr::presence::Field) -> Payload {
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

    /// Named fields.
    pub(super) fn fields(
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

    /// A field that is no part of the JSON.
    pub(super) fn skipped(
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

/// The key of a field or variant, and where it was written.
pub(super) fn key(
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
