//! Writes `web/generated/`, as `make codegen` calls it.

use std::process::ExitCode;

fn main() -> ExitCode {
    presence_runtime::codegen::main(ported::topics())
}
