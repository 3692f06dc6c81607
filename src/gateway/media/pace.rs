//! How slowly a file may come.

use std::time::Duration;

/// How slowly a file may come. The time for the whole file follows from its size, but nothing that
/// is said of that size counts: the time grows with the bytes that have come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// The time before any byte has to have come.
    pub(super) start: Duration,
    /// The least average rate after that.
    pub(super) bytes_per_second: u64,
    /// The longest that any file may take, all its attempts together.
    pub(super) longest: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            start: Duration::from_secs(30),
            bytes_per_second: 16 * 1024,
            longest: Duration::from_mins(10),
        }
    }
}

impl Pace {
    /// The longest time in which so many bytes may have come, and the next one has to come.
    pub(super) fn time_for(&self, bytes: u64) -> Duration {
        let seconds = bytes / self.bytes_per_second.max(1);
        self.start
            .saturating_add(Duration::from_secs(seconds))
            .min(self.longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_its_time_by_its_size_and_none_has_more_than_the_longest() {
        let pace = Pace::default();
        for (bytes, seconds) in [
            (0, 30),
            (1, 30),
            (16 * 1024, 31),
            (1 << 20, 30 + 64),
            (20 << 20, 600),
            (u64::MAX, 600),
        ] {
            let time = pace.time_for(bytes);
            assert_eq!(time, Duration::from_secs(seconds), "{bytes}");
        }
    }
}
