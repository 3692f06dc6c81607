//! Waiting for a condition under a deadline: the one place where the tests sleep.

use std::fmt::Display;
use std::time::{Duration, Instant};

/// How long to wait for something that takes a moment, on a slow and busy machine.
pub const PATIENCE: Duration = Duration::from_secs(30);

const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// Asks `check` again and again until it says `Ok`, and returns that.
///
/// # Panics
///
/// When it still says `Err` after `limit`; the message holds `what` and the last error.
pub async fn eventually<T, E: Display, F>(
    what: &str,
    limit: Duration,
    mut check: impl FnMut() -> F,
) -> T
where
    F: Future<Output = Result<T, E>>,
{
    let deadline = Instant::now() + limit;
    loop {
        match check().await {
            Ok(value) => return value,
            Err(error) if Instant::now() > deadline => {
                panic!("{what}: not within {limit:?}; at last: {error}")
            }
            Err(_) => tokio::time::sleep(POLL_INTERVAL).await,
        }
    }
}
