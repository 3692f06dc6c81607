//! `nanobot gateway`: run the bot, or have the one that runs reload its configuration.

use futures_util::stream;
use serde_json::json;

use super::{Outcome, paths};
use crate::{
    cli::{
        Global,
        gateway::{Gateway, GatewayCommand},
    },
    config::Paths,
    error::Result,
    gateway::{Bot, Milestone, NOTICE},
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
    bot.run(announce, orders).await?;
    Ok(Outcome::default())
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
