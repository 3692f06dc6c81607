//! An answer as small pieces: of its HTML, and of its text, side by side.

use std::ops::Range;

use super::{
    chop::{Cut, chop},
    element::Element,
};

/// A small piece of an answer.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    /// What it is in the HTML.
    pub(super) html: Html,
    /// Where it is in the text; the pieces together are the whole text.
    pub(super) source: Range<usize>,
    /// How good it is to begin an event with it.
    pub(super) cut: Cut,
}

/// A piece of HTML.
#[derive(Clone, Debug)]
pub(super) enum Html {
    /// An element begins.
    Open(Element),
    /// The last element that began ends.
    Close,
    /// What is to be read, as it stands in HTML.
    Words(String),
    /// Nothing: marks of Markdown.
    Nothing,
}

/// Pieces as HTML, in which every element that begins ends.
pub(super) fn html(pieces: &[Piece]) -> String {
    let mut html = String::new();
    let mut open = Vec::new();
    for piece in pieces {
        match &piece.html {
            Html::Open(element) => {
                html.push_str(&element.open());
                open.push(element);
            }
            Html::Close => {
                if let Some(element) = open.pop() {
                    html.push_str(&element.close());
                }
            }
            Html::Words(words) => html.push_str(words),
            Html::Nothing => {}
        }
    }
    html
}

/// The pieces of a text that is to be read as it is.
pub(super) fn plain(text: &str) -> Vec<Piece> {
    let mut after_blank = false;
    let mut begins_line = true;
    let mut pieces = Vec::new();
    for (source, cut) in chop(text) {
        let is_block = cut == Cut::Line && after_blank;
        let piece = &text[source.clone()];
        after_blank = begins_line && piece.trim().is_empty();
        begins_line = piece.ends_with('\n');
        pieces.push(Piece {
            html: Html::Nothing,
            source,
            cut: if is_block { Cut::Block } else { cut },
        });
    }
    pieces
}
