//! `nanobot gateway`: run the bot.

use std::{env, os::unix::process::CommandExt, process::Command, time::Duration};

use super::{Outcome, paths};
use crate::{
    agent::from_document,
    cli::{Global, gateway::Gateway},
    config::{Document, Matrix, Paths, environment, misspelled_allow_from},
    error::{Error, Result},
    files::Retention,
    gateway::{Bot, Ending, MediaSettings, Milestone, NOTICE, RetentionSettings},
    ipc::{Lock, refuse_unfinished_reset},
    policy::Policy,
    session::credentials,
    terminal::{self, stop_signal},
};

pub async fn run(args: &Gateway, global: &Global) -> Result<Outcome> {
    let stop = stop_signal()?;
    let paths = paths(global)?;
    let document = Document::load_existing(paths.config_file())?;
    let matrix = document.matrix(&environment)?;
    if !matrix.enabled {
        return Err(Error::config(
            "channels.matrix.enabled is not true, so there is nothing to run",
        )
        .hint("set it to true in the configuration, or log in")
        .command("nanobot login"));
    }
    if let Some(typo) = misspelled_allow_from(&document, &environment) {
        tracing::warn!(
            "THE BOT IS OPEN TO EVERYONE: {}; fix: {}",
            typo.message,
            typo.fix
        );
    }
    let mut bot = bot(&matrix, &paths)?;
    if let Some(listen) = &args.listen {
        bot.listen = Some(listen.clone());
    }
    let agent = from_document(&document, paths.dir())?;
    if let Some(why) = &agent.passed_over {
        tracing::warn!("the model configured in agents.defaults cannot be used: {why}");
    }
    let answers = format!("Agent: {}", agent.describe());
    let _lock = Lock::acquire(paths.dir())?;
    refuse_unfinished_reset(paths.dir())?;
    let audience = bot.policy.describe();
    let e2ee_enabled = bot.policy.e2ee_enabled;
    let say = if global.json { tell } else { say };
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
    match bot.run(agent, announce, stop).await? {
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

fn bot(matrix: &Matrix, paths: &Paths) -> Result<Bot> {
    Ok(Bot {
        credentials: credentials(matrix)?,
        policy: Policy::new(matrix)?,
        directory: paths.dir().to_owned(),
        store: paths.store(),
        media: MediaSettings {
            directory: paths.media(),
            max_bytes: matrix.max_media_bytes,
            at_once: matrix.concurrent_media_downloads(),
            retention: Retention::new(matrix.media_retention_days, matrix.media_retention_bytes),
        },
        retention: RetentionSettings {
            conversations: Retention::new(
                matrix.conversation_retention_days,
                matrix.conversation_retention_bytes,
            ),
            archives: Retention::new(
                matrix.archive_retention_days,
                matrix.archive_retention_bytes,
            ),
        },
        sas_verification: matrix.sas_verification,
        streaming: matrix.streaming,
        listen: matrix.health()?.map(|listen| listen.below(paths.dir())),
        stop_grace: Duration::from_secs(matrix.sync_stop_grace_seconds),
    })
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
