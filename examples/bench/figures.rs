//! What is measured, and what is said of it.

use std::{cmp::Ordering, time::Duration};

/// One message and the answer to it.
#[derive(Clone, Copy, Debug)]
pub struct Trip {
    /// From before it was sent until the answer was there.
    pub whole: Duration,
    /// From when the homeserver stored it until it stored the answer, in whole milliseconds.
    pub between: Duration,
}

/// Trips one after another.
#[derive(Clone, Debug, Default)]
pub struct Trips(pub Vec<Trip>);

impl Trips {
    /// All of them together.
    pub fn join(rounds: &[Self]) -> Self {
        Self(rounds.iter().flat_map(|round| round.0.clone()).collect())
    }

    /// The median of the whole trips.
    pub fn median(&self) -> Duration {
        quantile(&self.whole(), 0.5)
    }

    /// What 95 of 100 whole trips do not exceed.
    pub fn p95(&self) -> Duration {
        quantile(&self.whole(), 0.95)
    }

    /// The median from one stored event to the other.
    pub fn between(&self) -> Duration {
        let times: Vec<_> = self.0.iter().map(|trip| trip.between).collect();
        quantile(&times, 0.5)
    }

    fn whole(&self) -> Vec<Duration> {
        self.0.iter().map(|trip| trip.whole).collect()
    }
}

/// The resident memory of a process, in KiB.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// All of it.
    pub resident: u64,
    /// What belongs to no file, so that only swap could take it.
    pub anonymous: u64,
}

/// What a process has spent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spent {
    /// Time of processors.
    pub processor: Duration,
    /// Bytes given to the disk.
    pub written: u64,
    /// How often it had the disk keep something.
    pub fsyncs: u64,
}

impl Spent {
    /// What was spent since then.
    pub fn since(self, before: Self) -> Self {
        Self {
            processor: self.processor.saturating_sub(before.processor),
            written: self.written.saturating_sub(before.written),
            fsyncs: self.fsyncs.saturating_sub(before.fsyncs),
        }
    }
}

/// The value that this part of all does not exceed, the nearest one measured; the default of none.
pub fn quantile<T: Copy + Default + PartialOrd>(values: &[T], part: f64) -> T {
    let mut sorted = values.to_vec();
    sorted.sort_by(|one, other| one.partial_cmp(other).unwrap_or(Ordering::Equal));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "some hundreds of values, and a part of at most 1"
    )]
    let rank = (sorted.len() as f64 * part).ceil() as usize;
    let index = rank.saturating_sub(1);
    sorted.get(index).copied().unwrap_or_default()
}
