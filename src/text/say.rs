//! Numbers, durations and likely words, as people say them.

use std::{fmt::Display, time::Duration};

/// A number of things, in words: `1 room`, `2 rooms`.
pub fn counted(number: impl Display + PartialEq + From<u8> + Copy, thing: &str) -> String {
    let plural = if number == 1.into() { "" } else { "s" };
    format!("{number} {thing}{plural}")
}

/// A duration in its largest one or two units: `200 ms`, `1.5 s`, `5 min`, `5 h 1 min`, `2 d 1 h`.
pub fn duration(duration: Duration) -> String {
    let minutes = duration.as_secs() / 60;
    match (minutes / 1440, minutes / 60 % 24, minutes % 60) {
        (0, 0, 0) => below_a_minute(duration),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, 0) => format!("{hours} h"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, 0, _) => format!("{days} d"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

fn below_a_minute(duration: Duration) -> String {
    let milliseconds = duration.as_millis();
    match (milliseconds / 1000, milliseconds % 1000 / 100) {
        (0, _) => format!("{milliseconds} ms"),
        (seconds, tenths @ 1..) if seconds < 10 => format!("{seconds}.{tenths} s"),
        (seconds, _) => format!("{seconds} s"),
    }
}

/// Below this likeness (0 to 1) a suggestion would be noise.
const LIKENESS: f64 = 0.75;

/// The known word that a person most likely meant.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let fold = |word: &str| word.to_lowercase().replace(['_', '-'], "");
    let folded = fold(word);
    known
        .into_iter()
        .map(|known| (strsim::jaro_winkler(&folded, &fold(known)), known))
        .filter(|(likeness, _)| *likeness >= LIKENESS)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, known)| known)
}

/// `; did you mean "x"?`, or nothing.
pub fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    match nearest(word, known) {
        Some(known) => format!("; did you mean {known:?}?"),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_is_singular() {
        assert_eq!(counted(1_u64, "room"), "1 room");
        assert_eq!(counted(0_u64, "room"), "0 rooms");
    }

    #[test]
    fn one_or_two_units_are_said() {
        for (milliseconds, said) in [
            (200, "200 ms"),
            (1_500, "1.5 s"),
            (30_000, "30 s"),
            (59_999, "59 s"),
            (60_000, "1 min"),
            (3_600_000 * 5 + 60_000, "5 h 1 min"),
            (3_600_000, "1 h"),
            (86_400_000 * 2 + 3_600_000, "2 d 1 h"),
        ] {
            assert_eq!(duration(Duration::from_millis(milliseconds)), said);
        }
    }

    #[test]
    fn finds_the_word_that_was_meant() {
        let known = ["homeserver", "userId", "allowFrom"];
        assert_eq!(nearest("homserver", known), Some("homeserver"));
        assert_eq!(nearest("user-id", known), Some("userId"));
        assert_eq!(nearest("allowform", known), Some("allowFrom"));
        assert_eq!(nearest("colour", known), None);
        assert_eq!(did_you_mean("UserID", known), "; did you mean \"userId\"?");
    }
}
