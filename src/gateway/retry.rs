//! How long it is waited between two tries.

use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

use backon::{ExponentialBackoff, ExponentialBuilder};

/// While a homeserver is away, without end.
pub const WHILE_AWAY: ExponentialBuilder = growing(500, 2.0, 5_000, usize::MAX);
/// An answer that is refused without a word why: seven times, in two minutes.
pub const WHEN_REFUSED: ExponentialBuilder = growing(1_000, 2.0, 60_000, 7);
/// An answer that the bot breaks down over.
pub const AFTER_PANIC: ExponentialBuilder = growing(1_000, 2.0, 60_000, 2);
/// A file that a homeserver which is there does not give or take.
pub const OF_FILE: ExponentialBuilder = growing(500, 4.0, 2_000, 2);
/// An invitation that is refused for now: joining may overtake it between homeservers. A room of
/// which the homeserver says again and again that it is busy is not worth more than a minute.
pub const OF_INVITATION: ExponentialBuilder = growing(500, 2.0, 60_000, usize::MAX);

/// The bot's own profile.
pub const OF_PROFILE: ExponentialBuilder = growing(5_000, 2.0, 600_000, usize::MAX);
/// Aliases of rooms whose homeservers do not answer.
pub const OF_ALIASES: ExponentialBuilder = growing(5_000, 2.0, 600_000, usize::MAX);

/// The first wait and the longest, in milliseconds, and how many there are.
const fn growing(first: u64, factor: f32, longest: u64, times: usize) -> ExponentialBuilder {
    ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(first))
        .with_factor(factor)
        .with_max_delay(Duration::from_millis(longest))
        .with_max_times(times)
}

/// How long to wait before the next attempt; no time where there are no more attempts.
pub fn next(backoff: &mut ExponentialBackoff) -> Duration {
    spread(backoff.next().unwrap_or_default())
}

/// Waits for the next attempt.
pub async fn wait(backoff: &mut ExponentialBackoff) {
    tokio::time::sleep(next(backoff)).await;
}

/// This time, or up to a quarter longer by chance, so that many bots do not come back in the same
/// instant.
pub fn spread(wait: Duration) -> Duration {
    // A new RandomState is seeded anew: chance enough, without a crate.
    let chance = u32::try_from(RandomState::new().hash_one(()) % 1000).unwrap_or(0);
    wait + wait / 4000 * chance
}

#[cfg(test)]
mod tests {
    use backon::BackoffBuilder;

    use super::*;

    fn waits(backoff: ExponentialBuilder) -> Vec<u128> {
        backoff
            .build()
            .take(9)
            .map(|wait| wait.as_millis())
            .collect()
    }

    #[test]
    fn waits_double_up_to_five_seconds_while_the_homeserver_is_away() {
        let expected = [500, 1000, 2000, 4000, 5000, 5000, 5000, 5000, 5000];
        assert_eq!(waits(WHILE_AWAY), expected);
    }

    #[test]
    fn a_refused_answer_is_given_up_after_two_minutes() {
        let expected = [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000];
        assert_eq!(waits(WHEN_REFUSED), expected);
    }

    #[test]
    fn what_breaks_the_bot_and_files_are_given_up_soon() {
        assert_eq!(waits(AFTER_PANIC), [1000, 2000]);
        assert_eq!(waits(OF_FILE), [500, 2000]);
    }

    #[test]
    fn a_spread_wait_is_at_most_a_quarter_longer() {
        let minute = Duration::from_mins(1);
        for _ in 0..100 {
            assert!((minute..=minute + minute / 4).contains(&spread(minute)));
        }
    }
}
