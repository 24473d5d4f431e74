//! What may be sent of a type, as a constant that judges at run time what the server would judge.

use super::expression::Expression;
use super::{descriptor, types};
use crate::codegen::typescript::types::Side;
use crate::schema::{Content, Enum, Field, Need, Rules, Shape, Tag, Variant};

/// `export const cursorSchema: is.Schema<CursorInput> = is.struct({…});`
pub(super) fn text(name: &str, shape: &Shape) -> String {
    let input = types::name(name, shape, Side::Input);
    let (kind, body) = match shape {
        Shape::Struct(it) => ("Struct", record(it.fields)),
        Shape::Enum(it) => ("Schema", variants(it)),
        Shape::Newtype(it) => ("Schema", used(it.shape, &it.rules)),
        _ => unreachable!("only structs, enums and newtypes have names"),
    };
    let head = format!("export const {}: is.{kind}<{input}> =", constant(name));
    let docs = format!("/** What may be sent as {{@link {name}}}. */\n");
    format!("{docs}{head} {};\n", body.print(0, head.len() + 1))
}

/// The name of the constant of a type.
pub(super) fn constant(name: &str) -> String {
    format!("{}Schema", descriptor::lower_first(name))
}

/// Calls `see` with every named type that the constant mentions.
pub(super) fn names(shape: &Shape, see: &mut impl FnMut(&'static str)) {
    match shape {
        Shape::Struct(it) => it.fields.iter().for_each(|it| mentioned(it.shape, see)),
        Shape::Enum(it) => it.variants.iter().for_each(|it| match it.content {
            Content::Unit => {}
            Content::Newtype(shape, _) => mentioned(shape, see),
            Content::Struct(fields) => fields.iter().for_each(|it| mentioned(it.shape, see)),
        }),
        Shape::Newtype(it) => mentioned(it.shape, see),
        _ => {}
    }
}

fn mentioned(shape: &Shape, see: &mut impl FnMut(&'static str)) {
    match shape {
        Shape::Option(inner) | Shape::List(inner) | Shape::Array(inner, _) | Shape::Map(inner) => {
            mentioned(inner, see);
        }
        Shape::Tuple(members) => members.iter().for_each(|it| mentioned(it, see)),
        Shape::Newtype(it) => see(it.name),
        Shape::Struct(it) => see(it.name),
        Shape::Enum(it) => see(it.name),
        Shape::Any
        | Shape::Bool
        | Shape::Integer { .. }
        | Shape::F32
        | Shape::F64
        | Shape::String
        | Shape::Char
        | Shape::Again(_) => {}
    }
}

/// A shape where it is used.
fn used(shape: &Shape, rules: &Rules) -> Expression {
    match shape {
        Shape::Any => unreachable!("no annotated type takes any JSON"),
        Shape::Bool => Expression::word("is.boolean"),
        Shape::Integer { min, max } => {
            let (min, max) = rules.integers(*min, *max);
            let bounds = [("min", Some(min)), ("max", Some(max))];
            call("is.integer", [options(bounds)])
        }
        Shape::F32 => call("is.float", [options(range(rules))]),
        Shape::F64 => call("is.number", [options(range(rules))]),
        Shape::String => call("is.string", [options(text_rules(rules))]),
        Shape::Char => Expression::word("is.char"),
        Shape::Option(inner) => call("is.nullable", [Some(used(inner, rules))]),
        Shape::List(inner) => {
            let bounds = options([("maxItems", rules.max_items)]);
            call("is.list", [Some(used(inner, rules)), bounds])
        }
        Shape::Array(inner, length) => {
            let items = (0..*length).map(|_| used(inner, rules)).collect();
            Expression::Call("is.tuple", items)
        }
        Shape::Tuple(members) => {
            let items = members.iter().map(|it| used(it, rules)).collect();
            Expression::Call("is.tuple", items)
        }
        Shape::Map(inner) => {
            let most = rules.max_items.map(|it| it.to_string());
            let [min, max, pattern] = text_rules(rules);
            let bounds = options([("maxItems", most), min, max, pattern]);
            call("is.map", [Some(used(inner, rules)), bounds])
        }
        Shape::Again(it) => {
            let itself = format!("() => {}", constant(it.name));
            call("is.again", [Some(Expression::word(itself))])
        }
        Shape::Newtype(it) => Expression::word(constant(it.name)),
        Shape::Struct(it) => Expression::word(constant(it.name)),
        Shape::Enum(it) => Expression::word(constant(it.name)),
    }
}

fn record(fields: &[Field]) -> Expression {
    let entry = |field: &Field| {
        let schema = used(field.shape, &field.rules);
        let schema = match field.need {
            _ if field.server.is_some() => Expression::word("is.server"),
            Need::Required => schema,
            Need::Optional | Need::Default(_) => call("is.optional", [Some(schema)]),
        };
        (field.key.to_owned(), schema)
    };
    let entries = fields.iter().map(entry).collect();
    call("is.struct", [Some(Expression::Object(entries))])
}

fn variants(it: &Enum) -> Expression {
    let is_unit = |variant: &Variant| matches!(variant.content, Content::Unit);
    if it.tag == Tag::External && it.variants.iter().all(is_unit) {
        let keys = it.variants.iter().map(|it| Expression::text(it.key));
        return Expression::Call("is.oneOf", keys.collect());
    }
    let entries = it.variants.iter().map(|variant| {
        let content = match variant.content {
            Content::Unit => Expression::word("is.unit"),
            Content::Newtype(shape, rules) => used(shape, &rules),
            Content::Struct(fields) => record(fields),
        };
        (variant.key.to_owned(), content)
    });
    let entries = Some(Expression::Object(entries.collect()));
    match it.tag {
        Tag::External => call("is.variants", [entries]),
        Tag::Internal(tag) => call("is.tagged", [Some(Expression::text(tag)), entries]),
        Tag::Adjacent(tag, content) => {
            let keys = [tag, content].map(|key| Some(Expression::text(key)));
            let [tag, content] = keys;
            call("is.adjacent", [tag, content, entries])
        }
    }
}

/// A call with the arguments there are.
fn call<const N: usize>(function: &'static str, arguments: [Option<Expression>; N]) -> Expression {
    Expression::Call(function, arguments.into_iter().flatten().collect())
}

fn range(rules: &Rules) -> [(&'static str, Option<String>); 2] {
    let spelled = |bound: Option<f64>| bound.map(crate::schema::spelled);
    [("min", spelled(rules.min)), ("max", spelled(rules.max))]
}

fn text_rules(rules: &Rules) -> [(&'static str, Option<String>); 3] {
    let count = |bound: Option<usize>| bound.map(|it| it.to_string());
    let pattern = rules.pattern.map(|it| literal(it.source));
    [
        ("minChars", count(rules.min_chars)),
        ("maxChars", count(rules.max_chars)),
        ("pattern", pattern),
    ]
}

/// A regular expression, in which a bare slash would be the end.
fn literal(source: &str) -> String {
    let mut text = "/".to_owned();
    let mut is_escaped = false;
    for c in source.chars() {
        if c == '/' && !is_escaped {
            text.push('\\');
        }
        is_escaped = c == '\\' && !is_escaped;
        text.push(c);
    }
    text + "/u"
}

/// `{ min: 0, max: 1 }` of the bounds there are.
fn options<T: ToString, const N: usize>(
    bounds: [(&'static str, Option<T>); N],
) -> Option<Expression> {
    let entries: Vec<_> = bounds
        .into_iter()
        .filter_map(|(key, bound)| Some((key.to_owned(), Expression::word(bound?.to_string()))))
        .collect();
    (!entries.is_empty()).then_some(Expression::Object(entries))
}
