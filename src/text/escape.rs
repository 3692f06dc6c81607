//! What programs write for terminals beside their words.

/// The text without the escape sequences of terminals (ECMA-48): colours, moves of the cursor,
/// titles, links. One that does not end takes the rest of its line with it.
///
/// Where somebody took away the characters that begin them, colours are known by their end; but
/// not in a text about such sequences, as a piece of a shell script.
pub fn without_escapes(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(['\u{1b}', '\u{90}', '\u{9b}', '\u{9d}']) {
        words.push_str(&rest[..start]);
        rest = behind_escape(&rest[start..]);
    }
    words.push_str(rest);
    let may_be_code = words.contains(['\\', '"', '\'', '`', '^']);
    if !may_be_code && (words.contains("[0m") || words.contains("[m")) {
        words = without_colours(&words);
    }
    words
}

/// What follows the escape sequence that this begins with.
fn behind_escape(text: &str) -> &str {
    let mut chars = text.chars();
    let sort = match chars.next() {
        Some('\u{9b}') => Some('['),
        Some('\u{90}' | '\u{9d}') => Some(']'),
        _ => chars.next(),
    };
    let rest = chars.as_str();
    match sort {
        Some('[') => {
            let rest = rest.trim_start_matches(|c| (' '..='?').contains(&c));
            rest.strip_prefix(|c| ('@'..='~').contains(&c))
                .unwrap_or(rest)
        }
        Some(']' | 'P' | 'X' | '^' | '_') => {
            let end = rest.find(['\u{7}', '\u{1b}', '\u{9c}', '\n']);
            let behind = &rest[end.unwrap_or(rest.len())..];
            // Text that was encoded twice has such characters too.
            let is_control = text.starts_with(['\u{90}', '\u{9d}']);
            if is_control && (behind.is_empty() || behind.starts_with('\n')) {
                return rest;
            }
            let rest = behind;
            let behind = rest.strip_prefix("\u{1b}\\");
            behind
                .or(rest.strip_prefix(['\u{7}', '\u{9c}']))
                .unwrap_or(rest)
        }
        Some(' '..='/') => {
            let rest = rest.trim_start_matches(|c| (' '..='/').contains(&c));
            rest.strip_prefix(|c| ('0'..='~').contains(&c))
                .unwrap_or(rest)
        }
        Some('0'..='~') => rest,
        // It begins nothing.
        _ => &text[1..],
    }
}

/// The text without `[1;31m` and the like.
fn without_colours(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, colour)) = rest.split_once('[') {
        words.push_str(before);
        let end = colour.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
        rest = end.strip_prefix('m').unwrap_or_else(|| {
            words.push('[');
            colour
        });
    }
    words + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_are_left() {
        for (text, words) in [
            ("\u{1b}[31mFAIL\u{1b}[0m ok", "FAIL ok"),
            ("\u{1b}[31mFAIL", "FAIL"),
            ("\u{9b}1;31mFAIL\u{1b}[m", "FAIL"),
            ("[1;31mFAIL[0m ok [1]", "FAIL ok [1]"),
            ("a[5m] of [it]", "a[5m] of [it]"),
            ("echo -e \\e[31mred\\e[0m", "echo -e \\e[31mred\\e[0m"),
            ("chr(27) + '[31m[0m'", "chr(27) + '[31m[0m'"),
            (r"printf '\e[31mred\e[0m'", r"printf '\e[31mred\e[0m'"),
            (r"'\033[1;31m' to '\033[0m'", r"'\033[1;31m' to '\033[0m'"),
            (r"\x1b[31m, \u001b[0m", r"\x1b[31m, \u001b[0m"),
            (
                "\u{1b}]8;;https://h/x\u{1b}\\a link\u{1b}]8;;\u{1b}\\.",
                "a link.",
            ),
            (
                "\u{1b}]8;;https://h/x\u{7}a link\u{1b}]8;;\u{7}.",
                "a link.",
            ),
            ("\u{1b}]0;title\u{9c}a", "a"),
            ("\u{1b}]8;;https://h/x\na", "\na"),
            ("a\u{1b}(Bb\u{1b}7c\u{1b}=d\u{1b}[?25he\u{1b}[2Kf", "abcdef"),
            ("a\u{1b}", "a"),
            ("a\u{1b}\nb\u{1b}[", "a\nb"),
            ("\u{1b}é", "é"),
            ("â\u{80}\u{9d} she said.\nok", "â\u{80} she said.\nok"),
            ("\u{9d}0;title\u{9c}a", "a"),
        ] {
            assert_eq!(without_escapes(text), words, "{text:?}");
        }
    }
}
