//! How people name somebody in a message: by a link, or by a word.

use matrix_sdk::ruma::{MatrixToUri, MatrixUri, matrix_uri::MatrixId};

use crate::address::linked_user;

/// A link to a user.
#[derive(Debug, PartialEq, Eq)]
pub struct Pill {
    pub user_id: String,
    /// The text of the link.
    pub name: String,
    /// Whether the message begins with it.
    pub is_first: bool,
}

/// The most bytes of a link's tag, and of its text. What is longer names nobody.
const LONGEST: usize = 1000;

/// The links to users in a message's HTML.
///
/// It is somebody else's, and may be of any depth, so it is only searched, and from no link
/// further than a link may be long: the time it takes grows with the message, not with its square.
pub fn pills(html: &str) -> impl Iterator<Item = Pill> {
    let begins = html.trim_start();
    let begins = begins.strip_prefix("<p>").unwrap_or(begins).trim_start();
    let first = html.len() - begins.len();
    let links = html.match_indices("<a ");
    links.filter_map(move |(start, tag)| {
        let link = &html[start + tag.len()..];
        let (attributes, _) = beginning(link).split_once('>')?;
        let (_, address) = attributes.split_once("href=")?;
        let quote = address.chars().next().filter(|c| ['"', '\''].contains(c))?;
        let (address, _) = address[1..].split_once(quote)?;
        let user_id = linked_user(&unescaped(address))?;
        let text = &link[attributes.len() + 1..];
        let (name, _) = beginning(text).split_once("</a>")?;
        Some(Pill {
            user_id,
            name: unescaped(name),
            is_first: start == first,
        })
    })
}

/// As much of a text as a link may be long.
fn beginning(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST)]
}

/// A text without what is escaped in it, the ampersand last.
fn unescaped(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">");
    let text = text.replace("&quot;", "\"").replace("&#39;", "'");
    text.replace("&amp;", "&")
}

/// The events of this room that a text has links to.
pub fn linked_events(text: &str, room_id: &str) -> Vec<String> {
    let is_between = |c: char| c.is_whitespace() || "<>()[]\"'".contains(c);
    let mut found = Vec::new();
    for word in text.split(is_between) {
        if !word.starts_with("https://matrix.to/#/") && !word.starts_with("matrix:") {
            continue;
        }
        let word = word.trim_end_matches(['.', ',', ';', ':', '!']);
        let link = MatrixToUri::parse(word).map(|uri| uri.id().clone());
        let link = link.or_else(|_| MatrixUri::parse(word).map(|uri| uri.id().clone()));
        if let Ok(MatrixId::Event(room, event)) = link
            && room.as_str() == room_id
            && !found.contains(&event.to_string())
        {
            found.push(event.to_string());
        }
    }
    found
}

/// Whether a text contains this name as a whole word: `@bot:a.org` is not in `@bot:a.org.uk`.
pub fn names(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(start, found)| {
        let before = text[..start].chars().next_back();
        let mut after = text[start + found.len()..].chars();
        let goes_on = match after.next() {
            Some('.' | ':' | '-') => after.next().is_some_and(char::is_alphanumeric),
            Some(next) => next.is_alphanumeric() || next == '_',
            None => false,
        };
        !goes_on && !before.is_some_and(char::is_alphanumeric)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOT: &str = "@bot:example.org";

    #[test]
    fn every_address_of_a_user_leads_to_it() {
        for address in [
            "https://matrix.to/#/@bot:example.org",
            "https://matrix.to/#/%40bot%3Aexample.org",
            "https://matrix.to/#/%40bot%3aexample.org",
            "https://matrix.to/#/%40bot:example.org",
            "https://matrix.to/#/@bot%3Aexample.org",
            "https://matrix.to/#/@bot:example.org?via=example.org",
            "https://matrix.to/#/%40bot%3aexample.org?via=a.org&via=b.org",
            "matrix:u/bot:example.org",
            "matrix:u/bot%3aexample.org?action=chat",
            "matrix:user/bot:example.org",
        ] {
            assert_eq!(linked_user(address).as_deref(), Some(BOT), "{address}");
        }
        for address in [
            "https://matrix.to/#/@bot:example.org.uk",
            "https://matrix.to/#/!room:example.org",
            "https://matrix.to/#///x",
            "https://example.org/#/@bot:example.org",
            "matrix:r/bot:example.org",
            "matrix:u/%ff",
            "@bot:example.org",
            "",
        ] {
            assert_ne!(linked_user(address).as_deref(), Some(BOT), "{address}");
        }
    }

    #[test]
    fn a_link_to_an_event_of_the_room_is_found() {
        let text = "See https://matrix.to/#/!r:h/$one?via=h, (https://matrix.to/#/%21r%3Ah/%24two) \
                    matrix:roomid/r:h/e/three https://matrix.to/#/!other:h/$four \
                    https://matrix.to/#/!r:h/$one https://matrix.to/#/@ann:h https://h/$five";
        assert_eq!(linked_events(text, "!r:h"), ["$one", "$two", "$three"]);
    }

    #[test]
    fn a_pill_names_it() {
        let first = |html: &str| {
            let mut ours = pills(html).filter(|pill| pill.user_id == BOT && pill.is_first);
            ours.next().map(|pill| pill.name)
        };
        for html in [
            "<a href=\"https://matrix.to/#/@bot:example.org\">A &lt;Bot&gt;</a>: !help",
            "<p><a href='https://matrix.to/#/%40bot%3Aexample.org' class=x>A &lt;Bot&gt;</a></p>",
            "<a class=\"x\" href=\"matrix:u/bot:example.org?a=b&amp;c=d\">A &lt;Bot&gt;</a>",
        ] {
            assert_eq!(first(html).as_deref(), Some("A <Bot>"), "{html}");
        }
        for html in [
            "hey <a href=\"https://matrix.to/#/@bot:example.org\">Bot</a>",
            "<a href=\"https://matrix.to/#/@eve:example.org\">Bot</a>",
            "<a href=https://matrix.to/#/@bot:example.org>Bot</a>",
            "<a href=\"",
            "<a href=\"https://matrix.to/#/@bot:example.org\">Bot",
        ] {
            assert_eq!(first(html), None, "{html}");
        }
    }
    #[test]
    fn a_message_full_of_links_takes_no_longer_than_its_length() {
        let links = [
            "<a ",
            "<a href=\"matrix:u/bot:example.org\">",
            "<a href='https://matrix.to/#/@bot:example.org'>x",
            " ",
        ];
        let begun = std::time::Instant::now();
        for link in links {
            let html = format!("{}</a>é", link.repeat(60_000 / link.len()));
            assert!(pills(&html).count() < 100, "{link}");
        }
        // With its square, it would be minutes.
        assert!(begun.elapsed() < std::time::Duration::from_secs(2));
    }

    #[test]
    fn what_is_too_long_names_nobody() {
        let link = |text: &str| format!("<a href=\"matrix:u/bot:example.org\">{text}</a>");
        assert_eq!(pills(&link(&"é".repeat(400))).count(), 1);
        assert_eq!(pills(&link(&"é".repeat(600))).count(), 0);
    }
}
