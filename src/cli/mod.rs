//! The command line: the one source of parsing, of `--help`, and of what is generated from it.

pub mod access;
pub mod agent;
mod complete;
pub mod config;
pub mod doctor;
pub mod gateway;
pub mod login;
pub mod queue;
pub mod service;
pub mod setup;
pub mod store;
pub mod suggest;
pub mod verify;
#[cfg(feature = "nats")]
pub mod worker;

use std::{
    ffi::{OsStr, OsString},
    path::PathBuf,
};

use clap::{ArgAction, Args, Parser, Subcommand, ValueHint};
use clap_complete::Shell;

use crate::error;

pub use complete::script;
pub use gateway::LogFormat;

const EXAMPLES: &str = "\
Examples:
  nanobot setup                     Set up the bot step by step
  nanobot gateway -v                Run the bot and watch what it does
  nanobot doctor                    Find and fix problems
  nanobot config list --set         Show settings that differ from defaults";

/// The exit codes as a block of the help.
fn exit_codes() -> String {
    let lines = error::exit_codes().map(|(code, meaning)| format!("\n  {code:<4} {meaning}"));
    format!("Exit codes:{}", lines.collect::<String>())
}

/// Set up and run an end-to-end encrypted Matrix chat bot
#[derive(Debug, Parser)]
#[command(
    name = "nanobot",
    version,
    propagate_version = true,
    arg_required_else_help = true
)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{}", exit_codes()))]
pub struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub global: Global,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

impl Cli {
    /// Whether the result is printed as one JSON document, errors included.
    pub fn wants_json(&self) -> bool {
        let format = match &self.command {
            Command::Doctor(doctor) => doctor.format,
            _ => None,
        };
        self.global.json || format == Some(doctor::Format::Json)
    }

    /// How the log is to be written.
    pub fn log_format(&self) -> LogFormat {
        match &self.command {
            Command::Gateway(gateway) => gateway.log_format,
            #[cfg(feature = "nats")]
            Command::Worker(worker) => worker.log_format,
            _ => LogFormat::default(),
        }
    }

    /// Whether arguments that cannot be parsed ask for one JSON document.
    pub fn seem_to_want_json<'a>(args: impl IntoIterator<Item = &'a OsString>) -> bool {
        let mut before = OsStr::new("");
        args.into_iter().any(|arg| {
            let format = before == "--format" && arg == "json";
            before = arg;
            format || arg == "--json" || arg == "--format=json"
        })
    }
}

/// Options of every command.
#[derive(Args, Clone, Debug)]
pub struct Global {
    /// Configuration file [default: ~/.nanobot/config.json]
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// Print one JSON document instead of text
    #[arg(long, global = true, help_heading = "Output")]
    pub json: bool,
    /// Log more to standard error (-v, -vv, -vvv)
    #[arg(short, long, global = true, help_heading = "Output", action = ArgAction::Count)]
    pub verbose: u8,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Set up the bot step by step, from login to its first message
    #[command(alias = "init")]
    Setup(setup::Setup),
    /// Log in the bot and create its encrypted device
    Login(login::Login),
    /// Log out the bot and archive its encryption store
    Logout(login::Logout),
    /// Show, change and check the configuration
    Config(config::Config),
    /// Inspect the encryption store, move room keys, reset the device
    Store(store::Store),
    /// List unanswered messages, retry or discard those that failed
    Queue(queue::Queue),
    /// Show who is answered and why, or why a message was not
    ///
    /// The verdict is that of the running gateway's rules, by the configuration as it is now and by
    /// what the store remembers of rooms. No homeserver is asked. What only the message itself can
    /// tell, such as the device that encrypted it, is noted.
    ///
    /// With --why the running gateway says what became of a message, or the store, while none runs.
    /// The last 500 events of each room are remembered.
    Access(access::Access),
    /// Talk to the agent from the terminal, or check that it works
    Agent(agent::Agent),
    /// Check the bot's health and show how to fix problems
    Doctor(doctor::Doctor),
    /// Explain a doctor check: meaning, common causes, how to fix it
    Explain(doctor::Explain),
    /// Run the bot until you stop it
    #[command(aliases = ["run", "start"])]
    Gateway(gateway::Gateway),
    /// Answer questions of a gateway on another machine
    #[cfg(feature = "nats")]
    Worker(worker::Worker),
    /// Show whether the bot is running, what it does, and any problems
    #[command(alias = "whoami")]
    Status(gateway::Status),
    /// Run the gateway as a service of systemd or launchd
    Service(service::Service),
    /// Verify the bot with emoji or with its recovery key
    ///
    /// Both sides show seven emoji and, as an alternative, three numbers. Compare them over
    /// another channel than the chat itself: if they match, nobody is intercepting. You have one
    /// minute to compare; after that, start again.
    ///
    /// If the gateway is running, it does the verification. Otherwise this command connects as the
    /// bot meanwhile, and saves incoming messages for the gateway's next start.
    Verify(verify::Verify),
    /// Print a completion script for your shell
    Completions(Completions),
}

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  nanobot completions bash >~/.local/share/bash-completion/completions/nanobot
  nanobot completions zsh >~/.zfunc/_nanobot
  nanobot completions fish >~/.config/fish/completions/nanobot.fish

