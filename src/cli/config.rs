//! The command line of `nanobot config`.

use clap::{Args, Subcommand};

const EXAMPLES: &str = "\
Examples:
  nanobot config list                        What counts, and where it comes from
  nanobot config set groupPolicy mention     Change one value and nothing else
  nanobot config set allowFrom --add @you:example.org
  nanobot config validate --strict           Every fault and warning at once

A key is one of `channels.matrix` (userId, user_id) or a full path
(providers.openai.apiKey). A name with dots in it stands in double quotes:
'modelPresets.\"gpt-4.1\".model'.";

/// Options of `config`.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Config {
    /// What to do with the configuration.
    #[command(subcommand)]
    pub command: ConfigCommand,
}

/// What can be done with the configuration.
#[derive(Clone, Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print the value of a key that is in effect
    Get(Get),
    /// Change the value of a key in the file
    Set(Set),
    /// Remove a key from the file
    Unset(Unset),
    /// Show every key: value, type, default, and where the value comes from
    #[command(after_help = LIST_EXAMPLES)]
    List,
    /// Print the file without its secrets
    #[command(after_help = SHOW_EXAMPLES)]
    Show,
    /// Open the file in an editor, and save it only when it is valid
    #[command(after_help = EDIT_EXAMPLES)]
    Edit,
    /// Print where the file is
    #[command(after_help = PATH_EXAMPLES)]
    Path,
    /// Tell every fault and warning of the file at once
    Validate(Validate),
    /// Print the JSON Schema of the file, for editors
    #[command(after_help = SCHEMA_EXAMPLES)]
    Schema,
}

const GET_EXAMPLES: &str = "\
Examples:
  nanobot config get userId
  nanobot config get deviceId --default none
  nanobot config get accessToken --reveal    Secrets are hidden otherwise
  nanobot config get agents.defaults.model   As it stands in the file

Texts are printed bare, lists and objects as JSON. Without a value it exits with 1.";

/// Options of `config get`.
#[derive(Args, Clone, Debug)]
#[command(after_help = GET_EXAMPLES)]
pub struct Get {
    /// The key
    pub key: String,
    /// Print this where the key has no value
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true)]
    pub default: Option<String>,
    /// Print secrets as they are
    #[arg(long)]
    pub reveal: bool,
}

const SET_EXAMPLES: &str = "\
Examples:
  nanobot config set homeserver https://matrix.org
  nanobot config set allowFrom @you:example.org,@me:example.org
  nanobot config set allowFrom --add @you:example.org --remove @me:example.org
  nanobot config set accessToken --stdin <token.txt
  nanobot config set accessToken '${MATRIX_TOKEN}'
  nanobot config set maxMediaBytes 0 --dry-run

A secret is not taken as an argument, because other users of the machine could
see it there. A running gateway reads the file at its next start.";

/// Options of `config set`.
#[derive(Args, Clone, Debug)]
#[command(after_help = SET_EXAMPLES)]
#[command(override_usage = "nanobot config set [OPTIONS] KEY VALUE
       nanobot config set [OPTIONS] KEY --stdin
       nanobot config set [OPTIONS] KEY --add ENTRY --remove ENTRY")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
pub struct Set {
    /// The key
    pub key: String,
    /// The value; a list is words between commas, or a JSON array
    #[arg(allow_negative_numbers = true)]
    pub value: Option<String>,
    /// Words behind the value: taken only to be refused without being repeated
    #[arg(hide = true, allow_negative_numbers = true)]
    pub rest: Vec<String>,
    /// Read the value from standard input
    #[arg(long, conflicts_with_all = ["value", "add", "remove"])]
    pub stdin: bool,
    /// Add an entry to a list (repeatable)
    #[arg(long, value_name = "ENTRY", conflicts_with = "value")]
    pub add: Vec<String>,
    /// Remove an entry from a list (repeatable)
    #[arg(long, value_name = "ENTRY", conflicts_with = "value")]
    pub remove: Vec<String>,
    /// Take the value as text even if it looks like a number, a list or an object
    #[arg(long)]
    pub text: bool,
    /// Write a key that nobody is known to read
    #[arg(long)]
    pub allow_unknown: bool,
    /// Show what would change, and change nothing
    #[arg(long)]
    pub dry_run: bool,
}

const UNSET_EXAMPLES: &str = "\
Examples:
  nanobot config unset password
  nanobot config unset channels.telegram --dry-run

A key that is there in two spellings is removed in both, unless the one that
does not count is named. Without the key it exits with 1.";

/// Options of `config unset`.
#[derive(Args, Clone, Debug)]
#[command(after_help = UNSET_EXAMPLES)]
pub struct Unset {
    /// The key
    pub key: String,
    /// Show what would change, and change nothing
    #[arg(long)]
    pub dry_run: bool,
}

const VALIDATE_EXAMPLES: &str = "\
Examples:
  nanobot config validate
  nanobot config validate --strict
  nanobot config validate --json --config /etc/nanobot/config.json

Exit codes: 0 valid, 3 warnings under --strict, 78 invalid.";

/// Options of `config validate`.
#[derive(Args, Clone, Debug)]
#[command(after_help = VALIDATE_EXAMPLES)]
pub struct Validate {
    /// Exit with 3 when there are warnings
    #[arg(long)]
    pub strict: bool,
}

const LIST_EXAMPLES: &str = "\
Examples:
  nanobot config list
  nanobot config list --json | jq '.settings[] | select(.problem)'

Values come from a systemd credential, else NANOBOT_MATRIX_<KEY>, else the file,
else the Python tool's NANOBOT_CHANNELS__MATRIX__<KEY>, else the default. The
access token can be in the keyring at last, where tokenStore says so.";

const SHOW_EXAMPLES: &str = "\
Examples:
  nanobot config show
  nanobot config show --json | jq .config.channels.matrix

Comments that speak of a secret are hidden too.";

const EDIT_EXAMPLES: &str = "\
Examples:
  nanobot config edit
  EDITOR='code --wait' nanobot config edit

It edits a copy with $VISUAL, $EDITOR or vi. Nothing changes unless the copy is valid.";

const PATH_EXAMPLES: &str = "\
Examples:
  nanobot config path
  nanobot config path --json            Also where everything else is kept";

const SCHEMA_EXAMPLES: &str = "\
Examples:
  nanobot config schema >config.schema.json";
