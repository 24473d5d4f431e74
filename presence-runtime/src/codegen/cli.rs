//! The program of an application that writes and checks the emitted files.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use super::{Change, Drift, Error, Folders, check, diff, write};
use crate::schema::Topics;

const USAGE: &str = "\
Usage: <program> write|check [--schemas DIR] [--generated DIR]
       <program> diff --against FILE|DIR

  write            bring the emitted files up to date, delete what is left over of earlier ones
  check            only say which are not up to date; exit with 1 when there are any
  diff             say what became of the types since; exit with 1 when it breaks older clients

  --schemas DIR    where JSON Schema goes [default: schemas]
  --generated DIR  where TypeScript goes [default: generated]
  --against        a schema file that was emitted earlier, or a folder of them
";

/// Runs a program whose arguments say `write`, `check` or `diff`.
///
/// It exits with 1 when `check` finds a difference, `diff` a breaking change or a file cannot be
/// read or written, and with 2 when the arguments are not understood.
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
enum Command {
    Write(Folders),
    Check(Folders),
    Diff { against: PathBuf },
}

impl Command {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Option<Self> {
        let verb = match arguments.next()?.as_str() {
            "write" => Self::Write,
            "check" => Self::Check,
            "diff" => {
                let option = arguments.next().filter(|it| it == "--against");
                let against = option.and_then(|_| arguments.next())?.into();
                return arguments.next().is_none().then_some(Self::Diff { against });
            }
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
        Some(verb(folders))
    }

    /// What to say, and how to exit.
    fn run(&self, topics: &Topics) -> Result<(String, ExitCode), Error> {
        Ok(match self {
            Self::Diff { against } => {
                let changes = diff(topics, against)?;
                let breaks = changes.iter().any(|it| it.is_breaking);
                let code = if breaks {
                    ExitCode::FAILURE
                } else {
                    ExitCode::SUCCESS
                };
                (listed(&changes), code)
            }
            Self::Write(folders) => {
                let found = write(topics, folders)?;
                (told(&found, done), ExitCode::SUCCESS)
            }
            Self::Check(folders) => match check(topics, folders)?.as_slice() {
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

/// What breaks comes first.
fn listed(changes: &[Change]) -> String {
    if changes.is_empty() {
        return "nothing has changed\n".to_owned();
    }
    let mut text = String::new();
    for (is_breaking, word) in [(true, "breaking"), (false, "compatible")] {
        for it in changes.iter().filter(|it| it.is_breaking == is_breaking) {
            let Change {
                schema,
                place,
                what,
                ..
            } = it;
            text.push_str(&format!("{word:<10}  {schema}{place}: {what}\n"));
        }
    }
    text
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
        let folders = |schemas: &str, generated: &str| Folders {
            schemas: schemas.into(),
            generated: generated.into(),
        };
        let default = folders("schemas", "generated");
        assert_eq!(parsed("write"), Some(Command::Write(default)));
        assert_eq!(
            parsed("check --generated b --schemas a"),
            Some(Command::Check(folders("a", "b")))
        );
        let against = "schemas/Cursor.schema.json".into();
        assert_eq!(
            parsed("diff --against schemas/Cursor.schema.json"),
            Some(Command::Diff { against })
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
            "diff",
            "diff --against",
            "diff --against a b",
            "diff --schemas a",
        ] {
            assert_eq!(parsed(arguments), None, "{arguments}");
        }
    }
}
