//! An answer, put together from the pieces it comes in.

use serde::Deserialize;
use serde_json::Value;

use super::{
    fault::{Fault, Why},
    thoughts::without_thoughts,
};
use crate::agent::Draft;

/// The most bytes of an answer's words.
const LARGEST: usize = 2 * 1024 * 1024;

/// What a model said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::agent) struct Said {
    /// Its words.
    pub(in crate::agent) text: String,
    /// Whether they were cut off at the longest answer it may give.
    pub(in crate::agent) cut_off: bool,
}

/// An answer, or a piece of one.
#[derive(Deserialize)]
struct Piece {
    choices: Option<Vec<Choice>>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Choice {
    /// Of a piece.
    delta: Option<Message>,
    /// Of a whole answer.
    message: Option<Message>,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    content: Option<Content>,
    refusal: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Part>),
}

#[derive(Deserialize)]
struct Part {
    text: Option<String>,
}

/// An answer that is coming.
pub(super) struct Coming<'a> {
    draft: &'a Draft,
    text: String,
    /// How many bytes of what may be seen of it are in the draft.
    shown: usize,
    refusal: String,
    finish: Option<String>,
    /// Whether anything came that is a piece of an answer.
    begun: bool,
    done: bool,
}

/// What a service said instead of an answer, in the middle of one.
pub(super) enum Wrong {
    Fault(Fault),
    /// An error object of the API.
    Error(Value),
}

impl<'a> Coming<'a> {
    pub(super) fn new(draft: &'a Draft) -> Self {
        Self {
            draft,
            text: String::new(),
            shown: 0,
            refusal: String::new(),
            finish: None,
            begun: false,
            done: false,
        }
    }

    /// Takes the data of an event, or a whole answer.
    pub(super) fn take(&mut self, data: &[u8]) -> Result<(), Wrong> {
        if data.trim_ascii() == b"[DONE]" {
            self.done = true;
            return Ok(());
        }
        // The parser's own words may quote the answer.
        let piece: Piece = serde_json::from_slice(data)
            .map_err(|_| garbage("sent something that is not JSON of OpenAI's chat API"))?;
        if let Some(error) = piece.error.filter(|error| !error.is_null()) {
            return Err(Wrong::Error(error));
        }
        let Some(choices) = piece.choices else {
            // Some services send pieces of their own in between.
            return Ok(());
        };
        self.begun = true;
        for choice in choices.into_iter().take(1) {
            self.finish = choice.finish_reason.or(self.finish.take());
            if let Some(message) = choice.delta.or(choice.message) {
                self.add(message)?;
            }
        }
        Ok(())
    }

    fn add(&mut self, message: Message) -> Result<(), Wrong> {
        match message.content {
            Some(Content::Text(text)) => self.text.push_str(&text),
            Some(Content::Parts(parts)) => {
                let texts = parts.into_iter().filter_map(|part| part.text);
                self.text.extend(texts);
            }
            None => {}
        }
        self.refusal.push_str(&message.refusal.unwrap_or_default());
        if self.text.len() + self.refusal.len() > LARGEST {
            return Err(garbage("sent an answer of more than 2 MiB"));
        }
        let visible = without_thoughts(&self.text);
        // Nothing that was visible becomes invisible, and white space before thoughts is nothing.
        if let Some(new) = visible.get(self.shown..)
            && !visible.trim().is_empty()
        {
            self.draft.add(new);
            self.shown = visible.len();
        }
        Ok(())
    }

    /// Whether the last piece has come.
    pub(super) fn is_done(&self) -> bool {
        self.done
    }

    /// The whole answer, when nothing more comes.
    pub(super) fn end(self) -> Result<Said, Fault> {
        if !self.begun {
            return Err(Fault::new(
                Why::Garbage,
                "sent no answer of OpenAI's chat API",
            ));
        }
        if self.finish.is_none() && !self.done {
            return Err(Fault::new(Why::Dropped, "ended the answer in the middle"));
        }
        let text = without_thoughts(&self.text).trim_end();
        let finish = self.finish.as_deref();
        if !text.trim().is_empty() {
            return Ok(Said {
                text: text.to_owned(),
                cut_off: finish == Some("length"),
            });
        }
        Err(match finish {
            Some("length") => Fault::new(Why::UsedUp, "used all its tokens before the first word"),
            Some("content_filter") => Fault::new(Why::Declined, "filtered the answer out"),
            _ if !self.refusal.is_empty() => Fault::new(Why::Declined, "declined to answer"),
            _ => Fault::new(Why::Empty, "gave an answer without words"),
        })
    }
}

