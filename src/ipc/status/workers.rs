//! The agents on other machines, and what waits for them.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{age, lenient::lenient};
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
    pub running: Vec<Worker>,
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
    /// Why nothing is answered.
    pub(super) fn fault(&self) -> Option<String> {
        if let Some(since) = self.broker_away_since {
            let time = duration(age(since));
            let why = self.broker_fault.as_ref();
            let why = why.map_or_else(String::new, |why| format!(": {why}"));
            return Some(format!(
                "the message broker has been unreachable for {time}{why}"
            ));
        }
        if let Some(fault) = &self.broker_fault {
            return Some(fault.clone());
        }
        let queue = self.queue.as_ref()?;
        let waiting = counted(queue.waiting + queue.in_progress, "question");
        let none = || format!("no worker is running; {waiting} in the queue");
        self.running.is_empty().then(none)
    }

    /// That answers take long.
    pub(super) fn delay(&self) -> Option<String> {
        let queue = self.queue.as_ref()?;
        let age = age(queue.oldest_at.filter(|_| queue.waiting > 0)?);
        let waiting = counted(queue.waiting, "question");
        let time = duration(age);
        let message =
            format!("all workers are busy: {waiting} in the queue, the oldest for {time}");
        let is_long = age > LONG_WAIT && self.fault().is_none();
        is_long.then_some(message)
    }

    /// What there is to say of them, a line each.
    pub fn lines(&self) -> Vec<String> {
        let oldest = |at: Option<u64>| {
            at.map_or_else(String::new, |at| {
                format!(", the oldest for {}", duration(age(at)))
            })
        };
        let queue = self.queue.as_ref().map(|queue| {
            let again = match queue.redelivered {
                0 => String::new(),
                count => format!(", {count} of them given out again"),
            };
            format!(
                "queue: {} waiting, {} in progress{again}{}",
                queue.waiting,
                queue.in_progress,
                oldest(queue.oldest_at)
            )
        });
        let workers = self.running.iter().map(|worker| {
            let who = format!("{} ({}): {}", worker.name, worker.version, worker.agent);
            let busy = format!("{} of {} busy", worker.busy, worker.slots);
            let oldest = oldest(worker.oldest_at);
            format!("{who}; {busy}{oldest}, {} answered", worker.answered)
        });
        queue.into_iter().chain(workers).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ipc::now;

    fn busy() -> Workers {
        Workers {
            queue: Some(WorkQueue {
                waiting: 3,
                in_progress: 1,
                redelivered: 1,
                oldest_at: Some(now() - 120_000),
            }),
            running: vec![Worker {
                name: "w".to_owned(),
                busy: 1,
                slots: 1,
                ..Worker::default()
            }],
            ..Workers::default()
        }
    }

    #[test]
    fn what_is_wrong_is_told_apart() {
        assert_eq!(Workers::default().fault(), None);
        let (fault, delay) = (busy().fault(), busy().delay());
        assert_eq!(fault, None);
        assert!(
            delay
                .unwrap()
                .contains("3 questions in the queue, the oldest for 2 m")
        );
        let nobody = Workers {
            running: Vec::new(),
            ..busy()
        };
        assert!(
            nobody
                .fault()
                .unwrap()
                .contains("no worker is running; 4 questions")
        );
        assert_eq!(nobody.delay(), None);
        let away = Workers {
            broker_away_since: Some(now() - 5_000),
            broker_fault: Some("refused".to_owned()),
            ..busy()
        };
        assert!(
            away.fault()
                .unwrap()
                .ends_with("unreachable for 5 s: refused")
        );
    }

    #[test]
    fn the_lines_tell_who_is_at_what() {
        let [queue, worker] = busy().lines().try_into().unwrap();
        assert!(queue.starts_with("queue: 3 waiting, 1 in progress, 1 of them given out again"));
        assert!(worker.contains("1 of 1 busy"), "{worker}");
    }
}
