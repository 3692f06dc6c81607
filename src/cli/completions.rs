//! Completion scripts for shells, made from the command line's types.

use clap::{CommandFactory, ValueEnum};
use clap_complete::{Generator, Shell, generate};

use super::Cli;

/// The program's name, as a person types it.
const PROGRAM: &str = "nanobot";

/// The script that completes this program's command line in a shell.
#[must_use]
pub fn script(shell: Shell) -> String {
    let mut bytes = Vec::new();
    generate(shell, &mut Cli::command(), PROGRAM, &mut bytes);
    let text = String::from_utf8_lossy(&bytes);
    format!("{}\n", text.trim_end_matches('\n'))
}

/// The files in `completions/`: every shell's usual file name, and its script.
pub fn files() -> impl Iterator<Item = (String, String)> {
    Shell::value_variants()
        .iter()
        .map(|&shell| (shell.file_name(PROGRAM), script(shell)))
}
