//! The manual: one page for the program and one for every subcommand, made from the command
//! line's types. Neither the terminal's width nor the day changes a page.

use std::io;

use clap::{Command, CommandFactory};
use clap_mangen::{
    Man,
    roff::{Roff, bold, italic, roman},
};
use nanobot::testing::{cli::Cli, config::KEYS, error::exit_codes};

use super::page::{entry, section};

/// What the examples of a command start with in its help.
const EXAMPLES: &str = "Examples:\n";

/// The files the program reads and writes.
const FILES: [(&str, &str); 7] = [
    (
        "~/.nanobot/config.json",
        "The configuration; see nanobot-config(5). --config, NANOBOT_CONFIG and NANOBOT_HOME select another \
         file; the other files are in the same directory.",
    ),
    (
        "~/.nanobot/matrix-store/",
        "The encryption keys of the bot's device and its message queue. It belongs to deviceId in the \
         configuration: neither can be used without the other.",
    ),
    (
        "~/.nanobot/matrix-store.old-*/",
        "Archived stores of earlier devices.",
    ),
    ("~/.nanobot/media/matrix/", "Attachments the bot received."),
    (
        "~/.nanobot/conversations/",
        "The history of each room and thread, for agents that ask a model.",
    ),
    (
        "~/.nanobot/nanobot.lock",
        "Locked by the nanobot process that is using the store.",
    ),
    (
        "~/.nanobot/nanobot.sock",
        "The status socket of the running gateway, accessible to this user only. The gateway removes it \
         when it stops; a leftover of a killed gateway is harmless.",
    ),
];

/// The environment variables.
const VARIABLES: [(&str, &str); 5] = [
    (
        "NANOBOT_CONFIG",
        "The configuration file, unless --config is given.",
    ),
    (
        "NANOBOT_HOME",
        "The directory of config.json, unless --config or NANOBOT_CONFIG is given.",
    ),
    ("HOME", "The parent of the default directory .nanobot."),
    (
        "CREDENTIALS_DIRECTORY",
        "Set by systemd: a file nanobot-matrix-access-token or nanobot-matrix-password in it \
         overrides the environment and the configuration.",
    ),
    ("NO_COLOR", "Disables colors if set, whatever its value."),
];

/// The name and the text of every page, the program's own first.
pub fn pages() -> io::Result<Vec<(String, String)>> {
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

fn page(command: &Command, parent: Option<&Command>) -> io::Result<(String, String)> {
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
    let mut roff = Roff::new();
    exit_status(&mut roff);
    section(&mut roff, "FILES", FILES);
    environment(&mut roff, parent.is_none());
    if let Some(examples) = examples(command) {
        show_examples(&mut roff, &examples);
    }
    see_also(&mut roff, command, parent);
    // What `Man` wrote has defined the apostrophe that `Roff` would define again.
    bytes.extend_from_slice(roff.to_roff().as_bytes());
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok((man.get_filename(), text))
}

/// What the help says at its end, too.
fn exit_status(roff: &mut Roff) {
    roff.control("SH", ["EXIT STATUS"]);
    for (code, meaning) in exit_codes() {
        entry(roff, bold(code.to_string()), meaning);
    }
}

fn environment(roff: &mut Roff, whole: bool) {
    section(roff, "ENVIRONMENT", VARIABLES);
    if whole {
        for key in KEYS.iter() {
            let about = format!("Overrides {}. {}", key.path(), key.about);
            entry(roff, bold(key.variable()), &about);
        }
    } else {
        let about = "Override the keys of channels.matrix in the configuration; see nanobot(1).";
        entry(roff, bold("NANOBOT_MATRIX_*"), about);
    }
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
