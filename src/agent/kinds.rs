//! The kinds of agents, and making the one that the configuration names.

use std::{num::NonZeroUsize, path::PathBuf, sync::Arc};

use super::{Agent, command, echo};
use crate::{
    config::{Document, Matrix, Section},
    error::{Error, Result},
};

/// Every kind of agent.
pub const KINDS: &[&Kind] = &[&echo::KIND, &command::KIND];

/// Conversations that are answered at the same time where the configuration does not say.
const CONVERSATIONS: NonZeroUsize = NonZeroUsize::new(16).unwrap();
/// The most of them; each may hold an agent's program.
const MOST_CONVERSATIONS: usize = 1000;

/// A kind of agent.
#[derive(Debug)]
pub struct Kind {
    /// Its name in `channels.matrix.agent.type`.
    pub name: &'static str,
    /// What it does, in a few words.
    pub about: &'static str,
    /// Makes an agent of its own keys of `channels.matrix.agent`. It takes every key it knows
    /// out of the section; what is left over is refused.
    pub build: fn(&mut Section, &Surroundings) -> Result<Box<dyn Agent>>,
}

/// What an agent may know besides its own settings.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// The whole configuration: `agents.defaults`, `providers` and so on.
    pub document: Document,
    /// The directory of the configuration, for what an agent keeps.
    pub directory: PathBuf,
}

/// The agent that the configuration names, and how it is to be asked.
#[derive(Clone, Debug)]
pub struct Configured {
    /// Who answers.
    pub agent: Arc<dyn Agent>,
    /// Its kind: [`Kind::name`].
    pub kind: &'static str,
    /// How many conversations are answered at the same time.
    pub conversations: NonZeroUsize,
    /// What happens to messages that arrive while an earlier one is being answered.
    pub while_busy: WhileBusy,
}

/// What happens to messages that arrive while an earlier one of their conversation is being
/// answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhileBusy {
    /// Each is answered by itself, in turn.
    #[default]
    Queue,
    /// All that wait are handed over together, as one question.
    Together,
}

/// The agent that `channels.matrix.agent` names.
///
/// # Errors
///
/// [`Kind::Config`](crate::error::Kind::Config) for what is not as it must be, named by its path
/// and never quoted: what is in there may be secret.
pub fn configured(matrix: &Matrix, surroundings: &Surroundings) -> Result<Configured> {
    let mut section = Section::new("channels.matrix.agent", matrix.agent()?)?;
    let names: Vec<_> = KINDS.iter().map(|kind| kind.name).collect();
    let name = section.choice("type", &names)?.unwrap_or(echo::KIND.name);
    let conversations = section.count("conversations", MOST_CONVERSATIONS)?;
    let while_busy = match section.choice("whileBusy", &["queue", "together"])? {
        Some("together") => WhileBusy::Together,
        _ => WhileBusy::Queue,
    };
    let kind = KINDS
        .iter()
        .find(|kind| kind.name == name)
        .ok_or_else(|| Error::config(format!("there is no agent {name:?}")))?;
    let agent = (kind.build)(&mut section, surroundings)?;
    section.finish()?;
    Ok(Configured {
        agent: agent.into(),
        kind: kind.name,
        conversations: conversations.unwrap_or(CONVERSATIONS),
        while_busy,
    })
}