fn garbage(what: &str) -> Wrong {
    Wrong::Fault(Fault::new(Why::Garbage, what))
}

#[cfg(test)]
mod unit {
    use serde_json::json;

    use super::*;

    fn answer(pieces: &[Value]) -> (Result<Said, Fault>, String) {
        let (draft, seen) = Draft::new();
        let mut coming = Coming::new(&draft);
        for piece in pieces {
            let data = piece
                .as_str()
                .map_or_else(|| piece.to_string(), str::to_owned);
            if let Err(Wrong::Fault(fault)) = coming.take(data.as_bytes()) {
                return (Err(fault), seen.borrow().clone());
            }
        }
        (coming.end(), seen.borrow().clone())
    }

    fn delta(content: &Value) -> Value {
        json!({"choices": [{"delta": {"content": content}}]})
    }

    fn finish(reason: &str) -> Value {
        json!({"choices": [{"delta": {}, "finish_reason": reason}]})
    }

    fn why(pieces: &[Value]) -> Why {
        answer(pieces).0.unwrap_err().why
    }

    #[test]
    fn pieces_become_an_answer_and_a_draft() {
        let role = json!({"choices": [{"delta": {"role": "assistant", "content": null}}]});
        let usage = json!({"choices": [], "usage": {}});
        let pieces = [
            role,
            delta(&json!("He")),
            delta(&json!("llo")),
            finish("stop"),
            usage,
        ];
        let (said, seen) = answer(&pieces);
        let hello = Said {
            text: "Hello".to_owned(),
            cut_off: false,
        };
        assert_eq!((said, seen.as_str()), (Ok(hello), "Hello"));
        let done = [delta(&json!("x")), json!("[DONE]")];
        assert_eq!(answer(&done).0.unwrap().text, "x");
        let cut = [delta(&json!("x")), finish("length")];
        assert!(answer(&cut).0.unwrap().cut_off);
        let parts = json!([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]);
        assert_eq!(
            answer(&[delta(&parts), finish("stop")]).0.unwrap().text,
            "ab"
        );
    }

    #[test]
    fn a_whole_answer_is_understood_too() {
        let whole = json!({"choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}]});
        let (said, seen) = answer(&[whole]);
        assert_eq!((said.unwrap().text.as_str(), seen.as_str()), ("Hi", "Hi"));
    }

    #[test]
    fn thoughts_are_in_neither() {
        let pieces =
            ["<th", "ink>h", "m</thi", "nk>\n", "Yes", "!"].map(|text| delta(&json!(text)));
        let pieces = [&pieces[..], &[finish("stop")]].concat();
        let (said, seen) = answer(&pieces);
        assert_eq!(
            (said.unwrap().text.as_str(), seen.as_str()),
            ("Yes!", "Yes!")
        );
    }

    #[test]
    fn what_is_no_answer_is_told_apart() {
        assert_eq!(why(&[]), Why::Garbage);
        assert_eq!(why(&[json!("<html>")]), Why::Garbage);
        assert_eq!(why(&[json!({"choices": "x"})]), Why::Garbage);
        assert_eq!(why(&[json!({"other": 1})]), Why::Garbage);
        assert_eq!(why(&[delta(&json!("x"))]), Why::Dropped);
        assert_eq!(why(&[delta(&json!(" \n")), finish("stop")]), Why::Empty);
        assert_eq!(why(&[finish("length")]), Why::UsedUp);
        assert_eq!(why(&[finish("content_filter")]), Why::Declined);
        let refusal = json!({"choices": [{"delta": {"refusal": "no"}, "finish_reason": "stop"}]});
        assert_eq!(why(&[refusal]), Why::Declined);
        let much = delta(&json!("x".repeat(LARGEST + 1)));
        assert_eq!(why(&[much]), Why::Garbage);
    }
}
