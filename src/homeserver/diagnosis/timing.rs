//! How fast a homeserver answers, and what time it has.

use std::time::{Duration, Instant, SystemTime};

use reqwest::header::HeaderMap;

use crate::homeserver::{api::Homeserver, transport::Result};

/// How many calls are timed.
const CALLS: usize = 3;
/// When calls have taken this long together, more of them would tell nothing new.
const ENOUGH: Duration = Duration::from_secs(2);
/// The clock in an answer knows whole seconds only.
const TICK: Duration = Duration::from_secs(1);

/// How fast a homeserver answers, and what time it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timing {
    /// How long a small call takes on an open connection: the median of three, or of
    /// fewer where calls take long.
    pub latency: Duration,
    /// Its clock beside ours; `None` when it does not tell the time.
    pub clock: Option<Clock>,
}

/// A homeserver's clock beside the one of this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// How far the homeserver's clock is ahead of ours, in milliseconds; negative when it is behind.
    pub ahead_ms: i64,
    /// How far off that may be either way, in milliseconds.
    pub uncertainty_ms: u64,
}

impl Homeserver {
    /// Times a small call, and reads the clock of the server (RFC 9110, "Date").
    ///
    /// # Errors
    ///
    /// When it cannot be reached.
    pub async fn timing(&self) -> Result<Timing> {
        let start = Instant::now();
        let mut samples = vec![self.sample().await?];
        while samples.len() <= CALLS && start.elapsed() < ENOUGH {
            samples.push(self.sample().await?);
        }
        // The first call pays for the connection, and counts only where it is the only one.
        if samples.len() > 1 {
            samples.remove(0);
        }
        samples.sort_by_key(|(round_trip, _)| *round_trip);
        Ok(Timing {
            latency: samples[samples.len() / 2].0,
            clock: samples.iter().find_map(|(_, clock)| *clock),
        })
    }

    /// Any answer will do, but it has to be a fresh one: `/versions` may come out of a cache.
    async fn sample(&self) -> Result<(Duration, Option<Clock>)> {
        let (sent_at, sent) = (SystemTime::now(), Instant::now());
        let reply = self.get("/_matrix/client/v3/login").await?;
        let round_trip = sent.elapsed();
        Ok((round_trip, clock(&reply.headers, sent_at, round_trip)))
    }
}

/// What the headers of an answer say of the time, which they were given between its question and
/// its arrival. A cache adds for how long it has kept the answer (RFC 9111, "Age").
fn clock(headers: &HeaderMap, sent_at: SystemTime, round_trip: Duration) -> Option<Clock> {
    let text = |name: &str| headers.get(name)?.to_str().ok();
    let date = httpdate::parse_http_date(text("date")?).ok()?;
    let age = match text("age") {
        Some(seconds) => Duration::from_secs(seconds.trim().parse().ok()?),
        None => Duration::ZERO,
    };
    let theirs = date.checked_add(age)?.checked_add(TICK / 2)?;
    let ours = sent_at.checked_add(round_trip / 2)?;
    let ahead_ms = match theirs.duration_since(ours) {
        Ok(ahead) => i64::try_from(ahead.as_millis()).ok()?,
        Err(behind) => -i64::try_from(behind.duration().as_millis()).ok()?,
    };
    let uncertainty = TICK + round_trip / 2;
    Some(Clock {
        ahead_ms,
        uncertainty_ms: u64::try_from(uncertainty.as_millis()).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    const MOMENT: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    const SECONDS: u64 = 784_111_777;

    fn read(
        headers: &[(&'static str, &str)],
        sent_at_ms: u64,
        round_trip_ms: u64,
    ) -> Option<Clock> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        let sent_at = UNIX_EPOCH + Duration::from_millis(sent_at_ms);
        clock(&map, sent_at, Duration::from_millis(round_trip_ms))
    }

    #[test]
    fn clocks_that_agree_differ_by_less_than_is_certain() {
        for late in [0, 400, 999] {
            let found = read(&[("date", MOMENT)], SECONDS * 1000 + late, 200).unwrap();
            assert_eq!(found.uncertainty_ms, 1100);
            assert!(
                found.ahead_ms.unsigned_abs() <= found.uncertainty_ms,
                "{found:?}"
            );
        }
    }

    #[test]
    fn a_clock_that_is_off_is_off_by_that() {
        let found = read(&[("date", MOMENT)], (SECONDS - 300) * 1000 + 500, 0).unwrap();
        assert_eq!(found.ahead_ms, 300_000);
        let found = read(&[("date", MOMENT)], (SECONDS + 300) * 1000 + 500, 0).unwrap();
        assert_eq!(found.ahead_ms, -300_000);
    }

    #[test]
    fn an_answer_out_of_a_cache_is_as_old_as_it_says() {
        let headers = [("date", MOMENT), ("age", "120")];
        let found = read(&headers, (SECONDS + 120) * 1000 + 500, 0).unwrap();
        assert_eq!(found.ahead_ms, 0);
    }

    #[test]
    fn a_time_that_cannot_be_read_is_none() {
        for headers in [
            &[("date", "yesterday")][..],
            &[("date", MOMENT), ("age", "-1")],
            &[("date", MOMENT), ("age", "18446744073709551615")],
            &[],
        ] {
            assert_eq!(read(headers, 0, 0), None);
        }
    }
}
