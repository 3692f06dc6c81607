//! Taking the bot's name off the beginning of a message: "Bot: !help".

use crate::gateway::message::{Message, links_to};

/// Everything that a message may call the bot at its beginning.
pub(super) fn names(message: &Message, own_id: &str, own_name: Option<&str>) -> Vec<String> {
    let localpart = own_id
        .strip_prefix('@')
        .and_then(|id| id.split(':').next())
        .unwrap_or_default();
    // The text of a link may be a name it went by once.
    [Some(own_id), own_name, Some(localpart)]
        .into_iter()
        .flatten()
        .map(str::to_owned)
        .chain(message.html().and_then(|html| pill(html, own_id)))
        .filter(|name| !name.is_empty())
        .collect()
}

/// The text of the link to the bot that formatted words begin with.
fn pill(html: &str, own_id: &str) -> Option<String> {
    let html = html.trim_start();
    let html = html.strip_prefix("<p>").unwrap_or(html);
    let link = html.strip_prefix("<a href=")?;
    let quote = link.chars().next().filter(|c| ['"', '\''].contains(c))?;
    let (address, rest) = link[1..].split_once(quote)?;
    if !links_to(own_id).iter().any(|link| link == address) {
        return None;
    }
    let (_, rest) = rest.split_once('>')?;
    let (name, _) = rest.split_once("</a>")?;
    // What is escaped in names, the ampersand last.
    let escapes = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ];
    Some(
        escapes
            .iter()
            .fold(name.to_owned(), |name, (escape, plain)| {
                name.replace(escape, plain)
            }),
    )
}

/// The text behind one of these names at its beginning, where there is one; else the text.
pub(super) fn without<'a>(text: &'a str, names: &[String]) -> &'a str {
    let text = text.trim_start();
    let (called, close) = match text.strip_prefix('[') {
        // As in `[Bot](https://matrix.to/#/@bot:example.org)`.
        Some(link) => (link, true),
        None => (text, false),
    };
    names
        .iter()
        .filter_map(|name| strip(called, name))
        .filter_map(|rest| if close { past_link(rest) } else { Some(rest) })
        .find_map(past_separator)
        .unwrap_or(text)
}

/// The text behind a name, with an `@` before it or not, in small or capital letters.
fn strip<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    [Some(text), text.strip_prefix('@')]
        .into_iter()
        .flatten()
        .find_map(|text| {
            let (start, rest) = text.split_at_checked(name.len())?;
            start.eq_ignore_ascii_case(name).then_some(rest)
        })
}

/// Behind the address of a Markdown link whose text has just ended.
fn past_link(rest: &str) -> Option<&str> {
    let (address, rest) = rest.strip_prefix("](")?.split_once(')')?;
    address.contains("matrix.to/#/").then_some(rest)
}

/// Behind what separates a name from what is said: a space at least, or a colon or comma.
fn past_separator(rest: &str) -> Option<&str> {
    let said = rest.trim_start_matches([':', ',']).trim_start();
    (said.len() < rest.len()).then_some(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without_bot(text: &str) -> &str {
        let names = ["@bot:example.org", "Nano Böt", "bot"].map(str::to_owned);
        without(text, &names)
    }

    #[test]
    fn every_way_of_calling_it_is_taken_off() {
        for text in [
            "!help",
            "  !help",
            "@bot:example.org: !help",
            "@bot:example.org !help",
            "bot: !help",
            "Bot, !help",
            "@bot: !help",
            "Nano Böt: !help",
            "@nano Böt !help",
            "[Nano Böt](https://matrix.to/#/@bot:example.org): !help",
            "[@bot:example.org](https://matrix.to/#/@bot:example.org) !help",
        ] {
            assert_eq!(without_bot(text), "!help", "{text}");
        }
    }

    #[test]
    fn a_pill_names_it() {
        let pill = |html: &str| pill(html, "@bot:example.org");
        for html in [
            "<a href=\"https://matrix.to/#/@bot:example.org\">A &lt;Bot&gt;</a>: !help",
            "<p><a href='https://matrix.to/#/%40bot%3Aexample.org' class=x>A &lt;Bot&gt;</a></p>",
        ] {
            assert_eq!(pill(html).as_deref(), Some("A <Bot>"), "{html}");
        }
        for html in [
            "hey <a href=\"https://matrix.to/#/@bot:example.org\">Bot</a>",
            "<a href=\"https://matrix.to/#/@eve:example.org\">Bot</a>",
            "<a href=https://matrix.to/#/@bot:example.org>Bot</a>",
            "<a href=\"",
            "<a href=\"https://matrix.to/#/@bot:example.org\">Bot",
        ] {
            assert_eq!(pill(html), None, "{html}");
        }
    }

    #[test]
    fn other_beginnings_stay() {
        for text in [
            "bottle: !help",
            "bot!help",
            "ann: !help",
            "[bot] !help",
            "[bot](https://example.org/) !help",
            "ö",
            "",
        ] {
            assert_eq!(without_bot(text), text);
        }
    }
}
