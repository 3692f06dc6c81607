//! What of an agent's text is said: all of it, but nothing that commands a terminal, hides, or
//! turns the text around it about.

use pulldown_cmark::{Event, Parser, TagEnd};
use unicode_segmentation::UnicodeSegmentation;

/// The most that is said at once, in bytes. Nobody reads more in a chat.
const MOST: usize = 1024 * 1024;

/// The text as it is said: cleaned, without blank lines around it, and cut with a note where it is
/// absurdly long.
pub fn sayable(text: &str) -> String {
    let text = clean(text);
    let text = without_blank_start(text.trim_end());
    if text.len() <= MOST {
        return text.to_owned();
    }
    let size = text.len() / 1024;
    append(
        good_start(text),
        &format!("[The answer is cut here: it is {size} KiB long.]"),
    )
}

/// The text from its first line that is not blank.
pub fn without_blank_start(text: &str) -> &str {
    let first = text.len() - text.trim_start().len();
    let line = text[..first].rfind('\n').map_or(0, |end| end + 1);
    &text[line..]
}

/// As much of the text as is said, up to the end of a line where there is one near.
fn good_start(text: &str) -> &str {
    let most = &text[..text.floor_char_boundary(MOST)];
    let whole_lines = most.rfind('\n').filter(|end| *end > MOST / 2);
    let end = whole_lines.or_else(|| most.grapheme_indices(true).next_back().map(|last| last.0));
    &most[..end.unwrap_or(most.len())]
}

/// Whether there is anything in it to be seen.
pub fn is_visible(text: &str) -> bool {
    let is_blank = |c: char| {
        c.is_whitespace()
            || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}')
    };
    !text.chars().all(is_blank)
}

/// The text without what [`is_unwanted`] and what colours a terminal; every end of a line is a
/// `\n`.
///
/// Not `console::strip_ansi_codes`: what looks for the end of an unfinished sequence takes all of
/// the text that follows.
fn clean(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\r' => {
                characters.next_if_eq(&'\n');
                cleaned.push('\n');
            }
            '\u{2028}' | '\u{2029}' => cleaned.push('\n'),
            // ESC [ … letter.
            '\u{1b}' if characters.next_if_eq(&'[').is_some() => {
                while characters.next_if(|c| matches!(c, ' '..='?')).is_some() {}
                characters.next_if(|c| matches!(c, '@'..='~'));
            }
            _ if is_unwanted(character) => {}
            _ => cleaned.push(character),
        }
    }
    cleaned
}

/// Control characters, and those that turn the direction of the text after them or hide in it.
///
/// Right-to-left scripts need none of them: their letters have their direction.
pub fn is_unwanted(character: char) -> bool {
    match character {
        '\n' | '\t' => false,
        '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{fffe}'
        | '\u{ffff}'
        | '\u{e0001}' => true,
        _ => character.is_control(),
    }
}

/// The text with words of a paragraph of their own after it.
pub fn append(text: &str, words: &str) -> String {
    let text = text.trim_end();
    if text.is_empty() {
        return words.to_owned();
    }
    let appended = format!("{text}\n\n{words}");
    let last = Parser::new(&appended).into_offset_iter().last();
    match last {
        Some((Event::End(TagEnd::CodeBlock), block)) => {
            format!("{text}\n{}\n\n{words}", fence(&text[block.start..]))
        }
        _ => appended,
    }
}

/// The marks that a block of code begins with; none where it is only indented.
pub fn fence(block: &str) -> &str {
    let mark = block.chars().next().filter(|mark| "`~".contains(*mark));
    let end = block.find(|c| Some(c) != mark).unwrap_or(block.len());
    &block[..end.min(64)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_turns_text_about_is_gone_and_right_to_left_words_stay() {
        assert_eq!(
            sayable("a\u{202e}gpj.exe\u{202c} שלום\u{2067}x\u{200f}"),
            "agpj.exe שלוםx\u{200f}"
        );
        assert_eq!(
            sayable("\u{1b}[1;31mred\u{1b}[0m\0\u{7}\u{9b}"),
            "red",
            "what a terminal obeys"
        );
        // Its end never comes, and what follows is said.
        assert_eq!(sayable("a\u{1b}]0;t\nb\u{1b}Hello"), "a]0;t\nbHello");
        // An emoji of a family, and a word that needs a zero-width non-joiner.
        for text in ["👨\u{200d}👩\u{200d}👧", "می\u{200c}خواهم", "❤\u{fe0f}"] {
            assert_eq!(sayable(text), text);
        }
    }

    #[test]
    fn lines_stay_lines() {
        assert_eq!(
            sayable("\n\r\n  a\r\nb\rc\u{2028}d\te\n \n"),
            "  a\nb\nc\nd\te"
        );
    }

    #[test]
    fn nothing_to_see_is_seen() {
        for text in ["", " \n\t", "\u{200b}\u{2060}", "\u{ad}"] {
            assert!(!is_visible(text), "{text:?}");
        }
        assert!(is_visible(" ."));
    }

    #[test]
    fn an_absurd_answer_is_cut_with_a_note_outside_of_its_code() {
        let code = format!("```sh\n{}```", "echo 1\n".repeat(200_000));
        let said = sayable(&code);
        assert!(said.len() < MOST + 100, "{}", said.len());
        let end = "echo 1\n```\n\n[The answer is cut here: it is 1367 KiB long.]";
        assert!(said.ends_with(end), "{}", &said[said.len() - 99..]);
        let words = sayable(&"é".repeat(MOST));
        assert!(
            words.ends_with("éé\n\n[The answer is cut here: it is 2048 KiB long.]"),
            "{}",
            &words[words.len() - 100..]
        );
    }
}
