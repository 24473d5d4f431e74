//! Writes the code of a checked model: constants of data, and calls into the runtime. Every path
//! is absolute, every item of ours begins with two underscores, and all of it stands in a `const _`
//! where nobody sees it.

mod choice;
mod data;
mod describe;
mod fields;
mod proof;
mod record;
mod topic;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, Ident, Path};

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
}

/// The code of a type.
pub fn expand(model: &Model) -> TokenStream {
    let context = Context {
        model,
        private: private(&model.runtime),
    };
    let needs = proof::needs(&context);
    let wire = match &model.body {
        Body::Struct(fields) => record::expand(&context, fields),
        Body::Enum(tag, variants) => choice::expand(&context, tag, variants),
    };
    let topic = topic::expand(&context);
    let proofs = proof::proofs(&context);
    let describe = describe::expand(&context);
    quote! {
        const _: () = {
            #needs
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
            #[automatically_derived]
            impl #private::Record for #ident {
                fn fields<__M: #private::SerializeMap>(
                    &self,
                    _: &mut __M,
                ) -> ::core::result::Result<(), __M::Error> {
                    ::core::result::Result::Ok(())
                }
            }
            #topic
            #describe
        };
    }
}

fn private(runtime: &Path) -> TokenStream {
    quote!(#runtime::__private)
}
