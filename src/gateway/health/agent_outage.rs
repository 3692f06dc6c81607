//! An agent that fails again and again: few lines of the log tell of it.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use crate::{
    gateway::{NOTICE, health::millis},
    text::{counted, duration},
    threads::lock,
};

/// How long failures are counted before they are told of again.
const SILENCE: Duration = Duration::from_mins(1);

/// The failures since the agent answered last. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct AgentOutage(Arc<Mutex<Option<Outage>>>);

#[derive(Clone, Copy, Debug)]
struct Outage {
    began: Instant,
    /// When the log told of it last.
    told: Instant,
    failures: u64,
}

/// What the log tells of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// It is the first one.
    First,
    /// There were so many in this time.
    Still { failures: u64, time: Duration },
    /// It was told not long ago.
    Old,
}

impl AgentOutage {
    /// The agent failed.
    pub fn failed(&self) -> News {
        self.failed_at(Instant::now())
    }

    fn failed_at(&self, now: Instant) -> News {
        let mut outage = lock(&self.0);
        let Some(outage) = outage.as_mut() else {
            *outage = Some(Outage {
                began: now,
                told: now,
                failures: 1,
            });
            return News::First;
        };
        outage.failures += 1;
        if now.saturating_duration_since(outage.told) < SILENCE {
            return News::Old;
        }
        outage.told = now;
        News::Still {
            failures: outage.failures,
            time: now.saturating_duration_since(outage.began),
        }
    }

    /// The agent answered.
    pub fn ended(&self) {
        let Some(outage) = lock(&self.0).take() else {
            return;
        };
        let (time, failures) = (outage.began.elapsed(), outage.failures);
        let times = counted(failures, "failure");
        let since = duration(time);
        // A single failure was told.
        if failures == 1 {
            tracing::info!(
                event = "agent_recovered",
                failures,
                ms = millis(time),
                "the agent answers again after {since}"
            );
        } else {
            tracing::info!(target: NOTICE, event = "agent_recovered", failures, ms = millis(time),
                "the agent answers again after {since} ({times})");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_is_told_when_it_begins_and_each_minute() {
        let outage = AgentOutage::default();
        let start = Instant::now();
        let after = |seconds| outage.failed_at(start + Duration::from_secs(seconds));
        assert_eq!(after(0), News::First);
        assert_eq!((after(1), after(59)), (News::Old, News::Old));
        let time = Duration::from_secs(61);
        assert_eq!(after(61), News::Still { failures: 4, time });
        assert_eq!(after(62), News::Old);
        outage.ended();
        assert_eq!(after(63), News::First);
    }
}
