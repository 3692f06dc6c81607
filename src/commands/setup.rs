//! `nanobot setup`: from nothing to a bot that answers, step by step.

use clap_complete::Shell;

use super::{Outcome, completions, login, paths};
use crate::{
    account::{
        options::Recovery,
        secret_input::SecretSource,
        setup::{self, AgentOptions, Options},
    },
    cli::{Global, setup::Setup},
    error::Result,
};

pub async fn run(args: &Setup, global: &Global) -> Result<Outcome> {
    let paths = paths(global)?;
    let mut login = login::options(&args.account, global);
    login.terminal = login.terminal.explaining();
    login.stepwise = true;
    login.recovery = match login.recovery {
        Recovery::Required => Recovery::IfMissing,
        _ if args.no_recovery => Recovery::Declined,
        other => other,
    };
    let options = Options {
        login,
        sender_trust: args.sender_trust,
        display_name: args.display_name.clone(),
        avatar: args.avatar.clone(),
        agent: AgentOptions {
            kind: args.agent.clone(),
            model: args.model.clone(),
            api_base: args.api_base.clone(),
            api_key: args.api_key_file.clone().map(SecretSource::File),
            command: args.command.clone(),
            nats_servers: args.nats_server.clone(),
        },
        completions: Shell::from_env().map_or(&[], completions::install),
        no_greeting: args.no_greeting,
        json: global.json,
    };
    let done = setup::run(options, &paths).await?;
    Ok(done.into())
}
