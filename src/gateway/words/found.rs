//! What is found in running words: bare addresses, raised and lowered text.

use std::ops::Range;

use super::{addresses::addresses, element::Element, escape::link};

/// The longest raised or lowered text in bytes.
const LONGEST_SHIFTED: usize = 32;

/// Something in running words that is an element.
pub(super) struct Found {
    /// Where it is, its marks included.
    pub(super) at: Range<usize>,
    pub(super) element: Element,
    /// Where its own words are.
    pub(super) words: Range<usize>,
}

/// What there is in these words, in their order.
pub(super) fn found(words: &str, is_in_link: bool) -> Vec<Found> {
    let mut found = Vec::new();
    let mut done = 0;
    let addresses = if is_in_link {
        Vec::new()
    } else {
        addresses(words)
    };
    for at in addresses {
        if let Some(href) = link(&words[at.clone()]) {
            find_shifted(words, done..at.start, &mut found);
            done = at.end;
            found.push(Found {
                words: at.clone(),
                at,
                element: Element::Link(href),
            });
        }
    }
    find_shifted(words, done..words.len(), &mut found);
    found
}

/// Finds `x^2^` and `H~2~O` in this part of the words.
fn find_shifted(words: &str, part: Range<usize>, found: &mut Vec<Found>) {
    let mut start = part.start;
    while let Some(next) = words[start..part.end].find(['^', '~']) {
        let open = start + next;
        let name = if words[open..].starts_with('^') {
            "sup"
        } else {
            "sub"
        };
        start = open + 1;
        let Some(length) = shifted_length(&words[start..part.end], &words[open..start]) else {
            continue;
        };
        found.push(Found {
            at: open..start + length + 1,
            element: Element::Plain(name),
            words: start..start + length,
        });
        start += length + 1;
    }
}

/// Bytes of the raised or lowered text that begins here and ends with this mark.
fn shifted_length(text: &str, mark: &str) -> Option<usize> {
    let is_fit = |c: char| c.is_alphanumeric() || "+-=().,".contains(c);
    let length = text.find(|c: char| !is_fit(c))?;
    let is_shifted = (1..=LONGEST_SHIFTED).contains(&length) && text[length..].starts_with(mark);
    is_shifted.then_some(length)
}
