//! What is not answered, said once and counted.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::{health::Health, message::Message};
use crate::{inbox::Waiting, policy::Rule};

/// How long a session is not waited for again whose device did not become known.
const REMEMBERED: Duration = Duration::from_mins(10);
/// The most such sessions.
const MOST: usize = 1000;

/// What was not answered since the bot runs.
#[derive(Debug)]
pub(super) struct Refusals {
    health: Health,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Encrypted rooms of which it was said that they are not read.
    unread: HashSet<String>,
    /// Megolm sessions whose device was looked for in vain, and when.
    sessions: HashMap<String, Instant>,
}

impl Refusals {
    pub(super) fn new(health: Health) -> Self {
        Self {
            health,
            state: Mutex::default(),
        }
    }

    /// A message is not answered by this rule.
    pub(super) fn add(&self, rule: Rule, waiting: &Waiting, message: &Message) {
        self.health.refused(rule);
        let Waiting {
            room_id, event_id, ..
        } = waiting;
        let (sender, name) = (message.sender(), rule.name());
        if rule == Rule::EncryptionDisabled {
            if self.state().unread.insert(room_id.clone()) {
                tracing::warn!(room = %room_id, rule = name, "not answered: {rule}");
            }
        } else if rule.is_about_protection() {
            tracing::warn!(room = %room_id, event = %event_id, %sender, rule = name,
                "not answered: {rule}");
        } else {
            tracing::info!(room = %room_id, %sender, rule = name, "not answered: {rule}");
        }
    }

    /// Whether the device of this session is to be looked for: not again after it was looked for
    /// in vain a moment ago.
    pub(super) fn is_worth_a_look(&self, session_id: &str) -> bool {
        let mut state = self.state();
        state.sessions.retain(|_, at| at.elapsed() < REMEMBERED);
        !state.sessions.contains_key(session_id)
    }

    /// The device of this session did not become known.
    pub(super) fn looked_in_vain(&self, session_id: &str) {
        let mut state = self.state();
        if state.sessions.len() < MOST {
            state.sessions.insert(session_id.to_owned(), Instant::now());
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
