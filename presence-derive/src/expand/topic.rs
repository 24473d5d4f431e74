//! A topic type: its contract, what decays, and the way to its topics.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Ident, Visibility};

use super::{Context, data};
use crate::model::{Field, Model, Settings, Topic};
use crate::pattern::Segment;

/// `Presence` and the function `topic`; nothing for a type without a topic.
pub fn expand(context: &Context<'_>) -> TokenStream {
    let Model {
        ident,
        visibility,
        name,
        topic,
        ..
    } = context.model;
    let Some(topic) = topic else {
        return TokenStream::new();
    };
    let private = &context.private;
    let segments = topic.pattern.segments.iter().map(|segment| match segment {
        Segment::Literal(text) => quote!(#private::Segment::Literal(#text)),
        Segment::Parameter(name) => {
            let name = syn::ext::IdentExt::unraw(name).to_string();
            quote!(#private::Segment::Parameter(#name))
        }
    });
    let settings = settings(context, &topic.settings);
    let version = match topic.version.and_then(|it| u32::try_from(it.value).ok()) {
        Some(version) => quote!(::core::option::Option::Some(#version)),
        None => quote!(::core::option::Option::None),
    };
    let decays: Vec<_> = context
        .model
        .fields()
        .filter(|it| it.decay.is_some())
        .collect();
    let declared = decays.iter().filter_map(|field| {
        let key = &field.key.value;
        let after = data::duration(field.decay?.value);
        Some(quote!(#private::Decay { key: #key, after: #after }))
    });
    let decaying = decaying(context, &decays);
    let function = function(ident, visibility, private, topic);
    let parameters = topic.pattern.parameters().count();
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #private::Presence for #ident {
            const SCHEMA: &'static #private::Schema =
                &#private::Schema::of::<Self>(#private::Declaration {
                    name: #name,
                    version: #version,
                    segments: &[#(#segments),*],
                    settings: #settings,
                    decays: &[#(#declared),*],
                });

            type Parameters = [::std::string::String; #parameters];

            #decaying
        }

        #function
    }
}

/// `Presence` without content, and the function `topic`, for a type with mistakes.
pub fn fallback(
    ident: &Ident,
    visibility: &Visibility,
    private: &TokenStream,
    topic: &Topic,
) -> TokenStream {
    let name = ident.to_string();
    let function = function(ident, visibility, private, topic);
    quote! {
        #[automatically_derived]
        impl #private::Presence for #ident {
            const SCHEMA: &'static #private::Schema =
                &#private::Schema::of::<Self>(#private::Declaration {
                    name: #name,
                    version: ::core::option::Option::None,
                    segments: &[],
                    settings: #private::Settings::DEFAULT,
                    decays: &[],
                });

            type Parameters = [::std::string::String; 0];
        }

        #function
    }
}

/// `decaying` and `decay`; the trait's own are right where nothing decays.
fn decaying(context: &Context<'_>, decays: &[&Field]) -> TokenStream {
    if decays.is_empty() {
        return TokenStream::new();
    }
    let with_default = || {
        decays.iter().enumerate().filter_map(|(i, field)| {
            let bit = 1_u32 << i;
            Some((
                bit,
                &field.ident,
                &field.payload.ty,
                data::default(context, field)?,
            ))
        })
    };
    let bits = with_default().map(|(bit, ident, ty, default)| {
        let private = context.private_at(ty.span());
        let arguments = quote!(&self.#ident, &#default, #bit);
        quote_spanned!(ty.span()=> #private::away::<#ty>(#arguments))
    });
    let resets = with_default().map(|(bit, ident, _, default)| {
        quote! {
            if fields & #bit != 0 {
                self.#ident = #default;
            }
        }
    });
    quote! {
        fn decaying(&self) -> u32 {
            0 #(| #bits)*
        }

        fn decay(&mut self, fields: u32) {
            #(#resets)*
        }
    }
}

fn function(
    ident: &Ident,
    visibility: &Visibility,
    private: &TokenStream,
    topic: &Topic,
) -> TokenStream {
    let parameters: Vec<_> = topic.pattern.parameters().collect();
    let name = Ident::new("topic", topic.span);
    let docs = format!("The topic `{}` with these parameters.", topic.pattern.text);
    quote! {
        #[automatically_derived]
        #[allow(dead_code, clippy::needless_pass_by_value)]
        impl #ident {
            #[doc = #docs]
            ///
            /// # Errors
            /// When a parameter is not 1 to 128 bytes of `A-Z a-z 0-9 _ . ~ @ -`, or the topic
            /// longer than 256 bytes.
            #visibility fn #name(
                #(#parameters: impl ::core::fmt::Display),*
            ) -> ::core::result::Result<#private::TopicOf<Self>, #private::NameError> {
                #private::TopicOf::new(&[#(&#parameters),*])
            }
        }
    }
}

fn settings(context: &Context<'_>, settings: &Settings) -> TokenStream {
    let private = &context.private;
    let durations = [
        ("ttl", settings.ttl),
        ("max_ttl", settings.max_ttl),
        ("grace", settings.grace),
        ("throttle", settings.throttle),
    ];
    let counts = [
        ("max_bytes", settings.max_bytes),
        ("max_members", settings.max_members),
    ];
    let durations = durations.into_iter().filter_map(|(name, given)| {
        let name = Ident::new(name, given?.span);
        let value = data::duration(given?.value);
        Some(quote!(#name: #value,))
    });
    let counts = counts.into_iter().filter_map(|(name, given)| {
        let name = Ident::new(name, given?.span);
        let value = given?.value;
        Some(quote!(#name: #value,))
    });
    quote! {
        #private::Settings {
            #(#durations)*
            #(#counts)*
            ..#private::Settings::DEFAULT
        }
    }
}
