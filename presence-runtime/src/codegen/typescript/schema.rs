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
        _ => unreachable!("only structs and enums have names"),
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
    let mut used = |shape: &Shape| {
        let mut leaf = shape;
        while let Shape::Option(inner) | Shape::List(inner) = leaf {
            leaf = inner;
        }
        match leaf {
            Shape::Struct(it) => see(it.name),
            Shape::Enum(it) => see(it.name),
            _ => {}
        }
    };
    let mut fields = |fields: &[Field]| fields.iter().for_each(|field| used(field.shape));
    match shape {
        Shape::Struct(it) => fields(it.fields),
        Shape::Enum(it) => it.variants.iter().for_each(|it| match it.content {
            Content::Unit => {}
            Content::Newtype(shape, _) => used(shape),
            Content::Struct(inner) => inner.iter().for_each(|field| used(field.shape)),
        }),
        _ => {}
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
        Shape::String => {
            let bounds = [("minChars", rules.min_chars), ("maxChars", rules.max_chars)];
            call("is.string", [options(bounds)])
        }
        Shape::Option(inner) => call("is.nullable", [Some(used(inner, rules))]),
        Shape::List(inner) => {
            let bounds = options([("maxItems", rules.max_items)]);
            call("is.list", [Some(used(inner, rules)), bounds])
        }
        Shape::Struct(it) => Expression::word(constant(it.name)),
        Shape::Enum(it) => Expression::word(constant(it.name)),
    }
}

fn record(fields: &[Field]) -> Expression {
    let entry = |field: &Field| {
        let schema = used(field.shape, &field.rules);
        let schema = match field.need {
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
