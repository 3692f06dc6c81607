//! The command line of `agent`.

use clap::{Args, Subcommand, ValueHint};

const EXAMPLES: &str = "\
Examples:
  nanobot agent check               Check that the configured agent works
  nanobot agent ask \"Who are you?\"  Ask it a question without Matrix";

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
    /// Ask the configured agent a question, without Matrix
    Ask(Ask),
    /// Check that the configured agent works: reachable, authorized, model available
    Check(Check),
}

const ASK_EXAMPLES: &str = "\
Examples:
  nanobot agent ask \"Who are you?\"
  nanobot agent ask --new \"Start over\"
  nanobot agent ask --conversation notes - <notes.txt
  nanobot agent ask --json \"Who are you?\"

On a terminal the answer appears as it is written. These conversations are separate from those in \
rooms.";

/// Options of `agent ask`.
#[derive(Args, Clone, Debug)]
#[command(after_help = ASK_EXAMPLES)]
pub struct Ask {
    /// The question; `-` or nothing reads it from standard input
    #[arg(value_name = "TEXT", value_hint = ValueHint::Other)]
    pub text: Option<String>,
    /// Start a new conversation and forget the previous one
    #[arg(long)]
    pub new: bool,
    /// Continue the conversation of this name
    #[arg(long, value_name = "NAME", default_value = "direct", value_hint = ValueHint::Other)]
    pub conversation: String,
}

const CHECK_EXAMPLES: &str = "\
Examples:
  nanobot agent check
  nanobot agent check --ask
  nanobot agent check --json";

/// Options of `agent check`.
#[derive(Args, Clone, Copy, Debug)]
#[command(after_help = CHECK_EXAMPLES)]
pub struct Check {
    /// If nothing else can tell, ask the model for one token, which may cost a little
    #[arg(long)]
    pub ask: bool,
}
