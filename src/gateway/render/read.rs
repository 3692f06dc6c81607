//! Markdown to pieces, each with its place in the text.

mod inline;

use std::{collections::BTreeMap, ops::Range};

use pulldown_cmark::{
    CodeBlockKind, CowStr, Event, Options, Parser, Tag, TagEnd, TextMergeWithOffset,
};

use super::{
    clean::is_unwanted,
    html::link,
    maths,
    pack::{Cut, Piece, chop},
    spoilers::{Edge, edges},
};

/// Elements that may be open at once; clients show no more than 100. What is deeper stands there
/// without an element.
const DEEPEST: usize = 40;
/// Marks of this many bytes go along with what is next to them.
const LONGEST_MARK: usize = 16;
/// The longest name of a language in bytes.
const LONGEST_LANGUAGE: usize = 32;
/// The longest raised or lowered text in bytes.
const LONGEST_SHIFTED: usize = 32;
/// The most bytes of the text that one piece stands for: less than an event by far.
const LONGEST_SOURCE: usize = 2 * LONGEST_CODE;
/// The most inline code in one element, in bytes.
const LONGEST_CODE: usize = 4096;
/// The longest address, description or title of a picture in bytes.
const LONGEST_TITLE: usize = 512;

const OPTIONS: Options = Options::ENABLE_TABLES
    .union(Options::ENABLE_STRIKETHROUGH)
    .union(Options::ENABLE_SUBSCRIPT)
    .union(Options::ENABLE_TASKLISTS);

/// The pieces of an answer. Where its HTML would say nothing that the text does not say, none of
/// them is anything in HTML.
pub fn read(text: &str) -> Vec<Piece<'_>> {
    let parser = Parser::new_ext(text, maths::options(text, OPTIONS));
    let events: Vec<_> = TextMergeWithOffset::new(parser.into_offset_iter()).collect();
    let mut reader = Reader::new(text);
    reader.spoilers = edges(&events, text);
    let mut events = events.into_iter();
    while let Some((event, range)) = events.next() {
        if let Event::Start(Tag::Image {
            dest_url, title, ..
        }) = event
        {
            let description = description(&mut events);
            reader.picture(&dest_url, &title, &description, range);
        } else {
            reader.event(event, range);
        }
    }
    if is_plain(text, &reader.pieces) {
        reader = Reader::new(text);
    }
    reader.skip_to(text.len());
    reader.pieces
}

/// Whether there is no more in the HTML than in the text, or nothing at all.
fn is_plain(text: &str, pieces: &[Piece<'_>]) -> bool {
    let (mut words, mut has_markup) = (String::new(), false);
    for event in pieces.iter().filter_map(|piece| piece.event.as_ref()) {
        match event {
            Event::Text(text) => words.push_str(text),
            Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph) | Event::HardBreak => {}
            _ => has_markup = true,
        }
    }
    let spaceless = |text: &str| text.split_whitespace().collect::<String>();
    let says_the_same = !has_markup && spaceless(&words) == spaceless(text);
    says_the_same || !pieces.iter().any(Piece::has_words)
}

/// The words up to the end of a picture, which describe it.
fn description<'t>(events: &mut impl Iterator<Item = (Event<'t>, Range<usize>)>) -> String {
    let mut words = String::new();
    let mut open = 1;
    while open > 0
        && let Some((event, _)) = events.next()
    {
        match event {
            Event::Start(_) => open += 1,
            Event::End(_) => open -= 1,
            Event::Text(text) | Event::Code(text) | Event::InlineHtml(text) => {
                words.push_str(&text);
            }
            _ => words.push(' '),
        }
    }
    words
}

