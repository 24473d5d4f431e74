//! Do the rules of a field fit its type?

use crate::errors::Errors;
use crate::kind::{self, Integer, Kind, Leaf, Nest, SAFE};
use crate::model::{Number, Payload, Rules, Spanned};

/// No value has more bytes of JSON, so none has more characters or items.
const MOST: usize = 32_768;

/// Reports what does not fit.
pub fn check(payload: &Payload, errors: &Errors) {
    let Payload { kind, rules, .. } = payload;
    if let Leaf::Refused(way_out) = kind.leaf {
        errors.on(
            &kind.ty,
            format!(
                "`{}` cannot be part of a presence value; {way_out}",
                kind::text(&kind.ty)
            ),
        );
        return;
    }
    if kind
        .nests
        .windows(2)
        .any(|it| it == [Nest::Option, Nest::Option])
    {
        errors.on(
            &payload.ty,
            "an Option in an Option: `null` cannot say which of the two is None; use one",
        );
    }
    lists(payload, errors);
    strings(kind, rules, errors);
    numbers(kind, rules, errors);
}

fn lists(payload: &Payload, errors: &Errors) {
    let Payload { ty, kind, rules } = payload;
    match rules.max_items {
        None if kind.has_list() => {
            errors.on(ty, "unbounded Vec: add `#[presence(max_items = N)]`");
        }
        Some(rule) if !kind.has_list() && kind.leaf != Leaf::Named => errors.at(
            rule.span,
            format!(
                "`max_items` is for lists, and `{}` is none: remove it",
                kind::text(ty)
            ),
        ),
        Some(rule) => at_most(rule, "max_items", errors),
        None => {}
    }
}

fn strings(kind: &Kind, rules: &Rules, errors: &Errors) {
    if kind.leaf == Leaf::String && rules.max_chars.is_none() {
        errors.on(
            &kind.ty,
            "unbounded String: add `#[presence(max_chars = N)]`",
        );
    }
    for (name, rule) in [
        ("min_chars", rules.min_chars),
        ("max_chars", rules.max_chars),
    ] {
        let Some(rule) = rule else { continue };
        if !matches!(kind.leaf, Leaf::String | Leaf::Named) {
            errors.at(
                rule.span,
                format!(
                    "`{name}` is for strings, and `{}` is none: remove it",
                    kind::text(&kind.ty)
                ),
            );
        }
        at_most(rule, name, errors);
    }
    if let (Some(min), Some(max)) = (rules.min_chars, rules.max_chars)
        && min.value > max.value
    {
        errors.at(
            min.span,
            format!(
                "`min_chars = {}` is above `max_chars = {}`",
                min.value, max.value
            ),
        );
    }
}

fn numbers(kind: &Kind, rules: &Rules, errors: &Errors) {
    let given = [("min", rules.min), ("max", rules.max)];
    for (name, rule) in given {
        let Some(rule) = rule else { continue };
        match kind.leaf {
            Leaf::Integer(integer) => within(name, rule, integer, errors),
            Leaf::F32 => single(name, rule, errors),
            Leaf::F64 | Leaf::Named => {}
            Leaf::Bool | Leaf::String | Leaf::Refused(_) => {
                let way_out = match kind.leaf {
                    Leaf::String => format!("; did you mean `{name}_chars`?"),
                    _ => ": remove it".to_owned(),
                };
                errors.at(
                    rule.span,
                    format!(
                        "`{name}` is for numbers, and `{}` is none{way_out}",
                        kind::text(&kind.ty)
                    ),
                );
            }
        }
    }
    if let (Some(min), Some(max)) = (rules.min, rules.max)
        && min.value.value > max.value.value
    {
        errors.at(
            min.span,
            format!(
                "`min = {}` is above `max = {}`",
                min.value.value, max.value.value
            ),
        );
    }
    if let Leaf::Integer(integer) = kind.leaf {
        safe(kind, rules, integer, errors);
    }
}

/// A 64-bit integer needs bounds that JavaScript holds.
fn safe(kind: &Kind, rules: &Rules, integer: Integer, errors: &Errors) {
    let mut missing = Vec::new();
    if integer.min < -SAFE && rules.min.is_none() {
        missing.push("min = -9_007_199_254_740_991");
    }
    if integer.max > SAFE && rules.max.is_none() {
        missing.push("max = 9_007_199_254_740_991");
    }
    if !missing.is_empty() {
        errors.on(
            &kind.ty,
            format!(
                "JavaScript cannot hold every {name}: add `#[presence({})]` or use {}32",
                missing.join(", "),
                &integer.name[..1],
                name = integer.name,
            ),
        );
    }
}

/// A bound of an integer is an integer of its type that JavaScript holds.
fn within(name: &str, rule: Spanned<Number>, integer: Integer, errors: &Errors) {
    let Some(bound) = rule.value.integer else {
        errors.at(
            rule.span,
            format!(
                "a bound of {} is a whole number, found `{}`",
                integer.name, rule.value.value
            ),
        );
        return;
    };
    let (min, max) = (integer.min.max(-SAFE), integer.max.min(SAFE));
    if (min..=max).contains(&bound) {
        return;
    }
    let whose = match integer.name {
        "u64" | "i64" if bound.abs() > SAFE => "what JavaScript holds",
        type_name => type_name,
    };
    errors.at(
        rule.span,
        format!("`{name} = {bound}` is beyond {whose}: allowed is {min} to {max}"),
    );
}

/// A bound of an `f32` is written the way an `f32` prints, so that what is sent keeps it as text.
fn single(name: &str, rule: Spanned<Number>, errors: &Errors) {
    let single = rule.value.value as f32;
    let printed = single.to_string().parse::<f64>();
    if printed != Ok(rule.value.value) {
        errors.at(
            rule.span,
            format!(
                "`{name} = {}` is no 32-bit float: write {single}, or use f64",
                rule.value.value
            ),
        );
    }
}

fn at_most(rule: Spanned<usize>, name: &str, errors: &Errors) {
    if rule.value > MOST {
        errors.at(
            rule.span,
            format!("`{name}` is at most {MOST}, the most bytes a value can have"),
        );
    }
}
