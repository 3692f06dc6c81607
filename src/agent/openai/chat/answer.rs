//! An answer, put together from the bytes it comes in.

use serde_json::Value;

use super::{
    events::{Event, Events},
    fault::{Fault, Why, harmless, of_error, too_large},
    halves,
    json::{Nesting, pieces},
    thoughts::without_thoughts,
};
use crate::{agent::Draft, config::Secret};

/// The most bytes of an answer's words.
const LARGEST: usize = 2 * 1024 * 1024;
/// The most bytes of an answer that comes as one document.
const LARGEST_DOCUMENT: usize = 4 * LARGEST;
/// How often at most each byte is looked through for thoughts while an answer comes: a long one is
/// shown in larger pieces than it comes in.
const MOST_SEARCHES: usize = 64;
/// What is said where an answer reached the longest that the model may give.
const TOO_LONG: &str = "\n\n*(The answer is cut off here: it is as long as my model may answer.)*";
/// What is said where the connection ended before the answer did.
const BROKEN: &str = "\n\n*(The answer is cut off here: the connection to my model broke.)*";
/// How some texts begin.
const BOM: &[u8] = "\u{feff}".as_bytes();

/// An answer that is coming: in events or as a document, whatever was asked for.
pub struct PartialAnswer<'a> {
    draft: &'a Draft,
    /// How answers begin that only tell of an error.
    errors: &'a [&'a str],
    /// All that must not be shown.
    secrets: &'a [Secret],
    /// What has come while it may be a document.
    document: Vec<u8>,
    nesting: Nesting,
    /// Its events, once it is clear that it comes in some.
    events: Option<Events>,
    text: String,
    /// The first half of a character whose other half comes in the next piece.
    half: Option<u16>,
    /// How many bytes were looked through for thoughts.
    searched: usize,
    is_refused: bool,
    /// Why the model ended.
    finish: Option<String>,
    /// Whether anything came that is a piece of an answer.
    is_begun: bool,
    is_done: bool,
}

