//! Text that does nothing to a terminal but stand there.

/// Control characters, those that reorder or hide the text around them on a terminal, and those
/// that no XML document may hold.
#[must_use]
pub fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
        )
}

/// The text with spaces for hostile characters; its lines stay lines.
#[must_use]
pub fn clean(text: &str) -> String {
    let lines = text.lines().map(clean_line);
    lines.collect::<Vec<_>>().join("\n")
}

/// The text as one line, with spaces for hostile characters.
#[must_use]
pub fn clean_line(text: &str) -> String {
    text.chars()
        .map(|c| if is_hostile(c) { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moves_a_cursor_becomes_a_space() {
        let text = "a\u{1b}[2Jb\u{202e}c\r\nd\u{7}";
        assert_eq!(clean(text), "a [2Jb c\nd ");
        assert_eq!(clean_line("a\nb\u{9b}c"), "a b c");
    }
}
