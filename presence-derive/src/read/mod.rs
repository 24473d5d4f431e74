//! Reads a type into the model, reporting what is wrong with each part by itself.

mod body;
mod fields;
mod name;

use syn::{Data, DeriveInput, GenericParam};

use crate::attr;
use crate::errors::Errors;
use crate::kind::Own;
use crate::model::{Model, Topic};
use crate::pattern::Pattern;

/// Reads the parts of a type, which may hold the type itself.
struct Reader<'a> {
    own: Own,
    errors: &'a Errors,
}

/// Reads a type; nothing when it is of a sort that cannot be told from JSON.
pub fn read(input: &DeriveInput, errors: &Errors) -> Option<Model> {
    let ours = attr::presence::container(&input.attrs, errors);
    let serde = attr::serde::container(&input.attrs, errors);
    parameters(input, &ours, errors);
    let name = name::read(input, ours.name.as_ref(), errors);
    let runtime = ours.runtime.clone();
    let topic = topic(ours, errors);
    let reader = Reader {
        own: Own::new(&input.ident, &input.generics),
        errors,
    };
    let body = reader.body(input, serde)?;
    Some(Model {
        ident: input.ident.clone(),
        visibility: input.vis.clone(),
        generics: input.generics.clone(),
        runtime: runtime.unwrap_or_else(|| syn::parse_quote!(::presence_runtime)),
        name,
        docs: attr::docs(&input.attrs),
        body,
        topic,
    })
}

/// A struct may have type parameters, for which types are put where it is used.
fn parameters(input: &DeriveInput, ours: &attr::presence::Container, errors: &Errors) {
    for parameter in &input.generics.params {
        match parameter {
            GenericParam::Lifetime(it) => errors.on(
                it,
                "a value owns its data: use `String`, `Vec` or the type itself, and no lifetime",
            ),
            GenericParam::Const(it) => errors.on(
                it,
                "clients could not say which number it was: write the number out",
            ),
            GenericParam::Type(it) if ours.has_topic => errors.on(
                it,
                "a topic has values of one type: make a struct with the topic that holds this one with its types written out",
            ),
            GenericParam::Type(it) if matches!(input.data, Data::Enum(_)) => errors.on(
                it,
                "of types with parameters only structs can be told apart by their use: write the types out",
            ),
            GenericParam::Type(_) => {}
        }
    }
}

fn topic(ours: attr::presence::Container, errors: &Errors) -> Option<Topic> {
    let Some(literal) = ours.topic else {
        let stray = ours.needs_topic.into_iter().filter(|_| !ours.has_topic);
        for entry in stray {
            errors.at(
                entry.span(),
                format!("`{}` means nothing without `topic = \"…\"`", entry.key),
            );
        }
        return None;
    };
    Some(Topic {
        pattern: Pattern::parse(&literal, errors)?,
        span: literal.span(),
        version: ours.version,
        settings: ours.settings,
    })
}
