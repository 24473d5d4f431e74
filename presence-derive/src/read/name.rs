//! The name of a type in schemas, TypeScript and routes.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::{DeriveInput, LitStr};

use crate::errors::Errors;

/// What is something else in TypeScript, or in the files that are written there: `schema.ts` holds
/// no type `Schema`.
const TAKEN: [&str; 13] = [
    "AnyTopic",
    "Array",
    "Descriptor",
    "Index",
    "InputOf",
    "KeyOf",
    "ParameterName",
    "ParametersOf",
    "Record",
    "Schema",
    "TopicDescriptor",
    "TopicParameters",
    "ValueOf",
];

/// The name of the attribute, or the type's own.
pub fn read(input: &DeriveInput, given: Option<&LitStr>, errors: &Errors) -> String {
    let (name, span) = match given {
        Some(literal) => (literal.value(), literal.span()),
        None => (input.ident.unraw().to_string(), input.ident.span()),
    };
    // With its parameters it has a longer name.
    let is_whole = input.generics.params.is_empty();
    check(&name, span, is_whole, given.is_some(), errors);
    name
}

fn check(name: &str, span: Span, is_whole: bool, is_given: bool, errors: &Errors) {
    let way_out = if is_given {
        "choose another"
    } else {
        "give it another with `#[presence(name = \"…\")]`"
    };
    let starts = name.starts_with(|c: char| c.is_ascii_uppercase());
    if !starts || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        errors.at(
            span,
            format!(
                "`{name}` would be a name in URLs, files and TypeScript: such a name has the characters A-Z a-z 0-9 _ and begins with a capital letter; {way_out}"
            ),
        );
    } else if is_whole && TAKEN.contains(&name) {
        errors.at(
            span,
            format!("`{name}` is something else in TypeScript: {way_out}"),
        );
    }
}
