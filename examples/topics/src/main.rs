//! Writes `schemas/` and `generated/`, or checks that they are up to date:
//! `cargo run -p topics --features codegen -- write` (or `check`).

use std::process::ExitCode;

fn main() -> ExitCode {
    presence_runtime::codegen::main(topics::topics())
}
