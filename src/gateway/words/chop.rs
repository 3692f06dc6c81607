//! Text in small pieces, none of which tears a character as people see it.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

/// Bytes after which a piece may end at a space, and must end.
const ENOUGH: usize = 64;
const LONGEST: usize = 256;
/// No sane character is longer, with all that is stacked on it.
const LONGEST_CHARACTER: usize = 1024;

/// How good it is to begin an event somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cut {
    /// Between two characters of a word.
    Anywhere,
    /// Between two words.
    Word,
    /// Between two lines.
    Line,
    /// Between two items of a list, two rows of a table.
    Item,
    /// Between two paragraphs, or whatever else stands by itself.
    Block,
}

/// Cuts a text into pieces, and says of each how good it is to begin an event with it. Of the
/// first nothing is known: it is [`Cut::Anywhere`].
pub(super) fn chop(text: &str) -> Vec<(Range<usize>, Cut)> {
    let mut pieces = Vec::new();
    let (mut start, mut cut) = (0, Cut::Anywhere);
    for (at, character) in text.grapheme_indices(true) {
        let end = at + character.len();
        let next = after(character);
        if next == Cut::Line
            || (next == Cut::Word && end - start >= ENOUGH)
            || end - start >= LONGEST
        {
            push(&mut pieces, text, start..end, cut);
            (start, cut) = (end, next);
        }
    }
    push(&mut pieces, text, start..text.len(), cut);
    pieces
}

/// How good it is to begin an event after this character.
fn after(character: &str) -> Cut {
    match character.chars().next_back() {
        Some('\n') => Cut::Line,
        Some(last) if last.is_whitespace() => Cut::Word,
        _ => Cut::Anywhere,
    }
}

fn push(pieces: &mut Vec<(Range<usize>, Cut)>, text: &str, piece: Range<usize>, cut: Cut) {
    let (mut start, mut cut) = (piece.start, cut);
    while piece.end - start > LONGEST_CHARACTER {
        let end = text.floor_char_boundary(start + LONGEST_CHARACTER);
        pieces.push((start..end, cut));
        (start, cut) = (end, Cut::Anywhere);
    }
    if start < piece.end {
        pieces.push((start..piece.end, cut));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_end_at_lines_and_spaces() {
        let text = format!("one\ntwo {} {}", "a".repeat(70), "b".repeat(300));
        let pieces: Vec<_> = chop(&text)
            .into_iter()
            .map(|(piece, cut)| (piece.len(), cut))
            .collect();
        assert_eq!(
            pieces,
            [
                (4, Cut::Anywhere),
                (75, Cut::Line),
                (256, Cut::Word),
                (44, Cut::Anywhere)
            ]
        );
    }

    #[test]
    fn a_character_stays_whole_unless_it_is_absurd() {
        let family = "👨\u{200d}👩\u{200d}👧";
        let text = family.repeat(100);
        for (piece, _) in chop(&text) {
            assert_eq!(piece.len() % family.len(), 0, "{piece:?}");
        }
        let stacked = format!("a{}", "\u{301}".repeat(5000));
        assert!(chop(&stacked).len() > 5);
    }
}
