//! The file of one named type.

use std::collections::BTreeMap;

use super::names::Named;
use super::types::{self, Side, Type};
use super::{descriptor, print, schema};
use crate::schema::Shape;

/// The type, its input type where that differs, what judges input, and its descriptor where it is
/// a topic.
pub(super) fn text(named: &Named<'_>) -> String {
    let decays = named.topic.map_or(&[][..], |it| it.schema.decays());
    let output = types::body(named.shape, Side::Output, decays);
    let input = types::differs(named.shape).then(|| types::body(named.shape, Side::Input, decays));

    let mut parts = vec![imports(named, [Some(&output), input.as_ref()])];
    let docs = types::docs_of(named.docs, named.shape);
    parts.push(print::declaration(
        named.name,
        &docs,
        &branded(named, output),
    ));
    if let Some(input) = &input {
        let name = types::name(named.name, named.shape, Side::Input);
        let docs = [format!("{{@link {}}} as it may be sent.", named.name)];
        parts.push(print::declaration(&name, &docs, input));
    }
    parts.push(schema::text(named.name, named.shape));
    parts.extend(named.topic.map(descriptor::text));
    parts.join("\n")
}

/// A newtype of a number or a string is a type of its own: one id cannot stand for another.
fn branded(named: &Named<'_>, of: Type) -> Type {
    match (named.shape, of) {
        (Shape::Newtype(_), Type::Word(kind)) => {
            Type::Word(format!("is.Brand<{kind}, {}>", print::quoted(named.name)))
        }
        (_, of) => of,
    }
}

fn imports(named: &Named<'_>, of: [Option<&Type>; 2]) -> String {
    let mut files: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for it in of.into_iter().flatten() {
        it.names(&mut |name, file| files.entry(file).or_default().push(format!("type {name}")));
    }
    schema::names(named.shape, &mut |name| {
        files.entry(name).or_default().push(schema::constant(name));
    });
    files.remove(named.name);
    let mut text = String::new();
    for (file, mut names) in files {
        names.sort_by_key(|name| name.trim_start_matches("type ").to_lowercase());
        names.dedup();
        let names = names.join(", ");
        text.push_str(&format!("import {{ {names} }} from \"./{file}.js\";\n"));
    }
    if named.topic.is_some() {
        text.push_str("import type { TopicDescriptor } from \"./descriptor.js\";\n");
    }
    text.push_str("import * as is from \"./schema.js\";\n");
    text
}
