//! What is wrong, judged from the facts alone.

use std::time::Duration;

use serde::Serialize;

use super::{Status, Workers, age};
use crate::text::{counted, duration, excerpt};

/// How long an answer may wait before it is worth a word.
const STUCK: Duration = Duration::from_mins(5);
/// How long a pause may last before it is worth a word, in milliseconds.
const LONG_PAUSE: u64 = 60_000;

/// That no gateway runs, in a sentence without its full stop.
pub const NOT_RUNNING: &str = "the gateway is not running, so the bot answers no one";

/// Something that is wrong with the bot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The doctor's check that finds the cause: `nanobot explain` knows it.
    pub id: &'static str,
    /// What is wrong, in a sentence without its full stop.
    pub message: String,
    /// The command that fixes it, or finds out how.
    pub command: &'static str,
}

impl Problem {
    /// A problem whose fix the doctor finds.
    pub fn new(id: &'static str, message: impl Into<String>) -> Self {
        Self {
            id,
            message: message.into(),
            command: "nanobot doctor",
        }
    }

    /// That no gateway runs.
    pub fn not_running() -> Self {
        Self::new("gateway.running", NOT_RUNNING).fixed_by("nanobot gateway")
    }

    /// A problem that this command fixes.
    pub fn fixed_by(self, command: &'static str) -> Self {
        Self { command, ..self }
    }
}

impl Status {
    /// What is wrong by these facts, the worst first.
    pub fn problems(&self) -> Vec<Problem> {
        let reasons = self.readiness.iter().flat_map(|it| &it.reasons);
        let unready = reasons.map(|reason| reason.problem(self));
        let found = [
            (self.verified == Some(false)).then(|| {
                let message = "this device is not verified by its owner, so other people's \
                               clients warn about it";
                Problem::new("e2ee.verified", message)
            }),
            self.pause(),
            self.delay(),
            self.failed(),
            self.stuck(),
            self.undecryptable(),
            self.not_joined(),
        ];
        unready.chain(found.into_iter().flatten()).collect()
    }

    fn delay(&self) -> Option<Problem> {
        let message = self.workers.as_ref().and_then(Workers::delay)?;
        Some(Problem::new("agent.reachable", message))
    }

    fn pause(&self) -> Option<Problem> {
        let is_long = |since: u64, until: u64| until.saturating_sub(since) > LONG_PAUSE;
        let mut pauses = self.pauses.iter().filter(|pause| pause.of != "sync");
        let pause =
            pauses.find(|pause| pause.refusal.is_some() || is_long(pause.since, pause.until))?;
        let message = format!("{} is paused: {}", pause.of, pause.why);
        Some(Problem::new("gateway.sending", message))
    }

    fn failed(&self) -> Option<Problem> {
        let parked = &self.backlog.as_ref()?.parked;
        let newest = parked
            .recent
            .first()
            .map_or("unknown", |newest| &newest.reason);
        let count = counted(parked.count, "message");
        let message = format!("{count} could not be answered; the newest failed: {newest}");
        let problem = || Problem::new("gateway.parked", message).fixed_by("nanobot queue list");
        (parked.count > 0).then(problem)
    }

    fn stuck(&self) -> Option<Problem> {
        let backlog = self.backlog.as_ref()?;
        let age = age(backlog.oldest_waiting_at.filter(|_| self.pid != 0)?);
        let message = format!("a message has been waiting for {}", duration(age));
        (age > STUCK).then(|| Problem::new("gateway.backlog", message))
    }

    fn undecryptable(&self) -> Option<Problem> {
        let undecryptable = &self.backlog.as_ref()?.undecryptable;
        let count = counted(undecryptable.count, "message");
        let message = format!("{count} cannot be decrypted: the room key has not arrived");
        (undecryptable.count > 0).then(|| Problem::new("e2ee.undecryptable", message))
    }

    fn not_joined(&self) -> Option<Problem> {
        let (room, why) = self.not_joined.first_key_value()?;
        let message = match self.not_joined.len() {
            1 => format!("cannot join {room}: {why}"),
            rooms => format!("cannot join {rooms} rooms, among them {room}: {why}"),
        };
        Some(Problem::new("access.invitations", excerpt(&message)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ipc::{Backlog, Encryption, Newest, ParkedMessage, Pause, now};

    fn ids(status: &Status) -> Vec<&'static str> {
        status.problems().iter().map(|problem| problem.id).collect()
    }

    #[test]
    fn a_healthy_gateway_has_no_problem() {
        let healthy = Status {
            pid: 7,
            connected: true,
            last_sync_at: Some(now()),
            verified: Some(true),
            encryption: Encryption::Ready,
            backlog: Some(Backlog::default()),
            ..Status::default()
        };
        assert_eq!(healthy.judged().problems(), []);
        assert_eq!(Status::default().problems(), []);
    }

    #[test]
    fn what_is_wrong_is_named_by_the_check_that_finds_its_cause() {
        let parked = Newest {
            count: 2,
            recent: vec![ParkedMessage {
                reason: "M_FORBIDDEN".to_owned(),
                ..ParkedMessage::default()
            }],
        };
        let status = Status {
            pid: 7,
            away_since: Some(now() - 90_000),
            verified: Some(false),
            key_conflict: true,
            pauses: vec![Pause {
                of: "sending".to_owned(),
                since: 1,
                until: 99_000,
                ..Pause::default()
            }],
            backlog: Some(Backlog {
                waiting: 1,
                oldest_waiting_at: Some(now() - 600_000),
                parked,
                ..Backlog::default()
            }),
            not_joined: [("!room".to_owned(), "forbidden".to_owned())].into(),
            ..Status::default()
        }
        .judged();
        let expected = [
            "gateway.sync",
            "e2ee.key-conflicts",
            "e2ee.verified",
            "gateway.sending",
            "gateway.parked",
            "gateway.backlog",
            "access.invitations",
        ];
        assert_eq!(ids(&status), expected);
        let messages = status.problems().into_iter().map(|problem| problem.message);
        let messages: Vec<_> = messages.collect();
        assert_eq!(messages[0], "the homeserver has been unreachable for 1 min");
        assert!(messages[4].ends_with("failed: M_FORBIDDEN"), "{messages:?}");
    }

    #[test]
    fn a_message_that_waits_for_a_gateway_to_start_is_not_stuck() {
        let backlog = Backlog {
            waiting: 1,
            oldest_waiting_at: Some(1),
            ..Backlog::default()
        };
        let stopped = Status {
            last_sync_at: Some(1),
            backlog: Some(backlog),
            ..Status::default()
        };
        assert_eq!(stopped.problems(), []);
    }
}
