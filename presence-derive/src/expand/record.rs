//! A struct: an object with its fields.

use proc_macro2::TokenStream;
use quote::quote;

use super::fields::{Set, first_bad_default};
use super::{Context, proof};
use crate::model::{Fields, Model};

pub fn expand(context: &Context<'_>, fields: &Fields) -> TokenStream {
    let private = &context.private;
    let Model { docs, .. } = context.model;
    let name = context.name();
    let proofs = proof::inside(context);
    let (generics, itself, bounds) = context.split();
    let set = Set::of_struct(context, fields);
    let items = set.items(context);
    let (data, filled) = (&set.data, &set.filled);
    let values = || {
        fields.said.iter().map(|field| {
            let ident = &field.ident;
            quote!(&self.#ident)
        })
    };
    let written = set.write(context, values());
    let kept = set.keep(context, values());
    let bad_default = first_bad_default(&set.bad_defaults(context));
    quote! {
        #items

        #[automatically_derived]
        #[allow(deprecated)]
        impl #generics #private::Wire for #itself #bounds {
            const SHAPE: &'static #private::Shape = {
                #proofs
                &#private::Shape::Struct(&#private::Struct {
                    name: #name,
                    docs: #docs,
                    fields: #data,
                })
            };

            fn encode<__S: #private::Serializer>(
                &self,
                serializer: __S,
            ) -> ::core::result::Result<__S::Ok, __S::Error> {
                #private::record(self, serializer)
            }

            fn decode<'de, __D: #private::Deserializer<'de>>(
                deserializer: __D,
                _: &#private::Rules,
            ) -> ::core::result::Result<Self, __D::Error> {
                #private::object::<#filled, __D>(deserializer)
            }

            fn keeps(&self, _: &#private::Rules) -> bool {
                #kept
            }

            fn bad_default() -> ::core::option::Option<&'static str> {
                #bad_default
            }
        }

        #[automatically_derived]
        #[allow(deprecated)]
        impl #generics #private::Record for #itself #bounds {
            fn fields<__M: #private::SerializeMap>(
                &self,
                map: &mut __M,
            ) -> ::core::result::Result<(), __M::Error> {
                #(#written)*
                ::core::result::Result::Ok(())
            }
        }
    }
}

/// `Record` for a struct with mistakes.
pub fn fallback(
    generics: &TokenStream,
    itself: &TokenStream,
    bounds: &TokenStream,
    private: &TokenStream,
) -> TokenStream {
    quote! {
        #[automatically_derived]
        impl #generics #private::Record for #itself #bounds {
            fn fields<__M: #private::SerializeMap>(
                &self,
                _: &mut __M,
            ) -> ::core::result::Result<(), __M::Error> {
                ::core::result::Result::Ok(())
            }
        }
    }
}
