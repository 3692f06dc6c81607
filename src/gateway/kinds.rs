//! What people send beside text and files, in words. Everything in it is somebody's claim.

use serde_json::Value;

use super::media::Announced;
use crate::{
    agent::Sort,
    session::{Envelope, reaction_relation},
    text::excerpt,
};

/// The most choices of a poll (MSC3381).
const MOST_CHOICES: usize = 20;

/// What an event says.
#[derive(Debug, Default)]
pub struct Reading {
    /// The file that comes with it.
    pub file: Option<Announced>,
    /// The words; of a file, its caption.
    pub words: String,
    /// What an agent is told instead of the words.
    pub told: Option<String>,
    /// Whether only its kind is known.
    pub is_unreadable: bool,
    /// What it is a reaction to.
    pub about: Option<About>,
}

/// What a reaction or a vote is about.
#[derive(Clone, Debug)]
pub struct About {
    /// The bot's own message.
    pub event_id: String,
    /// Whether no client encrypts such an event.
    pub never_encrypted: bool,
}

impl About {
    /// The field of [gathered](crate::journal::Gathered) reactions that names the message. Nobody else
    /// has it: they wait as a message only once they are gathered.
    pub const FIELD: &'static str = "nanobot.target";
}

/// Reads an event; `None` for what is not to be answered, such as notices, unless they are quoted,
/// and what was taken back.
pub fn read(event: &Envelope, is_quoted: bool) -> Option<Reading> {
    let content = &event.content;
    if content.as_object()?.is_empty() {
        return None;
    }
    match &*event.kind {
        kind if reaction_relation(kind).is_some() && !is_quoted => gathered(event),
        "m.room.message" => message(content, is_quoted),
        "m.sticker" => Some(sticker(content)),
        kind if kind.ends_with("poll.start") => Some(poll(content).unwrap_or(unreadable(kind))),
        kind => Some(unreadable(kind)),
    }
}

/// Reactions and votes as they were gathered.
fn gathered(event: &Envelope) -> Option<Reading> {
    let text = |field| event.content[field].as_str().map(str::to_owned);
    Some(Reading {
        told: Some(text("body")?),
        about: Some(About {
            event_id: text(About::FIELD)?,
            never_encrypted: event.kind == "m.reaction",
        }),
        ..Reading::default()
    })
}

fn message(content: &Value, is_quoted: bool) -> Option<Reading> {
    let body = content["body"].as_str();
    let words = |told: Option<String>| Reading {
        words: body.unwrap_or_default().to_owned(),
        told,
        ..Reading::default()
    };
    match content.get("msgtype").map(Value::as_str) {
        None | Some(Some("m.text")) => body.map(|_| words(None)),
        Some(Some("m.notice")) => body.filter(|_| is_quoted).map(|_| words(None)),
        Some(Some("m.emote")) => body.map(|body| words(Some(format!("* {body}")))),
        Some(Some("m.location")) => Some(words(Some(location(content)))),
        Some(Some("m.server_notice") | None) => None,
        Some(Some(kind)) if kind.starts_with("m.key.") => None,
        Some(Some(kind)) => Some(match (Announced::read(content), body) {
            (Some((file, caption)), _) => Reading {
                file: Some(file),
                words: caption.unwrap_or_default().to_owned(),
                ..Reading::default()
            },
            // Whoever invents a kind of message adds words for those who do not know it.
            (None, Some(body)) => words(Some(format!(
                "[{:?}, only its text:]\n{body}",
                excerpt(kind)
            ))),
            (None, None) => unreadable(kind),
        }),
    }
}

fn unreadable(kind: &str) -> Reading {
    Reading {
        told: Some(format!("[{:?}, which the bot cannot read]", excerpt(kind))),
        is_unreadable: true,
        ..Reading::default()
    }
}

fn sticker(content: &Value) -> Reading {
    let body = content["body"].as_str().unwrap_or_default();
    Reading {
        told: Some(described("sticker", "", body)),
        file: Some(Announced::of(Sort::Image, content)),
        ..Reading::default()
    }
}

/// A place: its coordinates (RFC 5870), and what its sender says of it.
fn location(content: &Value) -> String {
    let blocks = [
        &content["org.matrix.msc3488.location"],
        &content["m.location"],
    ];
    let [first, second] = blocks.map(|block| block["uri"].as_str());
    let uri = content["geo_uri"].as_str().or(first).or(second);
    let uri = uri
        .filter(|uri| uri.starts_with("geo:"))
        .unwrap_or_default();
    let [first, second] = blocks.map(|block| block["description"].as_str());
    // Clients write the coordinates into the words.
    let body = content["body"].as_str();
    let body = body.filter(|body| uri.is_empty() || !body.contains(uri));
    described(
        "location",
        uri,
        first.or(second).or(body).unwrap_or_default(),
    )
}

/// A poll with its choices (MSC3381), in the form of today's clients or of the specification.
pub struct Poll<'a> {
    pub question: &'a str,
    /// How many choices a vote may be for.
    pub selections: usize,
    choices: Vec<&'a Value>,
}

