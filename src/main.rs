//! The `nanobot` program: parse, run, exit code, and nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    nanobot::run(std::env::args_os())
}
