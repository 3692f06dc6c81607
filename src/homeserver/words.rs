//! Makes words that came from outside fit to be shown.

use std::time::Duration;

use crate::{config::Secret, terminal::is_hostile};

/// The most characters of foreign text that are shown.
const LONGEST: usize = 200;

/// Foreign text without control characters, without these secrets, and cut to a readable length.
///
/// Secrets go first: a cut might otherwise leave the beginning of one.
pub(crate) fn tame(text: &str, secrets: &[&Secret]) -> String {
    let mut text = text.to_owned();
    for secret in secrets.iter().filter(|secret| !secret.expose().is_empty()) {
        text = text.replace(secret.expose(), "[redacted]");
    }
    let words: String = text
        .chars()
        .map(|c| if is_hostile(c) { ' ' } else { c })
        .collect();
    cut(&words.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Whether an id from outside can be shown and compared as it is. Ids have at most 255 bytes
/// (spec, appendices: "Common Namespaced Identifier Grammar" and "Room IDs").
pub(super) fn is_plain(id: &str) -> bool {
    let strange = |c: char| is_hostile(c) || c.is_whitespace();
    !id.is_empty() && id.len() <= 255 && !id.contains(strange)
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A duration as a person says it: `30 s`, `1.5 s`, `200 ms`.
pub(super) fn span(duration: Duration) -> String {
    if duration < Duration::from_secs(1) {
        return format!("{} ms", duration.as_millis());
    }
    let tenths = (duration.as_millis() + 50) / 100;
    match tenths % 10 {
        0 => format!("{} s", tenths / 10),
        rest => format!("{}.{rest} s", tenths / 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_become_spaces() {
        assert_eq!(tame("a\u{1b}[31m\r\nb\u{202e}c", &[]), "a [31m b c");
    }

    #[test]
    fn an_id_has_nothing_to_hide() {
        for id in ["!a:example.org", "!opaque", "$x"] {
            assert!(is_plain(id), "{id}");
        }
        for id in ["", "!a b", "!a\u{1b}", "!a\u{202e}b", &"x".repeat(256)] {
            assert!(!is_plain(id), "{id:?}");
        }
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        let tamed = tame(&"é".repeat(500), &[]);
        assert_eq!(tamed.chars().count(), LONGEST + 1);
        assert!(tamed.ends_with('…'));
    }

    #[test]
    fn a_secret_is_taken_out_before_the_cut() {
        let secret = Secret::new("canary-secret".to_owned());
        let text = format!("{} canary-secret", "x".repeat(LONGEST - 5));
        assert!(!tame(&text, &[&secret]).contains("cana"));
    }

    #[test]
    fn durations_read_well() {
        assert_eq!(span(Duration::from_millis(200)), "200 ms");
        assert_eq!(span(Duration::from_millis(1500)), "1.5 s");
        assert_eq!(span(Duration::from_secs(30)), "30 s");
    }
}
