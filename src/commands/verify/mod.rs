//! `nanobot verify`: the bot's device, vouched for by its owner and by those it talks to.

mod alone;
mod compare;
mod decide;
mod recovery;
mod way;

use serde_json::{Map, json};

use self::way::Way;
use super::{
    Outcome, credentials, environment, paths, recovery_key, secret_input, signals::stop_signal,
    store::refuse_unfinished,
};
use crate::{
    cli::{
        Global,
        verify::{Verify, VerifyCommand},
    },
    error::{Error, Kind, Result},
    instance::{Stage, Verification},
    terminal::Terminal,
};

pub(super) async fn run(args: &Verify, global: &Global) -> Result<Outcome> {
    match &args.command {
        Some(VerifyCommand::Recovery(args)) => recovery::run(args, global).await,
        Some(VerifyCommand::List) => list(global).await,
        Some(VerifyCommand::Confirm(args)) => decide::run(args, true, global).await,
        Some(VerifyCommand::Deny(args)) => decide::run(args, false, global).await,
        None => interactive(args, global).await,
    }
}

async fn interactive(args: &Verify, global: &Global) -> Result<Outcome> {
    let terminal = Terminal::new(!global.json);
    if !terminal.is_interactive() {
        return without_terminal(args, global).await;
    }
    let paths = paths(global)?;
    match Way::through_gateway(paths.dir()).await? {
        Some(way) => compare::run(&way, args, terminal).await,
        None => alone::run(args, &paths, terminal).await,
    }
}

/// What a script gets: a list, or a verification that is begun.
async fn without_terminal(args: &Verify, global: &Global) -> Result<Outcome> {
    let Some(user) = &args.user else {
        if global.json {
            return list(global).await;
        }
        return Err(
            Error::new(Kind::Usage, "there is no terminal to compare emoji in").hint(
                "see them with `nanobot verify list`, then run `nanobot verify confirm` or \
                 `nanobot verify deny`",
            ),
        );
    };
    let way = gateway(global).await?;
    let begun = way.start(user, args.device.as_deref()).await?;
    Ok(Outcome {
        text: format!(
            "{user} is asked for a verification; when they have accepted, `nanobot verify list` \
             shows the emoji"
        ),
        json: verification_json(&begun),
        ..Outcome::default()
    })
}

async fn list(global: &Global) -> Result<Outcome> {
    let verifications = gateway(global).await?.list().await?;
    let mut lines: Vec<_> = verifications.iter().map(line).collect();
    if lines.is_empty() {
        lines.push("No verification is under way".to_owned());
    }
    Ok(Outcome {
        text: lines.join("\n"),
        json: Map::from_iter([("verifications".to_owned(), json!(verifications))]),
        ..Outcome::default()
    })
}

/// The running gateway.
async fn gateway(global: &Global) -> Result<Way> {
    let paths = paths(global)?;
    let way = Way::through_gateway(paths.dir()).await?;
    way.ok_or_else(|| {
        Error::failure("no gateway runs here that could be asked about verifications")
            .hint("start it with `nanobot gateway`, or run `nanobot verify` in a terminal")
    })
}

fn line(verification: &Verification) -> String {
    let other = verification.other();
    let stage = match &verification.stage {
        Stage::Waiting => "waits for them".to_owned(),
        Stage::Compare(comparison) => format!("compare: {comparison}"),
        Stage::Confirmed => "confirmed here, waits for them".to_owned(),
        Stage::Verified { gained, .. } => format!("complete: {gained}"),
        Stage::Mismatched { .. } => "the emoji did not match".to_owned(),
        Stage::Cancelled { reason, .. } => format!("ended: {reason}"),
    };
    format!("{}  {other}  {stage}", verification.id)
}

/// How a verification ended, as the command's own end.
fn end(verification: &Verification) -> Result<Outcome> {
    let other = verification.other();
    match &verification.stage {
        Stage::Verified { gained, .. } => Ok(Outcome {
            text: format!("Verified with {other}: {gained}"),
            json: verification_json(verification),
            ..Outcome::default()
        }),
        Stage::Mismatched { by_us } => {
            let who = if *by_us { "here" } else { "by the other side" };
            Err(Error::failure(format!(
                "nothing is verified: the emoji were found {who} not to match those of {other}"
            ))
            .hint(
                "if nobody made a mistake, somebody sits in between; compare again by another \
                 network before you trust this chat",
            ))
        }
        Stage::Cancelled { reason, .. } => Err(Error::failure(format!(
            "nothing is verified: the verification with {other} has ended: {reason}"
        ))
        .hint(format!(
            "begin anew with: nanobot verify {}",
            verification.user_id
        ))),
        _ => Err(Error::failure(format!(
            "the verification with {other} has not ended"
        ))),
    }
}

fn verification_json(verification: &Verification) -> Map<String, serde_json::Value> {
    Map::from_iter([("verification".to_owned(), json!(verification))])
}
