//! The command line of `setup`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::{
    login::AccountOptions,
    suggest::{Suggest, agents},
};
use crate::{account::setup::read_address, config::SenderTrust};

const EXAMPLES: &str = "\
Examples:
  nanobot setup                     Set up step by step
  nanobot setup --user @bot:example.org --allow-from @you:example.org
  nanobot setup --recovery --save-recovery-key recovery-key.txt
  nanobot setup --api-base http://localhost:11434/v1 --model llama3.2
  nanobot setup --command ./bot.sh
  nanobot setup --no-input --json   Show what is done and what is missing

Run it again at any time: steps that are done stay as they are. In the end it prints the command \
line that does the same without questions.";

/// Options of `setup`. What is missing is asked for when a person is there.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
#[expect(clippy::doc_markdown, reason = "people read it as it is")]
pub struct Setup {
    /// Options shared with `login`.
    #[command(flatten)]
    pub account: AccountOptions,
    /// Set up no recovery key
    ///
    /// Without one, losing this machine means losing the bot's verified identity.
    #[arg(long, help_heading = "Recovery", conflicts_with_all = ["recovery", "recovery_key"])]
    pub no_recovery: bool,
    /// How far a sender's device must be trusted [default: any, or what the configuration says]
    #[arg(long, value_enum, value_name = "LEVEL", help_heading = "Access")]
    pub sender_trust: Option<SenderTrust>,
    /// What generates the answers [default: echo, or what the configuration says]
    #[arg(long, value_name = "KIND", help_heading = "Agent")]
    #[arg(value_parser = Suggest(agents), hide_possible_values = true)]
    pub agent: Option<String>,
    /// Model that answers; implies --agent openai
    #[arg(long, value_name = "NAME", help_heading = "Agent", value_hint = ValueHint::Other)]
    pub model: Option<String>,
    /// Address of the model's OpenAI-compatible API, such as http://localhost:11434/v1
    #[arg(long, value_name = "URL", help_heading = "Agent", value_hint = ValueHint::Other)]
    #[arg(value_parser = read_address)]
    pub api_base: Option<String>,
    /// Read the API key of the model from a file
    #[arg(long, value_name = "FILE", help_heading = "Agent", value_hint = ValueHint::FilePath)]
    pub api_key_file: Option<PathBuf>,
    /// Program that answers, with its arguments, as for a shell; implies --agent command
    #[arg(long, value_name = "COMMAND", help_heading = "Agent", value_hint = ValueHint::CommandString)]
    #[arg(conflicts_with_all = ["model", "api_base", "api_key_file"])]
    pub command: Option<String>,
    /// Address of a NATS broker whose workers answer (repeatable); implies --agent nats
    #[arg(long, value_name = "URL", help_heading = "Agent", value_hint = ValueHint::Other)]
    #[arg(conflicts_with_all = ["command", "model", "api_base", "api_key_file"])]
    #[cfg_attr(not(feature = "nats"), arg(hide = true))]
    pub nats_server: Vec<String>,
    /// Display name of the bot [default: as it is]
    #[arg(long, value_name = "NAME", value_hint = ValueHint::Other)]
    pub display_name: Option<String>,
    /// Picture of the bot [default: as it is]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub avatar: Option<PathBuf>,
    /// Invite nobody, and send no first message
    #[arg(long)]
    pub no_greeting: bool,
}
