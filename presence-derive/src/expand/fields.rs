//! The fields of a struct or struct variant: their data, and how an object is read into them.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Ident;
use syn::spanned::Spanned as _;

use super::{Context, data};
use crate::kind::Leaf;
use crate::model::Field;

/// A set of fields and the names of its items.
pub struct Set<'a> {
    fields: &'a [Field],
    /// The constant that holds the fields' data.
    pub data: Ident,
    /// The struct that is filled while an object is read.
    pub filled: Ident,
    /// What the fields become: the type, or a variant of it.
    whole: TokenStream,
}

impl<'a> Set<'a> {
    /// The fields of a struct.
    pub fn of_struct(context: &Context<'_>, fields: &'a [Field]) -> Self {
        let ident = context.ident();
        Self {
            fields,
            data: Ident::new("__FIELDS", Span::call_site()),
            filled: Ident::new("__Fields", Span::call_site()),
            whole: quote!(#ident),
        }
    }

    /// The fields of the variant of this index.
    pub fn of_variant(
        context: &Context<'_>,
        index: usize,
        name: &Ident,
        fields: &'a [Field],
    ) -> Self {
        let ident = context.ident();
        Self {
            fields,
            data: format_ident!("__FIELDS_{index}"),
            filled: format_ident!("__Fields{index}"),
            whole: quote!(#ident::#name),
        }
    }

    /// The constant and the struct with its `Fields`.
    pub fn items(&self, context: &Context<'_>) -> TokenStream {
        let private = &context.private;
        let own = context.ident();
        let Self {
            fields,
            data,
            filled,
            whole,
        } = self;
        let constants = fields.iter().map(|it| data::field(context, it));
        let idents: Vec<_> = fields.iter().map(|it| &it.ident).collect();
        let types = fields.iter().map(|it| &it.payload.ty);
        let indices = 0..fields.len();
        let taken = fields.iter().enumerate().map(|(i, field)| {
            let (ident, ty) = (&field.ident, &field.payload.ty);
            let wire = context.wire(ty);
            quote_spanned!(ty.span()=> #wire::take(&mut self.#ident, &#data[#i], map))
        });
        let values = fields.iter().enumerate().map(|(i, field)| {
            let (ident, ty) = (&field.ident, &field.payload.ty);
            let wire = context.wire(ty);
            match data::default_function(context, field) {
                Some(default) => quote_spanned! {ty.span()=>
                    #wire::or_default(self.#ident, &#data[#i], #default)
                },
                None => quote_spanned!(ty.span()=> #wire::required(self.#ident, &#data[#i])),
            }
        });
        quote! {
            const #data: &'static [#private::Field] = &[#(#constants),*];

            struct #filled {
                #(#idents: ::core::option::Option<#types>,)*
            }

            #[automatically_derived]
            impl #private::Fields for #filled {
                type Whole = #own;
                const EMPTY: Self = Self { #(#idents: ::core::option::Option::None,)* };
                const FIELDS: &'static [#private::Field] = #data;

                fn read<'de, __A: #private::MapAccess<'de>>(
                    &mut self,
                    field: usize,
                    map: &mut __A,
                ) -> ::core::result::Result<(), __A::Error> {
                    match field {
                        #(#indices => #taken,)*
                        _ => #private::no_such_index(),
                    }
                }

                fn whole<__E: #private::Error>(self) -> ::core::result::Result<#own, __E> {
                    ::core::result::Result::Ok(#whole { #(#idents: #values?,)* })
                }
            }
        }
    }

    /// Statements that write the fields, found under these expressions, to `map`.
    pub fn write<'b>(
        &'b self,
        context: &'b Context<'_>,
        values: impl Iterator<Item = TokenStream> + 'b,
    ) -> impl Iterator<Item = TokenStream> + 'b {
        let data = &self.data;
        let values = self.fields.iter().zip(values).enumerate();
        values.map(move |(i, (field, value))| {
            let ty = &field.payload.ty;
            let wire = context.wire(ty);
            quote_spanned!(ty.span()=> #wire::put(#value, map, &#data[#i])?;)
        })
    }

    /// Whether the fields, found under these expressions, keep their rules.
    pub fn keep(
        &self,
        context: &Context<'_>,
        values: impl Iterator<Item = TokenStream>,
    ) -> TokenStream {
        let data = &self.data;
        let values = self.fields.iter().zip(values).enumerate();
        let kept = values.map(|(i, (field, value))| {
            let ty = &field.payload.ty;
            let wire = context.wire(ty);
            quote_spanned!(ty.span()=> #wire::keeps(#value, &#data[#i].rules))
        });
        quote!(true #(&& #kept)*)
    }

    /// Expressions that name a field whose default breaks its rules, here or inside.
    pub fn bad_defaults(&self, context: &Context<'_>) -> Vec<TokenStream> {
        let data = &self.data;
        let mut found = Vec::new();
        for (i, field) in self.fields.iter().enumerate() {
            let ty = &field.payload.ty;
            let wire = context.wire(ty);
            if let Some(default) = data::default(context, field) {
                found.push(quote_spanned! {ty.span()=>
                    #wire::bad_default_of(&#default, &#data[#i])
                });
            }
            if field.payload.kind.leaf == Leaf::Named {
                found.push(quote_spanned!(ty.span()=> #wire::bad_default()));
            }
        }
        found
    }
}

/// The body of `Wire::bad_default`.
pub fn first_bad_default(expressions: &[TokenStream]) -> TokenStream {
    quote!(::core::option::Option::None #(.or_else(|| #expressions))*)
}
