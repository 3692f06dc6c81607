//! `nanobot gateway`: run the bot, or have the one that runs reload its configuration.

use std::{env, os::unix::process::CommandExt, process::Command};

use futures_util::stream;
use serde_json::json;

use super::{Outcome, paths};
use crate::{
    cli::{
        Global,
        gateway::{Gateway, GatewayCommand},
    },
    config::Paths,
    error::{Error, Result},
    gateway::{Bot, Ending, Milestone, NOTICE},
    ipc::{Lock, refuse_unfinished_reset, reload},
    terminal::{self, Orders},
};

pub async fn run(args: &Gateway, global: &Global) -> Result<Outcome> {
    let paths = paths(global)?;
    match args.command {
        Some(GatewayCommand::Reload) => Ok(Outcome::of(&reload(paths.dir()).await?)),
        None => serve(args, &paths, global.json).await,
    }
}

async fn serve(args: &Gateway, paths: &Paths, json: bool) -> Result<Outcome> {
    let orders = Orders::listen()?;
    let mut bot = Bot::configured(paths)?;
    bot.waits = args.wait;
    if let Some(listen) = &args.listen {
        bot.listen = Some(listen.clone());
    }
    let _lock = Lock::acquire(paths.dir())?;
    refuse_unfinished_reset(paths.dir())?;
    if args.check {
        bot.check().await?;
        return Ok(Outcome::new("The gateway can start.", &json!({})));
    }
    let policy = &bot.settings.policy;
    let (audience, e2ee_enabled) = (policy.describe(), policy.e2ee_enabled);
    let answers = format!("Agent: {}", bot.settings.agent.describe());
    let say = if json { tell } else { say };
    let announce = move |milestone| match milestone {
        Milestone::Connected => {
            say("Matrix channel connected");
            say(&audience);
            say(&answers);
            if !e2ee_enabled {
                say("E2EE disabled: messages in encrypted rooms are ignored");
            }
        }
        Milestone::EncryptionReady => say("E2EE enabled"),
    };
    let orders = stream::unfold(orders, async |mut orders| {
        let order = orders.next().await;
        Some((order, orders))
    });
    match bot.run(announce, orders).await? {
        Ending::Stopped => Ok(Outcome::default()),
        Ending::Restart => Err(start_anew()),
    }
}

/// Replaces this process by a new one of the same program, which has its ID, so that whoever looks
/// after it sees none end. The lock goes with the old one. Returns only where that fails.
fn start_anew() -> Error {
    let mut args = env::args_os();
    let name = args.next().unwrap_or_else(|| "nanobot".into());
    let program = env::current_exe().unwrap_or_else(|_| name.clone().into());
    let failed = Command::new(program).arg0(name).args(args).exec();
    Error::failure("cannot start the gateway anew").because(failed)
}

/// Beside the one JSON document there is nothing else on standard output.
fn tell(line: &str) {
    tracing::info!(target: NOTICE, "{line}");
}

fn say(line: &str) {
    if let Err(error) = terminal::print(line) {
        tracing::warn!("cannot write to standard output: {error}");
    }
}
