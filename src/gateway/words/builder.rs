//! Putting an answer's pieces together while its Markdown is read.

use std::ops::Range;

use super::{
    chop::{Cut, chop},
    element::Element,
    escape::escape_words,
    found::{Found, found},
    piece::{Html, Piece, html},
};

/// Elements that may be open at once; clients show no more than 100. What is deeper stands there
/// without an element.
const DEEPEST: usize = 40;
/// Marks of this many bytes go along with the element that they close.
pub(super) const LONGEST_MARK: usize = 16;
/// The longest head of a table in bytes that is repeated in the next event.
const LONGEST_HEAD: usize = 2048;

pub(super) struct Builder<'t> {
    text: &'t str,
    pieces: Vec<Piece>,
    /// Up to where the text is in the pieces.
    at: usize,
    /// How good it is to begin an event with the next piece.
    next: Cut,
    /// The elements that are open: where they are among the pieces; those that are too deep are
    /// not there.
    open: Vec<Option<usize>>,
    is_after_heading: bool,
    /// Whether anything was met that the plain text cannot say.
    has_markup: bool,
    has_words: bool,
}

impl<'t> Builder<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            pieces: Vec::new(),
            at: 0,
            next: Cut::Block,
            open: Vec::new(),
            is_after_heading: false,
            has_markup: false,
            has_words: false,
        }
    }

    /// All pieces; `None` where the plain text says as much.
    pub(super) fn finish(mut self) -> Option<Vec<Piece>> {
        self.source_to(self.text.len());
        (self.has_markup && self.has_words).then_some(self.pieces)
    }

    pub(super) fn source(&self, range: Range<usize>) -> &'t str {
        &self.text[range]
    }

    /// There is something that the plain text cannot say.
    pub(super) fn markup(&mut self) {
        self.has_markup = true;
    }

    pub(super) fn is_in_code(&self) -> bool {
        self.is_in(|element| matches!(element, Element::Code { .. }))
    }

    pub(super) fn is_in_link(&self) -> bool {
        self.is_in(|element| matches!(element, Element::Link(_)))
    }

    fn is_in(&self, sort: impl Fn(&Element) -> bool) -> bool {
        let is_it = |at: usize| matches!(&self.pieces[at].html, Html::Open(it) if sort(it));
        // What is too deep is behind all that is not.
        self.open.iter().map_while(|at| *at).any(is_it)
    }

    /// Opens an element; a block says how good it is to begin an event with it.
    pub(super) fn open(&mut self, element: Element, at: usize, block: Option<Cut>) {
        self.source_to(at);
        if !matches!(element, Element::Plain("p")) {
            self.has_markup = true;
        }
        if let Some(cut) = block {
            self.next = match cut {
                // A heading stays with what it is the heading of.
                _ if self.is_after_heading => Cut::Word,
                Cut::Block if !self.open.is_empty() => Cut::Item,
                _ => cut,
            };
            self.is_after_heading = false;
        }
        if self.open.len() == DEEPEST || self.open.last() == Some(&None) {
            self.open.push(None);
            return;
        }
        self.open.push(Some(self.pieces.len()));
        let cut = self.take_cut();
        self.push(Html::Open(element), self.at..self.at, cut);
    }

    /// Closes the last element that was opened, with its marks up to here.
    pub(super) fn close(&mut self, at: usize) {
        let at = self.place(at);
        let is_there = self.open.pop().flatten().is_some();
        if !is_there || at - self.at > LONGEST_MARK {
            self.source_to(at);
        }
        if !is_there {
            return;
        }
        let marks = self.at..at;
        self.push(Html::Close, marks, Cut::Anywhere);
    }

    pub(super) fn close_heading(&mut self, at: usize) {
        self.close(at);
        self.is_after_heading = true;
    }

    pub(super) fn open_head(&mut self, at: usize) {
        self.open(Element::Plain("thead"), at, None);
        self.open(Element::Plain("tr"), at, None);
    }

    /// Closes a table's head, remembers it for the events in which the table goes on, and opens
    /// its body.
    pub(super) fn close_head(&mut self, at: usize) {
        self.close(at);
        self.close(at);
        if let Some(&Some(table)) = self.open.last() {
            let html = html(&self.pieces[table + 1..]);
            // The line below the head says where its columns are.
            let lines = self.text[self.pieces[table].source.start..].lines();
            let lines: String = lines.take(2).flat_map(|line| [line, "\n"]).collect();
            if html.len() <= LONGEST_HEAD
                && lines.len() <= LONGEST_HEAD
                && let Html::Open(Element::Table { head, source }) = &mut self.pieces[table].html
            {
                (*head, *source) = (html, lines);
            }
        }
        self.open(Element::Plain("tbody"), at, None);
    }

    pub(super) fn close_table(&mut self, at: usize) {
        self.close(at);
        self.close(at);
    }

    /// The element of a table's cell.
    pub(super) fn cell(&self) -> &'static str {
        if self.is_in(|element| matches!(element, Element::Plain("thead"))) {
            "th"
        } else {
            "td"
        }
    }

    /// Words from this place of the text.
    pub(super) fn words(&mut self, words: &str, place: Range<usize>) {
        if words.is_empty() {
            return;
        }
        self.source_to(place.start);
        let map = Map::new(words.len(), &place);
        for (index, (piece, cut)) in chop(words).into_iter().enumerate() {
            let cut = if index == 0 { self.take_cut() } else { cut };
            let source = self.at..self.place(map.at(piece.end));
            self.has_words = true;
            self.push(Html::Words(escape_words(&words[piece])), source, cut);
        }
        self.next = match words.chars().next_back() {
            Some('\n') => Cut::Line,
            Some(last) if last.is_whitespace() => Cut::Word,
            _ => Cut::Anywhere,
        };
    }

    /// Words from this place of the text, with links for the bare addresses in them, and raised
    /// and lowered text, which the parser does not know within a word.
    pub(super) fn running_words(&mut self, words: &str, place: Range<usize>) {
        self.has_markup |= self.text[place.clone()] != *words;
        let map = Map::new(words.len(), &place);
        let mut done = 0;
        for Found {
            at,
            element,
            words: inner,
        } in found(words, self.is_in_link())
        {
            self.words(&words[done..at.start], map.at(done)..map.at(at.start));
            self.open(element, map.at(at.start), None);
            self.words(
                &words[inner.clone()],
                map.at(inner.start)..map.at(inner.end),
            );
            self.close(map.at(at.end));
            done = at.end;
        }
        self.words(&words[done..], map.at(done)..place.end);
    }

    /// A line of raw HTML, as words.
    pub(super) fn html_line(&mut self, line: &str, place: Range<usize>) {
        if let Some(Html::Words(_)) = self.pieces.last().map(|piece| &piece.html) {
            self.line_break(&(place.start..place.start));
        }
        let line = line.trim_end_matches('\n');
        self.words(line, place.start..place.start + line.len());
    }

    pub(super) fn line_break(&mut self, place: &Range<usize>) {
        self.push_words("<br>\n", place);
        self.next = Cut::Line;
    }

    /// A line break that is marked by more than the end of the line.
    pub(super) fn mark_hard_break(&mut self, place: &Range<usize>) {
        self.has_markup |= self.text[place.clone()].contains('\\');
    }

    pub(super) fn rule(&mut self, place: Range<usize>) {
        self.next = Cut::Block;
        self.void("<hr>", place);
    }

    /// An element that has nothing in it.
    pub(super) fn void(&mut self, html: &str, place: Range<usize>) {
        self.has_markup = true;
        self.has_words = true;
        self.push_words(html, &place);
    }

    fn push_words(&mut self, html: &str, place: &Range<usize>) {
        self.source_to(place.start);
        let cut = self.take_cut();
        let source = self.at..place.start;
        self.push(Html::Words(html.to_owned()), source, cut);
        self.source_to(place.end);
    }

    /// The text up to here, which is nothing in HTML.
    pub(super) fn source_to(&mut self, at: usize) {
        let (start, at) = (self.at, self.place(at));
        for (index, (piece, cut)) in chop(&self.text[start..at]).into_iter().enumerate() {
            let cut = if index == 0 { self.take_cut() } else { cut };
            self.push(Html::Nothing, self.at..start + piece.end, cut);
        }
    }

    fn push(&mut self, html: Html, source: Range<usize>, cut: Cut) {
        self.at = self.at.max(source.end);
        self.pieces.push(Piece { html, source, cut });
    }

    fn take_cut(&mut self) -> Cut {
        std::mem::replace(&mut self.next, Cut::Anywhere)
    }

    /// A place of the text, which is never before what is in the pieces, nor within a character.
    fn place(&self, at: usize) -> usize {
        self.text.floor_char_boundary(at).max(self.at)
    }
}

/// Where the words of a piece of text are: at the same distance where they are what stands there,
/// or about there where they are not.
struct Map {
    words: usize,
    start: usize,
    length: usize,
}

impl Map {
    fn new(words: usize, place: &Range<usize>) -> Self {
        Self {
            words: words.max(1),
            start: place.start,
            length: place.len(),
        }
    }

    fn at(&self, distance: usize) -> usize {
        if distance >= self.words {
            return self.start + self.length;
        }
        self.start + distance * self.length / self.words
    }
}
