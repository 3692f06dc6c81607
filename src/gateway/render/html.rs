//! HTML as others may see it (client-server API, "m.room.message msgtypes").

use pulldown_cmark::{CowStr, Event, LinkType, Tag};
use ruma_html::{Html, SanitizerConfig};

use super::spoilers::as_elements;

/// The longest address in bytes that is linked.
const LONGEST_ADDRESS: usize = 2048;

/// Where a link may lead; everything else is a text.
const SCHEMES: [&str; 4] = ["https", "http", "mailto", "matrix"];

/// The HTML of these events, as the parser's crate writes it.
pub fn write<'t>(events: impl IntoIterator<Item = Event<'t>>) -> String {
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, as_elements(events));
    html
}

/// The HTML with nothing but what the specification lets a message have.
pub fn sanitise(html: &str) -> String {
    let html = Html::parse(html);
    html.sanitize_with(&SanitizerConfig::compat());
    // An entity is three times as long as its character.
    let html = html.to_string().replace("&nbsp;", "\u{a0}");
    html.trim_end().to_owned()
}

/// A link to this address; `None` where it is not one that could be followed from anywhere.
pub fn link(link_type: LinkType, address: &str) -> Option<Tag<'static>> {
    let (scheme, rest) = match link_type {
        LinkType::Email => ("mailto", address),
        _ => address.split_once(':')?,
    };
    let scheme = scheme.to_ascii_lowercase();
    let leads_somewhere = SCHEMES.contains(&scheme.as_str()) && address.len() <= LONGEST_ADDRESS;
    leads_somewhere.then(|| Tag::Link {
        link_type: LinkType::Inline,
        dest_url: format!("{scheme}:{rest}").into(),
        title: CowStr::Borrowed(""),
        id: CowStr::Borrowed(""),
    })
}

/// Bytes of a text within a JSON string.
pub fn json_length(text: &str) -> usize {
    serde_json::Value::from(text).to_string().len() - 2
}
