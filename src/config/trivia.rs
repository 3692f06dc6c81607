//! What stands between two values: white space, comments, a comma or a colon.

use std::ops::Range;

/// One thing between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Space,
    LineComment,
    BlockComment,
    /// A comma or a colon.
    Mark,
}

/// A thing between two values and its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) kind: Kind,
    pub(super) span: Range<usize>,
}

impl Piece {
    pub(super) fn is_comment(&self) -> bool {
        matches!(self.kind, Kind::LineComment | Kind::BlockComment)
    }
}

/// The pieces of a gap between two values of a text that was parsed.
pub(super) fn pieces(text: &str, gap: Range<usize>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut start = gap.start;
    while start < gap.end {
        let (kind, length) = first(&text[start..gap.end]);
        let span = start..start + length;
        start = span.end;
        pieces.push(Piece { kind, span });
    }
    pieces
}

/// The first piece of a text that is not empty, and its length in bytes.
fn first(text: &str) -> (Kind, usize) {
    if text.starts_with("//") {
        let length = text.find(is_newline).unwrap_or(text.len());
        return (Kind::LineComment, length);
    }
    if text.starts_with("/*") {
        let length = text.find("*/").map_or(text.len(), |end| end + 2);
        return (Kind::BlockComment, length);
    }
    match text.find(|character| !is_space(character)) {
        Some(0) => (Kind::Mark, text.chars().next().map_or(1, char::len_utf8)),
        Some(length) => (Kind::Space, length),
        None => (Kind::Space, text.len()),
    }
}

/// Whether a character ends a line.
pub(super) fn is_newline(character: char) -> bool {
    matches!(character, '\n' | '\r')
}

/// Whether a character is white space to JSON.
pub(super) fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t') || is_newline(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_falls_into_its_pieces() {
        let text = " /* , */ , // : \n\t";
        let kinds: Vec<_> = pieces(text, 0..text.len())
            .into_iter()
            .map(|piece| (piece.kind, text[piece.span].to_owned()))
            .collect();
        let expected = [
            (Kind::Space, " "),
            (Kind::BlockComment, "/* , */"),
            (Kind::Space, " "),
            (Kind::Mark, ","),
            (Kind::Space, " "),
            (Kind::LineComment, "// : "),
            (Kind::Space, "\n\t"),
        ];
        let expected: Vec<_> = expected.map(|(kind, text)| (kind, text.to_owned())).into();
        assert_eq!(kinds, expected);
    }

    #[test]
    fn a_block_comment_needs_more_than_a_slash() {
        assert_eq!(pieces("/**/", 0..4).len(), 1);
    }
}
