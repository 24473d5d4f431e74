//! The constants: fields, rules and variants as the runtime's shapes have them.

use std::time::Duration;

use proc_macro2::{Literal, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;

use super::Context;
use crate::model::{Default, Field, Number, Payload, Rules, Spanned, Tag};

/// The shape of what a field holds. Its span is the type's, where a missing trait is reported.
pub fn shape(context: &Context<'_>, payload: &Payload) -> TokenStream {
    let wire = context.wire(&payload.ty);
    quote_spanned!(payload.ty.span()=> #wire::SHAPE)
}

/// A `Field`.
pub fn field(context: &Context<'_>, field: &Field) -> TokenStream {
    let private = &context.private;
    let Field { key, docs, .. } = field;
    let key = &key.value;
    let ty = &field.payload.ty;
    let shape = shape(context, &field.payload);
    let rules = rules(context, &field.payload.rules);
    let need = match default(context, field) {
        Some(_) if defaults_to_null(field) => quote!(#private::Need::Optional),
        Some(default) => {
            let wire = context.wire(ty);
            let json = quote_spanned!(ty.span()=> #wire::json(&#default));
            quote!(#private::Need::Default(|| #json))
        }
        None => quote!(#private::Need::of(#shape)),
    };
    quote! {
        #private::Field {
            key: #key,
            docs: #docs,
            shape: #shape,
            rules: #rules,
            need: #need,
            is_omitted: false,
            server: ::core::option::Option::None,
            check: ::core::option::Option::None,
        }
    }
}

/// An Option's own default is None, which is what `null` means and what a missing Option is anyway.
pub fn defaults_to_null(field: &Field) -> bool {
    field.payload.kind.is_option() && matches!(field.default, Some(Default::Type))
}

/// The value of a field that was left out, when it has a default.
pub fn default(context: &Context<'_>, field: &Field) -> Option<TokenStream> {
    let ty = &field.payload.ty;
    let own = context.ident();
    let ident = &field.ident;
    let default = field.default.as_ref()?;
    Some(match default {
        Default::Type => quote_spanned!(ty.span()=> <#ty as ::core::default::Default>::default()),
        Default::Function(function) => {
            quote_spanned!(function.span()=> ::core::convert::identity::<#ty>(#function()))
        }
        Default::Container(None) => {
            quote_spanned!(own.span()=> <#own as ::core::default::Default>::default().#ident)
        }
        Default::Container(Some(function)) => {
            quote_spanned!(function.span()=> ::core::convert::identity::<#own>(#function()).#ident)
        }
    })
}

/// The same as a function.
pub fn default_function(context: &Context<'_>, field: &Field) -> Option<TokenStream> {
    let ty = &field.payload.ty;
    Some(match field.default.as_ref()? {
        Default::Type => quote_spanned!(ty.span()=> <#ty as ::core::default::Default>::default),
        Default::Function(_) | Default::Container(_) => {
            let value = default(context, field)?;
            quote!(|| #value)
        }
    })
}

/// A `Rules`.
pub fn rules(context: &Context<'_>, rules: &Rules) -> TokenStream {
    let private = &context.private;
    let number = |it: Option<Spanned<Number>>| option(it.map(|it| float(it.value.value)));
    let count = |it: Option<Spanned<usize>>| option(it.map(|it| usize(it.value)));
    let (min, max) = (number(rules.min), number(rules.max));
    let (min_chars, max_chars) = (count(rules.min_chars), count(rules.max_chars));
    let max_items = count(rules.max_items);
    quote! {
        #private::Rules {
            min: #min,
            max: #max,
            min_chars: #min_chars,
            max_chars: #max_chars,
            max_items: #max_items,
            pattern: ::core::option::Option::None,
        }
    }
}

/// A `Tag`.
pub fn tag(context: &Context<'_>, tag: &Tag) -> TokenStream {
    let private = &context.private;
    match tag {
        Tag::External => quote!(#private::Tag::External),
        Tag::Internal(tag) => {
            let tag = &tag.value;
            quote!(#private::Tag::Internal(#tag))
        }
        Tag::Adjacent(tag, content) => {
            let (tag, content) = (&tag.value, &content.value);
            quote!(#private::Tag::Adjacent(#tag, #content))
        }
    }
}

/// A `Duration`.
pub fn duration(duration: Duration) -> TokenStream {
    let millis = u64::try_from(duration.as_millis()).expect("durations are read from u64 millis");
    quote!(::core::time::Duration::from_millis(#millis))
}

fn option(value: Option<TokenStream>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}

/// A number with its sign apart: a literal has none.
pub fn float(number: f64) -> TokenStream {
    let literal = Literal::f64_suffixed(number.abs());
    if number.is_sign_negative() {
        quote!(-#literal)
    } else {
        quote!(#literal)
    }
}

fn usize(number: usize) -> TokenStream {
    let literal = Literal::usize_suffixed(number);
    quote!(#literal)
}
