//! Why a message was or was not answered.

use std::{fmt, time::Duration};

use serde::Serialize;

use super::full_key;
use crate::{
    config::Paths,
    error::Result,
    ipc::{Answer, Fate, FateState, Request, ask_for},
    journal::Journal,
    policy::{Nothing, Rule},
};

/// How long a running gateway may take to answer: it may have to ask its homeserver.
const LIMIT: Duration = Duration::from_secs(15);

/// What became of a message, and why.
#[derive(Debug, Serialize)]
pub struct Explained {
    /// Whether it was answered.
    pub answered: bool,
    /// The key that decided, where one did.
    key: Option<String>,
    why: String,
    #[serde(flatten)]
    fate: Fate,
    /// Whether a running gateway said so, and not the journal alone.
    from_gateway: bool,
}

/// Asks the running gateway what became of a message, or else looks into the journal.
///
/// # Errors
///
/// When the gateway does not answer, or the journal cannot be read.
pub async fn explain(paths: &Paths, event_id: &str) -> Result<Explained> {
    let request = Request::Why {
        event_id: event_id.to_owned(),
    };
    let read = |answer| match answer {
        Answer::Fate(fate) => Some(*fate),
        _ => None,
    };
    let (fate, from_gateway) = match ask_for(paths.dir(), request, LIMIT, read).await? {
        Some(fate) => (fate, true),
        None => (Journal::stored_fate(&paths.store(), event_id).await?, false),
    };
    let rule = fate.verdict.as_deref().and_then(Rule::from_name);
    Ok(Explained {
        answered: fate.state == FateState::Answered,
        key: rule.and_then(Rule::key).map(full_key),
        why: words(&fate, rule, from_gateway),
        fate,
        from_gateway,
    })
}

fn words(fate: &Fate, rule: Option<Rule>, from_gateway: bool) -> String {
    let because = |words: &str| match &fate.reason {
        Some(reason) => format!("{words}: {reason}"),
        None => words.to_owned(),
    };
    match fate.state {
        FateState::Answered => "it was answered".to_owned(),
        FateState::Refused => {
            let verdict = fate.verdict.as_deref().unwrap_or("unknown");
            let why = rule.map(|rule| rule.to_string());
            let nothing = || Nothing::from_name(verdict).map(|nothing| nothing.to_string());
            let why = why.or_else(nothing);
            let why = why.unwrap_or_else(|| verdict.to_owned());
            format!("it was not answered: {why}")
        }
        FateState::Ignored if fate.reason.is_none() => {
            let ask = if from_gateway {
                ""
            } else {
                "; a running gateway can tell more"
            };
            format!(
                "it was seen, and there was nothing to answer: its sender is not in allowFrom, it \
                 is no message, or it is older than the bot's invitation or device{ask}"
            )
        }
        FateState::Ignored => because("there was nothing to answer"),
        FateState::Waiting => because("it waits for its answer"),
        FateState::Parked => because("answering it failed, and it waits for you"),
        FateState::Undecryptable => because("it cannot be decrypted yet"),
        FateState::Stopped => "its answer was stopped by a command in the room".to_owned(),
        FateState::Withdrawn => "it is not answered: it was deleted, the bot left the room, or \
                                 another device of the bot answered it"
            .to_owned(),
        FateState::Dropped => "it was discarded from the message queue".to_owned(),
        FateState::Done => "it is done, but how it ended was not written down".to_owned(),
        FateState::Unknown => "nothing is known of it: it never reached the bot, or it is older \
                               than the last 500 events of its room"
            .to_owned(),
    }
}

impl fmt::Display for Explained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Fate {
            event_id,
            room_id,
            sender,
            state,
            ..
        } = &self.fate;
        write!(f, "{event_id}")?;
        if let Some(sender) = sender {
            write!(f, " of {sender}")?;
        }
        if let Some(room) = room_id {
            write!(f, " in {room}")?;
        }
        write!(f, "\n  {}", self.why)?;
        if let Some(key) = &self.key {
            write!(f, " ({key})")?;
        }
        match state {
            FateState::Waiting | FateState::Parked => {
                write!(f, "\n  → nanobot queue show '{event_id}'")
            }
            FateState::Undecryptable => f.write_str("\n  → nanobot explain e2ee.undecryptable"),
            _ => Ok(()),
        }
    }
}