struct Reader<'t> {
    text: &'t str,
    pieces: Vec<Piece<'t>>,
    /// Up to where the text is in the pieces.
    at: usize,
    /// The elements that are open; what is left out has none.
    open: Vec<Option<TagEnd>>,
    is_after_heading: bool,
    /// Where spoilers begin and end.
    spoilers: BTreeMap<usize, Edge>,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            text,
            pieces: Vec::new(),
            at: 0,
            open: Vec::new(),
            is_after_heading: false,
            spoilers: BTreeMap::new(),
        }
    }

    fn event(&mut self, event: Event<'t>, range: Range<usize>) {
        let source = &self.text[range.clone()];
        let has_space = || source.contains(char::is_whitespace);
        match event {
            // Other words, as `~5 or ~6~`, only look lowered.
            Event::Start(Tag::Subscript) if has_space() => {
                self.words("~", range.start..range.start + 1);
            }
            Event::End(TagEnd::Subscript) if has_space() => {
                self.words("~", range.end - 1..range.end);
            }
            Event::Start(tag) => self.start(tag, range.start),
            Event::End(_) => self.close(range.end),
            Event::Text(words) if self.is_in(TagEnd::CodeBlock) => self.words(&words, range),
            Event::Text(words) => self.words_and_spoilers(&words, &range),
            Event::Code(code) => {
                let marks = range.len().saturating_sub(code.len()) / 2;
                let place = range.start + marks..range.end - marks;
                self.chopped(&code, &place, LONGEST_CODE, Event::Code);
            }
            Event::Html(line) => {
                let last = self.pieces.last().and_then(|piece| piece.event.as_ref());
                if !matches!(last, Some(Event::Start(_))) {
                    self.push(Event::HardBreak, range.start..range.start);
                }
                let line = line.trim_end_matches('\n');
                self.words(line, range.start..range.start + line.len());
            }
            Event::InlineHtml(_) if self.spoilers.contains_key(&range.start) => {
                self.spoiler_edge(range.start, range.end);
            }
            Event::InlineHtml(words) => self.words(&words, range),
            Event::TaskListMarker(is_done) => {
                let sign = if is_done { "☑ " } else { "☐ " };
                self.words(sign, range);
            }
            Event::InlineMath(formula) if formula.len() <= LONGEST_CODE => {
                self.push(
                    Event::InlineHtml(maths::element(&formula, false).into()),
                    range,
                );
            }
            Event::DisplayMath(formula) if formula.len() <= LONGEST_CODE => {
                self.display(&formula, range);
            }
            Event::InlineMath(_) | Event::DisplayMath(_) => self.words(source, range),
            Event::SoftBreak | Event::HardBreak => self.push(Event::HardBreak, range),
            Event::Rule => self.push(Event::Rule, range),
            // What is not switched on above.
            Event::FootnoteReference(_) => {}
        }
    }

    fn is_in(&self, element: TagEnd) -> bool {
        self.open.contains(&Some(element))
    }

    fn start(&mut self, tag: Tag<'t>, at: usize) {
        // A table is there with its cells, or not at all.
        let deepest = match tag {
            Tag::Table(_) => DEEPEST - 4,
            Tag::TableHead | Tag::TableRow => DEEPEST - 3,
            Tag::TableCell => DEEPEST - 2,
            _ => DEEPEST,
        };
        let tag = match tag {
            _ if self.open.len() >= deepest => None,
            Tag::HtmlBlock => Some(Tag::Paragraph),
            Tag::Table(_) => Some(Tag::Table(Vec::new())),
            Tag::CodeBlock(CodeBlockKind::Fenced(info)) => {
                Some(Tag::CodeBlock(CodeBlockKind::Fenced(language(&info))))
            }
            Tag::Link {
                link_type,
                dest_url,
                ..
            } => link(link_type, &dest_url),
            tag => Some(tag),
        };
        self.open(tag, at);
    }

    fn open(&mut self, tag: Option<Tag<'t>>, at: usize) {
        let end = tag.as_ref().map(Tag::to_end);
        if let Some(tag) = tag {
            self.push(Event::Start(tag), at..at);
        }
        self.open.push(end);
    }

    /// Closes the last element that was opened, with its marks up to here.
    fn close(&mut self, at: usize) {
        if let Some(tag) = self.open.pop().flatten() {
            self.push(Event::End(tag), at..at);
            self.is_after_heading = matches!(tag, TagEnd::Heading(_));
        }
    }

    /// Words from this place of the text.
    fn words(&mut self, words: &str, range: Range<usize>) {
        self.chopped(words, &range, 0, Event::Text);
    }

    /// Events of words from this place, in pieces where they are longer than this.
    fn chopped(
        &mut self,
        words: &str,
        range: &Range<usize>,
        longest: usize,
        event: fn(CowStr<'t>) -> Event<'t>,
    ) {
        let whole = 0..words.len();
        let pieces = if words.len() <= longest {
            vec![whole]
        } else {
            chop(words)
        };
        for piece in pieces {
            // Entities may bring in what is not said.
            let said = words[piece.clone()].replace(is_unwanted, "");
            if !said.is_empty() {
                self.push(event(said.into()), part_of(range, words, piece));
            }
        }
    }

    fn push(&mut self, event: Event<'t>, source: Range<usize>) {
        if matches!(event, Event::Start(_)) || source.start > self.at + LONGEST_MARK {
            self.skip_to(source.start);
        }
        // As of a picture with a long description: that is whole only in the text.
        if source.end > self.at + LONGEST_SOURCE {
            self.skip_to(source.end);
        }
        let end = self.place(source.end);
        self.add(Some(event), end);
        self.is_after_heading = false;
    }

    /// The text up to here, which is nothing in HTML.
    fn skip_to(&mut self, at: usize) {
        let start = self.at;
        for piece in chop(&self.text[start..self.place(at)]) {
            self.add(None, start + piece.end);
        }
    }

    fn add(&mut self, event: Option<Event<'t>>, end: usize) {
        self.pieces.push(Piece {
            cut: self.cut(event.as_ref()),
            source: self.at..end,
            event,
        });
        self.at = end;
    }

    /// A place of the text, which is never before what is in the pieces, nor within a character.
    fn place(&self, at: usize) -> usize {
        self.text.floor_char_boundary(at).max(self.at)
    }

    /// How good it is to begin an event with this.
    fn cut(&self, event: Option<&Event<'t>>) -> Cut {
        let before = &self.text[..self.at];
        match event {
            // A heading stays with what it is the heading of.
            _ if self.is_after_heading => Cut::Word,
            Some(Event::Start(_) | Event::Rule) if self.open.is_empty() => Cut::Block,
            Some(Event::Start(tag)) if is_block(tag) => Cut::Item,
            None if self.open.is_empty() && ends_with_blank_line(before) => Cut::Block,
            _ if before.ends_with('\n') => Cut::Line,
            _ if before.ends_with(char::is_whitespace) => Cut::Word,
            _ => Cut::Anywhere,
        }
    }
}

