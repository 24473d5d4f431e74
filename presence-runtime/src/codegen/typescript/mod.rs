//! TypeScript: a file for every named type, with the topic's descriptor where it is one.

mod descriptor;
mod expression;
mod file;
mod judge;
mod names;
mod oracle;
mod print;
mod schema;
mod types;

pub(crate) use oracle::{Declared, declared};

use super::{Error, File, Folder, MARK};
use crate::schema::Topics;
use names::Named;

/// The interface of all descriptors, which clients are written against.
const DESCRIPTOR: &str = include_str!("descriptor.ts");

/// Every file of `generated/`.
pub(super) fn render(topics: &Topics) -> Result<Vec<File>, Error> {
    let named = names::collect(topics)?;
    oracle::check(topics, &named)?;
    let mut files: Vec<_> = named
        .iter()
        .map(|it| emitted(format!("{}.ts", it.name), &file::text(it)))
        .collect();
    files.push(emitted("descriptor.ts".to_owned(), DESCRIPTOR));
    files.push(emitted("schema.ts".to_owned(), judge::TEXT));
    files.push(emitted("index.ts".to_owned(), &index(&named)));
    Ok(files)
}

fn index(named: &[Named<'_>]) -> String {
    let mut text = String::new();
    for it in named {
        text.push_str(&format!("export * from \"./{}.js\";\n", it.name));
    }
    text.push_str("export type * from \"./descriptor.js\";\n");
    text
}

fn emitted(name: String, text: &str) -> File {
    File {
        folder: Folder::Generated,
        name,
        text: format!("// {MARK}\n\n{text}"),
    }
}
