//! Rules in the words of schemars.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use super::data;
use crate::kind::{Kind, Leaf, SAFE, Sort};
use crate::model::{Number, Payload, Rules, Spanned};

/// The rules of a field in the words of schemars.
pub(super) fn rules(payload: &Payload) -> TokenStream {
    let words = words(&payload.kind, &payload.rules);
    if words.is_empty() {
        return words;
    }
    quote!(#[schemars(#words)])
}

/// The rules of a type. For what is inside of maps and tuples schemars has no words.
fn words(kind: &Kind, rules: &Rules) -> TokenStream {
    match &kind.sort {
        Sort::Option(inner) | Sort::Boxed(inner) => words(inner, rules),
        Sort::List(inner) => {
            let inner = inside(&words(inner, rules));
            match rules.max_items {
                Some(items) => {
                    let items = items.value;
                    let inner = (!inner.is_empty()).then(|| quote!(, #inner));
                    quote!(length(max = #items) #inner)
                }
                None => inner,
            }
        }
        Sort::Array(inner) => inside(&words(inner, rules)),
        Sort::Map(_) | Sort::Tuple(_) | Sort::Own => TokenStream::new(),
        Sort::Leaf(leaf) => leaf_rules(*leaf, rules),
    }
}

fn inside(words: &TokenStream) -> TokenStream {
    if words.is_empty() {
        return TokenStream::new();
    }
    quote!(inner(#words))
}

fn leaf_rules(leaf: Leaf, rules: &Rules) -> TokenStream {
    let bound = |it: Option<Spanned<usize>>| it.map(|it| it.value.to_token_stream());
    let length = || {
        bounds(
            &quote!(length),
            bound(rules.min_chars),
            bound(rules.max_chars),
        )
    };
    let pattern = || {
        let source = rules.pattern.as_ref().map(|it| it.source.as_str());
        source.map(|source| quote!(regex(pattern = #source)))
    };
    let range = |min: Option<TokenStream>, max: Option<TokenStream>| {
        let given = |it: Option<Spanned<Number>>| it.map(|it| number(it.value));
        bounds(
            &quote!(range),
            given(rules.min).or(min),
            given(rules.max).or(max),
        )
    };
    let all = match leaf {
        Leaf::String => vec![length(), pattern().unwrap_or_default()],
        // schemars gives formats to integers, but not to all of them bounds.
        Leaf::Integer(it) => vec![range(
            Some(integer(it.min.max(-SAFE))),
            Some(integer(it.max.min(SAFE))),
        )],
        Leaf::F32 | Leaf::F64 => vec![range(None, None)],
        Leaf::Named => vec![range(None, None), length(), pattern().unwrap_or_default()],
        Leaf::Bool | Leaf::Char | Leaf::Refused(_) => Vec::new(),
    };
    let all = all.into_iter().filter(|it| !it.is_empty());
    quote!(#(#all),*)
}

fn bounds(word: &TokenStream, min: Option<TokenStream>, max: Option<TokenStream>) -> TokenStream {
    match (min, max) {
        (Some(min), Some(max)) => quote!(#word(min = #min, max = #max)),
        (Some(min), None) => quote!(#word(min = #min)),
        (None, Some(max)) => quote!(#word(max = #max)),
        (None, None) => TokenStream::new(),
    }
}

fn number(number: Number) -> TokenStream {
    match number.integer {
        Some(it) => integer(it),
        None => data::float(number.value),
    }
}

fn integer(number: i128) -> TokenStream {
    let number = i64::try_from(number).expect("bounds stay within what JavaScript holds");
    number.to_token_stream()
}
