//! What the tests of the contract ask of Rust, as a program of three verbs:
//!
//! - `write`, with the folders to write to: the files that codegen makes of the types;
//! - `corpus COUNT SEED`: a row for each of so many payloads a type, one a line;
//! - `judge`: reads rows with a type and a payload, and writes them with the verdict; an empty line
//!   asks for those that were not written yet.

use std::io::{self, BufRead, BufWriter, Write};
use std::process::ExitCode;

use contract::{Dice, Judge, payload, topics};

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let mut out = BufWriter::new(io::stdout().lock());
    let done = match arguments.as_slice() {
        ["corpus", count, seed] => match (count.parse(), seed.parse()) {
            (Ok(count), Ok(seed)) => corpus(count, seed, &mut out),
            _ => return usage(),
        },
        ["judge"] => judge(&mut out),
        ["write", ..] => return presence_runtime::codegen::main(topics()),
        _ => return usage(),
    };
    match done.and_then(|()| out.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => panic!("{error}"),
    }
}

fn usage() -> ExitCode {
    let text = b"Usage: contract write --schemas DIR --generated DIR | corpus COUNT SEED | judge\n";
    let _ = io::stderr().write_all(text);
    ExitCode::from(2)
}

fn corpus(count: usize, seed: u64, out: &mut impl Write) -> io::Result<()> {
    let judge = Judge::new();
    let mut dice = Dice::new(seed);
    for _ in 0..count {
        for schema in judge.schemas() {
            let row = judge.row(schema, payload(schema, &mut dice));
            writeln!(out, "{}", row.to_json())?;
        }
    }
    Ok(())
}

fn judge(out: &mut impl Write) -> io::Result<()> {
    let judge = Judge::new();
    for line in io::stdin().lock().lines() {
        match line?.as_str() {
            "" => out.flush()?,
            line => writeln!(out, "{}", judge.read(line).to_json())?,
        }
    }
    Ok(())
}
