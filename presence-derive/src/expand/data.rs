//! The constants: fields, rules and variants as the runtime's shapes have them.

use std::time::Duration;

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Member, Type};

use super::Context;
use super::call::Call;
use crate::kind::{Kind, Sort};
use crate::model::{Default, Expression, Field, Number, Payload, Rules, Skipped, Spanned, Tag};

/// The shape of what a field holds. Its span is the type's, where a missing trait is reported.
pub fn shape(context: &Context<'_>, payload: &Payload) -> TokenStream {
    shape_of(context, &payload.kind)
}

/// A recursive type's shape is written out around the places where it stands in itself: to ask the
/// types there would be to ask for the shape while it is made.
fn shape_of(context: &Context<'_>, kind: &Kind) -> TokenStream {
    let ty = &kind.ty;
    let private = context.private_at(ty.span());
    if !kind.has_own() {
        let wire = context.wire(ty);
        return quote_spanned!(ty.span()=> #wire::SHAPE);
    }
    let inside: Vec<_> = kind
        .inside()
        .iter()
        .map(|it| shape_of(context, it))
        .collect();
    match &kind.sort {
        Sort::Option(_) => quote!(&#private::Shape::Option(#(#inside)*)),
        Sort::List(_) => quote!(&#private::Shape::List(#(#inside)*)),
        Sort::Map(_) => quote!(&#private::Shape::Map(#(#inside)*)),
        Sort::Array(_) => {
            let Type::Array(array) = ty else {
                return quote!(#(#inside)*);
            };
            let length = &array.len;
            quote!(&#private::Shape::Array(#(#inside)*, #length))
        }
        Sort::Tuple(_) => quote!(&#private::Shape::Tuple(&[#(#inside),*])),
        Sort::Boxed(_) => quote!(#(#inside)*),
        Sort::Own | Sort::Leaf(_) => {
            let name = context.name();
            let (_, itself, _) = context.split();
            quote! {
                &#private::Shape::Again(#private::Again {
                    name: #name,
                    shape: || <#itself as #private::Wire>::SHAPE,
                })
            }
        }
    }
}

/// A `Field`.
pub fn field(context: &Context<'_>, call: &Call<'_>) -> TokenStream {
    let private = &context.private;
    let field = call.field;
    let Field { key, docs, .. } = field;
    let key = &key.value;
    let shape = shape(context, &field.payload);
    let rules = rules(context, &field.payload.rules);
    let need = match default(context, field) {
        Some(_) if defaults_to_null(field) => quote!(#private::Need::Optional),
        Some(default) => {
            let json = call.json(context, &default);
            quote!(#private::Need::Default(|| #json))
        }
        None => quote!(#private::Need::of(#shape)),
    };
    let is_omitted = field.omit.is_some();
    let server = option(field.server.as_ref().map(|it| {
        let claim = &it.value;
        quote!(#claim)
    }));
    let check = call.check(context);
    quote! {
        #private::Field {
            key: #key,
            docs: #docs,
            shape: #shape,
            rules: #rules,
            need: #need,
            is_omitted: #is_omitted,
            server: #server,
            check: #check,
        }
    }
}

/// The fields that are no part of the JSON, as they are where a value is put together.
pub fn skipped(context: &Context<'_>, skipped: &[Skipped]) -> TokenStream {
    let all = skipped.iter().map(|it| {
        let Skipped {
            member,
            ty,
            default,
        } = it;
        let value = default_of(context, ty, member, default);
        quote!(#member: #value,)
    });
    all.collect()
}

/// An Option's own default is None, which is what `null` means and what a missing Option is anyway.
pub fn defaults_to_null(field: &Field) -> bool {
    field.payload.kind.is_option() && matches!(field.default, Some(Default::Type))
}

/// The value of a field that was left out, when it has a default.
pub fn default(context: &Context<'_>, field: &Field) -> Option<TokenStream> {
    let member = Member::Named(field.ident.clone());
    let default = field.default.as_ref()?;
    Some(default_of(context, &field.payload.ty, &member, default))
}

fn default_of(context: &Context<'_>, ty: &Type, member: &Member, default: &Default) -> TokenStream {
    let span = context.ident().span();
    let (_, own, _) = context.split();
    match default {
        Default::Type => quote_spanned!(ty.span()=> <#ty as ::core::default::Default>::default()),
        Default::Function(function) => {
            quote_spanned!(function.span()=> ::core::convert::identity::<#ty>(#function()))
        }
        Default::Container(None) => {
            quote_spanned!(span=> <#own as ::core::default::Default>::default().#member)
        }
        Default::Container(Some(function)) => {
            quote_spanned!(function.span()=> ::core::convert::identity::<#own>(#function()).#member)
        }
    }
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
    let pattern = option(rules.pattern.as_ref().map(|it| expression(context, it)));
    let unit = option(rules.unit.as_ref().map(|it| it.value.to_token_stream()));
    quote! {
        #private::Rules {
            min: #min,
            max: #max,
            min_chars: #min_chars,
            max_chars: #max_chars,
            max_items: #max_items,
            pattern: #pattern,
            unit: #unit,
        }
    }
}

/// An `Expression`.
fn expression(context: &Context<'_>, it: &Expression) -> TokenStream {
    let private = &context.private;
    let Expression { source, widest, .. } = it;
    quote! {
        #private::Expression {
            source: #source,
            widest: #widest,
            matches: |text| {
                static COMPILED: #private::Compiled = #private::Compiled::new(#source);
                COMPILED.matches(text)
            },
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
