//! A struct that looks like its one value.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Context, data, proof};
use crate::model::{Model, Newtype};

pub fn expand(context: &Context<'_>, it: &Newtype) -> TokenStream {
    let private = &context.private;
    let Model { docs, .. } = context.model;
    let name = context.name();
    let Newtype {
        member,
        payload,
        validate,
        skipped,
    } = it;
    let ty = &payload.ty;
    let wire = context.wire(ty);
    let shape = data::shape(context, payload);
    let rules = data::rules(context, &payload.rules);
    let proofs = proof::inside(context);
    let skipped = data::skipped(context, skipped);
    let (generics, itself, bounds) = context.split();
    let arguments = context.arguments();
    let judge = if arguments.is_empty() {
        quote!(__judge)
    } else {
        quote!(__judge::#arguments)
    };
    // The user's function is named once, so that what is wrong with it is said once.
    let judging = validate.as_ref().map(|path| {
        quote! {
            fn __judge #generics (value: &#ty)
                -> ::core::result::Result<(), ::std::string::String> #bounds
            {
                #private::verdict::<#ty, _>(value, #path)
            }
        }
    });
    let check = match validate {
        None => quote!(::core::option::Option::None),
        Some(_) => quote! {
            ::core::option::Option::Some(#private::Check {
                judge: |json| #private::judged::<#ty>(json, &__RULES)
                    .and_then(|value| #judge(&value)),
            })
        },
    };
    let (kept, checked) = match validate {
        None => (TokenStream::new(), TokenStream::new()),
        Some(_) => (
            quote!(&& #judge(&self.#member).is_ok()),
            quote!(#judge(&value).map_err(#private::Error::custom)?;),
        ),
    };
    let bad_default = if payload.kind.has_named() {
        context.ask(ty, "bad_default", &TokenStream::new())
    } else {
        quote!(::core::option::Option::None)
    };
    quote! {
        #judging

        const __RULES: #private::Rules = #rules;

        #[automatically_derived]
        #[allow(deprecated)]
        impl #generics #private::Wire for #itself #bounds {
            const SHAPE: &'static #private::Shape = {
                #proofs
                &#private::Shape::Newtype(&#private::Newtype {
                    name: #name,
                    docs: #docs,
                    shape: #shape,
                    rules: __RULES,
                    check: #check,
                })
            };

            fn encode<__S: #private::Serializer>(
                &self,
                serializer: __S,
            ) -> ::core::result::Result<__S::Ok, __S::Error> {
                #wire::encode(&self.#member, serializer)
            }

            fn decode<'de, __D: #private::Deserializer<'de>>(
                deserializer: __D,
                _: &#private::Rules,
            ) -> ::core::result::Result<Self, __D::Error> {
                let value = #wire::decode(deserializer, &__RULES)?;
                #checked
                ::core::result::Result::Ok(Self { #member: value, #skipped })
            }

            fn keeps(&self, _: &#private::Rules) -> bool {
                #wire::keeps(&self.#member, &__RULES) #kept
            }

            fn bad_default() -> ::core::option::Option<&'static str> {
                #bad_default
            }
        }
    }
}
