//! The comparison in the terminal.

use std::time::Duration;

use super::{Way, end, line, stop_signal};
use crate::{
    cli::verify::Verify,
    commands::Outcome,
    error::{Error, Kind, Result},
    instance::{Comparison, Stage, Verification},
    terminal::{Progress, Question, Terminal},
};

/// How long a request is waited for, and then the comparison.
const REQUEST_LIMIT: Duration = Duration::from_mins(11);

/// Until it is told to stop.
pub(super) async fn run(way: &Way, args: &Verify, terminal: Terminal) -> Result<Outcome> {
    let stop = stop_signal()?;
    tokio::select! {
        outcome = compare(way, args, terminal) => outcome,
        () = stop => Err(Error::new(Kind::Interrupted, "interrupted")),
    }
}

async fn compare(way: &Way, args: &Verify, terminal: Terminal) -> Result<Outcome> {
    let chosen = match &args.user {
        Some(user) => way.start(user, args.device.as_deref()).await?,
        None => pending(way, terminal).await?,
    };
    let progress = Progress::start(&waiting_for(&chosen));
    let now = until_comparable(way, &chosen.id).await?;
    let Stage::Compare(comparison) = &now.stage else {
        return end(&now);
    };
    progress.pause();
    let matches = ask(&now, comparison, terminal).await?;
    let decided = way.decide(&now.id, matches).await;
    // What it has come to meanwhile says more than that it is too late.
    if let Err(error) = decided
        && !way.look_at(&now.id).await?.stage.is_over()
    {
        return Err(error);
    }
    progress.step(&format!("Waiting for {} to compare too", now.other()));
    end(&way.until_over(&now.id).await?)
}

async fn until_comparable(way: &Way, id: &str) -> Result<Verification> {
    way.until(REQUEST_LIMIT, |all| {
        let is_ready = |stage: &Stage| stage.is_over() || matches!(stage, Stage::Compare(_));
        let mut all = all.into_iter();
        all.find(|one| one.id == id && is_ready(&one.stage))
    })
    .await
}

/// What is under way, or the first that comes. Where there are several, one that can be compared
/// now goes first.
async fn pending(way: &Way, terminal: Terminal) -> Result<Verification> {
    let live = |all: Vec<Verification>| {
        let live = all.into_iter().filter(|one| !one.stage.is_over());
        live.collect::<Vec<_>>()
    };
    let now = live(way.list().await?);
    for one in &now {
        terminal.note(&line(one));
    }
    if now.is_empty() {
        terminal.note(
            "Nobody has asked for a verification yet. In Element, open the bot's profile and \
             choose Verify; or ask from here with: nanobot verify @you:example.org",
        );
    }
    let _progress = now
        .is_empty()
        .then(|| Progress::start("Waiting for somebody to verify the bot"));
    way.until(REQUEST_LIMIT, |all| {
        let mut live = live(all);
        live.sort_by_key(|one| !matches!(one.stage, Stage::Compare(_)));
        live.into_iter().next()
    })
    .await
}

fn waiting_for(verification: &Verification) -> String {
    let other = verification.other();
    if verification.started_by_bot {
        format!("Waiting for {other} to accept")
    } else {
        format!("Waiting for {other} to begin comparing")
    }
}

async fn ask(
    verification: &Verification,
    comparison: &Comparison,
    terminal: Terminal,
) -> Result<bool> {
    terminal.note(&format!("{} should see the same:", verification.other()));
    for emoji in &comparison.emoji {
        terminal.note(&format!("  {}  {}", emoji.symbol, emoji.name));
    }
    let [first, second, third] = comparison.decimals;
    terminal.note(&format!("  as numbers: {first} {second} {third}"));
    let words = "Does the other side show the same? (yes or no, within a minute)";
    let question = Question::new(words, "nanobot verify confirm");
    terminal
        .ask(question, |typed| match typed.to_lowercase().as_str() {
            "yes" | "y" => Ok(true),
            "no" | "n" => Ok(false),
            _ => Err("please type yes or no".to_owned()),
        })
        .await
}
