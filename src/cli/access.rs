//! The command line of `nanobot access`.

use clap::{Args, ValueHint};

const EXAMPLES: &str = "\
Examples:
  nanobot access @you:example.org
  nanobot access @you:example.org --room '!abc:example.org' --mention
  nanobot access @you:example.org --direct --json
  nanobot access --why '$143273582443PhrSn:example.org'

Exits with 0 if the message is answered, and with 1 if not.";

/// Options of `access`.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Access {
    /// User who writes
    #[arg(value_name = "USER", value_hint = ValueHint::Other, required_unless_present = "why")]
    pub user: Option<String>,
    /// Room, by its ID or an alias [default: any group room]
    #[arg(long, value_name = "ROOM", value_hint = ValueHint::Other)]
    pub room: Option<String>,
    /// The message mentions the bot
    #[arg(long)]
    pub mention: bool,
    /// Nobody else is in the room
    #[arg(long)]
    pub direct: bool,
    /// Show why this message, by its event ID, was or was not answered
    #[arg(long, value_name = "EVENT", value_hint = ValueHint::Other)]
    #[arg(conflicts_with_all = ["user", "room", "mention", "direct"])]
    pub why: Option<String>,
}
