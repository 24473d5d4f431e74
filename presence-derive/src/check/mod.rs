//! Do the parts go together? Everything that syntax can answer is answered here; what hides behind
//! the name of a type is proved by constants in the expansion.

mod rules;
mod settings;

use std::time::Duration;

use quote::ToTokens;

use crate::errors::Errors;
use crate::kind::{self, Kind, Leaf, Sort};
use crate::model::{Body, Content, Field, Model, Payload, Spanned, Tag, Variant};

/// Reports every contradiction of a type.
pub fn check(model: &Model, errors: &Errors) {
    if let Some(topic) = &model.topic {
        settings::check(&topic.settings, errors);
        if let Some(version) = topic.version.filter(|it| u32::try_from(it.value).is_err()) {
            errors.at(
                version.span,
                "`version` is a small number that grows by one with each contract: at most 4294967295",
            );
        }
    }
    for payload in model.payloads() {
        rules::check(payload, errors);
        hidden_own(payload, model, errors);
    }
    match &model.body {
        Body::Struct(fields) => unique(fields.said.iter().map(|it| &it.key), "field", errors),
        Body::Newtype(_) => {}
        Body::Enum(tag, variants) => {
            unique(variants.iter().map(|it| &it.key), "variant", errors);
            for variant in variants {
                check_variant(variant, tag, errors);
            }
            if let Tag::Adjacent(tag, content) = tag
                && tag.value == content.value
            {
                errors.at(
                    content.span,
                    format!(
                        "`{}` is the `tag` as well: choose another key",
                        content.value
                    ),
                );
            }
        }
    }
    for field in model.fields() {
        omitted(field, errors);
    }
    stamped(model, errors);
    decays(model, errors);
}

fn check_variant(variant: &Variant, tag: &Tag, errors: &Errors) {
    let Content::Struct(fields) = &variant.content else {
        if let (Content::Newtype(payload), Tag::Internal(tag)) = (&variant.content, tag)
            && !stands_beside(&payload.kind)
        {
            errors.on(
                &payload.ty,
                format!(
                    "`{}` cannot stand beside the tag `{}`: use named fields, a struct, or `#[serde(tag = \"{}\", content = \"data\")]`",
                    kind::text(&payload.ty),
                    tag.value,
                    tag.value
                ),
            );
        }
        return;
    };
    unique(fields.said.iter().map(|it| &it.key), "field", errors);
    if let Tag::Internal(tag) = tag {
        for field in fields.said.iter().filter(|it| it.key.value == tag.value) {
            errors.at(
                field.key.span,
                format!(
                    "the key `{}` is the tag of this enum: rename one of them",
                    tag.value
                ),
            );
        }
    }
}

/// The most fields that can decay: they are bits of one number.
const MOST_DECAYS: usize = 32;
/// How finely the server looks.
const SHORTEST_DECAY: Duration = Duration::from_millis(250);
/// Longer, and a server has forgotten the member.
const LONGEST_DECAY: Duration = Duration::from_secs(24 * 3600);

fn decays(model: &Model, errors: &Errors) {
    let decaying = |field: &Field| field.decay.is_some();
    for field in model.fields() {
        let Some(decay) = field.decay else { continue };
        if model.topic.is_none() {
            errors.at(
                decay.span,
                "`decay` works in a topic type only: the server watches the fields of a value, not what is inside them",
            );
        } else if matches!(model.body, Body::Enum(..)) {
            errors.at(
                decay.span,
                "`decay` is for the fields of a struct with a `topic`",
            );
        }
        if field.default.is_none() {
            errors.at(
                decay.span,
                format!(
                    "`{}` has nothing to fall back to: add `#[serde(default)]`",
                    field.ident
                ),
            );
        }
        if decay.value < SHORTEST_DECAY {
            errors.at(
                decay.span,
                "`decay` is at least \"250ms\": the server looks four times a second",
            );
        }
        if decay.value > LONGEST_DECAY {
            errors.at(decay.span, "`decay` is at most \"24h\"");
        }
    }
    if let Some(beyond) = model.fields().filter(|it| decaying(it)).nth(MOST_DECAYS) {
        errors.on(&beyond.ident, "at most 32 fields of a type can decay");
    }
}

fn unique<'a>(keys: impl Iterator<Item = &'a Spanned<String>>, what: &str, errors: &Errors) {
    let mut seen: Vec<&str> = Vec::new();
    for key in keys {
        if seen.contains(&key.value.as_str()) {
            errors.at(
                key.span,
                format!(
                    "another {what} has the key `{}`: rename one of them",
                    key.value
                ),
            );
        }
        seen.push(&key.value);
    }
}

/// Whether the fields of a type can stand beside a tag, as far as its syntax tells.
fn stands_beside(kind: &Kind) -> bool {
    match &kind.sort {
        Sort::Boxed(inner) => stands_beside(inner),
        Sort::Leaf(leaf) => *leaf == Leaf::Named,
        _ => false,
    }
}

/// The shape of a recursive type is put together around the places where it stands in itself. What
/// stands in another type's brackets is out of sight.
fn hidden_own(payload: &Payload, model: &Model, errors: &Errors) {
    payload.kind.each(&mut |kind| {
        if kind.leaf() == Some(Leaf::Named)
            && kind::mentions(kind.ty.to_token_stream(), &model.ident)
        {
            errors.on(
                &kind.ty,
                format!(
                    "`{}` in the brackets of another type would need its shape before it has one: hold it in Option, Vec, Box, an array, a tuple or a map",
                    model.ident
                ),
            );
        }
    });
}

/// What is left out must be there again when it is read.
fn omitted(field: &Field, errors: &Errors) {
    if let Some(omit) = &field.omit
        && field.default.is_none()
        && !field.payload.kind.is_option()
    {
        errors.on(
            omit,
            format!(
                "`{}` left out could not be read again: add `#[serde(default)]`",
                field.ident
            ),
        );
    }
}

/// What the server sets is known where the identity is: in the value of a topic.
fn stamped(model: &Model, errors: &Errors) {
    let is_struct = matches!(model.body, Body::Struct(_));
    for field in model.fields() {
        let Some(server) = &field.server else {
            continue;
        };
        if model.topic.is_none() || !is_struct {
            errors.at(
                server.span,
                "`server` is for the fields of a struct with a `topic`: the server sets what members announce, not what is inside",
            );
        }
        if let Some(decay) = &field.decay {
            errors.at(
                decay.span,
                format!(
                    "`{}` is set by the server and cannot decay: remove one of them",
                    field.ident
                ),
            );
        }
    }
}
