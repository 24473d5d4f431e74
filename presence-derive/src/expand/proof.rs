//! What the compiler proves of a type. The panics stand in the user's code, where their spans are:
//! in a function of the runtime, the compiler would point there.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;

use super::{Context, data};
use crate::model::{Body, Content, Payload, Tag, Topic};

/// The most bytes of a value when the attributes say nothing.
const DEFAULT_MAX_BYTES: usize = 1024;

/// The assertions.
pub fn proofs(context: &Context<'_>) -> TokenStream {
    if context.is_generic() {
        return TokenStream::new();
    }
    let unseen = context.model.payloads().filter(|it| it.kind.has_named());
    let fits = unseen.map(|payload| {
        let span = payload.ty.span();
        let assertion = fits(context, payload);
        quote_spanned!(span=> const _: () = #assertion;)
    });
    let apart = apart(context);
    let size = context
        .model
        .topic
        .as_ref()
        .map(|topic| size(context, topic));
    quote!(#(#fits)* #apart #size)
}

/// The assertions of a type with parameters: what they are is known where the type is used.
pub fn inside(context: &Context<'_>) -> TokenStream {
    if !context.is_generic() {
        return TokenStream::new();
    }
    let unseen = context.model.payloads().filter(|it| it.kind.has_named());
    unseen
        .map(|payload| {
            let assertion = fits(context, payload);
            quote!(#assertion;)
        })
        .collect()
}

/// What hides behind the name of a type goes with the rules of the field.
fn fits(context: &Context<'_>, payload: &Payload) -> TokenStream {
    let private = &context.private;
    let shape = data::shape(context, payload);
    let rules = data::rules(context, &payload.rules);
    assertion(payload.ty.span(), &quote!(#private::unfit(#shape, &#rules)))
}

/// No struct beside a tag has a field with the tag's key.
fn apart(context: &Context<'_>) -> TokenStream {
    let private = &context.private;
    let Body::Enum(Tag::Internal(tag), variants) = &context.model.body else {
        return TokenStream::new();
    };
    let tag = &tag.value;
    variants
        .iter()
        .filter_map(|variant| match &variant.content {
            Content::Newtype(payload) => {
                let shape = data::shape(context, payload);
                let clash = quote!(#private::clashes(#shape, #tag));
                let span = payload.ty.span();
                let assertion = assertion(span, &clash);
                Some(quote_spanned!(span=> const _: () = #assertion;))
            }
            Content::Unit | Content::Struct(_) => None,
        })
        .collect()
}

/// Every value fits in `max_bytes`.
fn size(context: &Context<'_>, topic: &Topic) -> TokenStream {
    let private = &context.private;
    let ident = context.ident();
    let name = ident.to_string();
    let (limit, span) = match topic.settings.max_bytes {
        Some(given) => (given.value, given.span),
        None => (DEFAULT_MAX_BYTES, topic.span),
    };
    let shape = quote!(<#ident as #private::Wire>::SHAPE);
    let assertion = assertion(span, &quote!(#private::oversized(#shape, #name, #limit)));
    quote_spanned!(span=> const _: () = #assertion;)
}

fn assertion(span: Span, message: &TokenStream) -> TokenStream {
    quote_spanned! {span=>
        if let ::core::option::Option::Some(message) = #message {
            ::core::panic!("{}", message.as_str())
        }
    }
}
