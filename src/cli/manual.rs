//! The manual: one page for the program and one for every subcommand, made from the command
//! line's types. Neither the terminal's width nor the day changes a page.

use std::io;

use clap::{Command, CommandFactory};
use clap_mangen::{
    Man,
    roff::{Inline, Roff, bold, italic, roman},
};

use super::{
    Cli,
    reference::{self, Entry},
};
use crate::error;

/// What the examples of a command start with in its help.
const EXAMPLES: &str = "Examples:\n";

/// A page of the manual.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its file in `man/`, such as `nanobot-login.1`.
    pub file_name: String,
    /// Its text, in the language of roff.
    pub text: String,
    /// Whether it has examples.
    pub has_examples: bool,
}

/// Every page, the program's own first.
///
/// # Errors
///
/// None in practice: a page is written to memory.
pub fn pages() -> io::Result<Vec<Page>> {
    let mut program = Cli::command().disable_help_subcommand(true);
    program.build();
    let mut pages = Vec::new();
    let mut commands = vec![(&program, None)];
    // A group's commands come right after the group.
    while let Some((command, parent)) = commands.pop() {
        pages.push(page(command, parent)?);
        let subcommands = command.get_subcommands().filter(|sub| !sub.is_hide_set());
        let mut subcommands: Vec<_> = subcommands.map(|sub| (sub, Some(command))).collect();
        subcommands.reverse();
        commands.append(&mut subcommands);
    }
    Ok(pages)
}

fn page(command: &Command, parent: Option<&Command>) -> io::Result<Page> {
    let version = format!("nanobot {}", env!("CARGO_PKG_VERSION"));
    let man = Man::new(command.clone().disable_help_subcommand(true))
        .source(version)
        .manual("nanobot manual");
    let mut bytes = Vec::new();
    man.render_title(&mut bytes)?;
    man.render_name_section(&mut bytes)?;
    man.render_synopsis_section(&mut bytes)?;
    man.render_description_section(&mut bytes)?;
    man.render_options_section(&mut bytes)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut bytes)?;
    }
    let examples = examples(command);
    let mut roff = Roff::new();
    exit_status(&mut roff);
    section(&mut roff, "FILES", reference::files());
    environment(&mut roff, parent.is_none());
    if let Some(examples) = &examples {
        show_examples(&mut roff, examples);
    }
    see_also(&mut roff, command, parent);
    // What `Man` wrote has defined the apostrophe that `Roff` would define again.
    bytes.extend_from_slice(roff.to_roff().as_bytes());
    Ok(Page {
        file_name: man.get_filename(),
        text: String::from_utf8_lossy(&bytes).into_owned(),
        has_examples: examples.is_some(),
    })
}

fn exit_status(roff: &mut Roff) {
    roff.control("SH", ["EXIT STATUS"]);
    for (code, meaning) in error::exit_codes() {
        entry(roff, bold(code.to_string()), meaning);
    }
}

fn environment(roff: &mut Roff, whole: bool) {
    section(roff, "ENVIRONMENT", reference::variables());
    if whole {
        entries(roff, reference::overrides());
    } else {
        let about = "Go before the keys of channels.matrix in the configuration; see nanobot(1).";
        entry(roff, bold("NANOBOT_MATRIX_*"), about);
    }
}

fn section(roff: &mut Roff, heading: &str, list: Vec<Entry>) {
    roff.control("SH", [heading]);
    entries(roff, list);
}

fn entries(roff: &mut Roff, list: Vec<Entry>) {
    for Entry { name, about } in list {
        entry(roff, bold(name), &about);
    }
}

fn entry(roff: &mut Roff, name: Inline, about: &str) {
    roff.control("TP", []);
    roff.text([name]);
    roff.text([roman(about)]);
}

/// The examples in a command's help: the indented lines below their heading.
fn examples(command: &Command) -> Option<Vec<String>> {
    let help = command.get_after_help()?.to_string();
    let (_, block) = help.split_once(EXAMPLES)?;
    let lines = block.lines().map_while(|line| line.strip_prefix("  "));
    Some(lines.map(str::to_owned).collect())
}

/// Each example as it is typed, and what it does where the help says so.
fn show_examples(roff: &mut Roff, examples: &[String]) {
    roff.control("SH", ["EXAMPLES"]);
    for line in examples {
        if let Some((typed, about)) = line.split_once("   ") {
            entry(roff, bold(typed), about.trim_start());
        } else {
            roff.control("PP", []);
            roff.text([bold(line)]);
        }
    }
}

fn see_also(roff: &mut Roff, command: &Command, parent: Option<&Command>) {
    let own = name(command);
    let group = parent.unwrap_or(command);
    let relatives = parent
        .into_iter()
        .chain(group.get_subcommands().filter(|sub| !sub.is_hide_set()))
        .chain(
            parent
                .and(Some(command))
                .into_iter()
                .flat_map(Command::get_subcommands),
        )
        .map(name)
        .filter(|name| *name != own);
    let mut line = Vec::new();
    for name in relatives {
        if !line.is_empty() {
            line.push(roman(", "));
        }
        line.extend([italic(name), roman("(1)")]);
    }
    roff.control("SH", ["SEE ALSO"]);
    roff.text(line);
}

fn name(command: &Command) -> &str {
    command
        .get_display_name()
        .unwrap_or_else(|| command.get_name())
}
