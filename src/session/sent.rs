//! What the bot has sent and the homeserver has not shown yet: a sync that does not give it back
//! does not give other people's words either.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::pace::SyncFault;

/// How long a homeserver may take to show what it has taken.
const LIMIT: Duration = Duration::from_mins(1);
/// Older than this, it is not waited for any more: the bot may have left that room.
const FORGOTTEN: Duration = Duration::from_mins(10);
/// Events remembered.
const MOST: usize = 1000;

/// The events that were sent. Clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct Sent(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    awaited: BTreeMap<String, Instant>,
    /// A sync may be faster than the answer to what was sent.
    shown: VecDeque<String>,
}

impl Sent {
    /// The homeserver has taken this event.
    pub(super) fn taken(&self, event_id: &str) {
        let mut state = self.state();
        let is_shown = state.shown.iter().any(|shown| shown == event_id);
        if !is_shown && state.awaited.len() < MOST {
            state.awaited.insert(event_id.to_owned(), Instant::now());
        }
    }

    /// A sync has shown these; whether others are missing.
    pub(super) fn missing(&self, shown: &[String]) -> Option<SyncFault> {
        let mut state = self.state();
        for event_id in shown {
            state.awaited.remove(event_id);
            state.shown.push_back(event_id.clone());
        }
        let superfluous = state.shown.len().saturating_sub(MOST);
        state.shown.drain(..superfluous);
        state.awaited.retain(|_, sent| sent.elapsed() < FORGOTTEN);
        let is_missing = state.awaited.values().any(|sent| sent.elapsed() > LIMIT);
        is_missing.then_some(SyncFault::EchoMissing)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
