//! Writes the code of a checked model: constants of data, and calls into the runtime. Every path
//! is absolute, every item of ours begins with two underscores, and all of it stands in a `const _`
//! where nobody sees it.

mod arm;
mod call;
mod choice;
mod data;
mod describe;
mod fields;
mod newtype;
mod proof;
mod record;
mod topic;
mod words;

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Data, DeriveInput, Generics, Ident, Path, Type};

use crate::model::{Body, Model};

/// A model and the path of the runtime's private module, which every part of the expansion needs.
struct Context<'a> {
    model: &'a Model,
    private: TokenStream,
}

impl Context<'_> {
    fn ident(&self) -> &Ident {
        &self.model.ident
    }

    fn is_generic(&self) -> bool {
        !self.model.generics.params.is_empty()
    }

    /// The names of the type's parameters.
    fn parameters(&self) -> Vec<&Ident> {
        let parameters = self.model.generics.type_params();
        parameters.map(|it| &it.ident).collect()
    }

    /// The parameters in brackets; nothing without any.
    fn arguments(&self) -> TokenStream {
        brackets(&self.parameters())
    }

    /// What stands after `impl`, the type itself, and what is asked of its parameters.
    fn split(&self) -> (TokenStream, TokenStream, TokenStream) {
        let told = self.model.told();
        split(self.ident(), &self.model.generics, &self.private, &told)
    }

    /// The type's name in JSON Schema and TypeScript, as an expression.
    fn name(&self) -> TokenStream {
        let name = &self.model.name;
        if !self.is_generic() {
            return quote!(#name);
        }
        let private = &self.private;
        let names = self.parameters();
        quote!(<__Name<#(#names),*> as #private::Named>::NAME.as_str())
    }

    /// What types with parameters are called: each use that looks different has a name of its own.
    fn names(&self) -> TokenStream {
        if !self.is_generic() {
            return TokenStream::new();
        }
        let private = &self.private;
        let name = &self.model.name;
        let names = self.parameters();
        let told = self.model.told();
        let (generics, _, bounds) = self.split();
        quote! {
            struct __Name #generics (::core::marker::PhantomData<fn() -> (#(#names,)*)>) #bounds;

            #[automatically_derived]
            impl #generics #private::Named for __Name<#(#names),*> #bounds {
                const NAME: &'static #private::Name =
                    &#private::Name::new(#name)#(.with(<#told as #private::Wire>::SHAPE))*;
            }
        }
    }

    /// The path of the private module, to be blamed on this place.
    fn private_at(&self, span: Span) -> TokenStream {
        let tokens = self.private.clone().into_iter();
        tokens
            .map(|mut token| {
                token.set_span(span.resolved_at(token.span()));
                token
            })
            .collect()
    }

    /// `<Type as Wire>`, blamed on the type. Where the trait is missing, the compiler says the same
    /// for every mention and therefore says it once.
    fn wire(&self, ty: &Type) -> TokenStream {
        let private = self.private_at(ty.span());
        quote_spanned!(ty.span()=> <#ty as #private::Wire>)
    }

    /// `<Type as Wire>::method(…)`, blamed on the type. The arguments keep their own places: what
    /// they name is ours, and would be unknown where a macro of the user's wrote the type.
    fn ask(&self, ty: &Type, method: &str, arguments: &TokenStream) -> TokenStream {
        let wire = self.wire(ty);
        let method = Ident::new(method, ty.span());
        quote_spanned!(ty.span()=> #wire::#method(#arguments))
    }
}

/// The code of a type.
pub fn expand(model: &Model) -> TokenStream {
    let context = Context {
        model,
        private: private(&model.runtime),
    };
    let wire = match &model.body {
        Body::Struct(fields) => record::expand(&context, fields),
        Body::Newtype(it) => newtype::expand(&context, it),
        Body::Enum(tag, variants) => choice::expand(&context, tag, variants),
    };
    let topic = topic::expand(&context);
    let proofs = proof::proofs(&context);
    let describe = describe::expand(&context);
    let names = context.names();
    quote! {
        const _: () = {
            #names
            #wire
            #topic
            #proofs
            #describe
        };
    }
}

/// What stands for a type with mistakes: they are reported, and nothing that follows from them.
pub fn fallback(
    input: &DeriveInput,
    model: Option<&Model>,
    errors: Option<syn::Error>,
) -> TokenStream {
    let errors = errors.map(|it| it.to_compile_error());
    if input.generics.lifetimes().next().is_some() {
        return quote!(#errors);
    }
    let ident = &input.ident;
    let runtime = model.map_or_else(
        || syn::parse_quote!(::presence_runtime),
        |it| it.runtime.clone(),
    );
    let private = private(&runtime);
    let (generics, itself, bounds) = split(ident, &input.generics, &private, &[]);
    let is_generic = !input.generics.params.is_empty();
    let topic = model.and_then(|it| it.topic.as_ref());
    let topic = topic.filter(|_| !is_generic);
    let topic = topic.map(|topic| topic::fallback(ident, &input.vis, &private, topic));
    let record = match &input.data {
        Data::Struct(_) => Some(record::fallback(&generics, &itself, &bounds, &private)),
        Data::Enum(_) | Data::Union(_) => None,
    };
    let describe = describe::fallback(input, &private);
    quote! {
        #errors
        const _: () = {
            #[automatically_derived]
            impl #generics #private::Wire for #itself #bounds {
                const SHAPE: &'static #private::Shape = &#private::Shape::Bool;

                fn encode<__S: #private::Serializer>(
                    &self,
                    serializer: __S,
                ) -> ::core::result::Result<__S::Ok, __S::Error> {
                    #private::Serializer::serialize_bool(serializer, false)
                }

                fn decode<'de, __D: #private::Deserializer<'de>>(
                    _: __D,
                    _: &#private::Rules,
                ) -> ::core::result::Result<Self, __D::Error> {
                    ::core::result::Result::Err(#private::Error::custom("does not compile"))
                }

                fn keeps(&self, _: &#private::Rules) -> bool {
                    false
                }
            }
            #record
            #topic
            #describe
        };
    }
}

fn split(
    ident: &Ident,
    generics: &Generics,
    private: &TokenStream,
    told: &[&Ident],
) -> (TokenStream, TokenStream, TokenStream) {
    if generics.params.is_empty() {
        return (TokenStream::new(), quote!(#ident), TokenStream::new());
    }
    let mut generics = generics.clone();
    for parameter in generics.type_params_mut() {
        let is_told = told.contains(&&parameter.ident);
        parameter.bounds.push(if is_told {
            syn::parse_quote!(#private::Wire)
        } else {
            syn::parse_quote!('static)
        });
    }
    let (before, after, bounds) = generics.split_for_impl();
    (quote!(#before), quote!(#ident #after), quote!(#bounds))
}

/// Names in angle brackets; nothing without any.
fn brackets(names: &[&Ident]) -> TokenStream {
    if names.is_empty() {
        return TokenStream::new();
    }
    quote!(<#(#names),*>)
}

fn private(runtime: &Path) -> TokenStream {
    quote!(#runtime::__private)
}
