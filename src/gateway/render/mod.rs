//! What an answer looks like in the room: Markdown in, the contents of events out.

mod address;
mod clean;
mod event;
mod extras;
mod html;
mod maths;
mod pack;
mod read;
mod spoilers;

pub use address::{Address, Manner};
pub use clean::{append, is_visible};
pub use event::edit;
pub use extras::{poll, reaction};

use serde_json::Value;

use crate::journal::Part;

/// The events that answer a message with these words, which are Markdown. Where there is
/// nothing to see in the words there are none.
///
/// Each event fits, as itself and as an edit, encrypted or not.
pub fn compose(address: Address<'_>, answer: &str) -> Vec<Part> {
    let text = clean::sayable(answer);
    if !is_visible(&text) {
        return Vec::new();
    }
    pack::pack(&text, &read::read(&text), event::room_for_words(address))
        .iter()
        .zip(0..)
        .map(|(words, part)| Part {
            part,
            content: event::content(address, words, part == 0).to_string(),
        })
        .collect()
}

/// The event that answers a message with words of the bot's own, which no bot answers (spec,
/// `m.notice`). They are no Markdown, and fit.
pub fn notice(address: Address<'_>, words: &str) -> Vec<Part> {
    let words = pack::Words {
        body: words.to_owned(),
        html: None,
    };
    let mut content = event::content(address, &words, true);
    content["msgtype"] = "m.notice".into();
    vec![Part {
        part: 0,
        content: content.to_string(),
    }]
}

/// Puts a caption, which is Markdown, into the content of a file (client-server API, "Media
/// captions"); whether it fits.
pub fn caption(content: &mut Value, words: &str) -> bool {
    let text = clean::sayable(words);
    if !is_visible(&text) {
        return true;
    }
    let most = event::LARGEST / 2;
    let [words] = &*pack::pack(&text, &read::read(&text), most) else {
        return false;
    };
    content["body"] = words.body.as_str().into();
    if let Some(html) = &words.html {
        content["format"] = event::HTML.into();
        content["formatted_body"] = html.as_str().into();
    }
    true
}

#[cfg(test)]
pub mod tests;
