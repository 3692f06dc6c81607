//! The command line of `nanobot config`.

use clap::{Args, Subcommand, ValueHint};

use super::suggest::{Suggest, keys};

const EXAMPLES: &str = "\
Examples:
  nanobot config list                        Show every key and its origin
  nanobot config set groupPolicy mention     Change one value
  nanobot config set allowFrom --add @you:example.org
  nanobot config validate --strict           Report all errors and warnings

KEY is a key of `channels.matrix` (userId, user_id) or a full path (providers.openai.apiKey). \
Put a name that contains dots in double quotes: 'modelPresets.\"gpt-4.1\".model'.";

/// Options of `config`.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES, arg_required_else_help = true)]
pub struct Config {
    /// What to do with the configuration.
    #[command(subcommand)]
    pub command: ConfigCommand,
}

/// The commands of `config`.
#[derive(Clone, Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print the effective value of a key
    Get(Get),
    /// Set a key in the configuration file
    Set(Set),
    /// Remove a key from the configuration file
    Unset(Unset),
    /// Show every key: value, type, default, and where the value comes from
    List(List),
    /// Print the configuration file without its secrets
    #[command(after_help = SHOW_EXAMPLES)]
    Show,
    /// Edit the configuration file, and save it only if it is valid
    #[command(after_help = EDIT_EXAMPLES)]
    Edit,
    /// Print the path of the configuration file
    #[command(after_help = PATH_EXAMPLES)]
    Path,
    /// Report all errors and warnings in the configuration file
    Validate(Validate),
    /// Print the JSON Schema of the configuration file, for editors
    #[command(after_help = SCHEMA_EXAMPLES)]
    Schema,
}

const GET_EXAMPLES: &str = "\
Examples:
  nanobot config get userId
  nanobot config get deviceId --default none
  nanobot config get accessToken --reveal    Show the secret itself
  nanobot config get agents.defaults.model   Print a key outside channels.matrix

Strings are printed without quotes, lists and objects as JSON. If the key has no value, the exit \
code is 1.";

/// Options of `config get`.
#[derive(Args, Clone, Debug)]
#[command(after_help = GET_EXAMPLES)]
pub struct Get {
    /// Key to print
    #[arg(value_parser = Suggest(keys), hide_possible_values = true)]
    pub key: String,
    /// Print this value if the key has none
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true, value_hint = ValueHint::Other)]
    pub default: Option<String>,
    /// Show secrets
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

Secrets are not accepted as arguments, because other users of this machine could see them there. \
To apply a change to the running gateway, run `nanobot gateway reload`.";

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
    /// Key to set
    #[arg(value_parser = Suggest(keys), hide_possible_values = true)]
    pub key: String,
    /// New value; separate list entries with commas, or give a JSON array
    #[arg(allow_negative_numbers = true, value_hint = ValueHint::Other)]
    pub value: Option<String>,
    /// Words after the value: accepted only to be refused without being repeated
    #[arg(hide = true, allow_negative_numbers = true, value_hint = ValueHint::Other)]
    pub rest: Vec<String>,
    /// Read the value from standard input
    #[arg(long, conflicts_with_all = ["value", "add", "remove"])]
    pub stdin: bool,
    /// Add an entry to a list (repeatable)
    #[arg(long, value_name = "ENTRY", conflicts_with = "value", value_hint = ValueHint::Other)]
    pub add: Vec<String>,
    /// Remove an entry from a list (repeatable)
    #[arg(long, value_name = "ENTRY", conflicts_with = "value", value_hint = ValueHint::Other)]
    pub remove: Vec<String>,
    /// Store the value as a string even if it looks like a number, list or object
    #[arg(long)]
    pub text: bool,
    /// Set the key even if it is unknown
    #[arg(long)]
    pub allow_unknown: bool,
    /// Show what would change without changing it
    #[arg(long)]
    pub dry_run: bool,
}

const UNSET_EXAMPLES: &str = "\
Examples:
  nanobot config unset password
  nanobot config unset channels.telegram --dry-run

A key that appears in two spellings is removed in both, unless you name the spelling that has no \
effect. If the file does not have the key, the exit code is 1.";

/// Options of `config unset`.
#[derive(Args, Clone, Debug)]
#[command(after_help = UNSET_EXAMPLES)]
pub struct Unset {
    /// Key to remove
    #[arg(value_parser = Suggest(keys), hide_possible_values = true)]
    pub key: String,
    /// Show what would change without changing it
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
    /// Exit with code 3 if there are warnings
    #[arg(long)]
    pub strict: bool,
}

const LIST_EXAMPLES: &str = "\
Examples:
  nanobot config list
  nanobot config list --set         Show only what differs from the default
  nanobot config list --json | jq '.settings[] | select(.problem)'

A value comes from the first of: a systemd credential, NANOBOT_MATRIX_<KEY>, the configuration file, \
the Python tool's NANOBOT_CHANNELS__MATRIX__<KEY>, the default. With tokenStore \"keyring\" the access \
token is in the system's keyring.";

/// Options of `config list`.
#[derive(Args, Clone, Copy, Debug)]
#[command(after_help = LIST_EXAMPLES)]
pub struct List {
    /// Show only keys that differ from their default, one per line
    #[arg(long)]
    pub set: bool,
}

const SHOW_EXAMPLES: &str = "\
Examples:
  nanobot config show
  nanobot config show --json | jq .config.channels.matrix

Comments that mention a secret are hidden too.";

const EDIT_EXAMPLES: &str = "\
Examples:
  nanobot config edit
  EDITOR='code --wait' nanobot config edit

You edit a copy, with $VISUAL, $EDITOR or vi. It replaces the file only if it is valid.";

const PATH_EXAMPLES: &str = "\
Examples:
  nanobot config path
  nanobot config path --json            Print all paths: store, media, directory";

const SCHEMA_EXAMPLES: &str = "\
Examples:
  nanobot config schema >config.schema.json
  nanobot config schema | jq .properties.channels";
