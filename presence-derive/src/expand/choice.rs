//! An enum: its variants, and how JSON tells them apart.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;

use super::arm::{Arm, Inside, bound};
use super::fields::first_bad_default;
use super::{Context, data};
use crate::model::{Model, Tag, Variant};

pub fn expand(context: &Context<'_>, tag: &Tag, variants: &[Variant]) -> TokenStream {
    let private = &context.private;
    let Model {
        ident, name, docs, ..
    } = context.model;
    let arms: Vec<_> = variants
        .iter()
        .enumerate()
        .map(|(index, variant)| Arm::new(context, index, variant))
        .collect();
    let items = arms.iter().map(|it| it.items(context));
    let constants = arms.iter().map(|it| it.data(context));
    let patterns: Vec<_> = arms.iter().map(Arm::pattern).collect();
    let anything: Vec<_> = variants.iter().map(|it| &it.ident).collect();
    let indices: Vec<_> = (0..variants.len()).collect();
    let read = arms.iter().map(|it| it.read(context));
    let kept = arms.iter().map(|it| it.kept(context));
    let bad: Vec<_> = arms
        .iter()
        .flat_map(|it| it.bad_defaults(context))
        .collect();
    let bad_default = first_bad_default(&bad);
    let tag_data = data::tag(context, tag);
    let (encode, enclosed) = match tag {
        Tag::Internal(tag) => (internal(context, &tag.value, &arms), None),
        Tag::External => {
            let keys = quote!(::core::option::Option::None);
            (
                quote!(#private::enclosed(self, #keys, serializer)),
                Some(enclosed(context, &arms)),
            )
        }
        Tag::Adjacent(tag, content) => {
            let (tag, content) = (&tag.value, &content.value);
            let keys = quote!(::core::option::Option::Some((#tag, #content)));
            (
                quote!(#private::enclosed(self, #keys, serializer)),
                Some(enclosed(context, &arms)),
            )
        }
    };
    let decode = match tag {
        Tag::External => quote!(#private::external(deserializer)),
        Tag::Internal(tag) => {
            let tag = &tag.value;
            quote!(#private::internal(deserializer, #tag))
        }
        Tag::Adjacent(tag, content) => {
            let (tag, content) = (&tag.value, &content.value);
            quote!(#private::adjacent(deserializer, #tag, #content))
        }
    };
    quote! {
        #(#items)*

        const __ENUM: &'static #private::Enum = &#private::Enum {
            name: #name,
            docs: #docs,
            tag: #tag_data,
            variants: &[#(#constants),*],
        };

        #[automatically_derived]
        impl #private::Choice for #ident {
            const ENUM: &'static #private::Enum = __ENUM;

            fn variant(&self) -> usize {
                match self {
                    #(Self::#anything { .. } => #indices,)*
                }
            }

            fn read<'de, __B: #private::Body<'de>>(
                variant: usize,
                body: __B,
            ) -> ::core::result::Result<Self, __B::Error> {
                match variant {
                    #(#indices => #read,)*
                    _ => #private::no_such_index(),
                }
            }
        }

        #enclosed

        #[automatically_derived]
        #[allow(deprecated)]
        impl #private::Wire for #ident {
            const SHAPE: &'static #private::Shape = &#private::Shape::Enum(__ENUM);

            fn encode<__S: #private::Serializer>(
                &self,
                serializer: __S,
            ) -> ::core::result::Result<__S::Ok, __S::Error> {
                #encode
            }

            fn decode<'de, __D: #private::Deserializer<'de>>(
                deserializer: __D,
                _: &#private::Rules,
            ) -> ::core::result::Result<Self, __D::Error> {
                #decode
            }

            fn keeps(&self, _: &#private::Rules) -> bool {
                match self {
                    #(#patterns => #kept,)*
                }
            }

            fn bad_default() -> ::core::option::Option<&'static str> {
                #bad_default
            }
        }
    }
}

/// `Enclosed`: what each variant carries, by itself.
fn enclosed(context: &Context<'_>, arms: &[Arm<'_>]) -> TokenStream {
    let private = &context.private;
    let ident = context.ident();
    let patterns = arms.iter().map(Arm::pattern);
    let contents = arms.iter().map(|arm| match &arm.inside {
        Inside::Unit => quote!(#private::Serializer::serialize_unit(serializer)),
        Inside::Newtype { payload, .. } => {
            context.ask(&payload.ty, "encode", &quote!(__0, serializer))
        }
        Inside::Struct(set, fields) => {
            let written = set.write(context, bound(fields).map(|it| quote!(#it)));
            quote!({
                let mut __map = #private::Serializer::serialize_map(
                    serializer,
                    ::core::option::Option::None,
                )?;
                let map = &mut __map;
                #(#written)*
                #private::SerializeMap::end(__map)
            })
        }
    });
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #private::Enclosed for #ident {
            fn content<__S: #private::Serializer>(
                &self,
                serializer: __S,
            ) -> ::core::result::Result<__S::Ok, __S::Error> {
                match self {
                    #(#patterns => #contents,)*
                }
            }
        }
    }
}

/// The body of `encode` where the content stands beside the tag.
fn internal(context: &Context<'_>, tag: &str, arms: &[Arm<'_>]) -> TokenStream {
    let private = &context.private;
    let patterns = arms.iter().map(Arm::pattern);
    let contents = arms.iter().map(|arm| match &arm.inside {
        Inside::Unit => quote!({}),
        Inside::Newtype { payload, .. } => {
            let ty = &payload.ty;
            let private = context.private_at(ty.span());
            let arguments = quote!(__0, map);
            quote_spanned!(ty.span()=> <#ty as #private::Record>::fields(#arguments)?)
        }
        Inside::Struct(set, fields) => {
            let written = set.write(context, bound(fields).map(|it| quote!(#it)));
            quote!({ #(#written)* })
        }
    });
    quote! {
        let mut __map = #private::tagged(self, #tag, serializer)?;
        let map = &mut __map;
        match self {
            #(#patterns => #contents,)*
        }
        #private::SerializeMap::end(__map)
    }
}
