//! Who answers what is written to the bot.

use serde_json::json;

use super::{
    Run,
    ledger::{Status, Step},
};
use crate::{
    agent::{Configured, KINDS, Surroundings, configured},
    commands::environment,
    config::{Document, did_you_mean, schema},
    error::{Error, Kind, Result},
    terminal::Question,
};

/// Where the kind of agent is written down.
pub(super) const KEY: &str = "channels.matrix.agent.type";

impl Run<'_> {
    pub(super) async fn agent(&mut self) -> Result<()> {
        self.ledger.begin(Step::Agent);
        let is_said = self.matrix()?.agent()?.is_some();
        let wanted = match &self.args.agent {
            Some(name) => Some(parse(name).map_err(|why| {
                Error::new(Kind::Usage, format!("--agent: {why}"))
                    .hint("see what each does: nanobot setup, in a terminal")
            })?),
            None if is_said => None,
            None => self.ask_for_agent().await?,
        };
        let there = self.build(&self.document);
        let is_there = match (&there, wanted) {
            (_, None) => true,
            (Ok(there), Some(wanted)) => is_said && there.kind == wanted,
            (Err(_), Some(_)) => false,
        };
        let (configured, status) = match wanted.filter(|_| !is_there) {
            None => (there?, Status::AlreadyDone),
            Some(wanted) => {
                let (document, configured) = self.with_agent(wanted)?;
                self.document = document;
                self.save()?;
                (configured, Status::Done)
            }
        };
        let detail = format!("{} ({})", configured.kind, configured.agent.describe());
        self.ledger.end(status, &detail)
    }

    /// The agent that is to answer, where there is a choice and somebody to make it.
    async fn ask_for_agent(&self) -> Result<Option<&'static str>> {
        let [default, _, ..] = KINDS else {
            return Ok(None);
        };
        if !self.terminal.is_interactive() {
            return Ok(None);
        }
        let kinds: Vec<_> = KINDS
            .iter()
            .map(|kind| format!("{} {}", kind.name, kind.about))
            .collect();
        let why = format!(
            "Something has to make up what the bot says: {}. It can be changed at any time.",
            kinds.join("; ")
        );
        let question = Question {
            default: Some(default.name),
            why: &why,
            ..Question::new("Who answers?", "--agent")
        };
        let read = |typed: &str| {
            let kind = parse(typed)?;
            match self.with_agent(kind) {
                Ok(_) => Ok(kind),
                Err(error) => {
                    let hint = error.hint_text().unwrap_or_default();
                    Err(format!("not yet: {error}; {hint}"))
                }
            }
        };
        self.terminal.ask(question, read).await.map(Some)
    }

    /// The configuration with this kind of agent, if it can work so.
    fn with_agent(&self, wanted: &'static str) -> Result<(Document, Configured)> {
        let mut document = self.document.clone();
        document.set(KEY, &json!(wanted))?;
        let configured = self.build(&document)?;
        if configured.kind == wanted {
            return Ok((document, configured));
        }
        let origin = self.matrix()?.origin(&schema::AGENT);
        Err(
            Error::config(format!("the agent comes from {origin}, which goes before"))
                .hint("remove it there; the configuration's own value counts then"),
        )
    }

    fn build(&self, document: &Document) -> Result<Configured> {
        let surroundings = Surroundings {
            document: document.clone(),
            directory: self.paths.dir().to_owned(),
        };
        configured(&document.matrix(&environment)?, &surroundings)
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
