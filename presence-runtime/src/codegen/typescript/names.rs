//! The named types of all topics: each gets a file, so a name means one type.

use std::collections::HashSet;

use super::super::Error;
use super::types::{self, Side};
use super::{descriptor, schema};
use crate::schema::{Content, Field, Registered, Shape, Topics};

/// A named type.
#[derive(Debug, Clone, Copy)]
pub(super) struct Named<'a> {
    pub(super) name: &'static str,
    pub(super) docs: &'static str,
    pub(super) shape: &'static Shape,
    /// The topic whose values it is.
    pub(super) topic: Option<&'a Registered>,
}

/// All named types, topic types first, in the order in which they are met.
pub(super) fn collect(topics: &Topics) -> Result<Vec<Named<'_>>, Error> {
    let mut named = Vec::new();
    for topic in topics.iter() {
        add(&mut named, topic.schema.shape(), Some(topic))?;
    }
    for topic in topics.iter() {
        inside(&mut named, topic.schema.shape())?;
    }
    let input_names = named
        .iter()
        .filter(|it| types::differs(it.shape))
        .map(|it| types::name(it.name, it.shape, Side::Input));
    match input_names
        .into_iter()
        .find(|input| named.iter().any(|it| it.name == input))
    {
        Some(taken) => Err(Error::Name(taken)),
        None => exported_once(named),
    }
}

/// Everything is exported once more by one file, so the constants of all types stand together.
fn exported_once(named: Vec<Named<'_>>) -> Result<Vec<Named<'_>>, Error> {
    let mut exported = HashSet::new();
    for it in &named {
        let descriptor = it.topic.map(|_| descriptor::constant(it.name));
        for constant in descriptor.into_iter().chain([schema::constant(it.name)]) {
            if !exported.insert(constant.clone()) {
                return Err(Error::Export(constant));
            }
        }
    }
    Ok(named)
}

/// The files that are there anyway, in lower case, and what the others mean by these words.
const FILES: [&str; 3] = ["index", "descriptor", "schema"];
const TAKEN: [&str; 10] = [
    "AnyTopic",
    "Array",
    "InputOf",
    "KeyOf",
    "ParameterName",
    "ParametersOf",
    "Record",
    "TopicDescriptor",
    "TopicParameters",
    "ValueOf",
];

fn add<'a>(
    named: &mut Vec<Named<'a>>,
    shape: &'static Shape,
    topic: Option<&'a Registered>,
) -> Result<(), Error> {
    let (name, docs) = match shape {
        Shape::Struct(it) => (it.name, it.docs),
        Shape::Enum(it) => (it.name, it.docs),
        Shape::Newtype(it) => (it.name, it.docs),
        _ => return Ok(()),
    };
    if FILES.contains(&name.to_lowercase().as_str()) || TAKEN.contains(&name) {
        return Err(Error::Reserved(name.to_owned()));
    }
    // File systems may not tell `Tool.ts` from `tool.ts`.
    let same = named.iter().find(|it| it.name.eq_ignore_ascii_case(name));
    match same {
        Some(same) if same.name == name && mean_the_same(name, same.shape, shape) => Ok(()),
        Some(_) => Err(Error::Name(name.to_owned())),
        None => {
            named.push(Named {
                name,
                docs,
                shape,
                topic,
            });
            Ok(())
        }
    }
}

/// Constants have no identity, so types are told apart by what would be written of them.
fn mean_the_same(name: &str, one: &Shape, other: &Shape) -> bool {
    let has_same_type = |side| types::body(one, side, &[]) == types::body(other, side, &[]);
    [Side::Output, Side::Input].into_iter().all(has_same_type)
        && schema::text(name, one) == schema::text(name, other)
}

fn inside(named: &mut Vec<Named<'_>>, shape: &'static Shape) -> Result<(), Error> {
    match shape {
        Shape::Option(inner) | Shape::List(inner) | Shape::Array(inner, _) | Shape::Map(inner) => {
            met(named, inner)
        }
        Shape::Tuple(members) => members.iter().try_for_each(|it| met(named, it)),
        Shape::Newtype(it) => met(named, it.shape),
        Shape::Struct(it) => fields(named, it.fields),
        Shape::Enum(it) => it.variants.iter().try_for_each(|it| match it.content {
            Content::Unit => Ok(()),
            Content::Newtype(shape, _) => met(named, shape),
            Content::Struct(inner) => fields(named, inner),
        }),
        _ => Ok(()),
    }
}

fn fields(named: &mut Vec<Named<'_>>, fields: &'static [Field]) -> Result<(), Error> {
    fields.iter().try_for_each(|field| met(named, field.shape))
}

fn met(named: &mut Vec<Named<'_>>, shape: &'static Shape) -> Result<(), Error> {
    add(named, shape, None)?;
    inside(named, shape)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_exported_anyway_names_no_type() {
        let descriptor = super::super::DESCRIPTOR;
        let exports = descriptor.lines().filter_map(|line| {
            let line = line.strip_prefix("export ")?;
            let line = ["interface ", "type "]
                .iter()
                .find_map(|it| line.strip_prefix(it))?;
            line.split(|c: char| !c.is_alphanumeric()).next()
        });
        let exports: Vec<_> = exports.collect();
        assert!(exports.len() > 5, "{exports:?}");
        assert!(exports.iter().all(|it| TAKEN.contains(it)), "{exports:?}");
    }
}
