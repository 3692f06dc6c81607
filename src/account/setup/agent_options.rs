//! What the command line says of the agent, and where the configuration has it.

use crate::{
    account::secret_input::SecretSource,
    agent::KINDS,
    error::{Error, Kind, Result},
    text::did_you_mean,
};

/// The section that says which agent answers.
pub const SECTION: &str = "channels.matrix.agent";
/// What is said about the agent on the command line.
#[derive(Debug, Default)]
pub struct AgentOptions {
    pub kind: Option<String>,
    pub model: Option<String>,
    pub api_base: Option<String>,
    pub api_key: Option<SecretSource>,
    /// A program with its arguments, as for a shell.
    pub command: Option<String>,
    /// Addresses of the message broker.
    pub nats_servers: Vec<String>,
}

impl AgentOptions {
    /// The kind that is wanted, where anything is said of it.
    pub fn kind(&self) -> Result<Option<&'static str>> {
        let of_model = [
            self.model.is_some(),
            self.api_base.is_some(),
            self.api_key.is_some(),
        ];
        let meant = if self.command.is_some() {
            Some("command")
        } else if !self.nats_servers.is_empty() {
            Some("nats")
        } else {
            of_model.contains(&true).then_some("openai")
        };
        let Some(named) = &self.kind else {
            return Ok(meant);
        };
        let kind = parse(named).map_err(|why| {
            Error::new(Kind::Usage, format!("--agent: {why}"))
                .hint("choose one of them; `nanobot setup` in a terminal explains each")
        })?;
        match meant {
            Some(meant) if meant != kind => Err(Error::new(
                Kind::Usage,
                format!("--agent {kind} has no use for the options of --agent {meant}"),
            )
            .hint("leave out one or the other")),
            _ => Ok(Some(kind)),
        }
    }
}

/// The path of a setting of the agent.
pub fn at(name: &str) -> String {
    format!("{SECTION}.{name}")
}

fn parse(name: &str) -> Result<&'static str, String> {
    let names = KINDS.iter().map(|kind| kind.name);
    let found = names.clone().find(|known| *known == name);
    found.ok_or_else(|| {
        let meant = did_you_mean(name, names.clone());
        let names: Vec<_> = names.collect();
        format!(
            "unknown agent {name:?}{meant}; the agents are {}",
            names.join(", ")
        )
    })
}
