//! Spoilers (client-server API, "Spoiler messages"): `||words||`, or the element itself. They travel
//! through the renderer as links to nowhere, so that they are closed and opened again like any other
//! element where an answer is cut.

use std::{collections::BTreeMap, ops::Range};

use pulldown_cmark::{CowStr, Event, LinkType, Tag, TagEnd};

/// What a spoiler has in the place of an address. No answer holds such a character.
const NOWHERE: &str = "\u{1}";
/// The marks around hidden words.
pub const MARK: &str = "||";
/// How the element begins, which may have a reason.
const ELEMENT: &str = "<span data-mx-spoiler";
/// The longest reason in bytes.
const LONGEST_REASON: usize = 256;

/// A spoiler, hidden for this reason.
pub fn spoiler(reason: &str) -> Tag<'static> {
    Tag::Link {
        link_type: LinkType::Inline,
        dest_url: CowStr::Borrowed(NOWHERE),
        title: reason.to_owned().into(),
        id: CowStr::Borrowed(""),
    }
}

/// These events with the elements of spoilers in the place of links to nowhere.
pub fn as_elements<'t>(
    events: impl IntoIterator<Item = Event<'t>>,
) -> impl Iterator<Item = Event<'t>> {
    // Whether each link that is open is a spoiler.
    let mut links = Vec::new();
    events.into_iter().map(move |event| match event {
        Event::Start(Tag::Link {
            dest_url, title, ..
        }) if &*dest_url == NOWHERE => {
            links.push(true);
            let reason = title.replace('&', "&amp;").replace('"', "&quot;");
            let reason = reason.replace('<', "&lt;").replace('>', "&gt;");
            Event::InlineHtml(format!("{ELEMENT}=\"{reason}\">").into())
        }
        Event::Start(Tag::Link { .. }) => {
            links.push(false);
            event
        }
        Event::End(TagEnd::Link) if links.pop() == Some(true) => {
            Event::InlineHtml(CowStr::Borrowed("</span>"))
        }
        event => event,
    })
}

/// Where spoilers begin and end in a text.
#[derive(Debug, PartialEq, Eq)]
pub enum Edge {
    /// Here, for this reason.
    Begin(String),
    End,
}

/// A mark that may be the edge of a spoiler.
struct Candidate {
    at: usize,
    /// How many elements are open there.
    depth: usize,
    /// Whether it is one of the element itself, not of [`MARK`].
    is_element: bool,
    /// The reason, where it may begin a spoiler.
    begins: Option<String>,
    ends: bool,
}

/// The edges of the spoilers in these events, by their places in the text. Both edges are in the
/// same block and the same elements.
pub fn edges(events: &[(Event<'_>, Range<usize>)], text: &str) -> BTreeMap<usize, Edge> {
    let (mut edges, mut depth, mut block) = (BTreeMap::new(), 0, Vec::new());
    let mut is_code = false;
    for (event, range) in events {
        match event {
            Event::Start(tag) => {
                is_code |= matches!(tag, Tag::CodeBlock(_));
                if !is_inline(tag.to_end()) {
                    pair(&mut block, &mut edges);
                }
                depth += 1;
            }
            Event::End(tag) => {
                is_code &= *tag != TagEnd::CodeBlock;
                depth -= 1;
                if !is_inline(*tag) {
                    pair(&mut block, &mut edges);
                }
            }
            // What was written otherwise than it is said has its marks elsewhere.
            Event::Text(words) if !is_code && **words == text[range.clone()] => {
                block.extend(marks(words).map(|mark| Candidate {
                    at: range.start + mark.at,
                    depth,
                    ..mark
                }));
            }
            Event::InlineHtml(tag) => block.extend(element(tag).map(|mark| Candidate {
                at: range.start,
                depth,
                ..mark
            })),
            _ => {}
        }
    }
    pair(&mut block, &mut edges);
    edges
}

fn is_inline(tag: TagEnd) -> bool {
    use TagEnd::{Emphasis, Image, Link, Strikethrough, Strong, Subscript, Superscript};
    matches!(
        tag,
        Emphasis | Strong | Strikethrough | Link | Image | Superscript | Subscript
    )
}

fn marks(words: &str) -> impl Iterator<Item = Candidate> {
    words.match_indices(MARK).map(|(at, _)| {
        let before = words[..at].chars().next_back();
        let behind = words[at + MARK.len()..].chars().next();
        // Next to markup, which is not of these words, it may be either.
        let is_hidden = |c: Option<char>| c.is_none_or(|c| !c.is_whitespace() && c != '|');
        let is_outside = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
        Candidate {
            at,
            depth: 0,
            is_element: false,
            begins: (is_hidden(behind) && is_outside(before)).then(String::new),
            ends: is_hidden(before) && is_outside(behind),
        }
    })
}

fn element(tag: &str) -> Option<Candidate> {
    let reason = tag.strip_prefix(ELEMENT).and_then(|rest| {
        let rest = rest.strip_suffix('>')?;
        let quoted = rest
            .strip_prefix("=\"")
            .and_then(|rest| rest.strip_suffix('"'))
            .filter(|reason| !reason.contains('"'));
        (rest.is_empty() || quoted.is_some()).then(|| quoted.unwrap_or_default())
    });
    let ends = tag == "</span>";
    (reason.is_some() || ends).then(|| Candidate {
        at: 0,
        depth: 0,
        is_element: true,
        begins: reason
            .filter(|reason| reason.len() <= LONGEST_REASON)
            .map(str::to_owned),
        ends,
    })
}

/// Makes edges of the marks of one block that belong together.
fn pair(block: &mut Vec<Candidate>, edges: &mut BTreeMap<usize, Edge>) {
    let mut open: Option<Candidate> = None;
    for mark in block.drain(..) {
        let closes = |open: &Candidate| {
            let is_alike = mark.is_element == open.is_element && mark.depth == open.depth;
            mark.ends && is_alike && mark.at > open.at + MARK.len()
        };
        match open.take_if(|open| closes(open)) {
            Some(begin) => {
                edges.insert(begin.at, Edge::Begin(begin.begins.unwrap_or_default()));
                edges.insert(mark.at, Edge::End);
            }
            None if open.is_none() && mark.begins.is_some() => open = Some(mark),
            None => {}
        }
    }
}