impl<'a> PartialAnswer<'a> {
    pub fn new(draft: &'a Draft, errors: &'a [&'a str], secrets: &'a [Secret]) -> Self {
        Self {
            draft,
            errors,
            secrets,
            document: Vec::new(),
            nesting: Nesting::default(),
            events: None,
            text: String::new(),
            half: None,
            searched: 0,
            is_refused: false,
            finish: None,
            is_begun: false,
            is_done: false,
        }
    }

    /// Whether all of it has come, whatever may follow.
    pub fn is_done(&self) -> bool {
        self.is_done
    }

    /// Takes more of it. After a fault nothing more is taken.
    pub fn take(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        if let Some(events) = &mut self.events {
            let events = events.take(bytes)?;
            return events.iter().try_for_each(|event| self.take_event(event));
        }
        self.document.extend(bytes);
        let is_whole = self.nesting.take(bytes);
        let begun = self.document.trim_ascii_start();
        let begun = begun.strip_prefix(BOM).unwrap_or(begun).trim_ascii();
        match begun {
            [b'{' | b'[', ..] if self.document.len() > LARGEST_DOCUMENT => {
                Err(too_large(LARGEST_DOCUMENT))
            }
            // The connection may stay open.
            [b'{' | b'[', ..] if is_whole => {
                let pieces = pieces(&String::from_utf8_lossy(begun)).map_err(|_| no_json())?;
                self.document.clear();
                pieces.iter().try_for_each(|piece| self.take_piece(piece))
            }
            [b'{' | b'[', ..] => Ok(()),
            // Some services send empty lines while they have nothing to say yet.
            [] => {
                self.document.clear();
                Ok(())
            }
            begun if BOM.starts_with(begun) => Ok(()),
            _ => {
                self.events = Some(Events::default());
                let bytes = std::mem::take(&mut self.document);
                self.take(&bytes)
            }
        }
    }

    fn take_event(&mut self, Event { name, data }: &Event) -> Result<(), Fault> {
        if self.is_done {
            return Ok(());
        }
        let data = data.trim();
        let json = data.strip_suffix("[DONE]").unwrap_or(data);
        let mut told = Vec::new();
        if json.starts_with(['{', '[']) {
            told = pieces(json).map_err(|_| no_json())?;
        } else if name == "error" {
            told.push(json.into());
        }
        if name == "error"
            && let Some(error) = told.first()
        {
            return Err(of_error(error, self.secrets));
        }
        told.iter().try_for_each(|piece| self.take_piece(piece))?;
        self.is_done |= json != data;
        Ok(())
    }

    fn take_piece(&mut self, piece: &Value) -> Result<(), Fault> {
        if self.is_done {
            return Ok(());
        }
        if let Value::Array(pieces) = piece {
            return pieces.iter().try_for_each(|piece| self.take_piece(piece));
        }
        let choice = &piece["choices"][0];
        let finish = choice["finish_reason"].as_str().unwrap_or_default();
        if finish == "error" || has(choice, &["error"]) {
            return Err(of_error(choice, self.secrets));
        }
        let is_answer = self.is_begun || choice.is_object();
        if has(piece, &["error"])
            || piece["object"] == "error"
            || !is_answer && has(piece, &["detail", "message"])
        {
            return Err(of_error(piece, self.secrets));
        }
        // Some services send pieces of their own in between.
        self.is_begun |= piece["choices"].is_array();
        let message = if choice["delta"].is_object() {
            &choice["delta"]
        } else {
            &choice["message"]
        };
        self.is_refused |= has(message, &["refusal"]);
        self.add(&words(&message["content"]))?;
        // Some services have an empty one in every piece.
        if !matches!(finish, "" | "null") {
            self.finish = Some(finish.to_lowercase());
        }
        let is_whole = self.events.is_none() && choice["message"].is_object();
        self.is_done = is_whole || self.finish.is_some();
        Ok(())
    }

    fn add(&mut self, piece: &str) -> Result<(), Fault> {
        self.half = halves::join(&mut self.text, self.half, piece);
        if self.text.len() > LARGEST {
            return Err(too_large(LARGEST));
        }
        if self.searched <= MOST_SEARCHES * self.text.len() {
            self.searched += self.text.len();
            self.draft.show(self.visible());
        }
        Ok(())
    }

    /// The words so far, without thoughts and without what may be an error.
    fn visible(&self) -> &str {
        let visible = without_thoughts(&self.text);
        let may_be = |error: &&str| visible.starts_with(error) || error.starts_with(visible);
        if visible.trim().is_empty() || self.errors.iter().any(may_be) {
            return "";
        }
        visible
    }

    /// The answer, when nothing more comes, or is waited for because of a fault.
    pub fn end(mut self, ended: Result<(), Fault>) -> Result<String, Fault> {
        if !self.is_done {
            // Many servers leave the last empty line out.
            let last = self.take(b"\n\n");
            let is_over = self.document.trim_ascii().is_empty();
            let last = last.and_then(|()| if is_over { Ok(()) } else { Err(no_json()) });
            // What was cut off may end in any way.
            if let Err(fault) = last
                && (ended.is_ok() || fault.why != Why::Garbage)
            {
                return Err(fault);
            }
        }
        self.draft.show(self.visible());
        if self.half.is_some() {
            self.text.push(char::REPLACEMENT_CHARACTER);
        }
        let text = without_thoughts(&self.text).trim_end();
        let is_silent = text.trim().is_empty();
        let is_cut = !self.is_done && ended.is_err();
        if let Err(fault) = ended
            && is_cut
            && (fault.why != Why::Dropped || is_silent || !self.errors.is_empty())
        {
            return Err(fault);
        }
        if !self.is_begun {
            return Err(garbage("sent no answer of OpenAI's chat API"));
        }
        if self.errors.iter().any(|error| text.starts_with(error)) {
            let what = format!("could not ask its model: {}", harmless(text, self.secrets));
            return Err(Fault::new(Why::Trouble, what));
        }
        let is_full = matches!(self.finish.as_deref(), Some("length" | "max_tokens"));
        match self.finish.as_deref() {
            _ if !is_silent && is_full => Ok(format!("{text}{TOO_LONG}")),
            _ if !is_silent && is_cut => Ok(format!("{text}{BROKEN}")),
            _ if !is_silent => Ok(text.to_owned()),
            _ if is_full => Err(Fault::new(
                Why::UsedUp,
                "used all its tokens before the first word",
            )),
            Some("content_filter") => Err(Fault::new(Why::Declined, "filtered the answer out")),
            _ if self.is_refused => Err(Fault::new(Why::Declined, "declined to answer")),
            _ => Err(Fault::new(Why::Empty, "gave an answer without words")),
        }
    }
}

/// The words in a message's content, which may come in parts, some of them thoughts.
fn words(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().map(words).collect(),
        Value::Object(part) if part.get("type").is_none_or(|sort| sort != "reasoning") => {
            words(&content["text"])
        }
        _ => String::new(),
    }
}

/// Whether there is something under one of these keys.
fn has(value: &Value, keys: &[&str]) -> bool {
    let is_something = |value: &Value| match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Object(members) => !members.is_empty(),
        _ => true,
    };
    keys.iter()
        .any(|key| value.get(key).is_some_and(is_something))
}

fn garbage(what: &str) -> Fault {
    Fault::new(Why::Garbage, what)
}

/// The parser's own words may quote the answer.
fn no_json() -> Fault {
    garbage("sent something that is not JSON of OpenAI's chat API")
}

#[cfg(test)]
mod tests;
