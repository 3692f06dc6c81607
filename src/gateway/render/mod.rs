//! What an answer looks like in the room: Markdown in, the contents of events out.

mod clean;
mod event;
mod html;
mod pack;
mod read;

pub use clean::{append, is_visible};
pub use event::{edit, relation};

use super::message::Message;
use crate::journal::Part;

/// The events that answer this message with these words, which are Markdown. Where there is
/// nothing to see in the words there are none.
///
/// Each event fits, as itself and as an edit, encrypted or not.
pub fn compose(message: &Message, answer: &str) -> Vec<Part> {
    let text = clean::sayable(answer);
    if !is_visible(&text) {
        return Vec::new();
    }
    pack::pack(&text, &read::read(&text), event::room_for_words(message))
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
pub fn notice(message: &Message, words: &str) -> Vec<Part> {
    let words = pack::Words {
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

#[cfg(test)]
pub mod tests;
