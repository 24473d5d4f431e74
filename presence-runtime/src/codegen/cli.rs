//! The program of an application that writes and checks the emitted files.

use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::{File, Folder, MARK, render};
use crate::schema::Topics;

const USAGE: &str = "\
Usage: <program> write|check [--schemas DIR] [--generated DIR]

  write            render the files, delete what is left over of earlier ones
  check            compare only; exit with 1 when a file is not what would be written

  --schemas DIR    where JSON Schema goes [default: schemas]
  --generated DIR  where TypeScript goes [default: generated]
";

/// Runs a program whose arguments say `write` or `check`.
///
/// Exits with 1 when `check` finds a difference or a file cannot be written, and with 2 when the
/// arguments are not understood.
#[must_use]
#[expect(
    clippy::needless_pass_by_value,
    reason = "a program has no other use for its topics"
)]
pub fn main(topics: Topics) -> ExitCode {
    let Some(command) = Command::parse(std::env::args().skip(1)) else {
        return say(&mut io::stderr().lock(), USAGE, ExitCode::from(2));
    };
    let mut said = String::new();
    match command.run(&topics, &mut said) {
        Ok(Outcome::Fine) => say(&mut io::stdout().lock(), &said, ExitCode::SUCCESS),
        Ok(Outcome::Different) => say(&mut io::stdout().lock(), &said, ExitCode::FAILURE),
        Err(error) => say(
            &mut io::stderr().lock(),
            &format!("error: {error}\n"),
            ExitCode::FAILURE,
        ),
    }
}

/// A closed pipe is no reason to panic or to exit otherwise.
fn say(out: &mut impl Write, text: &str, code: ExitCode) -> ExitCode {
    let _ = out.write_all(text.as_bytes());
    code
}

#[derive(Debug, PartialEq)]
struct Command {
    verb: Verb,
    schemas: PathBuf,
    generated: PathBuf,
}

#[derive(Debug, PartialEq)]
enum Verb {
    Write,
    Check,
}

#[derive(Debug, PartialEq)]
enum Outcome {
    Fine,
    Different,
}

/// What there is to say about a file.
#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Same,
    Differs,
    Missing,
    LeftOver,
}

impl Command {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Option<Self> {
        let verb = match arguments.next()?.as_str() {
            "write" => Verb::Write,
            "check" => Verb::Check,
            _ => return None,
        };
        let mut command = Self {
            verb,
            schemas: "schemas".into(),
            generated: "generated".into(),
        };
        while let Some(option) = arguments.next() {
            let folder = match option.as_str() {
                "--schemas" => &mut command.schemas,
                "--generated" => &mut command.generated,
                _ => return None,
            };
            *folder = arguments.next()?.into();
        }
        Some(command)
    }

    fn run(
        &self,
        topics: &Topics,
        said: &mut String,
    ) -> Result<Outcome, Box<dyn std::error::Error>> {
        let files = render(topics)?;
        let mut outcome = Outcome::Fine;
        for (path, state, text) in self.compare(&files)? {
            let word = match (&self.verb, state) {
                (Verb::Write, State::Same) => "unchanged",
                (Verb::Write, State::LeftOver) => {
                    std::fs::remove_file(&path).map_err(|error| at(&path, &error))?;
                    "deleted"
                }
                (Verb::Write, State::Differs | State::Missing) => {
                    write(&path, text).map_err(|error| at(&path, &error))?;
                    "written"
                }
                (Verb::Check, State::Same) => continue,
                (Verb::Check, state) => {
                    outcome = Outcome::Different;
                    state.word()
                }
            };
            said.push_str(&format!("{word:<9}  {}\n", path.display()));
        }
        if self.verb == Verb::Check {
            said.push_str(match outcome {
                Outcome::Fine => "the emitted files are up to date\n",
                Outcome::Different => "run `write` and check the files in\n",
            });
        }
        Ok(outcome)
    }

    /// Every file that is to be or is left over, by path.
    fn compare<'a>(&self, files: &'a [File]) -> Result<Vec<(PathBuf, State, &'a str)>, String> {
        let mut all = Vec::new();
        for file in files {
            let path = self.folder(file.folder).join(&file.name);
            let state = match std::fs::read(&path) {
                Ok(text) if text == file.text.as_bytes() => State::Same,
                Ok(_) => State::Differs,
                Err(error) if error.kind() == io::ErrorKind::NotFound => State::Missing,
                Err(error) => return Err(at(&path, &error)),
            };
            all.push((path, state, file.text.as_str()));
        }
        for folder in [Folder::Schemas, Folder::Generated] {
            let folder = self.folder(folder);
            for path in emitted_in(folder).map_err(|error| at(folder, &error))? {
                if all.iter().all(|(known, ..)| *known != path) {
                    all.push((path, State::LeftOver, ""));
                }
            }
        }
        all.sort_by(|(one, ..), (other, ..)| one.cmp(other));
        Ok(all)
    }

    fn folder(&self, folder: Folder) -> &Path {
        match folder {
            Folder::Schemas => &self.schemas,
            Folder::Generated => &self.generated,
        }
    }
}

impl State {
    fn word(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Differs => "differs",
            Self::Missing => "missing",
            Self::LeftOver => "left over",
        }
    }
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
        || text.starts_with(format!("{{\n  \"$comment\": \"{MARK}\"").as_bytes())
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, text)
}

fn at(path: &Path, error: &impl fmt::Display) -> String {
    format!("{}: {error}", path.display())
}
