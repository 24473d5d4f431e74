//! What schemars and ts-rs learn of a type.

use proc_macro2::TokenStream;
use syn::Ident;

use super::Context;

pub fn expand(_context: &Context<'_>) -> TokenStream {
    TokenStream::new()
}

pub fn fallback(_ident: &Ident, _private: &TokenStream) -> TokenStream {
    TokenStream::new()
}
