//! The fields of a struct or struct variant: their data, and how an object is read into them.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::Ident;

use super::call::Call;
use super::{Context, data};
use crate::model::Fields;

/// The constant of a type's fields. Two types that stand inside each other would need each other's
/// before they have their own: all that the compiler says of it is this name.
const FIELDS: &str = "__FIELDS_OF_TYPES_NOT_INSIDE_EACH_OTHER";

/// A set of fields and the names of its items.
pub struct Set<'a> {
    fields: &'a Fields,
    calls: Vec<Call<'a>>,
    /// The fields' data.
    pub data: TokenStream,
    /// The struct that is filled while an object is read.
    pub filled: TokenStream,
    struct_name: Ident,
    constant: Option<Ident>,
    /// What the fields become: the type, or a variant of it.
    whole: TokenStream,
}

impl<'a> Set<'a> {
    /// The fields of a struct.
    pub fn of_struct(context: &Context<'_>, fields: &'a Fields) -> Self {
        let ident = context.ident();
        let struct_name = Ident::new("__Fields", Span::call_site());
        if !context.is_generic() {
            let constant = Ident::new(FIELDS, Span::call_site());
            return Self::new(
                context,
                0,
                fields,
                struct_name,
                Some(constant),
                quote!(#ident),
            );
        }
        Self::new(context, 0, fields, struct_name, None, quote!(#ident))
    }

    /// The fields of the variant of this index.
    pub fn of_variant(
        context: &Context<'_>,
        index: usize,
        name: &Ident,
        fields: &'a Fields,
    ) -> Self {
        let ident = context.ident();
        let struct_name = format_ident!("__Fields{index}");
        let constant = Some(format_ident!("{FIELDS}_{index}"));
        let whole = quote!(#ident::#name);
        Self::new(context, index, fields, struct_name, constant, whole)
    }

    fn new(
        context: &Context<'_>,
        index: usize,
        fields: &'a Fields,
        struct_name: Ident,
        constant: Option<Ident>,
        whole: TokenStream,
    ) -> Self {
        let private = &context.private;
        let arguments = context.arguments();
        let filled = quote!(#struct_name #arguments);
        // A constant beside an impl cannot have parameters.
        let data = match &constant {
            Some(constant) => quote!(#constant),
            None => quote!(<#filled as #private::Fields>::FIELDS),
        };
        let calls = fields.said.iter().enumerate();
        let calls = calls.map(|(i, field)| Call::new(context, &data, index, i, field));
        Self {
            fields,
            calls: calls.collect(),
            data,
            filled,
            struct_name,
            constant,
            whole,
        }
    }

    /// The constant and the struct with its `Fields`.
    pub fn items(&self, context: &Context<'_>) -> TokenStream {
        let private = &context.private;
        let Self {
            fields,
            filled,
            struct_name,
            whole,
            ..
        } = self;
        let forms = self.calls.iter().map(|it| it.items(context));
        let constants = self.calls.iter().map(|it| data::field(context, it));
        let constants = quote!(&[#(#constants),*]);
        let (constant, data) = match &self.constant {
            Some(name) => (
                quote!(const #name: &'static [#private::Field] = #constants;),
                quote!(#name),
            ),
            None => (TokenStream::new(), constants),
        };
        let idents: Vec<_> = fields.said.iter().map(|it| &it.ident).collect();
        let types = fields.said.iter().map(|it| &it.payload.ty);
        let indices = 0..fields.said.len();
        let taken = self.calls.iter().map(|it| it.take(context));
        let values = self.calls.iter().map(|it| it.whole(context));
        let skipped = data::skipped(context, &fields.skipped);
        let (generics, itself, bounds) = context.split();
        let (of, empty) = if context.is_generic() {
            let names = context.parameters();
            (
                quote!(__of: ::core::marker::PhantomData<fn() -> (#(#names,)*)>,),
                quote!(__of: ::core::marker::PhantomData,),
            )
        } else {
            (TokenStream::new(), TokenStream::new())
        };
        quote! {
            #(#forms)*

            #constant

            struct #struct_name #generics #bounds {
                #(#idents: ::core::option::Option<#types>,)*
                #of
            }

            #[automatically_derived]
            impl #generics #private::Fields for #filled #bounds {
                type Whole = #itself;
                const EMPTY: Self = Self { #(#idents: ::core::option::Option::None,)* #empty };
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

                fn whole<__E: #private::Error>(self) -> ::core::result::Result<#itself, __E> {
                    ::core::result::Result::Ok(#whole { #(#idents: #values?,)* #skipped })
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
        let calls = self.calls.iter().zip(values);
        calls.map(move |(call, value)| call.put(context, &value))
    }

    /// Whether the fields, found under these expressions, keep their rules.
    pub fn keep(
        &self,
        context: &Context<'_>,
        values: impl Iterator<Item = TokenStream>,
    ) -> TokenStream {
        let calls = self.calls.iter().zip(values);
        let kept = calls.map(|(call, value)| call.keeps(context, &value));
        quote!(true #(&& #kept)*)
    }

    /// Expressions that name a field whose default breaks its rules, here or inside.
    pub fn bad_defaults(&self, context: &Context<'_>) -> Vec<TokenStream> {
        let calls = self.calls.iter();
        calls.flat_map(|call| call.bad_defaults(context)).collect()
    }
}

/// The body of `Wire::bad_default`.
pub fn first_bad_default(expressions: &[TokenStream]) -> TokenStream {
    quote!(::core::option::Option::None #(.or_else(|| #expressions))*)
}
