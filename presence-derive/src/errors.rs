//! The mistakes of a type, gathered so that all of them are reported at once.

use std::cell::RefCell;
use std::fmt::Display;

use proc_macro2::Span;
use quote::ToTokens;

/// Every mistake found so far.
#[derive(Default)]
pub struct Errors(RefCell<Option<syn::Error>>);

impl Errors {
    /// Reports a mistake at a place.
    pub fn at(&self, span: Span, message: impl Display) {
        self.add(syn::Error::new(span, message));
    }

    /// Reports a mistake that spans these tokens.
    pub fn on(&self, tokens: impl ToTokens, message: impl Display) {
        self.add(syn::Error::new_spanned(tokens, message));
    }

    /// Reports what syn found, and goes on with nothing.
    pub fn ok<T>(&self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.add(error)).ok()
    }

    /// All mistakes, if there are any.
    pub fn finish(self) -> Option<syn::Error> {
        self.0.into_inner()
    }

    fn add(&self, error: syn::Error) {
        match &mut *self.0.borrow_mut() {
            Some(all) => all.combine(error),
            none => *none = Some(error),
        }
    }
}
