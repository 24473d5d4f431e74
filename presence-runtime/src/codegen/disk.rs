//! The emitted files on disk, beside what they should be.

use std::io;
use std::path::{Path, PathBuf};

use super::{Error, Folder, MARK, render};
use crate::schema::Topics;

/// Where emitted files are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folders {
    /// Where JSON Schema goes. Defaults to `schemas`.
    pub schemas: PathBuf,
    /// Where TypeScript goes. Defaults to `generated`.
    pub generated: PathBuf,
}

impl Default for Folders {
    fn default() -> Self {
        Self {
            schemas: "schemas".into(),
            generated: "generated".into(),
        }
    }
}

/// How a file on disk is not what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drift {
    /// It says something else.
    Differs,
    /// It is not there.
    Missing,
    /// It was emitted earlier and should not be there any more.
    LeftOver,
}

/// The files that are not what they should be, by path.
///
/// # Errors
/// When the topic types cannot be rendered or a file cannot be read.
pub fn check(topics: &Topics, folders: &Folders) -> Result<Vec<(PathBuf, Drift)>, Error> {
    let found = compare(topics, folders)?.into_iter();
    Ok(found.map(|it| (it.path, it.drift)).collect())
}

/// Puts right what [`check`] finds, and says what it was.
///
/// # Errors
/// When the topic types cannot be rendered or a file cannot be read or written.
pub fn write(topics: &Topics, folders: &Folders) -> Result<Vec<(PathBuf, Drift)>, Error> {
    let found = compare(topics, folders)?;
    for Compared { path, drift, text } in &found {
        let done = match drift {
            Drift::LeftOver => std::fs::remove_file(path),
            Drift::Differs | Drift::Missing => save(path, text),
        };
        done.map_err(|error| at(path, error))?;
    }
    Ok(found.into_iter().map(|it| (it.path, it.drift)).collect())
}

impl Folders {
    fn path(&self, folder: Folder) -> &Path {
        match folder {
            Folder::Schemas => &self.schemas,
            Folder::Generated => &self.generated,
        }
    }
}

struct Compared {
    path: PathBuf,
    drift: Drift,
    text: String,
}

fn compare(topics: &Topics, folders: &Folders) -> Result<Vec<Compared>, Error> {
    let mut found = Vec::new();
    let mut known = Vec::new();
    for file in render(topics)? {
        let path = folders.path(file.folder).join(&file.name);
        known.push(path.clone());
        let drift = match std::fs::read(&path) {
            Ok(text) if text == file.text.as_bytes() => continue,
            Ok(_) => Drift::Differs,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Drift::Missing,
            Err(error) => return Err(at(&path, error)),
        };
        let text = file.text;
        found.push(Compared { path, drift, text });
    }
    for folder in [Folder::Schemas, Folder::Generated] {
        let folder = folders.path(folder);
        let emitted = emitted_in(folder).map_err(|error| at(folder, error))?;
        let left_over = emitted.into_iter().filter(|path| !known.contains(path));
        found.extend(left_over.map(|path| Compared {
            path,
            drift: Drift::LeftOver,
            text: String::new(),
        }));
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

/// The files of a folder that say that they were emitted.
fn emitted_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_file() && is_emitted(&std::fs::read(entry.path())?) {
            paths.push(entry.path());
        }
    }
    Ok(paths)
}

fn is_emitted(text: &[u8]) -> bool {
    text.starts_with(format!("// {MARK}\n").as_bytes())
        || ["$comment", "x-comment"]
            .iter()
            .any(|key| text.starts_with(format!("{{\n  \"{key}\": \"{MARK}\"").as_bytes()))
}

fn save(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, text)
}

fn at(path: &Path, source: io::Error) -> Error {
    let path = path.to_owned();
    Error::Disk { path, source }
}
