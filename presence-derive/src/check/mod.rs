//! Do the parts go together? Everything that syntax can answer is answered here; what hides behind
//! the name of a type is proved by constants in the expansion.

mod rules;
mod settings;

use std::time::Duration;

use syn::ext::IdentExt;
use syn::{Ident, Type};

use crate::errors::Errors;
use crate::kind;
use crate::model::{Body, Content, Field, Model, Spanned, Tag, Variant};

/// Reports every contradiction of a type.
pub fn check(model: &Model, errors: &Errors) {
    if let Some(topic) = &model.topic {
        settings::check(&topic.settings, errors);
    }
    for payload in model.payloads() {
        rules::check(payload, errors);
        if is_self(&payload.kind.ty, &model.ident) {
            errors.on(
                &payload.kind.ty,
                format!(
                    "`{}` inside itself has no largest size: hold something that names it, such as an id",
                    model.ident
                ),
            );
        }
    }
    match &model.body {
        Body::Struct(fields) => unique(fields.iter().map(|it| &it.key), "field", errors),
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
    decays(model, errors);
}

fn check_variant(variant: &Variant, tag: &Tag, errors: &Errors) {
    let Content::Struct(fields) = &variant.content else {
        if let (Content::Newtype(payload), Tag::Internal(tag)) = (&variant.content, tag)
            && (payload.kind.leaf != kind::Leaf::Named || !payload.kind.nests.is_empty())
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
    unique(fields.iter().map(|it| &it.key), "field", errors);
    if let Tag::Internal(tag) = tag {
        for field in fields.iter().filter(|it| it.key.value == tag.value) {
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
                "the server looks four times a second: at least \"250ms\"",
            );
        }
        if decay.value > LONGEST_DECAY {
            errors.at(decay.span, "at most \"24h\"");
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

fn is_self(ty: &Type, own: &Ident) -> bool {
    let Type::Path(it) = ty else { return false };
    it.path
        .get_ident()
        .is_some_and(|name| name == "Self" || name.unraw() == own.unraw())
}
