//! Cutting an answer into events: as few as will hold it, each begun where it reads best.

use super::{
    builder::LONGEST_MARK,
    chop::Cut,
    clean::without_blank_start,
    element::Element,
    escape::json_length,
    piece::{Html, Piece},
};

/// The words of one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Words {
    /// The text.
    pub(super) body: String,
    /// The same in HTML, where that says more.
    pub(super) html: Option<String>,
}

/// Cuts an answer into events of at most this many bytes of text and HTML together, as JSON. What
/// is open where it is cut is closed there, and opened again in the next event.
///
/// An event is filled at least by half before a cut is made for the sake of beauty.
pub(super) fn split(text: &str, pieces: &[Piece], most: usize) -> Vec<Words> {
    let mut parts = Vec::new();
    let mut open = Vec::new();
    let mut start = 0;
    while start < pieces.len() {
        let end = best_end(text, pieces, start, &open, most);
        let part = &pieces[start..end];
        let words = Part::new(&open).filled(text, part);
        let is_blank = part.iter().all(|piece| piece.is_blank(text));
        open = words.open;
        if !is_blank {
            parts.push(words.words);
        }
        start = end;
    }
    parts
}

/// Where the event ends that begins with this piece.
fn best_end(text: &str, pieces: &[Piece], start: usize, open: &[Element], most: usize) -> usize {
    let mut size: usize = open.iter().map(reopened_size).sum();
    let mut open: Vec<&Element> = open.iter().collect();
    let mut best: Option<(usize, Cut)> = None;
    let mut fallback = start + 1;
    for (index, piece) in pieces.iter().enumerate().skip(start) {
        if index > start && may_begin(pieces, index) {
            fallback = index;
            let is_better = best.is_none_or(|(_, cut)| cut <= piece.cut);
            if size >= most / 2 && is_better {
                best = Some((index, piece.cut));
            }
        }
        match &piece.html {
            Html::Open(element) => {
                size += json_length(&element.open()) + closed_size(element);
                open.push(element);
            }
            Html::Words(html) => size += json_length(html),
            Html::Close => {
                if let Some(element) = open.pop() {
                    size = size + json_length(&element.close()) - closed_size(element);
                }
            }
            Html::Nothing => {}
        }
        size += json_length(&text[piece.source.clone()]);
        if size > most {
            return best.map_or(fallback, |(index, _)| index);
        }
    }
    pieces.len()
}

/// Whether an event may begin with this piece: no element is left empty before it or in it.
fn may_begin(pieces: &[Piece], index: usize) -> bool {
    !matches!(pieces[index].html, Html::Close) && !matches!(pieces[index - 1].html, Html::Open(_))
}

/// Bytes that an element takes that goes on from the event before.
fn reopened_size(element: &Element) -> usize {
    json_length(&element.reopen()) + json_length(&element.reopen_source()) + closed_size(element)
}

/// Bytes that are kept free to close an element: with its marks, or where an event ends in it.
fn closed_size(element: &Element) -> usize {
    let source = json_length(element.close_source()) + json_length("\n");
    json_length(&element.close()) + source.max(2 * LONGEST_MARK)
}

/// An event that is being filled.
struct Part {
    words: Words,
    open: Vec<Element>,
}

impl Part {
    fn new(open: &[Element]) -> Self {
        Self {
            words: Words {
                body: open.iter().map(Element::reopen_source).collect(),
                html: Some(open.iter().map(Element::reopen).collect()),
            },
            open: open.to_vec(),
        }
    }

    fn filled(mut self, text: &str, pieces: &[Piece]) -> Self {
        let mut html = self.words.html.take().unwrap_or_default();
        for piece in pieces {
            self.words.body.push_str(&text[piece.source.clone()]);
            match &piece.html {
                Html::Open(element) => {
                    html.push_str(&element.open());
                    self.open.push(element.clone());
                }
                Html::Close => html.push_str(&self.close()),
                Html::Words(words) => html.push_str(words),
                Html::Nothing => {}
            }
        }
        for element in self.open.iter().rev() {
            html.push_str(&element.close());
        }
        let has_html = pieces
            .iter()
            .any(|piece| matches!(piece.html, Html::Words(_)));
        self.words.html = has_html.then_some(html);
        self.end_body();
        self
    }

    /// Closes the last element, and returns what closes it.
    fn close(&mut self) -> String {
        let closed = self.open.pop();
        if let (Some(Element::Plain("li")), Some(Element::Numbered(next))) =
            (&closed, self.open.last_mut())
        {
            *next += 1;
        }
        closed.map(|element| element.close()).unwrap_or_default()
    }

    fn end_body(&mut self) {
        let body = without_blank_start(self.words.body.trim_end());
        let ends = self.open.iter().rev().map(Element::close_source);
        let ends: Vec<_> = ends.filter(|end| !end.is_empty()).collect();
        self.words.body = [&[body], &*ends].concat().join("\n");
    }
}

impl Piece {
    /// Whether there is nothing of it to be read.
    fn is_blank(&self, text: &str) -> bool {
        text[self.source.clone()].trim().is_empty()
            && match &self.html {
                Html::Words(html) => html.trim().is_empty() || html == "<br>\n",
                _ => true,
            }
    }
}
