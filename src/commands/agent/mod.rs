//! `nanobot agent`: the agent that answers, without Matrix.

mod ask;
mod check;

use super::{Outcome, paths};
use crate::{
    agent::from_document,
    cli::{
        Global,
        agent::{Agent, AgentCommand},
    },
    config::Document,
    error::Result,
    terminal::{Terminal, or_stop},
};

pub async fn run(args: &Agent, global: &Global) -> Result<Outcome> {
    let paths = paths(global)?;
    let document = Document::load(paths.config_file())?;
    let configured = from_document(&document, paths.dir())?;
    let terminal = Terminal::new(!global.json);
    or_stop(async {
        match &args.command {
            AgentCommand::Ask(args) => {
                ask::run(args, configured.agent.as_ref(), global.json, terminal).await
            }
            AgentCommand::Check(args) => check::run(args.ask, &configured, terminal).await,
        }
    })
    .await
}
