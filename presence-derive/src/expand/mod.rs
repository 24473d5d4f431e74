//! Writes the code of a checked model: constants of data, and calls into the runtime. Every path
//! is absolute, every item of ours begins with two underscores, and all of it stands in a `const _`
//! where nobody sees it.

mod arm;
mod choice;
mod data;
mod describe;
mod fields;
mod proof;
mod record;
mod topic;

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Data, DeriveInput, Ident, Path, Type};

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
}

/// The code of a type.
pub fn expand(model: &Model) -> TokenStream {
    let context = Context {
        model,
        private: private(&model.runtime),
    };
    let wire = match &model.body {
        Body::Struct(fields) => record::expand(&context, fields),
        Body::Enum(tag, variants) => choice::expand(&context, tag, variants),
    };
    let topic = topic::expand(&context);
    let proofs = proof::proofs(&context);
    let describe = describe::expand(&context);
    quote! {
        const _: () = {
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
    if !input.generics.params.is_empty() {
        return quote!(#errors);
    }
    let ident = &input.ident;
    let runtime = model.map_or_else(
        || syn::parse_quote!(::presence_runtime),
        |it| it.runtime.clone(),
    );
    let private = private(&runtime);
    let topic = model.and_then(|it| it.topic.as_ref());
    let topic = topic.map(|topic| topic::fallback(ident, &input.vis, &private, topic));
    let record = match &input.data {
        Data::Struct(_) => Some(record::fallback(ident, &private)),
        Data::Enum(_) | Data::Union(_) => None,
    };
    let describe = describe::fallback(ident, &private);
    quote! {
        #errors
        const _: () = {
            #[automatically_derived]
            impl #private::Wire for #ident {
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

fn private(runtime: &Path) -> TokenStream {
    quote!(#runtime::__private)
}
