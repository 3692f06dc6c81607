//! The pace of syncs, and what is wrong with a homeserver's answers to them.

use std::{
    fmt,
    time::{Duration, Instant},
};

/// Syncs without news that may follow each other at once, and how many a second after those.
const BURST: f64 = 5.0;
const A_SECOND: f64 = 4.0;
/// How many answers in a row have to come too early, and for how long, to be a fault.
const MANY: u32 = 10;
const LONG: Duration = Duration::from_secs(4);

/// What is wrong with a homeserver's answers to syncs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyncFault {
    /// It answers at once, again and again, with the position that it was asked from: whatever
    /// is new does not arrive.
    Stuck,
    /// It answers at once though there is nothing new.
    Premature,
    /// It does not give back what the bot itself has sent.
    EchoMissing,
}

impl fmt::Display for SyncFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stuck => "the homeserver's sync does not move on, so nothing new arrives",
            Self::Premature => "the homeserver answers syncs at once though there is nothing new",
            Self::EchoMissing => {
                "the homeserver's sync does not show what the bot sent more than a minute ago"
            }
        })
    }
}

/// One answer to a sync.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    /// How long it took.
    pub took: Duration,
    /// How long it was to wait for news.
    pub poll: Duration,
    /// Whether the position behind it is another one.
    pub has_moved: bool,
    /// Whether it brought events that were not known.
    pub has_news: bool,
    /// Whether there was nothing in it, not even for the device.
    pub is_silent: bool,
}

/// Paces the syncs that bring nothing new: whatever the homeserver does, it is not asked without
/// end.
#[derive(Debug)]
pub struct Pace {
    /// Syncs without news that are allowed now.
    allowance: f64,
    counted: Instant,
    /// Answers in a row that came too early, and since when.
    early: Option<(u32, Instant)>,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            allowance: BURST,
            counted: Instant::now(),
            early: None,
        }
    }
}

impl Pace {
    /// Waits until the next sync may be made.
    pub async fn wait(&mut self) {
        let due = self.due(Instant::now());
        // A sleep takes a millisecond at least.
        if !due.is_zero() {
            tokio::time::sleep(due).await;
        }
    }

    /// How long to wait from now.
    fn due(&mut self, now: Instant) -> Duration {
        let passed = now.saturating_duration_since(self.counted);
        self.counted = now;
        self.allowance = (self.allowance + passed.as_secs_f64() * A_SECOND).min(BURST);
        Duration::from_secs_f64(((1.0 - self.allowance) / A_SECOND).max(0.0))
    }

    /// Counts an answer that comes now, and tells what is wrong with it and those before.
    pub fn observe(&mut self, answer: &Answer, now: Instant) -> Option<SyncFault> {
        if !answer.has_news {
            self.allowance -= 1.0;
        }
        // A quiet homeserver may well give the same position, once it has waited.
        let is_early = answer.poll >= Duration::from_secs(1)
            && answer.took < answer.poll / 2
            && !answer.has_news
            && (answer.is_silent || !answer.has_moved);
        if !is_early {
            self.early = None;
            return None;
        }
        let (count, since) = self.early.get_or_insert((0, now));
        *count += 1;
        let is_fault = *count >= MANY && now.saturating_duration_since(*since) >= LONG;
        is_fault.then_some(if answer.has_moved {
            SyncFault::Premature
        } else {
            SyncFault::Stuck
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUIET: Answer = Answer {
        took: Duration::from_millis(1),
        poll: Duration::from_secs(30),
        has_moved: true,
        has_news: false,
        is_silent: true,
    };

    /// Takes these answers for ten seconds as fast as it may, and returns how many there were, and
    /// the last finding.
    fn ten_seconds(answer: Answer) -> (u32, Option<SyncFault>) {
        let mut pace = Pace::default();
        let start = Instant::now();
        let (mut now, mut count, mut fault) = (start, 0, None);
        while now - start < Duration::from_secs(10) {
            now += pace.due(now) + answer.took;
            fault = pace.observe(&answer, now);
            count += 1;
        }
        (count, fault)
    }

    #[test]
    fn answers_without_news_are_asked_for_five_times_a_second_at_most() {
        let (count, fault) = ten_seconds(QUIET);
        assert!(count <= 50, "{count}");
        assert_eq!(fault, Some(SyncFault::Premature));
        let stuck = Answer {
            has_moved: false,
            ..QUIET
        };
        let (count, fault) = ten_seconds(stuck);
        assert!(count <= 50, "{count}");
        assert_eq!(fault, Some(SyncFault::Stuck));
    }

    #[test]
    fn news_are_never_waited_for() {
        let busy = Answer {
            has_news: true,
            is_silent: false,
            ..QUIET
        };
        let (count, fault) = ten_seconds(busy);
        assert!(count > 1000, "{count}");
        assert_eq!(fault, None);
    }

    #[test]
    fn a_quiet_homeserver_may_repeat_its_position() {
        let quiet = Answer {
            took: Duration::from_secs(1),
            poll: Duration::from_secs(1),
            has_moved: false,
            ..QUIET
        };
        assert_eq!(ten_seconds(quiet).1, None);
    }
}
