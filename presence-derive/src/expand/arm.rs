//! A variant of an enum: its data, its pattern, and what becomes of it in each method.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::Ident;
use syn::spanned::Spanned as _;

use super::fields::Set;
use super::{Context, data};
use crate::model::{Content, Fields, Payload, Variant};

/// A variant with the names of its items.
pub struct Arm<'a> {
    variant: &'a Variant,
    pub inside: Inside<'a>,
}

/// What a variant carries.
pub enum Inside<'a> {
    Unit,
    Newtype {
        payload: &'a Payload,
        /// The constant that holds its rules.
        rules: Ident,
    },
    Struct(Set<'a>, &'a Fields),
}

impl<'a> Arm<'a> {
    pub fn new(context: &Context<'_>, index: usize, variant: &'a Variant) -> Self {
        let inside = match &variant.content {
            Content::Unit => Inside::Unit,
            Content::Newtype(payload) => Inside::Newtype {
                payload,
                rules: format_ident!("__RULES_{index}"),
            },
            Content::Struct(fields) => Inside::Struct(
                Set::of_variant(context, index, &variant.ident, fields),
                fields,
            ),
        };
        Self { variant, inside }
    }

    /// Its constants, and the struct that is filled while it is read.
    pub fn items(&self, context: &Context<'_>) -> TokenStream {
        let private = &context.private;
        match &self.inside {
            Inside::Unit => TokenStream::new(),
            Inside::Newtype { payload, rules } => {
                let value = data::rules(context, &payload.rules);
                quote!(const #rules: #private::Rules = #value;)
            }
            Inside::Struct(set, _) => set.items(context),
        }
    }

    /// A `Variant`.
    pub fn data(&self, context: &Context<'_>) -> TokenStream {
        let private = &context.private;
        let Variant { key, docs, .. } = self.variant;
        let key = &key.value;
        let content = match &self.inside {
            Inside::Unit => quote!(#private::Content::Unit),
            Inside::Newtype { payload, rules } => {
                let shape = data::shape(context, payload);
                quote!(#private::Content::Newtype(#shape, #rules))
            }
            Inside::Struct(set, _) => {
                let data = &set.data;
                quote!(#private::Content::Struct(#data))
            }
        };
        quote!(#private::Variant { key: #key, docs: #docs, content: #content })
    }

    /// The pattern that binds what it carries to `__0`, `__1` and so on.
    pub fn pattern(&self) -> TokenStream {
        let name = &self.variant.ident;
        match &self.inside {
            Inside::Unit => quote!(Self::#name),
            Inside::Newtype { .. } => quote!(Self::#name(__0)),
            Inside::Struct(_, fields) => {
                let idents = fields.said.iter().map(|it| &it.ident);
                let bound = bound(fields);
                let more = (!fields.skipped.is_empty()).then(|| quote!(..));
                quote!(Self::#name { #(#idents: #bound,)* #more })
            }
        }
    }

    /// Reads it from `body`.
    pub fn read(&self, context: &Context<'_>) -> TokenStream {
        let private = &context.private;
        let name = &self.variant.ident;
        match &self.inside {
            Inside::Unit => quote!(#private::Body::unit(body).map(|()| Self::#name)),
            Inside::Newtype { payload, rules } => {
                let content = context.ask(&payload.ty, "content", &quote!(body, &#rules));
                quote_spanned!(payload.ty.span()=> #content.map(Self::#name))
            }
            Inside::Struct(set, _) => {
                let filled = &set.filled;
                quote!(#private::Body::fields::<#filled>(body))
            }
        }
    }

    /// Whether what it carries keeps its rules.
    pub fn kept(&self, context: &Context<'_>) -> TokenStream {
        match &self.inside {
            Inside::Unit => quote!(true),
            Inside::Newtype { payload, rules } => {
                context.ask(&payload.ty, "keeps", &quote!(__0, &#rules))
            }
            Inside::Struct(set, fields) => set.keep(context, bound(fields).map(|it| quote!(#it))),
        }
    }

    /// Expressions that name a field whose default breaks its rules.
    pub fn bad_defaults(&self, context: &Context<'_>) -> Vec<TokenStream> {
        match &self.inside {
            Inside::Newtype { payload, .. } if payload.kind.has_named() => {
                vec![context.ask(&payload.ty, "bad_default", &TokenStream::new())]
            }
            Inside::Unit | Inside::Newtype { .. } => Vec::new(),
            Inside::Struct(set, _) => set.bad_defaults(context),
        }
    }
}

/// The names under which a pattern binds fields.
pub fn bound(fields: &Fields) -> impl Iterator<Item = Ident> {
    (0..fields.said.len()).map(|i| format_ident!("__{i}"))
}
