//! What an answer looks like in the room, and saying it: at once, or while it is being written.

mod addresses;
mod builder;
mod chop;
mod clean;
mod deliver;
mod element;
mod escape;
mod event;
mod found;
mod live;
mod markdown;
mod piece;
mod split;

pub(super) use clean::append;
pub(super) use deliver::{Delivery, Outlet};
pub(super) use event::relation;

use super::message::Message;
use crate::inbox::Part;

/// The events that answer this message with these words, which are Markdown. Where there is
/// nothing to see in the words there are none.
///
/// Each event fits, as itself and as an edit, encrypted or not.
#[must_use]
pub(super) fn compose(message: &Message, answer: &str) -> Vec<Part> {
    let text = clean::sayable(answer);
    if !clean::is_visible(&text) {
        return Vec::new();
    }
    let pieces = markdown::read(&text).unwrap_or_else(|| piece::plain(&text));
    split::split(&text, &pieces, event::room_for_words(message))
        .iter()
        .zip(0..)
        .map(|(words, part)| Part {
            part,
            content: event::content(message, words, part == 0).to_string(),
        })
        .collect()
}

/// The event that answers this message with words of the bot's own, which no bot answers (spec,
/// `m.notice`). They are no Markdown, and fit.
#[must_use]
pub(super) fn notice(message: &Message, words: &str) -> Vec<Part> {
    let words = split::Words {
        body: words.to_owned(),
        html: None,
    };
    let mut content = event::content(message, &words, true);
    content["msgtype"] = "m.notice".into();
    vec![Part {
        part: 0,
        content: content.to_string(),
    }]
}

/// What is said where an answer ended before its time: what there is of it, and why.
#[must_use]
pub(super) fn interrupted(so_far: &str, why: &str) -> String {
    clean::append(so_far, why)
}

#[cfg(test)]
mod tests;
