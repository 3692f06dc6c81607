//! Markdown to pieces of HTML: of nothing but the elements and attributes that are named here,
//! so that there is nothing left to be sanitised.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};

use super::{
    builder::Builder,
    chop::Cut,
    element::Element,
    escape::{escape_value, link, picture},
    piece::Piece,
};

/// The longest name of a language in bytes.
const LONGEST_LANGUAGE: usize = 32;

fn parser(text: &str) -> Parser<'_> {
    Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH)
}

/// The pieces of an answer; `None` where its HTML would say nothing that the text does not say.
pub(super) fn read(text: &str) -> Option<Vec<Piece>> {
    let mut reader = Reader {
        builder: Builder::new(text),
        words: None,
        picture: None,
        marks: Vec::new(),
    };
    for (event, range) in parser(text).into_offset_iter() {
        reader.event(event, range);
    }
    reader.flush();
    reader.builder.finish()
}

/// What closes the block of code that a text ends in, if it ends in one.
pub(super) fn open_fence(text: &str) -> Option<String> {
    let (tag, range) = parser(text)
        .into_offset_iter()
        .filter_map(|(event, range)| match event {
            Event::Start(tag) => Some((tag, range)),
            _ => None,
        })
        .last()?;
    let Tag::CodeBlock(CodeBlockKind::Fenced(_)) = tag else {
        return None;
    };
    let block = text[range.clone()].trim();
    let fence = fence(block);
    let last = block.lines().skip(1).last().unwrap_or_default();
    let last = last.trim_start_matches(['>', ' ']);
    let is_closed = last.len() >= fence.len() && last.chars().all(|c| fence.starts_with(c));
    (range.end >= text.trim_end().len() && !is_closed).then_some(fence)
}

/// The marks that a block of code begins with.
fn fence(block: &str) -> String {
    let first = block.chars().next().unwrap_or('`');
    block.chars().take_while(|c| *c == first).take(64).collect()
}

/// A language as it may stand in a class.
fn language(info: &str) -> Option<String> {
    let word = info.split([' ', '\t', ',', '{']).next()?;
    let is_fit = |c: char| c.is_ascii_alphanumeric() || "+-#._".contains(c);
    let is_name = !word.is_empty() && !word.starts_with('_') && word.chars().all(is_fit);
    (is_name && word.len() <= LONGEST_LANGUAGE).then(|| word.to_owned())
}

struct Reader<'t> {
    builder: Builder<'t>,
    /// Words that go on in the next event: the parser ends them wherever a mark could have been.
    words: Option<(String, Range<usize>)>,
    picture: Option<Picture>,
    /// For each struck text that is open: the mark to show instead.
    marks: Vec<Option<&'static str>>,
}

/// A picture whose words are being read.
struct Picture {
    address: String,
    title: String,
    words: String,
    /// Pictures among its words.
    inner: usize,
}

