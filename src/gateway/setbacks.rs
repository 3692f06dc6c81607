//! What happens to a message whose answer fails again and again.

use std::time::Duration;

/// How often an answer may be refused without a word why, and how long it is waited in between:
/// two minutes in all.
const PAUSES: [Duration; 7] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_secs(16),
    Duration::from_secs(32),
    Duration::from_mins(1),
];
/// How often the bot may break down over a message.
const BREAKDOWNS: u32 = 3;
/// How often in all it may fail, over all runs: each run that ended over it counts.
const IN_ALL: u32 = 30;

/// How often answering the message failed that a conversation is at, in this run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Setbacks {
    seq: i64,
    refusals: usize,
    breakdowns: u32,
}

/// What is done about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// It is tried again after this time.
    Again(Duration),
    /// It is given up.
    GiveUp,
}

impl Setbacks {
    /// The answer to this message was refused, and this is how often it failed in all.
    pub(super) fn refused(&mut self, seq: i64, in_all: u32) -> Next {
        let refusals = self.of(seq).refusals;
        self.refusals += 1;
        match PAUSES.get(refusals) {
            Some(pause) if in_all < IN_ALL => Next::Again(*pause),
            _ => Next::GiveUp,
        }
    }

    /// The bot broke down over this message, and this is how often it failed in all.
    pub(super) fn broke_down(&mut self, seq: i64, in_all: u32) -> Next {
        self.of(seq).breakdowns += 1;
        if self.breakdowns < BREAKDOWNS && in_all < IN_ALL {
            Next::Again(PAUSES[0])
        } else {
            Next::GiveUp
        }
    }

    /// An earlier run ended before this message was answered; whether it is given up.
    pub(super) fn is_too_much(in_all: u32) -> bool {
        in_all >= IN_ALL
    }

    /// Those of this message.
    fn of(&mut self, seq: i64) -> &mut Self {
        if self.seq != seq {
            *self = Self {
                seq,
                ..Self::default()
            };
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pauses until it is given up.
    fn pauses(mut next: impl FnMut(u32) -> Next) -> Vec<u64> {
        let mut pauses = Vec::new();
        for in_all in 1.. {
            match next(in_all) {
                Next::Again(pause) => pauses.push(pause.as_secs()),
                Next::GiveUp => break,
            }
        }
        pauses
    }

    #[test]
    fn a_refused_answer_is_given_up_after_two_minutes() {
        let mut setbacks = Setbacks::default();
        let first = pauses(|in_all| setbacks.refused(1, in_all));
        assert_eq!(first, [1, 2, 4, 8, 16, 32, 60]);
        // The next message has its own.
        assert_eq!(pauses(|in_all| setbacks.refused(2, in_all)).len(), 7);
    }

    #[test]
    fn a_message_that_breaks_the_bot_is_given_up_soon() {
        let mut setbacks = Setbacks::default();
        assert_eq!(pauses(|in_all| setbacks.broke_down(1, in_all)).len(), 2);
    }

    #[test]
    fn no_number_of_runs_makes_it_endless() {
        assert_eq!(Setbacks::default().refused(1, 30), Next::GiveUp);
        assert_eq!(Setbacks::default().broke_down(1, 30), Next::GiveUp);
        assert!(Setbacks::is_too_much(30) && !Setbacks::is_too_much(29));
    }
}
