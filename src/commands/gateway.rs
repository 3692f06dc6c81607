//! `nanobot gateway`: run the bot.

use super::{
    Outcome, agent_of, credentials, environment, paths, signals::stop_signal,
    store::refuse_unfinished,
};
use crate::{
    cli::Global,
    config::{Document, Matrix, Paths},
    error::{Error, Result},
    gateway::{Bot, MediaSettings, Milestone},
    instance::Lock,
    policy::Policy,
    terminal,
};

pub(super) async fn run(global: &Global) -> Result<Outcome> {
    let stop = stop_signal()?;
    let paths = paths(global)?;
    let document = Document::load(paths.config_file())?;
    if !document.exists() {
        return Err(Error::not_logged_in(format!(
            "there is no configuration at {}",
            paths.config_file().display()
        ))
        .hint("run `nanobot login`"));
    }
    let matrix = document.matrix(&environment)?;
    if !matrix.enabled {
        return Err(Error::config(
            "channels.matrix.enabled is not true, so there is nothing to run",
        )
        .hint("run `nanobot login`, or set it to true in the configuration"));
    }
    let bot = bot(&matrix, &paths)?;
    let agent = agent_of(&document, &paths)?;
    if let Some(why) = &agent.passed_over {
        tracing::warn!("the model of agents.defaults does not answer: {why}");
    }
    let answers = format!("Answers come from {}", agent.agent.describe());
    let _lock = Lock::acquire(paths.dir())?;
    refuse_unfinished(paths.dir())?;
    let audience = bot.policy.describe();
    let e2ee_enabled = bot.policy.e2ee_enabled;
    let say = if global.json { tell } else { say };
    let announce = move |milestone| match milestone {
        Milestone::Connected => {
            say("Matrix channel connected");
            say(&audience);
            say(&answers);
            if !e2ee_enabled {
                say("E2EE disabled: encrypted rooms are neither read nor answered");
            }
        }
        Milestone::EncryptionReady => say("E2EE enabled"),
    };
    bot.run(agent, announce, stop).await?;
    Ok(Outcome::default())
}

fn bot(matrix: &Matrix, paths: &Paths) -> Result<Bot> {
    Ok(Bot {
        credentials: credentials(matrix)?,
        policy: Policy::new(matrix)?,
        directory: paths.dir().to_owned(),
        store: paths.store(),
        media: MediaSettings {
            directory: paths.media(),
            max_bytes: matrix.max_media_bytes,
            at_once: matrix.max_concurrent_media_downloads,
        },
        sas_verification: matrix.sas_verification,
        streaming: matrix.streaming,
        stop_grace: matrix.sync_stop_grace,
    })
}

/// Beside the one JSON document there is nothing else on standard output.
fn tell(line: &str) {
    tracing::info!("{line}");
}

fn say(line: &str) {
    if let Err(error) = terminal::print(line) {
        tracing::warn!(%error, "cannot write to standard output");
    }
}
