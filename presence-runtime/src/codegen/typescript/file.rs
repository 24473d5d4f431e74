//! The file of one named type.

use std::collections::{BTreeMap, BTreeSet};

use super::names::Named;
use super::types::{self, Side, Type};
use super::{descriptor, print};

/// The type, its input type where that differs, and its descriptor where it is a topic.
pub(super) fn text(named: &Named<'_>) -> String {
    let decays = named.topic.map_or(&[][..], |it| it.schema.decays());
    let output = types::body(named.shape, Side::Output, decays);
    let input = types::differs(named.shape).then(|| types::body(named.shape, Side::Input, decays));

    let mut parts = Vec::new();
    let imports = imports(named, [Some(&output), input.as_ref()]);
    if !imports.is_empty() {
        parts.push(imports);
    }
    let docs = types::lines(named.docs);
    parts.push(print::declaration(named.name, &docs, &output));
    if let Some(input) = &input {
        let name = types::name(named.name, named.shape, Side::Input);
        let docs = [format!("{{@link {}}} as it may be sent.", named.name)];
        parts.push(print::declaration(&name, &docs, input));
    }
    parts.extend(named.topic.map(descriptor::text));
    parts.join("\n")
}

fn imports(named: &Named<'_>, of: [Option<&Type>; 2]) -> String {
    let mut files: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for it in of.into_iter().flatten() {
        it.names(&mut |name, file| {
            files.entry(file).or_default().insert(name.to_owned());
        });
    }
    if named.topic.is_some() {
        files
            .entry("descriptor")
            .or_default()
            .insert("TopicDescriptor".to_owned());
    }
    let imports = files.into_iter().map(|(file, names)| {
        let names: Vec<_> = names.into_iter().collect();
        format!(
            "import type {{ {} }} from \"./{file}.js\";\n",
            names.join(", ")
        )
    });
    imports.collect()
}