impl<'a> Poll<'a> {
    /// Reads the content of the event that starts it.
    pub fn read(content: &'a Value) -> Option<Self> {
        let [unstable, stable] = ["org.matrix.msc3381.poll.start", "m.poll"];
        let start = content.get(unstable).or(content.get(stable))?;
        let choices = start["answers"].as_array()?.iter().take(MOST_CHOICES);
        let selections = start["max_selections"].as_u64().unwrap_or(1);
        Some(Self {
            question: text(&start["question"])?,
            selections: usize::try_from(selections).unwrap_or(MOST_CHOICES),
            choices: choices.collect(),
        })
    }

    /// The text of the choice that votes know by this ID.
    pub fn choice(&self, id: &str) -> Option<&'a str> {
        let mut choices = self.choices.iter();
        let is_it = |choice: &&&Value| choice["id"] == id || choice["m.id"] == id;
        choices.find(is_it).and_then(|choice| text(choice))
    }
}

fn poll(content: &Value) -> Option<Reading> {
    let poll = Poll::read(content)?;
    let choices = poll
        .choices
        .iter()
        .filter_map(|choice| text(choice))
        .zip(1..);
    let choices = choices.map(|(choice, number)| format!("\n{number}. {}", excerpt(choice)));
    let head = described("poll", "", poll.question);
    Some(Reading {
        told: Some(std::iter::once(head).chain(choices).collect()),
        words: poll.question.to_owned(),
        ..Reading::default()
    })
}

/// The plain text of a part of an extensible event (MSC1767).
fn text(part: &Value) -> Option<&str> {
    let [unstable, stable] = ["org.matrix.msc1767.text", "m.text"].map(|field| &part[field]);
    let stable = stable[0]["body"].as_str().or(stable.as_str());
    unstable.as_str().or(stable).or(part["body"].as_str())
}

fn described(what: &str, first: &str, second: &str) -> String {
    let words = [excerpt(first), excerpt(second)];
    let words: Vec<_> = words
        .into_iter()
        .filter(|words| !words.is_empty())
        .collect();
    match &*words.join(" - ") {
        "" => format!("[{what}]"),
        words => format!("[{what}: {words}]"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(kind: &str, content: &Value, is_quoted: bool) -> Option<Reading> {
        let event = json!({"type": kind, "sender": "@a:h", "event_id": "$1", "content": content});
        read(&Envelope::of(&event.to_string()).unwrap(), is_quoted)
    }

    fn told(kind: &str, content: &Value) -> String {
        of(kind, content, false).unwrap().told.unwrap()
    }

    #[test]
    fn whatever_people_send_has_words() {
        let poll = json!({"question": {"org.matrix.msc1767.text": "Lunch?"},
                          "answers": [{"id": "1", "org.matrix.msc1767.text": "Pizza"},
                                      {"id": "2", "org.matrix.msc1767.text": "Salad"}]});
        let stable = json!({"question": {"m.text": [{"body": "Lunch?"}]},
                            "answers": [{"m.id": "1", "m.text": [{"body": "Pizza"}]},
                                        {"m.id": "2", "m.text": [{"body": "Salad"}]}]});
        let lunch = "[poll: Lunch?]\n1. Pizza\n2. Salad";
        let place = json!({"uri": "geo:1,2;u=5", "description": "Home"});
        for (kind, content, words) in [
            (
                "org.matrix.msc3381.poll.start",
                json!({"org.matrix.msc3381.poll.start": poll}),
                lunch,
            ),
            ("m.poll.start", json!({"m.poll": stable}), lunch),
            (
                "m.sticker",
                json!({"body": "Happy\ncat"}),
                "[sticker: Happy cat]",
            ),
            ("m.sticker", json!({"url": 5}), "[sticker]"),
            (
                "m.room.message",
                json!({"msgtype": "m.emote", "body": "waves"}),
                "* waves",
            ),
            (
                "m.room.message",
                json!({"msgtype": "m.location", "geo_uri": "geo:1,2", "body": "At geo:1,2"}),
                "[location: geo:1,2]",
            ),
            (
                "m.room.message",
                json!({"msgtype": "m.location", "body": "x", "org.matrix.msc3488.location": place}),
                "[location: geo:1,2;u=5 - Home]",
            ),
            (
                "m.room.message",
                json!({"msgtype": "x.new", "body": "hi"}),
                "[\"x.new\", only its text:]\nhi",
            ),
        ] {
            assert_eq!(told(kind, &content), words, "{content}");
        }
    }

    #[test]
    fn what_has_no_words_is_unreadable_and_what_asks_nothing_is_not_read() {
        for (kind, content) in [
            ("x.y", json!({"a": 1})),
            ("m.poll.start", json!({"m.poll": {}})),
            ("m.room.message", json!({"msgtype": "x.y"})),
        ] {
            assert!(of(kind, &content, false).unwrap().is_unreadable, "{kind}");
        }
        for content in [
            json!({}),
            json!({"msgtype": "m.notice", "body": "x"}),
            json!({"msgtype": "m.server_notice", "body": "x"}),
            json!({"msgtype": "m.key.verification.request", "body": "x"}),
        ] {
            assert!(of("m.room.message", &content, false).is_none(), "{content}");
        }
        let notice = json!({"msgtype": "m.notice", "body": "x"});
        assert_eq!(of("m.room.message", &notice, true).unwrap().words, "x");
        assert!(of("x.y", &json!({}), false).is_none());
    }
}
