//! `nanobot agent`: the agent that answers, without Matrix.

mod ask;
mod check;

use super::{Outcome, environment, paths, signals::stop_signal};
use crate::{
    agent::{Configured, Surroundings, configured},
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

/// The agent that this configuration names.
pub(super) fn of_file(paths: &Paths) -> Result<Configured> {
    let document = Document::load(paths.config_file())?;
    let matrix = document.matrix(&environment)?;
    let surroundings = Surroundings {
        document,
        directory: paths.dir().to_owned(),
        environment,
    };
    configured(&matrix, &surroundings)
}
