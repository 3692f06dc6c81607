//! Whether the bot lives and whether it can do its work, judged from the facts alone. The gateway
//! judges them for whoever asks: its socket, `/readyz`, the service manager, the metrics.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::{Encryption, Pause, Problem, Status, Workers, age};
use crate::{config::names_of, text::duration};

/// How long a sync waits for something to happen.
pub const POLL: Duration = Duration::from_secs(20);
/// How much later than that an answer may come: then half a minute is enough to notice a
/// homeserver that hangs.
const MARGIN: Duration = Duration::from_secs(6);
/// How long one request of a sync may take beside its waiting.
const REQUEST: Duration = Duration::from_secs(30);
/// How long the message queue may take to answer, and after how long only a restart helps.
const JOURNAL_SILENT: Duration = Duration::from_secs(5);
const JOURNAL_HANGS: Duration = Duration::from_mins(1);

/// Free bytes below which any disk is full, before the sync loop has noticed.
const LEAST_FREE: u64 = 64 << 10;

/// Something without which the bot is not ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// The homeserver answers syncs.
    Sync,
    /// It accepts the access token.
    Token,
    /// The message queue can be read and written.
    Journal,
    /// Others can encrypt to the device, and no other program replaces its keys.
    Keys,
    /// What generates the answers can be reached.
    Agent,
    /// There is room on the disk.
    Disk,
}

impl Condition {
    /// All of them, the root of others first.
    pub const ALL: [Self; 6] = [
        Self::Disk,
        Self::Journal,
        Self::Token,
        Self::Sync,
        Self::Keys,
        Self::Agent,
    ];

    /// Its name, as in `?exclude=` and in JSON.
    pub fn name(self) -> &'static str {
        names_of::<Self>()[self as usize]
    }

    /// The doctor's check that finds the cause.
    const fn check(self) -> &'static str {
        match self {
            Self::Sync => "gateway.sync",
            Self::Token => "token.valid",
            Self::Journal => "store.integrity",
            Self::Keys => "e2ee.published",
            Self::Agent => "agent.reachable",
            Self::Disk => "store.disk-space",
        }
    }
}

/// Whether the bot lives, and whether it is ready.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Readiness {
    /// Whether the sync loop turns and the message queue answers. Where it is not, only a restart
    /// helps.
    pub alive: bool,
    /// Whether it receives messages and can answer them.
    pub ready: bool,
    /// Why it is not ready.
    pub reasons: Vec<Unready>,
}

/// A reason why the bot is not ready.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unready {
    /// What is not as it must be.
    pub condition: Condition,
    /// Why, in a sentence without its full stop.
    pub message: String,
}

impl Unready {
    /// This as a problem that the doctor finds the cause of.
    pub fn problem(&self, status: &Status) -> Problem {
        let check = match self.condition {
            Condition::Keys if status.key_conflict => "e2ee.key-conflicts",
            condition => condition.check(),
        };
        Problem::new(check, self.message.clone())
    }
}

impl Status {
    /// The same with its [`Readiness`], judged now. Only a gateway that runs can be ready.
    pub fn judged(mut self) -> Self {
        let reasons = self.unready();
        self.readiness = Some(Readiness {
            alive: self.hung().is_none(),
            ready: reasons.is_empty(),
            reasons,
        });
        self
    }

    /// Why it is not ready.
    pub fn unready(&self) -> Vec<Unready> {
        let reason = |condition: Condition| {
            let message = self.lacks(condition)?;
            Some(Unready { condition, message })
        };
        Condition::ALL.into_iter().filter_map(reason).collect()
    }

