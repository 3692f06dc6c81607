//! Questions that may take their time, asked one at a time, whoever wants to know.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use crate::threads::lock;
use tokio::{sync::watch, time::timeout};

/// A question, and what was answered last. Clones share it.
#[derive(Clone, Debug)]
pub struct Probe<T>(Arc<Shared<T>>);

#[derive(Debug)]
struct Shared<T> {
    state: Mutex<State<T>>,
    /// A question has ended.
    ended: watch::Sender<()>,
}

#[derive(Debug)]
struct State<T> {
    answer: Option<(Instant, T)>,
    /// Since when an answer is awaited.
    asked_at: Option<Instant>,
}

impl<T> Default for Probe<T> {
    fn default() -> Self {
        let state = State {
            answer: None,
            asked_at: None,
        };
        Self(Arc::new(Shared {
            state: Mutex::new(state),
            ended: watch::Sender::default(),
        }))
    }
}

impl<T: Clone + Send + Sync + 'static> Probe<T> {
    /// The last answer, where it is younger than an answer like it may be; else a new one, for which it waits this
    /// long at most. `None` where there is none by then.
    pub async fn ask<F>(
        &self,
        age: impl Fn(&T) -> Duration,
        patience: Duration,
        question: impl FnOnce() -> F,
    ) -> Option<T>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let mut ended = self.0.ended.subscribe();
        let is_fresh = |state: &State<T>| {
            let answer = state.answer.as_ref();
            answer.is_some_and(|(at, answer)| at.elapsed() < age(answer))
        };
        let is_mine = {
            let mut state = lock(&self.0.state);
            if is_fresh(&state) {
                return state.answer.clone().map(|(_, answer)| answer);
            }
            let is_mine = state.asked_at.is_none();
            state.asked_at.get_or_insert_with(Instant::now);
            is_mine
        };
        if is_mine {
            let asking = Asking(Arc::clone(&self.0));
            let question = question();
            tokio::spawn(async move {
                let answer = question.await;
                lock(&asking.0.state).answer = Some((Instant::now(), answer));
            });
        }
        // Its sender lives as long as this.
        let has_ended = timeout(patience, ended.changed()).await.is_ok();
        let state = lock(&self.0.state);
        let answer = state.answer.as_ref().filter(|_| has_ended);
        answer.map(|(_, answer)| answer.clone())
    }

    /// Since when an answer is awaited.
    pub fn asked_at(&self) -> Option<Instant> {
        lock(&self.0.state).asked_at
    }
}

/// A question under way. However it ends, the next may be asked.
struct Asking<T>(Arc<Shared<T>>);

impl<T> Drop for Asking<T> {
    fn drop(&mut self) {
        lock(&self.0.state).asked_at = None;
        self.0.ended.send_replace(());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    const SOON: Duration = Duration::from_millis(50);
    const LONG: Duration = Duration::from_mins(1);

    #[tokio::test]
    async fn it_asks_once_for_all_who_want_to_know() {
        let probe = Probe::default();
        let asked = AtomicU32::new(0);
        let question = || {
            let count = asked.fetch_add(1, Ordering::Relaxed) + 1;
            async move {
                tokio::task::yield_now().await;
                count
            }
        };
        let ask = || probe.ask(|_| LONG, LONG, question);
        assert_eq!(tokio::join!(ask(), ask()), (Some(1), Some(1)));
        assert_eq!(ask().await, Some(1));
        assert_eq!(probe.ask(|_| Duration::ZERO, LONG, question).await, Some(2));
        assert_eq!(probe.asked_at(), None);
    }

    #[tokio::test]
    async fn a_question_without_an_answer_is_asked_once_and_said_to_be() {
        let probe = Probe::<u32>::default();
        assert_eq!(probe.ask(|_| LONG, SOON, std::future::pending).await, None);
        let asked_at = probe.asked_at().unwrap();
        let second = probe.ask(|_| LONG, SOON, || async { unreachable!() });
        assert_eq!(second.await, None);
        assert_eq!(probe.asked_at(), Some(asked_at));
    }

    #[tokio::test]
    async fn a_question_that_panics_is_asked_again() {
        let probe = Probe::<u32>::default();
        let panics = || async { panic!("a test") };
        assert_eq!(probe.ask(|_| LONG, LONG, panics).await, None);
        assert_eq!(probe.ask(|_| LONG, LONG, || async { 5 }).await, Some(5));
    }
}
