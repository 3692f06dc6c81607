//! What stands within lines: words with links, raised and lowered ones, spoilers, formulas, pictures.

use std::ops::Range;

use linkify::{LinkFinder, LinkKind};
use pulldown_cmark::{CowStr, Event, LinkType, Tag, TagEnd};

use super::{DEEPEST, LONGEST_SHIFTED, LONGEST_TITLE, Reader, part_of, short};
use crate::gateway::render::{
    html::{link, write},
    maths,
    pack::Piece,
    spoilers::{Edge, MARK, spoiler},
};

impl Reader<'_> {
    /// The homeserver's own pictures are shown, others are linked: to load one tells its owner
    /// who reads here. (The sanitiser does not see an address that comes after a description.)
    pub(super) fn picture(
        &mut self,
        address: &str,
        title: &str,
        description: &str,
        range: Range<usize>,
    ) {
        let tag = Tag::Image {
            link_type: LinkType::Inline,
            dest_url: address.to_owned().into(),
            title: short(title).into(),
            id: CowStr::Borrowed(""),
        };
        if address.starts_with("mxc://") && address.len() <= LONGEST_TITLE {
            let (words, end) = (Event::Text(short(description).into()), tag.to_end());
            let html = write([Event::Start(tag), words, Event::End(end)]);
            self.push(Event::InlineHtml(html.into()), range);
        } else if description.trim().is_empty() {
            self.linked_words(address, address, &range);
        } else {
            self.linked_words(description, address, &range);
        }
    }

    fn linked_words(&mut self, words: &str, address: &str, range: &Range<usize>) {
        let may_link = self.open.len() < DEEPEST && !self.is_in(TagEnd::Link);
        let tag = may_link.then(|| link(LinkType::Inline, address)).flatten();
        self.open(tag, range.start);
        self.words(words, range.clone());
        self.close(range.end);
    }

    /// A formula on lines of its own, where there may be such.
    pub(super) fn display(&mut self, formula: &str, range: Range<usize>) {
        let is_block = match self.open.last() {
            Some(Some(TagEnd::Paragraph)) => {
                // The paragraph ends before it, or was only opened for it.
                match self.pieces.last_mut() {
                    Some(Piece { event, .. })
                        if matches!(event, Some(Event::Start(Tag::Paragraph))) =>
                    {
                        *event = None;
                        self.open.pop();
                    }
                    _ => self.close(range.start),
                }
                self.open.push(None);
                true
            }
            None | Some(None | Some(TagEnd::Item | TagEnd::BlockQuote(_))) => true,
            Some(_) => false,
        };
        let element = maths::element(formula, is_block);
        self.push(Event::InlineHtml(element.into()), range);
    }

    /// Begins or ends a spoiler, whose mark is between these places.
    pub(super) fn spoiler_edge(&mut self, at: usize, end: usize) {
        match self.spoilers.remove(&at) {
            Some(Edge::Begin(reason)) => {
                let tag = (self.open.len() < DEEPEST).then(|| spoiler(&reason));
                self.open(tag, at);
            }
            Some(Edge::End) => self.close(end),
            None => {}
        }
    }

    /// Running words, in which spoilers may begin and end.
    pub(super) fn words_and_spoilers(&mut self, words: &str, range: &Range<usize>) {
        let edges: Vec<_> = self
            .spoilers
            .range(range.clone())
            .map(|(at, _)| *at)
            .collect();
        let mut done = 0;
        for at in edges {
            // They are only where the words stand as they are said.
            let mark = at - range.start;
            self.running_words(&words[done..mark], &(range.start + done..at));
            done = mark + MARK.len();
            self.spoiler_edge(at, range.start + done);
        }
        self.running_words(&words[done..], &(range.start + done..range.end));
    }

    /// Words from this place of the text, with links for the bare addresses in them.
    fn running_words(&mut self, words: &str, range: &Range<usize>) {
        let mut finder = LinkFinder::new();
        for span in finder.kinds(&[LinkKind::Url]).spans(words) {
            let part = part_of(range, words, span.start()..span.end());
            let word = span.as_str();
            let is_web = word.starts_with("http://") || word.starts_with("https://");
            if is_web && span.kind().is_some() {
                self.linked_words(word, word, &part);
            } else {
                self.shifted_words(word, &part);
            }
        }
    }

    /// Words in which `x^2^` is raised and `H~2~O` lowered: the parser does not know them within
    /// a word.
    fn shifted_words(&mut self, words: &str, range: &Range<usize>) {
        let is_fit = |c: char| c.is_alphanumeric() || "+-=().,".contains(c);
        let mut done = 0;
        for (open, mark) in words.match_indices(['^', '~']) {
            let start = open + 1;
            let length = words[start..].find(|c| !is_fit(c)).unwrap_or_default();
            let is_shifted = (1..=LONGEST_SHIFTED).contains(&length)
                && words[start + length..].starts_with(mark);
            if open < done || !is_shifted {
                continue;
            }
            let tag = match mark {
                "^" => Tag::Superscript,
                _ => Tag::Subscript,
            };
            let tag = (self.open.len() < DEEPEST).then_some(tag);
            let end = start + length;
            let inner = part_of(range, words, start..end);
            self.words(&words[done..open], part_of(range, words, done..open));
            self.open(tag, inner.start.saturating_sub(1));
            self.words(&words[start..end], inner.clone());
            self.close(inner.end + 1);
            done = end + 1;
        }
        self.words(&words[done..], part_of(range, words, done..words.len()));
    }
}
