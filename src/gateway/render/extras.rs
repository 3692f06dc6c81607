//! What of an answer is neither words nor files, as events: a reaction, a poll.

use serde_json::{Value, json};

use super::{Address, clean, is_visible};
use crate::{
    agent::Poll,
    journal::{POLL, Part, REACTION},
};

/// The longest emoji of a reaction in bytes; those of families and flags have many parts.
const LONGEST_EMOJI: usize = 64;
/// The most choices of a poll (MSC3381).
const MOST_CHOICES: usize = 20;
/// The longest question of a poll, and the longest choice, in bytes.
const LONGEST_QUESTION: usize = 2048;
const LONGEST_CHOICE: usize = 512;
/// The text of an extensible event (MSC1767), as polls have it.
const TEXT: &str = "org.matrix.msc1767.text";

/// The reaction to the message that is answered, or to what that is a reaction to; nothing where that
/// is no emoji or short word.
pub fn reaction(address: Address<'_>, emoji: &str) -> Option<Part> {
    let key = line(emoji, LONGEST_EMOJI)?;
    let event_id = address.message.shown_as();
    let relation = json!({"rel_type": "m.annotation", "event_id": event_id, "key": key});
    Some(Part {
        part: REACTION,
        content: json!({"m.relates_to": relation}).to_string(),
    })
}

/// The event that starts a poll (MSC3381), with a text for those who do not know polls; nothing for
/// what can be none, because there are too many choices or too long ones.
pub fn poll(address: Address<'_>, poll: &Poll) -> Option<Part> {
    let choices = poll.choices.iter();
    let choices = choices.map(|choice| line(choice, LONGEST_CHOICE));
    let said = Poll {
        question: line(&poll.question, LONGEST_QUESTION)?,
        choices: choices.collect::<Option<_>>()?,
        selections: poll.selections,
    };
    if !(1..=MOST_CHOICES).contains(&said.choices.len()) {
        return None;
    }
    let most = u32::try_from(said.choices.len()).unwrap_or(u32::MAX);
    let answers = said.choices.iter().zip(1..);
    let answers = answers.map(|(choice, id)| json!({"id": id.to_string(), TEXT: choice}));
    let mut content = json!({
        TEXT: said.in_words(),
        "org.matrix.msc3381.poll.start": {
            "kind": "org.matrix.msc3381.poll.disclosed",
            "max_selections": said.selections.clamp(1, most),
            "question": {TEXT: said.question},
            "answers": answers.collect::<Vec<Value>>(),
        },
    });
    address.refer(&mut content, false);
    Some(Part {
        part: POLL,
        content: content.to_string(),
    })
}

/// A text as one line that may be said; nothing for what is longer, or has nothing to see.
fn line(text: &str, longest: usize) -> Option<String> {
    let words: Vec<_> = text.split_whitespace().collect();
    let line = clean::sayable(&words.join(" "));
    (line.len() <= longest && is_visible(&line)).then_some(line)
}
