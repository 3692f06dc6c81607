//! Who answers what is written to the bot.

use serde_json::json;

use super::{
    Run,
    ledger::{Status, Step},
};
use crate::{
    agent::{Configured, KINDS, Surroundings, configured},
    config::{did_you_mean, schema},
    error::{Error, Kind, Result},
    terminal::Question,
};

/// Where the kind of agent is written down.
const KEY: &str = "channels.matrix.agent.type";

impl Run<'_> {
    pub(super) async fn agent(&mut self) -> Result<()> {
        self.ledger.begin(Step::Agent);
        let wanted = match &self.args.agent {
            Some(name) => Some(parse(name).map_err(|why| {
                Error::new(Kind::Usage, format!("--agent: {why}"))
                    .hint("see which there are: nanobot setup --help")
            })?),
            None => self.ask_for_agent().await?,
        };
        let (configured, status) = match (self.configured_agent(), wanted) {
            (Ok(configured), None) => (configured, Status::AlreadyDone),
            (Ok(configured), Some(wanted)) if configured.kind == wanted => {
                (configured, Status::AlreadyDone)
            }
            (Err(error), None) => return Err(error),
            (_, Some(wanted)) => (self.write_agent(wanted)?, Status::Done),
        };
        let detail = format!("{} ({})", configured.kind, configured.agent.describe());
        self.ledger.end(status, &detail)
    }

    /// The agent that is to answer, where that was never said and there is a choice.
    async fn ask_for_agent(&self) -> Result<Option<&'static str>> {
        let is_said = self.matrix()?.agent()?.is_some();
        let [default, _, ..] = KINDS else {
            return Ok(None);
        };
        if is_said || !self.terminal.is_interactive() {
            return Ok(None);
        }
        let kinds: Vec<_> = KINDS
            .iter()
            .map(|kind| format!("{} {}", kind.name, kind.about))
            .collect();
        let why = format!(
            "What answers those who write to the bot: {}.",
            kinds.join("; ")
        );
        let question = Question {
            default: Some(default.name),
            why: &why,
            ..Question::new("Who answers?", "--agent")
        };
        self.terminal.ask(question, parse).await.map(Some)
    }

    /// Writes the kind of agent down, unless it could not work so.
    fn write_agent(&mut self, wanted: &'static str) -> Result<Configured> {
        self.document.set(KEY, &json!(wanted))?;
        let configured = self.configured_agent()?;
        if configured.kind != wanted {
            let origin = self.matrix()?.origin(&schema::AGENT);
            return Err(Error::config(format!(
                "the agent comes from {origin}, which goes before --agent"
            ))
            .hint("remove it there; the configuration's own value counts then"));
        }
        self.save()?;
        Ok(configured)
    }

    pub(super) fn configured_agent(&self) -> Result<Configured> {
        let surroundings = Surroundings {
            document: self.document.clone(),
            directory: self.paths.dir().to_owned(),
        };
        configured(&self.matrix()?, &surroundings)
    }
}

fn parse(name: &str) -> Result<&'static str, String> {
    let names = KINDS.iter().map(|kind| kind.name);
    let found = names.clone().find(|known| *known == name);
    found.ok_or_else(|| {
        let meant = did_you_mean(name, names.clone());
        let names: Vec<_> = names.collect();
        format!(
            "there is no agent {name:?}{meant}; there is {}",
            names.join(", ")
        )
    })
}
