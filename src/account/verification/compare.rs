//! The comparison in the terminal.

use std::time::Duration;

use super::{
    backend::{Backend, with_own},
    decide::{Step, ended, stage},
};
use crate::{
    config::Paths,
    error::{Error, Result},
    ipc::{Comparison, Stage, Verification},
    terminal::{Choice, Progress, Question, Terminal, or_stop},
};

/// How long a request is waited for, and then the comparison.
const REQUEST_LIMIT: Duration = Duration::from_mins(11);

/// Compares with this user, or with whoever asks for it, until it is told to stop.
pub async fn compare(
    user: Option<&str>,
    device: Option<&str>,
    paths: &Paths,
    terminal: Terminal,
) -> Result<Step> {
    let work =
        async |backend: &Backend| or_stop(compare_through(backend, user, device, terminal)).await;
    match Backend::running(paths.dir()).await? {
        Some(backend) => work(&backend).await,
        None => Box::pin(with_own(paths, work)).await,
    }
}

async fn compare_through(
    backend: &Backend,
    user: Option<&str>,
    device: Option<&str>,
    terminal: Terminal,
) -> Result<Step> {
    let chosen = match user {
        Some(user) => backend.start(user, device).await?,
        None => pending(backend, terminal).await?,
    };
    let other = chosen.other();
    let progress = Progress::start(&if chosen.started_by_bot {
        format!("Waiting for {other} to accept")
    } else {
        format!("Waiting for {other} to start comparing")
    });
    let is_ready = |one: &Verification| {
        let is_now = one.stage.is_over() || matches!(one.stage, Stage::Compare(_));
        one.id == chosen.id && is_now
    };
    let now = backend.until(REQUEST_LIMIT, is_ready).await?;
    let Stage::Compare(comparison) = &now.stage else {
        return ended(now);
    };
    progress.pause();
    let matches = ask(&now, comparison, terminal).await?;
    // What it has come to meanwhile says more than that it is too late.
    if let Err(error) = backend.decide(&now.id, matches).await
        && !is_over(backend, &now.id).await?
    {
        return Err(error);
    }
    progress.step(&format!("Waiting for {} to confirm", now.other()));
    ended(backend.until_over(&now.id).await?)
}

async fn is_over(backend: &Backend, id: &str) -> Result<bool> {
    let mut all = backend.list().await?.into_iter();
    let found = all.find(|one| one.id == id);
    let found =
        found.ok_or_else(|| Error::failure(format!("verification {id} no longer exists")))?;
    Ok(found.stage.is_over())
}

/// What is under way, or the first that comes.
async fn pending(backend: &Backend, terminal: Terminal) -> Result<Verification> {
    let mut live = backend.list().await?;
    live.retain(|one| !one.stage.is_over());
    if live.len() > 1 {
        let choices = live.into_iter().map(|one| {
            let (name, about) = (one.other(), stage(&one));
            Choice::new(one, name).about(about)
        });
        let question = Question::new("Which verification?", "nanobot verify confirm ID");
        return terminal.choose(question, choices).await;
    }
    let _progress = live.is_empty().then(|| {
        terminal.note(
            "Nobody has asked for a verification yet. In Element, open the bot's profile and \
             choose Verify; or ask from here with: nanobot verify @you:example.org",
        );
        Progress::start("Waiting for a verification request")
    });
    backend
        .until(REQUEST_LIMIT, |one| !one.stage.is_over())
        .await
}

async fn ask(
    verification: &Verification,
    comparison: &Comparison,
    terminal: Terminal,
) -> Result<bool> {
    let other = verification.other();
    terminal.note(&format!("Compare with what {other} sees, within a minute:"));
    for emoji in &comparison.emoji {
        terminal.note(&format!("  {}  {}", emoji.symbol, emoji.name));
    }
    let [first, second, third] = comparison.decimals;
    terminal.note(&format!("  as numbers: {first} {second} {third}"));
    let words = "Does the other side show the same?";
    let question = Question::new(words, "nanobot verify confirm");
    terminal.ask_yes_or_no(question).await
}