fn is_block(tag: &Tag<'_>) -> bool {
    matches!(
        tag,
        Tag::Paragraph
            | Tag::Heading { .. }
            | Tag::BlockQuote(_)
            | Tag::CodeBlock(_)
            | Tag::List(_)
            | Tag::Item
            | Tag::Table(_)
            | Tag::TableRow
    )
}

fn ends_with_blank_line(text: &str) -> bool {
    let lines = text.strip_suffix('\n').unwrap_or_default();
    lines.trim_end_matches([' ', '\t']).ends_with('\n')
}

/// Where a part of words is that stand in this place: at the same distance where they are what
/// stands there, or about there where they are not.
fn part_of(place: &Range<usize>, words: &str, part: Range<usize>) -> Range<usize> {
    let at = |distance: usize| place.start + distance * place.len() / words.len().max(1);
    at(part.start)..at(part.end)
}

/// A language as it may stand in a class; none where it is not fit to.
fn language(info: &str) -> CowStr<'static> {
    let word = info.split([' ', '\t', ',', '{']).next().unwrap_or_default();
    let is_fit = |c: char| c.is_ascii_alphanumeric() || "+-#._".contains(c);
    let is_name = !word.starts_with('_') && word.chars().all(is_fit);
    let name = (is_name && word.len() <= LONGEST_LANGUAGE).then(|| word.to_owned());
    name.unwrap_or_default().into()
}

/// A text for an attribute, cut where it would be absurd.
fn short(text: &str) -> String {
    let text = &text[..text.floor_char_boundary(LONGEST_TITLE)];
    text.replace(is_unwanted, "")
}
