//! `nanobot verify confirm` and `deny`: what was compared elsewhere, told to the running gateway.

use super::{Outcome, end, gateway, verification_json};
use crate::{
    cli::{Global, verify::Decision},
    error::{Error, Kind, Result},
    instance::{Stage, Verification},
};

pub(super) async fn run(args: &Decision, matches: bool, global: &Global) -> Result<Outcome> {
    let way = gateway(global).await?;
    let id = match &args.id {
        Some(id) => id.clone(),
        None => only_one(way.list().await?, matches)?,
    };
    way.decide(&id, matches).await?;
    let over = way.until_over(&id).await?;
    match end(&over) {
        Err(_) if !matches => Ok(denied(&over)),
        end => end,
    }
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
            .hint("see what is under way with: nanobot verify list")),
        (Some(_), Some(_)) => Err(Error::new(
            Kind::Usage,
            "there are several verifications, and it is not said which one is meant",
        )
        .hint("name the one: nanobot verify list shows them")),
    }
}

fn denied(verification: &Verification) -> Outcome {
    Outcome {
        text: format!("{} is told that it does not match", verification.other()),
        json: verification_json(verification),
        ..Outcome::default()
    }
}
