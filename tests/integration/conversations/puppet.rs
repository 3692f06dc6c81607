//! An agent that does what it is told.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use nanobot::testing::agent::{Agent, Answer, Check, Draft, Failure, Question};
use nanobot::testing::error::{Error, Result};
use tokio::sync::Semaphore;

use crate::harness::eventually::{PATIENCE, eventually};

/// What is said in the chat where the puppet fails.
pub const OUT_OF_ORDER: &str = "I am out of order. Try again tomorrow.";

/// A question after which it panics when it is told to forget.
pub const UNFORGETTABLE: &str = "never forget this";

/// An agent whose questions tell it what to do: `wait` until it is let go, `fail`, `panic`, or
/// say `nothing`. Everything else is answered with "answer to …".
#[derive(Debug)]
pub struct Puppet {
    /// How long each answer takes.
    pub takes: Duration,
    repeatable: bool,
    at_length: Mutex<String>,
    gate: Semaphore,
    asked: Mutex<Vec<(Question, Instant)>>,
    running: AtomicUsize,
    most: AtomicUsize,
    finished: AtomicUsize,
    given_up: AtomicUsize,
    forgotten: Mutex<Vec<String>>,
}

impl Puppet {
    pub fn new() -> Self {
        Self::slow(Duration::ZERO)
    }

    pub fn slow(takes: Duration) -> Self {
        Self {
            takes,
            repeatable: true,
            at_length: Mutex::default(),
            gate: Semaphore::new(0),
            asked: Mutex::default(),
            running: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
            finished: AtomicUsize::new(0),
            given_up: AtomicUsize::new(0),
            forgotten: Mutex::default(),
        }
    }

    /// One whose work may not be doubled.
    pub fn unrepeatable() -> Self {
        Self {
            repeatable: false,
            ..Self::new()
        }
    }

    /// What it says where it is to speak `at` length.
    pub fn say_at_length(&self, words: &str) {
        words.clone_into(&mut lock(&self.at_length));
    }

    /// Lets this many questions go on that wait, now or later.
    pub fn let_go(&self, count: usize) {
        self.gate.add_permits(count);
    }

    /// Everything it was asked, in order.
    pub fn asked(&self) -> Vec<Question> {
        let asked = lock(&self.asked);
        asked.iter().map(|(question, _)| question.clone()).collect()
    }

    /// When it was asked first.
    pub fn began(&self) -> Instant {
        lock(&self.asked)[0].1
    }

    /// The words of everything it was asked, in order.
    pub fn texts(&self) -> Vec<String> {
        let texts = self.asked().into_iter().map(|question| question.text);
        texts.collect()
    }

    /// Waits until it was asked this.
    pub async fn wait_for(&self, text: &str) -> Question {
        eventually(&format!("the question {text:?}"), PATIENCE, || async {
            let asked = self.asked();
            let found = asked.iter().find(|question| question.text == text);
            found.cloned().ok_or_else(|| format!("{:?}", self.texts()))
        })
        .await
    }

    /// How many answers it has given.
    pub fn finished(&self) -> usize {
        self.finished.load(Ordering::SeqCst)
    }

    /// How many answers were given up before they were done.
    pub fn given_up(&self) -> usize {
        self.given_up.load(Ordering::SeqCst)
    }

    /// The most questions that it ever worked at at the same time.
    pub fn most(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }

    /// The conversations it was told to forget.
    pub fn forgotten(&self) -> Vec<String> {
        lock(&self.forgotten).clone()
    }

    async fn perform(&self, question: &Question) -> Result<Answer, Failure> {
        let at_work = AtWork::begin(self);
        tokio::time::sleep(self.takes).await;
        let first = question.text.split_whitespace().next().unwrap_or_default();
        let answer = match first {
            "wait" => {
                self.gate.acquire().await.unwrap().forget();
                Ok(format!("answer to {}", question.text))
            }
            "fail" => {
                let story = Error::failure("the whole story of what failed");
                Err(Failure::new(OUT_OF_ORDER, story))
            }
            "panic" => panic!("the puppet's strings are cut"),
            "nothing" => Ok(String::new()),
            "at" => Ok(lock(&self.at_length).clone()),
            _ => Ok(format!("answer to {}", question.text)),
        };
        at_work.done();
        answer.map(|text| Answer {
            text,
            ..Answer::default()
        })
    }
}

impl Agent for Puppet {
    fn describe(&self) -> String {
        "a puppet".to_owned()
    }

    fn answer<'a>(
        &'a self,
        question: &'a Question,
        _draft: &'a Draft,
    ) -> BoxFuture<'a, Result<Answer, Failure>> {
        lock(&self.asked).push((question.clone(), Instant::now()));
        self.perform(question).boxed()
    }

    fn is_repeatable(&self) -> bool {
        self.repeatable
    }

    fn forget<'a>(&'a self, conversation: &'a str) -> BoxFuture<'a, Result<()>> {
        let last = self.texts().pop();
        assert!(
            last.as_deref() != Some(UNFORGETTABLE),
            "the puppet's strings are cut"
        );
        lock(&self.forgotten).push(conversation.to_owned());
        async { Ok(()) }.boxed()
    }

    fn check(&self, _may_ask: bool) -> BoxFuture<'_, Vec<Check>> {
        async { Vec::new() }.boxed()
    }
}

/// Counts who is at work, and who is given up.
struct AtWork<'a> {
    puppet: &'a Puppet,
    done: bool,
}

impl<'a> AtWork<'a> {
    fn begin(puppet: &'a Puppet) -> Self {
        let running = puppet.running.fetch_add(1, Ordering::SeqCst) + 1;
        puppet.most.fetch_max(running, Ordering::SeqCst);
        Self {
            puppet,
            done: false,
        }
    }

    fn done(mut self) {
        self.done = true;
    }
}

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        self.puppet.running.fetch_sub(1, Ordering::SeqCst);
        let ended = if self.done {
            &self.puppet.finished
        } else {
            &self.puppet.given_up
        };
        ended.fetch_add(1, Ordering::SeqCst);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
