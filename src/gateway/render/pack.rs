//! Packing an answer, which comes as small pieces, into events: as few as will hold it, each begun
//! where it reads best.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Tag, TagEnd};
use unicode_segmentation::UnicodeSegmentation;

use super::{
    clean::{fence, without_blank_start},
    html::{json_length, sanitise, write},
};

/// Bytes after which a piece may end at a space, and must end.
const ENOUGH: usize = 64;
const LONGEST: usize = 256;
/// No sane character is longer, with all that is stacked on it.
const LONGEST_CHARACTER: usize = 1024;

/// The longest head of a table in bytes that is repeated in the next event.
const LONGEST_HEAD: usize = 4096;

/// The words of one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// The text.
    pub body: String,
    /// The same in HTML, where that says more.
    pub html: Option<String>,
}

/// A small piece of an answer.
#[derive(Debug)]
pub struct Piece<'t> {
    /// What it is in HTML: nothing where it is only marks of Markdown.
    pub event: Option<Event<'t>>,
    /// Where it is in the text; the pieces together are the whole text.
    pub source: Range<usize>,
    /// How good it is to begin an event with it.
    pub cut: Cut,
}

impl Piece<'_> {
    /// Whether there is anything of it to be read in HTML.
    pub fn has_words(&self) -> bool {
        match &self.event {
            Some(Event::Text(words) | Event::Code(words)) => !words.trim().is_empty(),
            Some(Event::Rule | Event::InlineHtml(_)) => true,
            _ => false,
        }
    }
}

/// How good it is to begin an event somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cut {
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

/// Packs an answer into events of at most this many bytes of text and HTML together, as JSON. A
/// block is only cut where it does not fit into one event. What is open there is closed, and
/// opened again in the next event.
pub fn pack(text: &str, pieces: &[Piece<'_>], most: usize) -> Vec<Words> {
    let packer = Packer {
        text,
        pieces,
        costs: pieces.iter().map(|piece| cost(text, piece)).collect(),
        most,
    };
    let mut events = Vec::new();
    let mut open = Vec::new();
    let mut start = 0;
    while start < pieces.len() {
        let end = packer.end_of_event(start, &open);
        events.extend(packer.words(start..end, &mut open));
        start = end;
    }
    events
}

/// The most bytes that a piece takes as JSON; an element takes all of them where it begins.
fn cost(text: &str, piece: &Piece<'_>) -> usize {
    let html = match &piece.event {
        Some(Event::Start(tag)) => {
            // The writer begins a line for it where there is none.
            format!(
                "\n{}",
                write([Event::Start(tag.clone()), Event::End(tag.to_end())])
            )
        }
        None | Some(Event::End(_)) => String::new(),
        Some(event) => format!("\n{}", write([event.clone()])),
    };
    json_length(&text[piece.source.clone()]) + json_length(&html)
}

struct Packer<'a, 't> {
    text: &'t str,
    pieces: &'a [Piece<'t>],
    costs: Vec<usize>,
    most: usize,
}

/// An element that is open.
#[derive(Clone)]
struct Open<'t> {
    /// What opens it once more: a list with the number of its next item.
    tag: Tag<'t>,
    /// Where it was opened.
    at: usize,
    /// The head of a table.
    head: Range<usize>,
}

