//! Waiting longer and longer while a homeserver is away.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(5);

/// Waits that double from half a second to five, each up to a quarter longer by chance, so that
/// many bots do not come back in the same instant.
#[derive(Clone, Copy, Debug)]
pub(super) struct Backoff {
    coming: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { coming: FIRST }
    }
}

impl Backoff {
    /// Waits, and makes the next wait longer.
    pub(super) async fn wait(&mut self) {
        tokio::time::sleep(self.next()).await;
    }

    /// How long to wait, which makes the next wait longer.
    pub(super) fn next(&mut self) -> Duration {
        self.advance().mul_f64(jitter())
    }

    fn advance(&mut self) -> Duration {
        let wait = self.coming;
        self.coming = (wait * 2).min(LONGEST);
        wait
    }
}

/// Between 1 and 1.25.
pub(super) fn jitter() -> f64 {
    use std::hash::{BuildHasher, RandomState};
    // A new RandomState is seeded anew: chance enough to spread waits, without a crate.
    let chance = u32::try_from(RandomState::new().hash_one(()) >> 32).unwrap_or(0);
    1.0 + f64::from(chance) / f64::from(u32::MAX) / 4.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_five_seconds() {
        let mut backoff = Backoff::default();
        let waits: Vec<_> = (0..6).map(|_| backoff.advance().as_millis()).collect();
        assert_eq!(waits, [500, 1000, 2000, 4000, 5000, 5000]);
    }
}
