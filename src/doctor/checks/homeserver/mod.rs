//! `homeserver.*`: the way to the homeserver, and what answers there.

mod service;
mod way;

pub(super) use service::CHECKS as SERVICE;
pub(super) use way::CHECKS as WAY;

use time::OffsetDateTime;

/// The day of a moment in milliseconds since the Unix epoch, as in `2027-01-31`.
fn day(moment: u64) -> Option<String> {
    let seconds = i64::try_from(moment / 1_000).ok()?;
    let moment = OffsetDateTime::from_unix_timestamp(seconds).ok()?;
    Some(moment.date().to_string())
}

/// The command that makes this the homeserver, if it means nothing else to a shell.
fn moving_to(url: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ":/.-_".contains(c);
    if url.chars().all(is_plain) {
        format!("nanobot config set homeserver {url}")
    } else {
        "nanobot config get homeserver".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_written_as_calendars_do() {
        assert_eq!(day(1_609_459_200_000).unwrap(), "2021-01-01");
        assert_eq!(day(u64::MAX), None);
    }

    #[test]
    fn a_url_from_outside_is_no_command_of_its_own() {
        assert_eq!(
            moving_to("https://matrix.example.org:8448/a_b"),
            "nanobot config set homeserver https://matrix.example.org:8448/a_b"
        );
        for url in [
            "https://a/$(id)",
            "https://a/;id",
            "https://a/x'y",
            "https://[::1]",
        ] {
            assert_eq!(moving_to(url), "nanobot config get homeserver");
        }
    }
}
