//! `clock.*`: this machine's clock beside the homeserver's.

use std::time::Duration;

use crate::doctor::{
    check::{Advice, Check, Explanation, Verdict},
    facts::Facts,
};

/// Milliseconds by which a clock is off enough to be worth a word.
const SKEWED: u64 = 30_000;
/// Milliseconds by which a clock is wrong.
const WRONG: u64 = 300_000;

pub(super) const CHECKS: &[Check] = &[Check {
    id: "clock.skew",
    title: "This machine's clock is right",
    probe: "timing",
    needs: &["homeserver.account"],
    judge: skew,
    explanation: Explanation {
        meaning: "The time in the homeserver's answers is compared with this machine's clock: 30 \
                  seconds apart are worth a warning, five minutes are a failure.",
        matters: "With a wrong clock good certificates look expired or not valid yet, bad ones look \
                  good, and logs tell nonsense.",
        causes: &[
            "the machine has no time service (NTP)",
            "a virtual machine was suspended",
            "it is the homeserver's clock that is wrong",
        ],
    },
    remedy: Advice {
        text: "compare the clock with a good one, set it, and let a time service keep it right",
        commands: &["date -u", "timedatectl set-ntp true"],
    },
}];

fn skew(facts: &Facts) -> Option<Verdict> {
    let clock = facts.timing.as_ref()?.as_ref().ok()?.clock.as_ref()?;
    let apart = clock.ahead_ms.unsigned_abs();
    let direction = if clock.ahead_ms > 0 {
        "behind"
    } else {
        "ahead of"
    };
    let detail = format!(
        "this machine's clock is {} {direction} the homeserver's",
        roughly(Duration::from_millis(apart))
    );
    let verdict = match apart.saturating_sub(clock.uncertainty_ms) {
        0..SKEWED => Verdict::pass("it agrees with the homeserver's"),
        SKEWED..WRONG => Verdict::warn(detail),
        _ => Verdict::fail(detail),
    };
    Some(verdict.evidence("ahead_ms", -clock.ahead_ms))
}

/// A span of time in the unit in which a person thinks of it.
fn roughly(span: Duration) -> String {
    let seconds = span.as_secs();
    match seconds {
        0..120 => format!("{seconds} seconds"),
        120..7_200 => format!("{} minutes", (seconds + 30) / 60),
        7_200..172_800 => format!("{} hours", (seconds + 1_800) / 3_600),
        _ => format!("{} days", (seconds + 43_200) / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        doctor::report::Status,
        homeserver::{Clock, Timing},
    };

    fn judged(ahead_ms: i64) -> Verdict {
        let clock = Clock {
            ahead_ms,
            uncertainty_ms: 1_000,
        };
        let facts = Facts {
            timing: Some(Ok(Timing {
                latency: Duration::ZERO,
                clock: Some(clock),
            })),
            ..Facts::default()
        };
        skew(&facts).unwrap()
    }

    #[test]
    fn a_clock_is_judged_by_what_is_certain() {
        for (ahead_ms, status, words) in [
            (0, Status::Pass, "agrees"),
            (30_900, Status::Pass, "agrees"),
            (31_000, Status::Warn, "31 seconds behind"),
            (-200_000, Status::Warn, "3 minutes ahead of"),
            (301_000, Status::Fail, "5 minutes behind"),
            (-3_600_000, Status::Fail, "60 minutes ahead of"),
            (86_400_000, Status::Fail, "24 hours behind"),
            (-864_000_000, Status::Fail, "10 days ahead of"),
        ] {
            let verdict = judged(ahead_ms);
            assert_eq!(verdict.status, status, "{ahead_ms}");
            assert!(verdict.detail.contains(words), "{}", verdict.detail);
        }
    }

    #[test]
    fn a_homeserver_that_does_not_tell_the_time_is_not_judged() {
        let facts = Facts {
            timing: Some(Ok(Timing {
                latency: Duration::ZERO,
                clock: None,
            })),
            ..Facts::default()
        };
        assert!(skew(&facts).is_none());
    }
}
