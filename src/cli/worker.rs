//! The options of `nanobot worker`.

use std::time::Duration;

use clap::{Args, ValueHint};

use super::LogFormat;

const EXAMPLES: &str = "\
Examples:
  nanobot worker                      Answer questions until you stop it
  nanobot worker -v --name garden-1   Log each question, under a chosen name
  nanobot worker --print-permissions >>nats-server.conf

channels.matrix.worker says where the message broker is, channels.matrix.agent what generates the \
answers. A worker needs no Matrix account.";

/// Options of `worker`.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Worker {
    /// Name of this worker in the gateway's status [default: host name and process ID]
    #[arg(long, value_name = "NAME", value_hint = ValueHint::Other)]
    pub name: Option<String>,
    /// How many seconds unfinished questions may take when the worker stops
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "10")]
    #[arg(value_hint = ValueHint::Other)]
    pub grace: Duration,
    /// Print what gateway and workers may do at the broker, for its configuration, and exit
    #[arg(long)]
    pub print_permissions: bool,
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
}

fn seconds(text: &str) -> Result<Duration, std::num::ParseIntError> {
    text.parse().map(Duration::from_secs)
}
