//! The program of an application that writes and checks the emitted files.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use super::{Drift, Error, Folders, check, write};
use crate::schema::Topics;

const USAGE: &str = "\
Usage: <program> write|check [--schemas DIR] [--generated DIR]

  write            bring the emitted files up to date, delete what is left over of earlier ones
  check            only say which are not up to date; exit with 1 when there are any

  --schemas DIR    where JSON Schema goes [default: schemas]
  --generated DIR  where TypeScript goes [default: generated]
";

/// Runs a program whose arguments say `write` or `check`.
///
/// It exits with 1 when `check` finds a difference or a file cannot be written, and with 2 when
/// the arguments are not understood.
#[must_use]
#[expect(
    clippy::needless_pass_by_value,
    reason = "the program has no other use for its topics"
)]
pub fn main(topics: Topics) -> ExitCode {
    let Some(command) = Command::parse(std::env::args().skip(1)) else {
        say(&mut io::stderr().lock(), USAGE);
        return ExitCode::from(2);
    };
    match command.run(&topics) {
        Ok((said, code)) => {
            say(&mut io::stdout().lock(), &said);
            code
        }
        Err(error) => {
            say(&mut io::stderr().lock(), &format!("error: {error}\n"));
            ExitCode::FAILURE
        }
    }
}

/// A closed pipe is no reason to panic.
fn say(out: &mut impl Write, text: &str) {
    let _ = out.write_all(text.as_bytes());
}

#[derive(Debug, PartialEq)]
struct Command {
    verb: Verb,
    folders: Folders,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Verb {
    Write,
    Check,
}

impl Command {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Option<Self> {
        let verb = match arguments.next()?.as_str() {
            "write" => Verb::Write,
            "check" => Verb::Check,
            _ => return None,
        };
        let mut folders = Folders::default();
        while let Some(option) = arguments.next() {
            let folder = match option.as_str() {
                "--schemas" => &mut folders.schemas,
                "--generated" => &mut folders.generated,
                _ => return None,
            };
            *folder = arguments.next()?.into();
        }
        Some(Self { verb, folders })
    }

    /// What to say, and how to exit.
    fn run(&self, topics: &Topics) -> Result<(String, ExitCode), Error> {
        Ok(match self.verb {
            Verb::Write => {
                let found = write(topics, &self.folders)?;
                (told(&found, done), ExitCode::SUCCESS)
            }
            Verb::Check => match check(topics, &self.folders)?.as_slice() {
                [] => (told(&[], wrong), ExitCode::SUCCESS),
                found => {
                    let advice = "run `write` and check the files in\n";
                    (told(found, wrong) + advice, ExitCode::FAILURE)
                }
            },
        })
    }
}

fn told(found: &[(PathBuf, Drift)], word: fn(Drift) -> &'static str) -> String {
    if found.is_empty() {
        return "the emitted files are up to date\n".to_owned();
    }
    let lines = found
        .iter()
        .map(|(path, drift)| format!("{:<9}  {}\n", word(*drift), path.display()));
    lines.collect()
}

fn done(drift: Drift) -> &'static str {
    match drift {
        Drift::Differs => "rewritten",
        Drift::Missing => "written",
        Drift::LeftOver => "deleted",
    }
}

fn wrong(drift: Drift) -> &'static str {
    match drift {
        Drift::Differs => "differs",
        Drift::Missing => "missing",
        Drift::LeftOver => "left over",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &str) -> Option<Command> {
        Command::parse(arguments.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn takes_a_verb_and_folders() {
        let command = |verb, schemas: &str, generated: &str| {
            let folders = Folders {
                schemas: schemas.into(),
                generated: generated.into(),
            };
            Some(Command { verb, folders })
        };
        assert_eq!(
            parsed("write"),
            command(Verb::Write, "schemas", "generated")
        );
        assert_eq!(
            parsed("check --generated b --schemas a"),
            command(Verb::Check, "a", "b")
        );
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        for arguments in [
            "",
            "run",
            "--help",
            "write x",
            "check --schemas",
            "write --out x",
        ] {
            assert_eq!(parsed(arguments), None, "{arguments}");
        }
    }
}
