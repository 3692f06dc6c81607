//! The agent that the configuration names.

use std::path::Path;

use serde_json::{Value, json};

#[cfg(feature = "nats")]
use super::remote;
use super::{Configured, Kind, Surroundings, WhileBusy, command, echo, nanobot, openai};
use crate::{
    config::{Document, Matrix, Secret, Section, environment},
    error::{Error, Result},
};

/// Every kind of agent.
pub const KINDS: &[&Kind] = &[
    &echo::KIND,
    &command::KIND,
    &nanobot::KIND,
    &openai::KIND,
    #[cfg(feature = "nats")]
    &remote::KIND,
];

/// The kind of agent with this name.
pub fn kind(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name).copied()
}

/// The most conversations that are answered at the same time; each may hold an agent's program.
const MOST_CONVERSATIONS: usize = 1000;

/// The most messages of a group that it is told: homeservers give no more at once.
const MOST_CONTEXT: usize = 50;

impl Configured {
    /// [`Kind::runs_programs`].
    pub fn runs_programs(&self) -> bool {
        kind(self.kind).is_some_and(|kind| kind.runs_programs)
    }
}

/// The agent that `channels.matrix.agent` names. Where it names none, the model answers that the
/// file names for the Python tool, if it can, or else the echo.
///
/// # Errors
///
/// [`Kind::Config`](crate::error::Kind::Config) for what is not as it must be, named by its path
/// and never quoted: what is in there may be secret.
pub fn configured(matrix: &Matrix, surroundings: &Surroundings) -> Result<Configured> {
    let mut section = Section::new("channels.matrix.agent", matrix.agent()?)?;
    let names: Vec<_> = KINDS.iter().map(|kind| kind.name).collect();
    let (name, passed_over) = match section.choice("type", &names)? {
        Some(name) => (name, None),
        None => usual(surroundings)?,
    };
    let conversations = section.count("conversations", MOST_CONVERSATIONS)?;
    let while_busy = match section.choice("whileBusy", &["queue", "together"])? {
        Some("together") => WhileBusy::Together,
        _ => WhileBusy::Queue,
    };
    let room_context = section.amount("roomContext", MOST_CONTEXT)?;
    let kind = kind(name).ok_or_else(|| Error::config(format!("there is no agent {name:?}")))?;
    let agent = (kind.build)(&mut section, surroundings)?;
    section.finish()?;
    Ok(Configured {
        agent: agent.into(),
        kind: kind.name,
        conversations: conversations.unwrap_or(kind.conversations),
        while_busy,
        room_context: room_context.unwrap_or_default(),
        passed_over,
    })
}

/// The agent that this document names, with what the environment of this process says.
///
/// # Errors
///
/// As [`configured`].
pub fn from_document(document: &Document, directory: &Path) -> Result<Configured> {
    let surroundings = Surroundings {
        document: document.clone(),
        directory: directory.to_owned(),
        environment,
    };
    configured(&document.matrix(&environment)?, &surroundings)
}

/// All that the configuration says of the agent itself, and not of when it is asked: where this is
/// the same, so is the agent.
///
/// # Errors
///
/// [`Kind::Config`](crate::error::Kind::Config) when it needs a variable that cannot be had.
pub fn ingredients(document: &Document, matrix: &Matrix) -> Result<Secret> {
    let own = matrix.agent()?.map_or("{}", Secret::expose);
    // It was read before.
    let mut own: Value = serde_json::from_str(own).unwrap_or_default();
    if let Some(own) = own.as_object_mut() {
        own.retain(|key, _| !["conversations", "whileBusy", "roomContext"].contains(&key.as_str()));
    }
    let shared = [
        "agents",
        "modelPresets",
        "model_presets",
        "providers",
        "api",
    ];
    let shared = shared.map(|name| document.get(name));
    Ok(Secret::new(json!([own, shared]).to_string()))
}

/// The kind that answers where none is named, and why the shared model does not.
fn usual(surroundings: &Surroundings) -> Result<(&'static str, Option<String>)> {
    Ok(match openai::shared(surroundings)? {
        Some(Ok(())) => (openai::KIND.name, None),
        None => (echo::KIND.name, None),
        Some(Err(error)) => (echo::KIND.name, Some(error.to_string())),
    })
}
