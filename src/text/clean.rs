//! Text that does nothing to a terminal or a shell but stand there.

/// Control characters, those that reorder or hide the text around them on a terminal, and those
/// that no XML document may hold.
pub fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}'
        )
}

/// The text with spaces for hostile characters; its lines stay lines.
pub fn clean(text: &str) -> String {
    let lines = text.lines().map(clean_line);
    lines.collect::<Vec<_>>().join("\n")
}

/// The text as one line, with spaces for hostile characters.
pub fn clean_line(text: &str) -> String {
    text.chars()
        .map(|c| if is_hostile(c) { ' ' } else { c })
        .collect()
}

/// The most characters of foreign text that are shown.
const LONGEST: usize = 200;

/// Foreign text on one line, without hostile characters, and cut to a readable length.
///
/// Secrets go first, since the cut might leave the beginning of one.
pub fn excerpt(text: &str) -> String {
    let line = clean_line(text);
    let mut line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    cut(&mut line, LONGEST);
    line
}

/// Cuts a text after so many characters, where it has more.
pub fn cut(text: &mut String, most: usize) {
    if let Some((end, _)) = text.char_indices().nth(most) {
        text.truncate(end);
        text.push('…');
    }
}

/// A word of a shell command, quoted where a shell would read more into it.
///
/// No shell command can hold a NUL, and no argument or path has one: it is left out.
pub fn shell_quote(word: &str) -> String {
    // `shlex` quotes what is safe inside a word, such as an `@` and a colon.
    let is_plain = |c: char| c.is_alphanumeric() || "@:/._-+%,".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    let word = word.replace('\0', "");
    match shlex::try_quote(&word) {
        Ok(quoted) => quoted.into_owned(),
        Err(_) => word,
    }
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

    #[test]
    fn control_characters_become_spaces() {
        assert_eq!(excerpt("a\u{1b}[31m\r\nb\u{202e}c"), "a [31m b c");
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        let text = excerpt(&"é".repeat(500));
        assert_eq!(text.chars().count(), LONGEST + 1);
        assert!(text.ends_with('…'));
    }

    #[test]
    fn words_survive_a_shell() {
        assert_eq!(shell_quote("@bot:example.org"), "@bot:example.org");
        for word in ["*", "Ann's bot", "a b", "", "$HOME", "a\nb", "\"", "!"] {
            let line = format!("x {}", shell_quote(word));
            assert_eq!(shlex::split(&line).unwrap(), ["x", word]);
        }
    }
}
