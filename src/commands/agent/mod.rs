//! `nanobot agent`: the agent that answers, without Matrix.

mod ask;
mod check;

use super::{Outcome, agent_of, paths, signals::stop_signal};
use crate::{
    agent::Configured,
    cli::{
        Global,
        agent::{Agent, AgentCommand},
    },
    config::{Document, Paths},
    error::{Error, Kind, Result},
    terminal::Terminal,
};

pub(super) async fn run(args: &Agent, global: &Global) -> Result<Outcome> {
    let stop = stop_signal()?;
    let paths = paths(global)?;
    let terminal = Terminal::new(!global.json);
    let work = async {
        match &args.command {
            AgentCommand::Ask(args) => ask::run(args, &paths, global.json, terminal).await,
            AgentCommand::Check => check::run(&paths, terminal).await,
        }
    };
    tokio::select! {
        outcome = work => outcome,
        () = stop => Err(Error::new(Kind::Interrupted, "interrupted")),
    }
}

/// The agent that the file names.
pub(super) fn of_file(paths: &Paths) -> Result<Configured> {
    agent_of(&Document::load(paths.config_file())?, paths)
}
