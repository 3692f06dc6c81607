//! The agents on other machines, and what waits for them.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Problem, Status, lenient::lenient};
use crate::text::{counted, duration};

/// How long a question may wait for a worker before it is worth a word.
const LONG_WAIT: Duration = Duration::from_mins(1);

/// The agents on other machines, and what waits for them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Workers {
    /// Since when the message broker is unreachable, in milliseconds since the Unix epoch; `None`
    /// while it is there.
    pub broker_away_since: Option<u64>,
    /// Why it is, or what it refuses.
    pub broker_fault: Option<String>,
    /// What waits at the broker; `None` until it was asked.
    #[serde(deserialize_with = "lenient")]
    pub queue: Option<WorkQueue>,
    /// The workers that were heard from in the last seconds, by their names.
    #[serde(deserialize_with = "lenient")]
    pub workers: Vec<Worker>,
    /// Answers that were refused since the start: too long, or from a worker that was not asked.
    pub refused_answers: u64,
    /// Questions that were published again since the start: the broker had lost them.
    pub republished: u64,
}

/// The queue of questions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WorkQueue {
    /// Questions that no worker has taken.
    pub waiting: u64,
    /// Questions that workers have taken.
    pub in_progress: u64,
    /// Of those, questions that were given to more than one worker, one after the other.
    pub redelivered: u64,
    /// When the oldest question of the queue was published, in milliseconds since the Unix epoch.
    pub oldest_at: Option<u64>,
}

/// A worker. What it says of itself is its claim.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Worker {
    /// Its name.
    pub name: String,
    /// Its version of nanobot.
    pub version: String,
    /// What generates its answers.
    pub agent: String,
    /// How many questions it answers at the moment.
    pub busy: u32,
    /// How many it answers at the same time at most.
    pub slots: u32,
    /// Since when it is at the oldest of them, in milliseconds since the Unix epoch.
    pub oldest_at: Option<u64>,
    /// How many it has answered since it started.
    pub answered: u64,
    /// When it started, in milliseconds since the Unix epoch by its own clock.
    pub started_at: u64,
    /// When it was last heard from, in milliseconds since the Unix epoch by the gateway's clock.
    pub last_seen_at: u64,
}

impl Workers {
    /// What is wrong with them.
    pub(super) fn problem(&self) -> Option<Problem> {
        let problem = |message| Some(Problem::new("agent.reachable", message));
        if let Some(since) = self.broker_away_since {
            let time = duration(Status::age(since));
            let why = self.broker_fault.as_ref();
            let why = why.map_or_else(String::new, |why| format!(": {why}"));
            return problem(format!(
                "the message broker has been unreachable for {time}, so nothing is answered{why}"
            ));
        }
        let queue = self.queue.as_ref()?;
        if let Some(fault) = &self.broker_fault {
            return problem(format!("the message broker refuses something: {fault}"));
        }
        if self.workers.is_empty() {
            let waiting = counted(queue.waiting + queue.in_progress, "question");
            return problem(format!("no worker is running; {waiting} in the queue"));
        }
        let age = Status::age(queue.oldest_at.filter(|_| queue.waiting > 0)?);
        let waiting = counted(queue.waiting, "question");
        let message = format!(
            "the workers are all busy: {waiting} in the queue, the oldest for {}",
            duration(age)
        );
        (age > LONG_WAIT).then(|| message).and_then(problem)
    }

    /// What there is to say of them, a line each.
    pub fn lines(&self) -> Vec<String> {
        let queue = self.queue.as_ref().map(|queue| {
            let again = match queue.redelivered {
                0 => String::new(),
                count => format!(", {count} of them given out again"),
            };
            let oldest = queue.oldest_at.map_or_else(String::new, |at| {
                format!(", the oldest for {}", duration(Status::age(at)))
            });
            format!(
                "queue: {} waiting, {} in progress{again}{oldest}",
                queue.waiting, queue.in_progress
            )
        });
        let workers = self.workers.iter().map(|worker| {
            let oldest = worker.oldest_at.map_or_else(String::new, |at| {
                format!(", the oldest for {}", duration(Status::age(at)))
            });
            let Worker {
                name,
                version,
                agent,
                busy,
                slots,
                answered,
                ..
            } = worker;
            format!(
                "{name} ({version}): {agent}; {busy} of {slots} busy{oldest}, {answered} answered"
            )
        });
        queue.into_iter().chain(workers).collect()
    }
}
