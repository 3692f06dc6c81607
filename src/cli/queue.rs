//! The command line of `nanobot queue`.

use clap::{Args, Subcommand, ValueHint};

const EXAMPLES: &str = "\
Examples:
  nanobot queue list
  nanobot queue show 42 --text
  nanobot queue retry 42
  nanobot queue drop --all";

/// Options of `queue`.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Queue {
    /// What to do with the queue.
    #[command(subcommand)]
    pub command: QueueCommand,
}

/// What can be done with the message queue.
#[derive(Clone, Debug, Subcommand)]
pub enum QueueCommand {
    /// List the messages that failed and those that wait, and why
    List(List),
    /// Show one message
    Show(Show),
    /// Try failed messages again
    ///
    /// An answer that is recorded is sent as the same event, so that nobody sees it twice. Where
    /// none is recorded, the agent is asked again.
    Retry(Retry),
    /// Discard messages; they get no answer
    ///
    /// With --all, those that failed; with an ID, also one that waits.
    Drop(Discard),
}

const LIST_EXAMPLES: &str = "\
Examples:
  nanobot queue list
  nanobot queue list --text
  nanobot queue list --json | jq '.messages[] | select(.state == \"parked\")'";

/// Options of `queue list`.
#[derive(Args, Clone, Debug)]
#[command(after_help = LIST_EXAMPLES)]
pub struct List {
    /// Show the beginning of each message's text
    #[arg(long)]
    pub text: bool,
}

const SHOW_EXAMPLES: &str = "\
Examples:
  nanobot queue show 42
  nanobot queue show 42 --text
  nanobot queue show '$143273582443PhrSn:example.org' --json";

/// Options of `queue show`.
#[derive(Args, Clone, Debug)]
#[command(after_help = SHOW_EXAMPLES)]
pub struct Show {
    /// ID or event ID of the message
    #[arg(value_name = "ID", value_hint = ValueHint::Other)]
    pub id: String,
    /// Show its text and the recorded answer
    #[arg(long)]
    pub text: bool,
}

const RETRY_EXAMPLES: &str = "\
Examples:
  nanobot queue retry 42
  nanobot queue retry 42 43
  nanobot queue retry --all";

/// Options of `queue retry`.
#[derive(Args, Clone, Debug)]
#[command(after_help = RETRY_EXAMPLES)]
pub struct Retry {
    /// Which messages.
    #[command(flatten)]
    pub which: Which,
}

const DROP_EXAMPLES: &str = "\
Examples:
  nanobot queue drop 42
  nanobot queue drop --all";

/// Options of `queue drop`.
#[derive(Args, Clone, Debug)]
#[command(after_help = DROP_EXAMPLES)]
pub struct Discard {
    /// Which messages.
    #[command(flatten)]
    pub which: Which,
}

/// Which messages are meant.
#[derive(Args, Clone, Debug)]
#[group(required = true, multiple = false)]
pub struct Which {
    /// IDs or event IDs of messages, see `queue list`
    #[arg(value_name = "ID", value_hint = ValueHint::Other)]
    pub ids: Vec<String>,
    /// All messages that failed
    #[arg(long)]
    pub all: bool,
}
