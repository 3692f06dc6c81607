//! The command line of `agent`.

use clap::{Args, Subcommand};

const EXAMPLES: &str = "\
Examples:
  nanobot agent check               Whether the configured agent could answer
  nanobot agent ask \"Who are you?\"  Ask it, without Matrix";

/// Options of `agent`.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES, arg_required_else_help = true)]
pub struct Agent {
    /// What to do with the agent.
    #[command(subcommand)]
    pub command: AgentCommand,
}

/// The commands of `agent`.
#[derive(Clone, Debug, Subcommand)]
pub enum AgentCommand {
    /// Ask the configured agent once, without Matrix
    Ask(Ask),
    /// Find out whether the configured agent could answer: there, authorised, its model known
    #[command(after_help = CHECK_EXAMPLES)]
    Check,
}

const ASK_EXAMPLES: &str = "\
Examples:
  nanobot agent ask \"Who are you?\"
  nanobot agent ask --new \"Forget the last one\"
  nanobot agent ask --conversation notes - <notes.txt
  nanobot agent ask --json \"Who are you?\"

On a terminal the answer is shown while it is written. What is asked here is a conversation of its
own, which no room sees.";

/// Options of `agent ask`.
#[derive(Args, Clone, Debug)]
#[command(after_help = ASK_EXAMPLES)]
pub struct Ask {
    /// The question; `-`, or nothing where standard input is no terminal, reads it from there
    #[arg(value_name = "TEXT")]
    pub text: Option<String>,
    /// Forget first what was asked before
    #[arg(long)]
    pub new: bool,
    /// The conversation to continue
    #[arg(long, value_name = "NAME", default_value = "direct")]
    pub conversation: String,
}

const CHECK_EXAMPLES: &str = "\
Examples:
  nanobot agent check
  nanobot agent check --json";
