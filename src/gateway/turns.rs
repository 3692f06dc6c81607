//! Who is being answered at the moment, so that it can be counted and stopped.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio_util::sync::CancellationToken;

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
    /// The messages that the agent is asked about at the moment.
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

    /// The agent is asked about this many messages.
    pub(super) fn asks(&self, messages: usize) {
        if let Some(running) = self.turns.running().get_mut(&self.conversation) {
            running.asked = messages;
        }
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
        ours.asks(2);
        other.asks(1);
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
}