On a terminal it also says how to install the script.";

/// Options of `completions`.
#[derive(Args, Clone, Debug)]
#[command(after_help = COMPLETIONS_EXAMPLES)]
pub struct Completions {
    /// Shell to complete in
    pub shell: Shell,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    /// Every command, and how it is typed.
    fn commands() -> Vec<(String, clap::Command)> {
        let mut program = Cli::command();
        program.build();
        let mut found = Vec::new();
        let mut open = vec![("nanobot".to_owned(), program)];
        while let Some((path, command)) = open.pop() {
            let subs = command.get_subcommands();
            let subs = subs.filter(|sub| sub.get_name() != "help" && !sub.is_hide_set());
            open.extend(subs.map(|sub| (format!("{path} {}", sub.get_name()), sub.clone())));
            found.push((path, command));
        }
        found
    }

    #[test]
    fn every_command_says_what_it_does_in_one_line_and_shows_examples() {
        for (path, command) in commands() {
            let about = command.get_about().unwrap().to_string();
            // Names of commands fill up to 15 columns of a list.
            let room = if path.matches(' ').count() == 1 {
                65
            } else {
                80
            };
            assert!(about.len() <= room, "{path}: {about}");
            assert!(
                !about.contains('\n') && !about.ends_with('.'),
                "{path}: {about}"
            );
            let examples = command.get_after_help().map(ToString::to_string);
            let examples = examples.unwrap_or_default();
            let count = examples
                .lines()
                .filter(|line| line.trim_start().contains("nanobot "));
            assert!(
                examples.starts_with("Examples:\n") && count.count() >= 2,
                "{path}"
            );
        }
    }

    #[test]
    fn files_are_offered_only_where_files_are_meant() {
        for (path, command) in commands() {
            let values = command
                .get_arguments()
                .filter(|arg| arg.get_action().takes_values());
            for arg in values.filter(|arg| arg.get_possible_values().is_empty()) {
                let is_path = matches!(
                    arg.get_value_hint(),
                    ValueHint::FilePath | ValueHint::DirPath | ValueHint::CommandString
                );
                let hint = arg.get_value_hint();
                assert!(
                    is_path || hint == ValueHint::Other,
                    "{path} {arg}: {hint:?}"
                );
            }
        }
    }

    #[test]
    fn words_that_people_try_are_commands() {
        for (word, expected) in [("init", "setup"), ("run", "gateway"), ("start", "gateway")] {
            let program = Cli::command();
            assert_eq!(program.find_subcommand(word).unwrap().get_name(), expected);
        }
    }

    #[test]
    fn a_recovery_key_is_given_by_one_option_everywhere() {
        for command in ["verify recovery", "store reset", "login", "setup"] {
            for option in ["--recovery-key-file", "--key-file"] {
                let line = format!("nanobot {command} {option} key.txt");
                Cli::try_parse_from(line.split(' ')).unwrap();
            }
        }
    }

    #[test]
    fn a_wish_for_json_is_understood_before_anything_else() {
        for (line, expected) in [
            ("nanobot doctor --json --nonsense", true),
            ("nanobot doctor --format json --nonsense", true),
            ("nanobot doctor --format=json --nonsense", true),
            ("nanobot doctor --format text", false),
            ("nanobot explain json --format", false),
        ] {
            let args: Vec<_> = line.split(' ').map(OsString::from).collect();
            assert_eq!(Cli::seem_to_want_json(&args), expected, "{line}");
            if let Ok(cli) = Cli::try_parse_from(&args) {
                assert_eq!(cli.wants_json(), expected, "{line}");
            }
        }
    }
}
