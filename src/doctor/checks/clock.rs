//! `clock.*`: this machine's clock beside the homeserver's.

use std::time::Duration;

use super::prelude::*;

/// Milliseconds from which a difference is a warning.
const SKEWED: u64 = 30_000;
/// Milliseconds from which a difference is a failure.
const WRONG: u64 = 300_000;

pub fn checks() -> Vec<Check> {
    vec![Check::new("clock.skew", "timing", &["homeserver.account"]).judge(skew)]
}

fn skew(facts: &Facts) -> Judgement {
    let clock = known(facts.timing.as_ref())?.clock.as_ref();
    let clock = clock.ok_or(Missing)?;
    let apart = clock.ahead_ms.unsigned_abs();
    let direction = if clock.ahead_ms > 0 {
        "behind"
    } else {
        "ahead of"
    };
    let roughly = roughly(Duration::from_millis(apart));
    let detail = format!("this machine's clock is {roughly} {direction} the homeserver's");
    let verdict = match apart.saturating_sub(clock.uncertainty_ms) {
        0..SKEWED => Verdict::pass("it agrees with the homeserver's"),
        SKEWED..WRONG => Verdict::warn(detail),
        _ => Verdict::fail(detail),
    };
    Ok(verdict.evidence("ahead_ms", -clock.ahead_ms))
}

/// A duration in one readable unit.
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
    use crate::homeserver::{Clock, Timing};

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
        assert!(skew(&facts).is_err());
    }
}
