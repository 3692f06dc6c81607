//! When the access token stops being one.

use std::{fmt, time::Duration};

use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// The end of the access token's life, as the homeserver gave it.
#[derive(Debug)]
pub(super) struct Expiry {
    left: Duration,
    at: OffsetDateTime,
    /// The same as RFC 3339 has it.
    text: String,
}

impl Expiry {
    /// The end of what lives this long from now on; none where it is beyond all calendars.
    pub(super) fn from_now(left: Option<Duration>) -> Option<Self> {
        Self::from(OffsetDateTime::now_utc(), left?)
    }

    fn from(now: OffsetDateTime, left: Duration) -> Option<Self> {
        let at = now.checked_add(left.try_into().ok()?)?;
        let at = at.replace_nanosecond(0).ok()?;
        let text = at.format(&Rfc3339).ok()?;
        Some(Self { left, at, text })
    }

    /// What it means for the bot.
    pub(super) fn warn(&self) -> String {
        format!(
            "The homeserver's access token expires in {}, at {:02}:{:02} UTC, and nanobot cannot \
             renew it yet: the bot stops answering then. Ask the homeserver's administrator for \
             sessions that do not expire.",
            roughly(self.left),
            self.at.hour(),
            self.at.minute()
        )
    }
}

impl fmt::Display for Expiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn roughly(left: Duration) -> String {
    let seconds = left.as_secs();
    let (count, unit) = match seconds {
        0..120 => (seconds, "second"),
        120..7200 => (seconds / 60, "minute"),
        7200..172_800 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_told_to_a_person_and_to_a_program() {
        let expiry = Expiry::from(OffsetDateTime::UNIX_EPOCH, Duration::from_mins(65)).unwrap();
        assert_eq!(expiry.to_string(), "1970-01-01T01:05:00Z");
        let words = expiry.warn();
        assert!(words.contains("in 65 minutes, at 01:05 UTC"), "{words}");
        for (seconds, words) in [
            (1, "1 second"),
            (90, "90 seconds"),
            (300, "5 minutes"),
            (7200, "2 hours"),
            (604_800, "7 days"),
        ] {
            assert_eq!(roughly(Duration::from_secs(seconds)), words);
        }
        assert!(Expiry::from(OffsetDateTime::UNIX_EPOCH, Duration::MAX).is_none());
    }
}