    /// Why this condition does not hold; `None` where it does.
    pub fn lacks(&self, condition: Condition) -> Option<String> {
        match condition {
            Condition::Sync => self.lacks_sync(),
            Condition::Token => self.token_fault.clone(),
            Condition::Journal => {
                let time = self.journal_silence();
                let silent =
                    || format!("the message queue has not answered for {}", duration(time));
                let silent = (time > JOURNAL_SILENT).then(silent);
                silent.or_else(|| self.journal_fault.clone())
            }
            Condition::Keys => self.lacks_keys(),
            Condition::Agent => {
                let workers = self.workers.as_ref().and_then(Workers::fault);
                self.agent_fault.clone().or(workers)
            }
            Condition::Disk => {
                let has_nothing = self.disk_free.is_some_and(|free| free < LEAST_FREE);
                let is_full = self.disk_full_since.is_some() || has_nothing;
                let free = self.disk_free.unwrap_or_default() >> 10;
                let full = || {
                    format!("the disk is full: {free} KiB are free, so no messages are taken in")
                };
                is_full.then(full)
            }
        }
    }

    /// Why only a restart helps: the sync loop does not turn, or the message queue does not answer.
    pub fn hung(&self) -> Option<String> {
        if self.journal_silence() > JOURNAL_HANGS {
            return self.lacks(Condition::Journal);
        }
        let turn = self.turn?;
        let waits = |pause: &Pause| pause.of == "sync" && age(pause.until) < 2 * REQUEST;
        let is_late = Instant::now() > turn.due && !self.pauses.iter().any(waits);
        let time = duration(turn.began.elapsed());
        is_late.then(|| format!("the sync loop has not turned for {time}"))
    }

    fn journal_silence(&self) -> Duration {
        self.journal_silent_since.map(age).unwrap_or_default()
    }

    fn lacks_sync(&self) -> Option<String> {
        if self.stopping_since.is_some() {
            return Some("the gateway is stopping".to_owned());
        }
        if let Some(since) = self.away_since {
            let time = duration(age(since));
            return Some(format!("the homeserver has been unreachable for {time}"));
        }
        let time = self.last_sync_at.map(age);
        let is_late = time.is_none_or(|time| time > POLL + MARGIN);
        // Limits of the rate are short, mostly.
        let mut pauses = self.pauses.iter();
        let counts = |pause: &&Pause| pause.of == "sync" && (is_late || pause.refusal.is_some());
        if let Some(pause) = pauses.find(counts) {
            return Some(format!("syncing is paused: {}", pause.why));
        }
        if let Some(fault) = &self.sync_fault {
            return Some(fault.clone());
        }
        let Some(time) = time else {
            return Some("the first sync is not done".to_owned());
        };
        // It is not asked while there is no room for its answers.
        let is_late = is_late && self.disk_full_since.is_none();
        let late = || format!("the homeserver has answered no sync for {}", duration(time));
        is_late.then(late)
    }

    fn lacks_keys(&self) -> Option<String> {
        if self.key_conflict {
            return Some("another program has published keys for this device".to_owned());
        }
        match &self.encryption {
            Encryption::Off | Encryption::Ready => None,
            Encryption::Broken { message, .. } => {
                Some(format!("encryption does not work: {message}"))
            }
            Encryption::Unknown => Some("the published keys have not been checked".to_owned()),
        }
    }
}

/// A turn of the sync loop: one sync, and taking in what it brings. A clock that is set, and a
/// machine that sleeps, make none late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// When it began, or last got further.
    pub began: Instant,
    /// By when it must get further, whatever the homeserver does.
    pub due: Instant,
}

impl Turn {
    /// One that begins now, and should take this long beside its requests.
    pub fn begun(expected: Duration) -> Self {
        let began = Instant::now();
        let due = began + 2 * (expected + REQUEST);
        Self { began, due }
    }