impl<'t> Packer<'_, 't> {
    /// Where the event ends that begins here.
    fn end_of_event(&self, start: usize, open: &[Open<'t>]) -> usize {
        let mut open = open.to_vec();
        let mut size: usize = open.iter().map(|it| self.reopened_cost(it)).sum();
        let (mut block, mut best, mut last) = (None, None, start + 1);
        for (index, piece) in self.pieces.iter().enumerate().skip(start) {
            if index > start && self.may_begin(index) {
                last = index;
                if piece.cut == Cut::Block {
                    block = Some(index);
                }
                if size >= self.most / 2 {
                    best = best.max(Some((piece.cut, index)));
                }
            }
            size += self.costs[index];
            step(&mut open, index, piece);
            let closed: usize = open
                .iter()
                .map(|it| json_length(&self.closing_line(it)))
                .sum();
            if size + closed > self.most {
                let whole = block.filter(|block| self.fits(*block));
                return whole.or(best.map(|(_, at)| at)).unwrap_or(last);
            }
        }
        self.pieces.len()
    }

    /// Whether an event may begin with this: no element is left empty before it or in it.
    fn may_begin(&self, index: usize) -> bool {
        !matches!(self.pieces[index].event, Some(Event::End(_)))
            && !matches!(self.pieces[index - 1].event, Some(Event::Start(_)))
    }

    /// Whether the block that begins here is no more than one event.
    fn fits(&self, block: usize) -> bool {
        let mut rest = self.pieces[block + 1..].iter();
        let end = rest.position(|piece| piece.cut == Cut::Block);
        let end = end.map_or(self.pieces.len(), |length| block + 1 + length);
        self.costs[block..end].iter().sum::<usize>() <= self.most
    }

    /// The event of these pieces; `None` where there is nothing to be read in it. These elements
    /// are open before it, and after it.
    fn words(&self, range: Range<usize>, open: &mut Vec<Open<'t>>) -> Option<Words> {
        let pieces = &self.pieces[range.clone()];
        let (mut events, mut body) = (Vec::new(), String::new());
        for element in open.iter() {
            events.extend(self.reopened(element));
            body.push_str(&self.reopening_lines(element));
        }
        let reopened = body.len();
        for (index, piece) in range.zip(pieces) {
            events.extend(piece.event.clone());
            body.push_str(&self.text[piece.source.clone()]);
            step(open, index, piece);
        }
        events.extend(open.iter().rev().map(|it| Event::End(it.tag.to_end())));
        let has_words = pieces.iter().any(Piece::has_words);
        if !has_words && body[reopened..].trim().is_empty() {
            return None;
        }
        let mut body = without_blank_start(body.trim_end()).to_owned();
        body.extend(open.iter().rev().map(|it| self.closing_line(it)));
        Some(Words {
            body,
            html: has_words.then(|| sanitise(&write(events))),
        })
    }

    fn reopened_cost(&self, open: &Open<'t>) -> usize {
        let mut events = self.reopened(open);
        events.push(Event::End(open.tag.to_end()));
        json_length(&write(events)) + json_length(&self.reopening_lines(open))
    }

    /// What opens an element once more: a table with its head.
    fn reopened(&self, open: &Open<'t>) -> Vec<Event<'t>> {
        let mut events = vec![Event::Start(open.tag.clone())];
        if self.repeats_head(open) {
            let head = &self.pieces[open.head.clone()];
            events.extend(head.iter().filter_map(|piece| piece.event.clone()));
        } else if !open.head.is_empty() {
            events.extend([Event::Start(Tag::TableHead), Event::End(TagEnd::TableHead)]);
        }
        events
    }

    fn repeats_head(&self, open: &Open<'t>) -> bool {
        let cost: usize = self.costs[open.head.clone()].iter().sum();
        !open.head.is_empty() && cost <= LONGEST_HEAD
    }

    /// The same in the text.
    fn reopening_lines(&self, open: &Open<'t>) -> String {
        let block = &self.text[self.pieces[open.at].source.start..];
        match &open.tag {
            Tag::CodeBlock(CodeBlockKind::Fenced(language)) => {
                format!("{}{language}\n", fence(block))
            }
            // The line below the head says where its columns are.
            Tag::Table(_) if self.repeats_head(open) => {
                block.split_inclusive('\n').take(2).collect()
            }
            _ => String::new(),
        }
    }

    /// What closes an element in the text of an event that ends within it.
    fn closing_line(&self, open: &Open<'t>) -> String {
        let block = &self.text[self.pieces[open.at].source.start..];
        match &open.tag {
            Tag::CodeBlock(CodeBlockKind::Fenced(_)) => format!("\n{}", fence(block)),
            _ => String::new(),
        }
    }
}

/// The elements that are open after this piece.
fn step<'t>(open: &mut Vec<Open<'t>>, index: usize, piece: &Piece<'t>) {
    match &piece.event {
        Some(Event::Start(tag)) => open.push(Open {
            tag: tag.clone(),
            at: index,
            head: 0..0,
        }),
        Some(Event::End(end)) => {
            open.pop();
            match (end, open.last_mut()) {
                (TagEnd::TableHead, Some(table)) => table.head = table.at + 1..index + 1,
                (TagEnd::Item, Some(list)) => {
                    if let Tag::List(Some(number)) = &mut list.tag {
                        *number += 1;
                    }
                }
                _ => {}
            }
        }
        _ => {}
    }
}

/// Cuts a text into small pieces.
pub fn chop(text: &str) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for (at, character) in text.grapheme_indices(true) {
        let end = at + character.len();
        let is_enough = match character.chars().next_back() {
            Some('\n') => true,
            Some(last) if last.is_whitespace() => end - start >= ENOUGH,
            _ => end - start >= LONGEST,
        };
        if is_enough {
            push(&mut pieces, text, start..end);
            start = end;
        }
    }
    push(&mut pieces, text, start..text.len());
    pieces
}

fn push(pieces: &mut Vec<Range<usize>>, text: &str, mut piece: Range<usize>) {
    while piece.len() > LONGEST_CHARACTER {
        let end = text.floor_char_boundary(piece.start + LONGEST_CHARACTER);
        pieces.push(piece.start..end);
        piece.start = end;
    }
    if !piece.is_empty() {
        pieces.push(piece);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_end_at_lines_and_spaces() {
        let text = format!("one\ntwo {} {}", "a".repeat(70), "b".repeat(300));
        let pieces: Vec<_> = chop(&text).iter().map(Range::len).collect();
        assert_eq!(pieces, [4, 75, 256, 44]);
    }

    #[test]
    fn a_character_stays_whole_unless_it_is_absurd() {
        let family = "👨\u{200d}👩\u{200d}👧";
        let text = family.repeat(100);
        for piece in chop(&text) {
            assert_eq!(piece.len() % family.len(), 0, "{piece:?}");
        }
        let stacked = format!("a{}", "\u{301}".repeat(5000));
        assert!(chop(&stacked).len() > 5);
    }
}
