//! What holds of any answer.

use std::fmt::Write as _;

use arbtest::arbitrary::{Result, Unstructured};

use super::*;
use crate::gateway::render::{
    clean::{is_unwanted, sayable},
    event::{LARGEST, MARK, edit},
    html::write,
    pack::Piece,
    read::read,
};

/// What answers are made of here: all marks of Markdown, and what somebody would try.
const FRAGMENTS: &[&str] = &[
    "word ",
    "*",
    "**",
    "_",
    "`",
    "```",
    "```rust\n",
    "~~~",
    "~",
    "~~",
    "^",
    "\n",
    "\n\n",
    "# ",
    "> ",
    "- ",
    "1. ",
    "7) ",
    "    ",
    "  ",
    "| a | b |\n|---|---|\n",
    "| 1 | 2 |\n",
    "|",
    "---\n",
    "[a](",
    ")",
    "[",
    "]",
    "![",
    "](https://a.org)",
    "](javascript:alert(1))",
    "](ftp://h/f)",
    "[a](magnet:?xt=b)",
    "](data:text/html,x)",
    "](mxc://h/x)",
    "<",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<a href='javascript:x' onclick=x>",
    "<javascript:x>",
    "<https://a.org>",
    "https://a.org/?a=b&c=\"d\"",
    "\" onclick=\"x",
    "&#106;",
    "&lt;",
    "&#x202e;",
    "\u{202e}",
    "\u{2066}",
    "é",
    "👨\u{200d}👩\u{200d}👧",
    "\\",
    "&",
    "\0",
    "\r\n",
    "\t",
    "<!--",
    "-->",
    "<div>\n",
    "[a]: javascript:x\n",
    "[a]",
    "@room ",
    "-- ",
    "===\n",
    "x^2^",
    "H~2~O",
    "||",
    "||x||",
    "<span data-mx-spoiler>",
    "<span data-mx-spoiler=\"a&b\">",
    "</span>",
    "$",
    "$$",
    "$a<b$",
    "- [ ] ",
    "- [x] ",
];

/// An answer of fragments, some of them many times.
fn answer(u: &mut Unstructured<'_>, longest: usize) -> Result<String> {
    let mut answer = String::new();
    for _ in 0..u.int_in_range(0..=60)? {
        let fragment = *u.choose(FRAGMENTS)?;
        let times = if u.ratio(1, 20)? {
            u.int_in_range(0..=longest)?
        } else {
            1
        };
        answer.push_str(&fragment.repeat(times));
    }
    Ok(answer)
}

/// Reads HTML as strictly as can be: only these elements with these attributes, each closed in
/// its turn. Returns the words.
fn read_strictly(html: &str) -> String {
    let (mut rest, mut open, mut words) = (html, Vec::new(), String::new());
    while let Some(start) = rest.find('<') {
        words.push_str(&rest[..start]);
        let end = rest
            .find('>')
            .unwrap_or_else(|| panic!("a tag without an end in {html}"));
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "in {html}");
            continue;
        }
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        assert_allowed(name, attributes);
        if !["br", "hr", "img"].contains(&name) {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?} are open in {html}");
    words.push_str(rest);
    assert!(!words.contains('>'), "{words}");
    assert!(!words.chars().any(is_unwanted), "{words:?}");
    words
}

fn assert_allowed(name: &str, attributes: &str) {
    const BARE: &str = "p strong em del code pre blockquote ul ol li h1 h2 h3 h4 h5 h6 hr br table \
                        thead tbody tr th td sup sub";
    let values: Vec<_> = attributes.split('"').collect();
    let is_fine = match (name, &*values) {
        (_, [""]) => BARE.split_whitespace().any(|bare| bare == name),
        ("a", ["href=", href, ""]) => ["https:", "http:", "mailto:", "matrix:"]
            .iter()
            .any(|it| href.to_lowercase().starts_with(it)),
        ("img", ["alt=", _, " src=", src, ""] | ["alt=", _, " src=", src, " title=", _, ""]) => {
            src.starts_with("mxc://")
        }
        ("code", ["class=", class, ""]) => class.starts_with("language-"),
        ("ol", ["start=", number, ""]) => number.parse::<u64>().is_ok(),
        ("span", ["data-mx-spoiler=" | "data-mx-maths=", _, ""])
        | ("div", ["data-mx-maths=", _, ""]) => true,
        _ => false,
    };
    assert!(is_fine, "<{name} {attributes}>");
}

#[test]
fn no_answer_says_more_in_html_than_it_may() {
    arbtest::arbtest(|u| {
        for words in words(&answer(u, 30)?) {
            read_strictly(&words.html.unwrap_or_default());
        }
        Ok(())
    })
    .budget_ms(2000);
}

#[test]
fn the_pieces_of_any_answer_are_its_whole_text() {
    arbtest::arbtest(|u| {
        let text = sayable(&answer(u, 30)?);
        let pieces = read(&text);
        let mut at = 0;
        for piece in &pieces {
            assert_eq!(piece.source.start, at, "{text:?}: {pieces:?}");
            at = piece.source.end;
        }
        assert_eq!(at, text.len());
        Ok(())
    })
    .budget_ms(2000);
}

fn without_space(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

#[test]
fn the_events_of_any_answer_fit_and_lose_nothing() {
    let events = |answer: &str| {
        let mut html = String::new();
        for content in contents(answer) {
            let as_edit = edit(&content, &format!("${}", "e".repeat(254)));
            for content in [&content, &as_edit] {
                assert!(
                    content.to_string().len() + MARK <= LARGEST,
                    "{}",
                    content.to_string().len()
                );
            }
            let shown = content["formatted_body"].as_str().unwrap_or_default();
            let _ = write!(html, "{}", words_of(shown));
        }
        html
    };
    arbtest::arbtest(|u| {
        let answer = answer(u, 3000)?;
        let text = sayable(&answer);
        let shown = events(&answer);
        let pieces = read(&text);
        if pieces.iter().any(Piece::has_words) {
            let whole = write(pieces.into_iter().filter_map(|piece| piece.event));
            assert_eq!(without_space(&shown), without_space(&words_of(&whole)));
        } else {
            let bodies: String = words(&answer).into_iter().map(|words| words.body).collect();
            assert_eq!(without_space(&bodies), without_space(&text));
        }
        Ok(())
    })
    .budget_ms(4000);
}

/// What of HTML is to be read, without the heads of tables: they are there again in each event.
fn words_of(html: &str) -> String {
    let parts = html.split("<thead>").enumerate();
    let parts = parts.map(|(index, part)| match part.split_once("</thead>") {
        Some((_, rows)) if index > 0 => rows,
        _ => part,
    });
    let html: String = parts.collect();
    html.split('<')
        .enumerate()
        .map(|(index, part)| {
            if index == 0 {
                part
            } else {
                part.split_once('>').map_or("", |it| it.1)
            }
        })
        .collect()
}

#[test]
fn a_deep_answer_is_no_trouble() {
    for mark in [
        "> ", "- ", "*a ", "[", "![", "1. ", "`", "<b>", "~", "^", "|", "https://", "||a ", "$a",
        "$$",
    ] {
        let answer = mark.repeat(60_000 / mark.len());
        for words in words(&format!("**x**\n\n{answer} end")) {
            read_strictly(&words.html.unwrap_or_default());
        }
    }
}
