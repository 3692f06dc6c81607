//! The command line of `setup`.

use clap::{Args, ValueEnum};

use super::Entry;

const EXAMPLES: &str = "\
Examples:
  nanobot setup                     Asks for what is missing
  nanobot setup --user @bot:example.org --allow-from @you:example.org
  nanobot setup --recovery --save-recovery-key recovery-key.txt
  nanobot setup --no-input --json   What is done, and what is missing

Run it again at any time: what is done already is only looked at. It ends with the command line that
does the same without questions.";

/// Options of `setup`. What is missing is asked for when a person is there.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Setup {
    /// What it shares with `login`.
    #[command(flatten)]
    pub entry: Entry,
    /// Set up no recovery key
    ///
    /// Without one, the loss of this machine is the loss of the bot's verified identity.
    #[arg(long, conflicts_with_all = ["recovery", "recovery_key"])]
    pub no_recovery: bool,
    /// How far a sender's device must be trusted [default: any, or what the configuration says]
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub sender_trust: Option<SenderTrust>,
    /// Who answers what is written to the bot [default: echo, or what the configuration says]
    #[arg(long, value_name = "KIND")]
    pub agent: Option<String>,
    /// Invite and greet nobody
    #[arg(long)]
    pub no_greeting: bool,
}

/// How far a sender's device must be trusted before an encrypted message is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SenderTrust {
    /// Any device
    Any,
    /// A device that the sender has verified
    Signed,
    /// Such a device of someone whom the bot has verified
    Verified,
}
