//! `nanobot completions`: a completion script for a shell.

use std::{
    fmt,
    io::{self, IsTerminal, Write},
};

use clap_complete::Shell;
use serde::Serialize;

use super::Outcome;
use crate::{
    account::Afterwards,
    cli::{Completions, Global, script},
    text::list_commands,
};

#[derive(Serialize)]
struct Completion {
    shell: String,
    script: String,
    install: &'static [&'static str],
}

pub(super) fn run(args: &Completions, global: &Global) -> Outcome {
    let install = install(args.shell);
    let outcome = Outcome::of(&Completion {
        shell: args.shell.to_string(),
        script: script(args.shell),
        install,
    });
    // Someone who reads the script on a terminal has not installed it.
    let shows = !global.json && io::stdout().is_terminal() && io::stderr().is_terminal();
    Outcome {
        indent: None,
        afterwards: shows.then(|| -> Afterwards {
            Box::new(move |_| {
                let lines = list_commands(install, 2);
                // Nobody reads it if standard error is gone.
                let _ = writeln!(io::stderr(), "\nTo install it, run:\n{lines}");
                Ok(())
            })
        }),
        ..outcome
    }
}

/// The commands that install the script of a shell.
pub fn install(shell: Shell) -> &'static [&'static str] {
    match shell {
        Shell::Bash => &[
            "mkdir -p ~/.local/share/bash-completion/completions",
            "nanobot completions bash >~/.local/share/bash-completion/completions/nanobot",
        ],
        Shell::Zsh => &[
            "mkdir -p ~/.zfunc",
            "nanobot completions zsh >~/.zfunc/_nanobot",
            "echo 'fpath+=~/.zfunc; autoload -U compinit; compinit' >>~/.zshrc",
        ],
        Shell::Fish => &[
            "mkdir -p ~/.config/fish/completions",
            "nanobot completions fish >~/.config/fish/completions/nanobot.fish",
        ],
        Shell::Elvish => &["nanobot completions elvish >>~/.config/elvish/rc.elv"],
        Shell::PowerShell => &["nanobot completions powershell >> $PROFILE"],
        _ => &[],
    }
}

impl fmt::Display for Completion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The last line is ended when it is printed.
        f.write_str(self.script.trim_end_matches('\n'))
    }
}
