//! Who is being answered at the moment, so that it can be counted and stopped.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio_util::sync::CancellationToken;

use crate::inbox::Affected;

/// The turns of all conversations. Clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct Turns {
    running: Arc<Mutex<HashMap<String, Running>>>,
    /// No agent begins any more.
    stopping: CancellationToken,
    /// What still runs is given up.
    abandoned: CancellationToken,
}

#[derive(Debug)]
struct Running {
    cancelled: CancellationToken,
    over: CancellationToken,
    /// The messages that it is about, by their place in the journal; `None` until they were read.
    about: Option<Vec<i64>>,
    /// How many of them the agent is asked about at the moment.
    asked: usize,
}

/// A conversation's turn: from before its messages are read until their answer is there. Ends
/// when it is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    turns: Turns,
    conversation: String,
    cancelled: CancellationToken,
    over: CancellationToken,
}

/// What the agent is at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Busy {
    pub(super) conversations: usize,
    pub(super) messages: usize,
}

impl Turns {
    /// Begins a turn of a conversation, which has no other.
    pub(super) fn begin(&self, conversation: &str) -> Turn {
        let turn = Turn {
            turns: self.clone(),
            conversation: conversation.to_owned(),
            cancelled: self.abandoned.child_token(),
            over: CancellationToken::new(),
        };
        let running = Running {
            cancelled: turn.cancelled.clone(),
            over: turn.over.clone(),
            about: None,
            asked: 0,
        };
        self.running().insert(turn.conversation.clone(), running);
        turn
    }

    /// Cuts the conversation's turn short, and gives what completes when it is over.
    ///
    /// What it was at has to be closed in the journal before, or the next turn begins it anew.
    pub(super) fn cancel(&self, conversation: &str) -> impl Future<Output = ()> + use<> {
        let over = self.running().get(conversation).map(|running| {
            running.cancelled.cancel();
            running.over.clone()
        });
        async move {
            if let Some(over) = over {
                over.cancelled().await;
            }
        }
    }

    /// Cuts a conversation's turn short that is about this message, or may be: something happened
    /// to it, which is in the journal. Where the agent is asked already, only `also_asked`.
    pub(super) fn cut(&self, affected: &Affected, also_asked: bool) {
        let running = self.running();
        let Some(running) = running.get(&affected.conversation) else {
            return;
        };
        let about = running.about.as_ref();
        let is_about_it = about.is_none_or(|about| about.contains(&affected.seq));
        if is_about_it && (also_asked || running.asked == 0) {
            running.cancelled.cancel();
        }
    }

    /// From now on no agent is asked; those that are asked already may answer.
    pub(super) fn stop(&self) {
        self.stopping.cancel();
    }

    /// Completes when no agent is to be asked any more.
    pub(super) async fn stopping(&self) {
        self.stopping.cancelled().await;
    }

    /// Cuts all turns short.
    pub(super) fn abandon(&self) {
        self.abandoned.cancel();
    }

    pub(super) fn busy(&self) -> Busy {
        let running = self.running();
        let asked = running.values().map(|running| running.asked);
        Busy {
            conversations: asked.clone().filter(|asked| *asked > 0).count(),
            messages: asked.sum(),
        }
    }

    fn running(&self) -> MutexGuard<'_, HashMap<String, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn {
    /// Does this unless the turn is cut short first; then it is dropped where it stands.
    pub(super) async fn unless_cut<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.cancelled.cancelled() => None,
            done = work => Some(done),
        }
    }

    /// These messages were read.
    pub(super) fn is_about(&self, seqs: Vec<i64>) {
        if let Some(running) = self.turns.running().get_mut(&self.conversation) {
            running.about = Some(seqs);
        }
    }

    /// The agent is asked about this many messages, unless the turn was cut short; whether it is.
    #[must_use]
    pub(super) fn asks(&self, messages: usize) -> bool {
        let mut running = self.turns.running();
        if self.cancelled.is_cancelled() {
            return false;
        }
        if let Some(running) = running.get_mut(&self.conversation) {
            running.asked = messages;
        }
        true
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.turns.running().remove(&self.conversation);
        self.over.cancel();
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    #[tokio::test]
    async fn a_turn_that_is_cancelled_ends_and_others_go_on() {
        let turns = Turns::default();
        let (ours, other) = (turns.begin("ours"), turns.begin("other"));
        assert!(ours.asks(2) && other.asks(1));
        let busy = |conversations, messages| Busy {
            conversations,
            messages,
        };
        assert_eq!(turns.busy(), busy(2, 3));
        let task = tokio::spawn(async move {
            let cut = ours.unless_cut(pending::<()>()).await;
            assert_eq!(cut, None);
        });
        turns.cancel("ours").await;
        task.await.unwrap();
        assert_eq!(turns.busy(), busy(1, 1));
        assert_eq!(other.unless_cut(async { 5 }).await, Some(5));
        // Nothing runs there any more, so there is nothing to wait for.
        turns.cancel("ours").await;
        turns.abandon();
        assert_eq!(other.unless_cut(pending::<()>()).await, None);
    }

    #[tokio::test]
    async fn a_turn_is_cut_by_what_happens_to_its_messages() {
        let affected = |seq| Affected {
            seq,
            conversation: "a".to_owned(),
        };
        let turns = Turns::default();
        let is_cut = async |turn: &Turn| turn.unless_cut(async {}).await.is_none();
        // Until they were read, they may be any.
        let turn = turns.begin("a");
        turns.cut(&affected(1), true);
        assert!(is_cut(&turn).await && !turn.asks(1));
        drop(turn);
        let turn = turns.begin("a");
        turn.is_about(vec![2, 3]);
        turns.cut(&affected(1), true);
        assert!(!is_cut(&turn).await && turn.asks(2));
        turns.cut(&affected(2), false);
        assert!(!is_cut(&turn).await, "an agent's work must not be doubled");
        turns.cut(&affected(3), true);
        assert!(is_cut(&turn).await);
        drop(turn);
        let turn = turns.begin("a");
        turn.is_about(vec![2]);
        turns.cut(&affected(2), false);
        assert!(is_cut(&turn).await, "no agent is asked yet");
    }
}
