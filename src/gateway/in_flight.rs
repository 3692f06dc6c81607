//! Which conversations are being answered at the moment, so that it can be counted and cancelled.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
};

use tokio_util::sync::CancellationToken;

use crate::{
    journal::{Affected, Conversation},
    threads::lock,
};

/// The attempts that are under way. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct InFlight {
    running: Arc<Mutex<HashMap<Conversation, Running>>>,
    /// No message is begun and no agent is asked any more; those that are asked may answer.
    pub stopping: CancellationToken,
    /// What still runs is given up.
    pub abandoned: CancellationToken,
}

#[derive(Debug)]
struct Running {
    cancelled: CancellationToken,
    over: CancellationToken,
    /// The messages that it is about, by their place in the journal; `None` until they were read.
    about: Option<Vec<i64>>,
    /// How many of them the agent is asked about at the moment.
    asked: usize,
    /// Whether that agent may be asked again ([`Agent::is_repeatable`](crate::agent::Agent)).
    is_repeatable: bool,
}

/// An attempt to answer a conversation: from before its messages are read until their answer is
/// there. Ends when it is dropped.
#[derive(Debug)]
pub struct Attempt {
    in_flight: InFlight,
    conversation: Conversation,
    cancelled: CancellationToken,
    over: CancellationToken,
}

impl InFlight {
    /// Begins to answer a conversation, for which nothing else is under way.
    pub fn begin(&self, conversation: &Conversation) -> Attempt {
        let attempt = Attempt {
            in_flight: self.clone(),
            conversation: conversation.clone(),
            cancelled: self.abandoned.child_token(),
            over: CancellationToken::new(),
        };
        let running = Running {
            cancelled: attempt.cancelled.clone(),
            over: attempt.over.clone(),
            about: None,
            asked: 0,
            is_repeatable: true,
        };
        lock(&self.running).insert(conversation.clone(), running);
        attempt
    }

    /// Cancels what is under way for a conversation, and gives what completes when it is over.
    ///
    /// What it was at has to be closed in the journal before, or the next attempt begins it anew.
    pub fn cancel(&self, conversation: &Conversation) -> impl Future<Output = ()> + use<> {
        let over = lock(&self.running).get(conversation).map(|running| {
            running.cancelled.cancel();
            running.over.clone()
        });
        async move {
            if let Some(over) = over {
                over.cancelled().await;
            }
        }
    }

    /// Cancels what is under way about this message, or may be: something happened to it, which is
    /// in the journal. What an agent is at whose work may not be doubled, only `in_any_case`.
    pub fn cancel_about(&self, affected: &Affected, in_any_case: bool) {
        let running = lock(&self.running);
        let Some(running) = running.get(&affected.conversation) else {
            return;
        };
        let about = running.about.as_ref();
        let is_about_it = about.is_none_or(|about| about.contains(&affected.seq));
        if is_about_it && (in_any_case || running.is_repeatable || running.asked == 0) {
            running.cancelled.cancel();
        }
    }

    /// The messages that agents are asked about at the moment, by their place in the journal.
    pub fn asked_about(&self) -> HashSet<i64> {
        let running = lock(&self.running);
        let asked = running.values().filter(|running| running.asked > 0);
        asked
            .flat_map(|running| running.about.iter().flatten().copied())
            .collect()
    }

    /// How many messages agents are asked about at the moment, for each conversation.
    pub fn asked(&self) -> Vec<usize> {
        let running = lock(&self.running);
        let asked = running.values().map(|running| running.asked);
        asked.filter(|asked| *asked > 0).collect()
    }
}

impl Attempt {
    /// Does this unless the attempt is cancelled first; then it is dropped where it stands.
    pub async fn unless_cancelled<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.cancelled.cancelled() => None,
            done = work => Some(done),
        }
    }

    /// These messages were read.
    pub fn is_about(&self, seqs: Vec<i64>) {
        if let Some(running) = lock(&self.in_flight.running).get_mut(&self.conversation) {
            running.about = Some(seqs);
        }
    }

    /// The agent is asked about this many messages, unless the attempt was cancelled; whether it
    /// is.
    pub fn asks(&self, messages: usize, is_repeatable: bool) -> bool {
        let mut running = lock(&self.in_flight.running);
        if self.cancelled.is_cancelled() {
            return false;
        }
        if let Some(running) = running.get_mut(&self.conversation) {
            (running.asked, running.is_repeatable) = (messages, is_repeatable);
        }
        true
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        lock(&self.in_flight.running).remove(&self.conversation);
        self.over.cancel();
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    fn room(id: &str) -> Conversation {
        Conversation::new(id, None)
    }

    #[tokio::test]
    async fn an_attempt_that_is_cancelled_ends_and_others_go_on() {
        let in_flight = InFlight::default();
        let (ours, other) = (
            in_flight.begin(&room("ours")),
            in_flight.begin(&room("other")),
        );
        assert!(ours.asks(2, true) && other.asks(1, true));
        assert_eq!(in_flight.asked().iter().sum::<usize>(), 3);
        let task = tokio::spawn(async move {
            let cut = ours.unless_cancelled(pending::<()>()).await;
            assert_eq!(cut, None);
        });
        in_flight.cancel(&room("ours")).await;
        task.await.unwrap();
        assert_eq!(in_flight.asked(), [1]);
        assert_eq!(other.unless_cancelled(async { 5 }).await, Some(5));
        // Nothing runs there any more, so there is nothing to wait for.
        in_flight.cancel(&room("ours")).await;
        in_flight.abandoned.cancel();
        assert_eq!(other.unless_cancelled(pending::<()>()).await, None);
    }

    #[tokio::test]
    async fn an_attempt_is_cancelled_by_what_happens_to_its_messages() {
        let affected = |seq| Affected {
            seq,
            conversation: room("a"),
        };
        let in_flight = InFlight::default();
        let is_cancelled =
            async |attempt: &Attempt| attempt.unless_cancelled(async {}).await.is_none();
        // Until they were read, they may be any.
        let attempt = in_flight.begin(&room("a"));
        in_flight.cancel_about(&affected(1), true);
        assert!(is_cancelled(&attempt).await && !attempt.asks(1, false));
        drop(attempt);
        let attempt = in_flight.begin(&room("a"));
        attempt.is_about(vec![2, 3]);
        in_flight.cancel_about(&affected(1), true);
        assert!(!is_cancelled(&attempt).await && attempt.asks(2, false));
        in_flight.cancel_about(&affected(2), false);
        assert!(
            !is_cancelled(&attempt).await,
            "an agent's work must not be doubled"
        );
        in_flight.cancel_about(&affected(3), true);
        assert!(is_cancelled(&attempt).await);
        drop(attempt);
        let attempt = in_flight.begin(&room("a"));
        attempt.is_about(vec![2]);
        assert!(attempt.asks(1, true));
        in_flight.cancel_about(&affected(2), false);
        assert!(is_cancelled(&attempt).await, "it may be asked again");
        drop(attempt);
        let attempt = in_flight.begin(&room("a"));
        attempt.is_about(vec![2]);
        in_flight.cancel_about(&affected(2), false);
        assert!(is_cancelled(&attempt).await, "no agent is asked yet");
    }
}
