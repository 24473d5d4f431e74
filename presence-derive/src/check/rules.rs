//! Do the rules of a field fit its type?

use crate::errors::Errors;
use crate::kind::{self, Integer, Kind, Leaf, SAFE, Sort};
use crate::model::{Number, Payload, Rules, Spanned};

/// No value has more bytes of JSON, so none has more characters or items.
const MOST: usize = 32_768;

/// Reports what does not fit.
pub fn check(payload: &Payload, errors: &Errors) {
    let Payload { kind, rules, .. } = payload;
    let mut is_refused = false;
    kind.each(&mut |it| match &it.sort {
        Sort::Leaf(Leaf::Refused(way_out)) => {
            is_refused = true;
            errors.on(
                &it.ty,
                format!(
                    "`{}` cannot be part of a presence value; {way_out}",
                    kind::text(&it.ty)
                ),
            );
        }
        Sort::Option(inner) if inner.is_option() => errors.on(
            &it.ty,
            "an Option in an Option: `null` cannot say which of the two is None; use one",
        ),
        _ => {}
    });
    if is_refused {
        return;
    }
    items(payload, errors);
    strings(payload, errors);
    numbers(payload, errors);
    kind.each(&mut |it| {
        if let Some(Leaf::Integer(integer)) = it.leaf() {
            safe(it, rules, integer, errors);
        }
    });
}

fn items(payload: &Payload, errors: &Errors) {
    let Payload { kind, rules, .. } = payload;
    let ty = &kind.ty;
    let holds_many = kind.has_list() || kind.has_map();
    match rules.max_items {
        None if kind.has_list() => {
            errors.on(ty, "unbounded Vec: add `#[presence(max_items = N)]`");
        }
        None if kind.has_map() && rules.max_chars.is_some() => {
            errors.on(ty, "unbounded map: add `#[presence(max_items = N)]`");
        }
        None if kind.has_map() => errors.on(
            ty,
            "unbounded map: add `#[presence(max_items = N, max_chars = N)]`, of its entries and their keys",
        ),
        Some(rule) if !holds_many && !kind.has_named() => errors.at(
            rule.span,
            format!(
                "`max_items` is for lists and maps, and `{}` is neither: remove it",
                kind::text(ty)
            ),
        ),
        Some(rule) => at_most(rule, "max_items", errors),
        None => {}
    }
}

fn strings(payload: &Payload, errors: &Errors) {
    let Payload { kind, rules, .. } = payload;
    let ty = &kind.ty;
    let has_map = kind.has_map();
    let has_string = kind.any(&|it| it.leaf() == Some(Leaf::String));
    if rules.max_chars.is_none() {
        kind.each(&mut |it| {
            if it.leaf() == Some(Leaf::String) {
                errors.on(&it.ty, "unbounded String: add `#[presence(max_chars = N)]`");
            }
        });
        if has_map && !has_string && rules.max_items.is_some() {
            errors.on(ty, "unbounded keys: add `#[presence(max_chars = N)]`");
        }
    }
    let given = [
        ("min_chars", rules.min_chars.map(|it| it.span)),
        ("max_chars", rules.max_chars.map(|it| it.span)),
        ("pattern", rules.pattern.as_ref().map(|it| it.span)),
    ];
    for (name, span) in given {
        let Some(span) = span else { continue };
        if !has_string && !has_map && !kind.has_named() {
            errors.at(
                span,
                format!(
                    "`{name}` is for strings and the keys of maps, and `{}` has none: remove it",
                    kind::text(ty)
                ),
            );
        }
    }
    if let (Some(pattern), true, true) = (&rules.pattern, has_map, has_string) {
        errors.at(
            pattern.span,
            "`pattern` would speak of the keys and of the strings: give the strings a type of their own, `struct Text(#[presence(pattern = \"…\")] String)`",
        );
    }
    for (name, rule) in [
        ("min_chars", rules.min_chars),
        ("max_chars", rules.max_chars),
    ] {
        if let Some(rule) = rule {
            at_most(rule, name, errors);
        }
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

fn numbers(payload: &Payload, errors: &Errors) {
    let Payload { kind, rules, .. } = payload;
    let ty = &kind.ty;
    let is_number = |it: &Kind| {
        matches!(
            it.leaf(),
            Some(Leaf::Integer(_) | Leaf::F32 | Leaf::F64 | Leaf::Named)
        )
    };
    for (name, rule) in [("min", rules.min), ("max", rules.max)] {
        let Some(rule) = rule else { continue };
        kind.each(&mut |it| match it.leaf() {
            Some(Leaf::Integer(integer)) => within(name, rule, integer, errors),
            Some(Leaf::F32) => single(name, rule, errors),
            _ => {}
        });
        if !kind.any(&is_number) {
            let has_chars = kind.any(&|it| it.leaf() == Some(Leaf::String));
            let way_out = if has_chars {
                format!("; did you mean `{name}_chars`?")
            } else {
                ": remove it".to_owned()
            };
            errors.at(
                rule.span,
                format!(
                    "`{name}` is for numbers, and `{}` is none{way_out}",
                    kind::text(ty)
                ),
            );
        }
    }
    if let Some(unit) = &rules.unit
        && !kind.any(&is_number)
    {
        errors.at(
            unit.span,
            format!(
                "`unit` is for numbers, and `{}` is none: remove it",
                kind::text(ty)
            ),
        );
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