    /// The same, which got further then.
    pub fn advanced(self, at: Option<Instant>) -> Self {
        at.map_or(self, |at| Self {
            began: self.began.max(at),
            due: self.due.max(at + 2 * REQUEST),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ipc::{Refusal, now};

    fn well() -> Status {
        Status {
            pid: 7,
            connected: true,
            last_sync_at: Some(now()),
            turn: Some(Turn::begun(POLL)),
            encryption: Encryption::Ready,
            disk_free: Some(1 << 30),
            ..Status::default()
        }
    }

    #[test]
    fn it_is_ready_where_nothing_is_missing() {
        let readiness = well().judged().readiness.unwrap();
        let ready = Readiness {
            alive: true,
            ready: true,
            reasons: Vec::new(),
        };
        assert_eq!(readiness, ready);
        // An older gateway does not say what it does not know.
        let json = r#"{"connected":true,"encryption":{"state":"off"}}"#;
        let older: Status = serde_json::from_str(json).unwrap();
        let older = Status {
            last_sync_at: Some(now()),
            ..older
        };
        assert_eq!(older.unready(), []);
    }

    #[test]
    fn each_condition_says_what_is_missing() {
        type Break = fn(&mut Status);
        let broken: [(Condition, &str, Break); 12] = [
            (Condition::Sync, "stopping", |it| {
                it.stopping_since = Some(1);
            }),
            (Condition::Sync, "unreachable for 3 s", |it| {
                it.away_since = Some(now() - 3_000);
            }),
            (Condition::Sync, "paused: too fast", |it| {
                it.pauses = vec![Pause {
                    of: "sync".to_owned(),
                    why: "too fast".to_owned(),
                    ..Pause::default()
                }];
                it.last_sync_at = Some(now() - 27_000);
            }),
            (Condition::Sync, "first sync", |it| it.last_sync_at = None),
            (Condition::Sync, "no sync for 27 s", |it| {
                it.last_sync_at = Some(now() - 27_000);
            }),
            (Condition::Token, "rejected", |it| {
                it.token_fault = Some("rejected".to_owned());
            }),
            (Condition::Journal, "read-only", |it| {
                it.journal_fault = Some("read-only".to_owned());
            }),
            (Condition::Keys, "another program", |it| {
                it.key_conflict = true;
            }),
            (Condition::Keys, "no one-time keys", |it| {
                let message = "no one-time keys".to_owned();
                it.encryption = Encryption::Broken { message, at: 0 };
            }),
            (Condition::Keys, "not been checked", |it| {
                it.encryption = Encryption::Unknown;
            }),
            (Condition::Agent, "refused", |it| {
                it.agent_fault = Some("connection refused".to_owned());
            }),
            (Condition::Disk, "1024 KiB", |it| {
                (it.disk_full_since, it.disk_free) = (Some(1), Some(1 << 20));
                it.last_sync_at = Some(1);
            }),
        ];
        for (condition, words, break_it) in broken {
            let mut status = well();
            break_it(&mut status);
            let readiness = status.judged().readiness.unwrap();
            assert!(!readiness.ready && readiness.alive, "{words}");
            let [reason] = readiness.reasons.try_into().expect("one reason");
            assert_eq!(reason.condition, condition);
            assert!(reason.message.contains(words), "{}", reason.message);
        }
    }

    #[test]
    fn a_short_pause_is_no_reason() {
        let mut limited = well();
        limited.pauses = vec![Pause {
            of: "sync".to_owned(),
            ..Pause::default()
        }];
        assert_eq!(limited.unready(), []);
        limited.pauses[0].refusal = Some(Refusal::default());
        assert_eq!(limited.unready().len(), 1);
    }

    #[test]
    fn a_slow_homeserver_is_no_reason_to_be_restarted() {
        assert_eq!(well().hung(), None);
        let mut late = well();
        let began = Instant::now().checked_sub(REQUEST).unwrap();
        late.turn = Some(Turn { began, due: began });
        assert!(late.hung().unwrap().contains("has not turned"));
        // It may be reading a long history.
        let read = late.turn.map(|turn| turn.advanced(Some(Instant::now())));
        let reading = Status {
            turn: read,
            ..late.clone()
        };
        assert_eq!(reading.hung(), None);
        // It waits as it was told.
        late.pauses = vec![Pause {
            of: "sync".to_owned(),
            until: now() + 1_000,
            ..Pause::default()
        }];
        assert_eq!(late.hung(), None);
        let stuck = Status {
            journal_silent_since: Some(now() - 61_000),
            ..well()
        };
        assert!(!stuck.judged().readiness.unwrap().alive);
    }
}
