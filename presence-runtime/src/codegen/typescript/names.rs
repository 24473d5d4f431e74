//! The named types of all topics: each gets a file, so a name means one type.

use super::super::Error;
use super::types::{self, Side};
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
        None => Ok(named),
    }
}

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
    if ["index", "descriptor", "schema"].contains(&name.to_lowercase().as_str()) {
        return Err(Error::Reserved(name.to_owned()));
    }
    // File systems may not tell `Tool.ts` from `tool.ts`.
    let same = named.iter().find(|it| it.name.eq_ignore_ascii_case(name));
    match same {
        Some(same) if same.name == name && mean_the_same(same.shape, shape) => Ok(()),
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
fn mean_the_same(one: &Shape, other: &Shape) -> bool {
    [Side::Output, Side::Input]
        .into_iter()
        .all(|side| types::body(one, side, &[]) == types::body(other, side, &[]))
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
