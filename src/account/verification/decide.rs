//! What was compared elsewhere, told to the running gateway; and what is said of verifications.

use std::{fmt, path::Path};

use serde::Serialize;

use super::backend::Backend;
use crate::{
    error::{Error, Kind, Result},
    ipc::{Stage, Verification},
    text::shell_quote,
};

/// Those under way and the last that ended.
#[derive(Serialize)]
pub struct List {
    pub verifications: Vec<Verification>,
}

/// One that was begun or has ended.
#[derive(Serialize)]
pub struct Step {
    #[serde(skip)]
    pub words: String,
    pub verification: Verification,
}

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.verifications.is_empty() {
            return f.write_str("No verifications");
        }
        let lines: Vec<_> = self.verifications.iter().map(line).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

/// A verification on one line.
pub fn line(verification: &Verification) -> String {
    let stage = stage(verification);
    format!("{}  {}  {stage}", verification.id, verification.other())
}

/// How far a verification is, in a few words.
pub fn stage(verification: &Verification) -> String {
    match &verification.stage {
        Stage::Waiting => "waiting for them".to_owned(),
        Stage::Compare(comparison) => format!("compare: {comparison}"),
        Stage::Confirmed => "confirmed here, waiting for them".to_owned(),
        Stage::Verified { gained, .. } => format!("complete: {gained}"),
        Stage::Mismatched { .. } => "the emoji did not match".to_owned(),
        Stage::Cancelled { reason, .. } => format!("ended: {reason}"),
    }
}

/// How a verification ended. Without a gain that is an error.
pub fn ended(verification: Verification) -> Result<Step> {
    let other = verification.other();
    match &verification.stage {
        Stage::Verified { gained, .. } => Ok(Step {
            words: format!("Verified with {other}: {gained}"),
            verification,
        }),
        Stage::Mismatched { by_us } => {
            let who = if *by_us { "here" } else { "by the other side" };
            Err(Error::failure(format!(
                "not verified: the emoji of {other} do not match, as found {who}"
            ))
            .hint(
                "unless someone clicked the wrong button, the connection may be intercepted; compare \
                 again from another network before you trust this chat",
            ))
        }
        Stage::Cancelled { reason, .. } => Err(Error::failure(format!(
            "not verified: the verification with {other} ended: {reason}"
        ))
        .hint("start again")
        .command(format!(
            "nanobot verify {}",
            shell_quote(&verification.user_id)
        ))),
        _ => Err(Error::failure(format!(
            "the verification with {other} is still in progress"
        ))),
    }
}

/// The verifications in the running gateway.
pub async fn list(directory: &Path) -> Result<List> {
    Ok(List {
        verifications: Backend::gateway(directory).await?.list().await?,
    })
}

/// Asks a user, or one device of theirs, for a verification.
pub async fn start(directory: &Path, user_id: &str, device_id: Option<&str>) -> Result<Step> {
    let backend = Backend::gateway(directory).await?;
    Ok(Step {
        verification: backend.start(user_id, device_id).await?,
        words: format!(
            "Sent a verification request to {user_id}; once they accept, `nanobot verify list` shows \
             the emoji"
        ),
    })
}

/// Says whether both sides show the same, and waits for the other side.
pub async fn decide(directory: &Path, id: Option<&str>, matches: bool) -> Result<Step> {
    let backend = Backend::gateway(directory).await?;
    let id = match id {
        Some(id) => id.to_owned(),
        None => only_one(backend.list().await?, matches)?,
    };
    backend.decide(&id, matches).await?;
    let over = backend.until_over(&id).await?;
    let told = match over.stage {
        Stage::Mismatched { by_us: true } => "the emoji do not match",
        Stage::Cancelled { by_us: true, .. } => "the bot cancelled the verification",
        _ => return ended(over),
    };
    if matches {
        return ended(over);
    }
    Ok(Step {
        words: format!("Told {} that {told}", over.other()),
        verification: over,
    })
}

/// The one that can be meant.
fn only_one(all: Vec<Verification>, matches: bool) -> Result<String> {
    let mut meant = all.into_iter().filter(|one| match one.stage {
        Stage::Compare(_) => true,
        Stage::Waiting => !matches,
        _ => false,
    });
    match (meant.next(), meant.next()) {
        (Some(one), None) => Ok(one.id),
        (None, _) => Err(Error::failure("there is nothing to compare")
            .hint("list the verifications")
            .command("nanobot verify list")),
        (Some(_), Some(_)) => Err(Error::new(
            Kind::Usage,
            "there are several verifications; which one is not clear",
        )
        .hint("add its ID; list them with")
        .command("nanobot verify list")),
    }
}