impl Reader<'_> {
    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        if self.picture.is_some() {
            self.within_picture(&event, &range);
            return;
        }
        if let (Event::Text(words), false) = (&event, self.builder.is_in_code()) {
            let (collected, place) = self.words.get_or_insert((String::new(), range.clone()));
            collected.push_str(words);
            place.end = range.end;
            return;
        }
        self.flush();
        match event {
            Event::Start(tag) => self.start(tag, range),
            Event::End(tag) => self.end(tag, range.end),
            Event::Code(code) => {
                self.builder.open(Element::Plain("code"), range.start, None);
                self.builder.words(&code, inner(&range, code.len()));
                self.builder.close(range.end);
            }
            Event::Html(line) => self.builder.html_line(&line, range),
            Event::SoftBreak => self.builder.line_break(&range),
            Event::HardBreak => {
                self.builder.line_break(&range);
                self.builder.mark_hard_break(&range);
            }
            Event::Rule => self.builder.rule(range),
            // What is left are words: raw HTML, text in code, and what is not switched on above.
            Event::Text(words)
            | Event::InlineHtml(words)
            | Event::FootnoteReference(words)
            | Event::InlineMath(words)
            | Event::DisplayMath(words) => self.builder.words(&words, range),
            Event::TaskListMarker(_) => {}
        }
    }

    /// Hands over the words that were collected, their bare addresses as links.
    fn flush(&mut self) {
        if let Some((words, range)) = self.words.take() {
            self.builder.running_words(&words, range);
        }
    }

    fn start(&mut self, tag: Tag<'_>, range: Range<usize>) {
        let at = range.start;
        let element = match tag {
            Tag::Paragraph | Tag::HtmlBlock => Element::Plain("p"),
            Tag::Heading { level, .. } => {
                let names = ["h1", "h2", "h3", "h4", "h5", "h6"];
                Element::Plain(names[level as usize - 1])
            }
            Tag::BlockQuote(_) => Element::Plain("blockquote"),
            Tag::CodeBlock(CodeBlockKind::Indented) => Element::Code {
                language: None,
                fence: String::new(),
            },
            Tag::CodeBlock(CodeBlockKind::Fenced(info)) => Element::Code {
                language: language(&info),
                fence: fence(self.builder.source(range)),
            },
            Tag::List(None) => Element::Plain("ul"),
            Tag::List(Some(first)) => Element::Numbered(first),
            Tag::Item => return self.builder.open(Element::Plain("li"), at, Some(Cut::Item)),
            Tag::Table(_) => Element::Table {
                head: String::new(),
                source: String::new(),
            },
            Tag::TableHead => return self.builder.open_head(at),
            Tag::TableRow => return self.builder.open(Element::Plain("tr"), at, Some(Cut::Item)),
            _ => return self.start_inline(tag, range),
        };
        self.builder.open(element, at, Some(Cut::Block));
    }

    fn start_inline(&mut self, tag: Tag<'_>, range: Range<usize>) {
        let element = match tag {
            Tag::TableCell => Element::Plain(self.builder.cell()),
            Tag::Emphasis => Element::Plain("em"),
            Tag::Strong => Element::Plain("strong"),
            Tag::Strikethrough => return self.start_struck(range),
            Tag::Link {
                link_type,
                dest_url,
                ..
            } => {
                let address = match link_type {
                    LinkType::Email => link(&format!("mailto:{dest_url}")),
                    _ => link(&dest_url),
                };
                address.map_or(Element::Nothing, Element::Link)
            }
            Tag::Image {
                dest_url, title, ..
            } => {
                self.builder.source_to(range.start);
                self.picture = Some(Picture {
                    address: dest_url.into_string(),
                    title: title.into_string(),
                    words: String::new(),
                    inner: 0,
                });
                return;
            }
            // Kinds of blocks that are not switched on above.
            _ => Element::Nothing,
        };
        self.builder.open(element, range.start, None);
    }

    /// Two marks strike out. One lowers, where there is no space within; other words, as `~5 or
    /// ~6`, only look so.
    fn start_struck(&mut self, range: Range<usize>) {
        let source = self.builder.source(range.clone());
        let (element, shown) = if source.starts_with("~~") {
            (Element::Plain("del"), None)
        } else if source.contains(char::is_whitespace) {
            (Element::Nothing, Some("~"))
        } else {
            (Element::Plain("sub"), None)
        };
        self.builder.open(element, range.start, None);
        if let Some(mark) = shown {
            self.builder.words(mark, range.start..range.start + 1);
        }
        self.marks.push(shown);
    }

    fn end(&mut self, tag: TagEnd, at: usize) {
        match tag {
            TagEnd::TableHead => self.builder.close_head(at),
            TagEnd::Table => self.builder.close_table(at),
            TagEnd::Heading(_) => self.builder.close_heading(at),
            TagEnd::Strikethrough => {
                if let Some(mark) = self.marks.pop().flatten() {
                    self.builder.words(mark, at - 1..at);
                }
                self.builder.close(at);
            }
            _ => self.builder.close(at),
        }
    }

    /// Of what is within a picture only the words count.
    fn within_picture(&mut self, event: &Event<'_>, range: &Range<usize>) {
        let Some(picture) = &mut self.picture else {
            return;
        };
        match event {
            Event::Text(words) | Event::Code(words) | Event::InlineHtml(words) => {
                picture.words.push_str(words);
            }
            Event::SoftBreak | Event::HardBreak => picture.words.push(' '),
            Event::Start(Tag::Image { .. }) => picture.inner += 1,
            Event::End(TagEnd::Image) if picture.inner > 0 => picture.inner -= 1,
            Event::End(TagEnd::Image) => {
                if let Some(picture) = self.picture.take() {
                    self.show(&picture, range);
                }
            }
            _ => {}
        }
    }

    /// The homeserver's own pictures are shown, others are linked: to load one tells its owner
    /// who reads here.
    fn show(&mut self, shown: &Picture, range: &Range<usize>) {
        let place = range.start..range.start;
        let words = match shown.words.trim() {
            "" => &shown.address,
            words => words,
        };
        if let Some(address) = picture(&shown.address) {
            let title = match short(&shown.title) {
                title if title.is_empty() => title,
                title => format!(" title=\"{title}\""),
            };
            let words = short(&shown.words);
            let html = format!("<img src=\"{address}\" alt=\"{words}\"{title}>");
            self.builder.void(&html, place);
        } else if let (Some(address), false) = (link(&shown.address), self.builder.is_in_link()) {
            self.builder.open(Element::Link(address), place.start, None);
            self.builder.words(words, place.clone());
            self.builder.close(place.end);
        } else {
            self.builder.markup();
            self.builder.words(words, place);
        }
        self.builder.source_to(range.end);
    }
}

/// A text for an attribute, cut where it would be absurd.
fn short(text: &str) -> String {
    escape_value(&text[..text.floor_char_boundary(512)])
}

/// The place of an element's words among its marks.
fn inner(range: &Range<usize>, length: usize) -> Range<usize> {
    let marks = range.len().saturating_sub(length) / 2;
    range.start + marks..range.end - marks
}
