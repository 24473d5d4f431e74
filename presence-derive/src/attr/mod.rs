//! Attributes as lists of entries: `key`, `key = value`. What a key means is a table away, in
//! [`presence`] and [`serde`].

mod duration;
mod entry;
pub mod presence;
pub mod serde;

use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Lit, Meta, Token};

pub use entry::{Entry, bare};

use crate::errors::Errors;

/// The entries of all `#[namespace(…)]` in order. A key that stands twice is reported and kept once.
fn entries(attributes: &[Attribute], namespace: &str, errors: &Errors) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let ours = attributes.iter().filter(|it| it.path().is_ident(namespace));
    for attribute in ours {
        let parsed = attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
        for meta in errors.ok(parsed).into_iter().flatten() {
            let entry = Entry::new(meta);
            if entries.iter().any(|it| it.key == entry.key) {
                errors.on(
                    &entry.meta,
                    format!("`{}` is given twice: keep one of them", entry.key),
                );
            } else {
                entries.push(entry);
            }
        }
    }
    entries
}

/// The doc comment, trimmed.
pub fn docs(attributes: &[Attribute]) -> String {
    let lines = attributes
        .iter()
        .filter_map(|attribute| match &attribute.meta {
            Meta::NameValue(it) if it.path.is_ident("doc") => match bare(&it.value) {
                Expr::Lit(ExprLit {
                    lit: Lit::Str(text),
                    ..
                }) => Some(text.value()),
                _ => None,
            },
            _ => None,
        });
    let text: Vec<String> = lines
        // Not `lines`, which has nothing for the blank line between paragraphs.
        .flat_map(|text| text.split('\n').map(ToOwned::to_owned).collect::<Vec<_>>())
        .map(|line| {
            line.strip_prefix(' ')
                .unwrap_or(&line)
                .trim_end()
                .to_owned()
        })
        .collect();
    text.join("\n").trim().to_owned()
}

/// What was probably meant by a key that is unknown, and all that there are.
fn meant(key: &str, known: &[&str]) -> String {
    let near = known.iter().find(|it| is_near(key, it));
    let near = near.map(|it| format!("did you mean `{it}`? "));
    format!(
        "{}expected one of {}",
        near.unwrap_or_default(),
        list(known)
    )
}

/// Whether one letter was put in, left out, replaced or swapped with its neighbour.
fn is_near(one: &str, other: &str) -> bool {
    let (a, b) = (one.as_bytes(), other.as_bytes());
    let start = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[start..], &b[start..]);
    let rest = |of: &[u8], skipped: usize| of.get(skipped..).map(<[u8]>::to_vec);
    let is_swapped =
        a.len() == b.len() && a.len() > 1 && a[0] == b[1] && a[1] == b[0] && a[2..] == b[2..];
    is_swapped
        || !a.is_empty() && rest(a, 1).as_deref() == Some(b)
        || !b.is_empty() && rest(b, 1).as_deref() == Some(a)
        || !a.is_empty() && rest(a, 1) == rest(b, 1)
}

/// Keys as a message lists them.
fn list(keys: &[&str]) -> String {
    keys.iter()
        .map(|key| format!("`{key}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Tokens as the user wrote them, in one line.
fn source(tokens: &impl ToTokens) -> String {
    tokens.to_token_stream().to_string()
}
