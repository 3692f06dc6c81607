//! Cutting a long answer into events that a homeserver takes.

/// Bytes of an event's text once it is JSON. The homeserver takes events of 65,536 bytes, and
/// encryption makes an event a third larger.
const MAX_ENCODED: usize = 32 * 1024;

/// Cuts a text into parts that fit an event each, at line ends or spaces where there are any.
/// The parts together are the text.
#[must_use]
pub fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(limit) = overflow(rest) {
        let cut = good_cut(&rest[..limit]).unwrap_or(limit);
        let (part, remainder) = rest.split_at(cut);
        parts.push(part);
        rest = remainder;
    }
    parts.push(rest);
    parts
}

/// Where a text becomes too long, or `None` where it fits.
fn overflow(text: &str) -> Option<usize> {
    let mut encoded = 0;
    for (index, character) in text.char_indices() {
        encoded += encoded_length(character);
        if encoded > MAX_ENCODED {
            return Some(index);
        }
    }
    None
}

/// Bytes of a character in a JSON string.
fn encoded_length(character: char) -> usize {
    match character {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        '\0'..='\u{1f}' => 6,
        _ => character.len_utf8(),
    }
}

/// The last place to cut that does not tear a line or a word, unless it wastes half the room.
fn good_cut(text: &str) -> Option<usize> {
    let after = |index: usize| index + 1;
    text.rfind('\n')
        .map(after)
        .or_else(|| text.rfind(' ').map(after))
        .filter(|cut| *cut > text.len() / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_text_stays_whole() {
        assert_eq!(split("hello"), ["hello"]);
        assert_eq!(split(""), [""]);
    }

    #[test]
    fn a_long_text_is_cut_at_a_line_end() {
        let line = format!("{}\n", "x".repeat(99));
        let text = line.repeat(1000);
        let parts = split(&text);
        assert_eq!(parts.len(), 4);
        assert!(parts.iter().all(|part| part.ends_with('\n')));
    }

    #[test]
    fn any_text_is_cut_into_parts_that_fit_and_lose_nothing() {
        arbtest::arbtest(|u| {
            let piece: String = u.arbitrary()?;
            let text = piece.repeat(u.int_in_range(0..=20_000)? / piece.len().max(1));
            let parts = split(&text);
            assert_eq!(parts.concat(), text);
            for part in parts {
                // The quotes around it are not part of the text.
                let encoded = serde_json::to_string(part).unwrap().len() - 2;
                assert!(encoded <= MAX_ENCODED, "{encoded}");
            }
            Ok(())
        });
    }
}
