//! Intake without the SDK: from the events of a room to what the journal keeps of them.

mod classify;
mod event;
mod journal;
mod look_back;
#[cfg(test)]
mod model;

pub(super) use crate::homeserver::inviter;
pub(super) use event::{Event, Secrecy};
pub(super) use journal::{Histories, Intake, Joined, Response};
pub(super) use look_back::{Page, Timeline};

use std::{fmt, sync::Arc};

pub(super) use classify::classify;

/// Who may be answered at all: what others say is not kept.
#[derive(Clone)]
pub struct Audience(Arc<MayBeAnswered>);

/// Whether what this sender says in this room may be answered.
type MayBeAnswered = dyn Fn(&str, &str) -> bool + Send + Sync;

impl Audience {
    /// Those for whom this holds: it is given the room and the sender of a new message.
    pub fn new(may_be_answered: impl Fn(&str, &str) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(may_be_answered))
    }

    fn includes(&self, room_id: &str, sender: &str) -> bool {
        (self.0)(room_id, sender)
    }
}

impl Default for Audience {
    fn default() -> Self {
        Self::new(|_, _| true)
    }
}

impl fmt::Debug for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Audience").finish_non_exhaustive()
    }
}

/// What is known of a room, and of the bot in it, when its events are taken in.
pub(super) struct View<'a> {
    pub(super) room_id: &'a str,
    pub(super) own_id: &'a str,
    /// Whether the bot's own invitation to the room is still journaled as open.
    pub(super) was_invited: bool,
    /// Whether the room was seen encrypted before these events.
    pub(super) was_encrypted: bool,
    /// Whether it is encrypted now.
    pub(super) is_encrypted: bool,
    pub(super) audience: &'a Audience,
    /// Whether a message, given as its event's JSON, must not wait for those before it.
    pub(super) is_urgent: &'a (dyn Fn(&str) -> bool + Send + Sync),
}
