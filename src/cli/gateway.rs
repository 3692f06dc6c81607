//! The options of `nanobot gateway` and `nanobot status`.

use clap::{Args, ValueEnum};

use crate::address::Listen;

const GATEWAY_EXAMPLES: &str = "\
Examples:
  nanobot gateway
  nanobot gateway -v                      Log every message and change of state
  nanobot gateway --log-format json
  nanobot gateway --listen 9464           Answer on http://127.0.0.1:9464/readyz
  nanobot gateway --config /etc/nanobot/config.json";

/// Options of `gateway`.
#[derive(Args, Clone, Debug)]
#[command(after_help = GATEWAY_EXAMPLES)]
pub struct Gateway {
    /// How to write the log: lines of text, or one JSON object per line
    #[arg(
        long,
        value_enum,
        value_name = "FORMAT",
        default_value_t,
        hide_default_value = true
    )]
    #[arg(hide_possible_values = true)]
    pub log_format: LogFormat,
    /// Answer health checks and metrics over HTTP here: ADDRESS:PORT, PORT or unix:PATH
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<Listen>,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Lines of text.
    #[default]
    Text,
    /// One JSON object per line.
    Json,
}

const STATUS_EXAMPLES: &str = "\
Examples:
  nanobot status
  nanobot status --watch
  nanobot status --json | jq -r .state";

/// Options of `status`.
#[derive(Args, Clone, Debug)]
#[command(after_help = STATUS_EXAMPLES)]
pub struct Status {
    /// Keep showing it until Ctrl-C; into a pipe, one line per change
    #[arg(short, long)]
    pub watch: bool,
}
