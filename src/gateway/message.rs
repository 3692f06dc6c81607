//! A message as the bot understands it, read from its event. Of what its sender wrote, each field
//! may be anything: what is malformed is not there.

use matrix_sdk::ruma::events::room::message::sanitize::remove_plain_reply_fallback;
use serde_json::Value;

use super::{
    kinds::{self, About, Reading},
    media::Announced,
    mentions::{names, pills},
};
use crate::{policy::Nothing, session::Envelope};

/// What somebody wrote or sent.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its event.
    pub event_id: String,
    /// Who wrote it.
    pub sender: String,
    /// The first event of the thread it was written in.
    pub thread: Option<String>,
    /// The event that it replies to.
    pub replies_to: Option<String>,
    /// The file that comes with it.
    pub file: Option<Announced>,
    /// Whether it is of a kind that the bot cannot read.
    pub is_unreadable: bool,
    /// The message of the bot's that it is a reaction to, or the poll that it is a vote in.
    pub about: Option<About>,
    /// The words; of a file, its caption.
    words: String,
    /// What the agent is told instead of them.
    told: Option<String>,
    /// The formatted words, as HTML.
    pub html: Option<String>,
    mentions: Option<Mentions>,
}

/// Whom a message says to mention.
#[derive(Clone, Debug)]
struct Mentions {
    users: Vec<String>,
    room: bool,
}

impl Message {
    /// Reads a journaled event; `None` for what is not to be answered: notices, and messages
    /// without a text, as redacted ones are.
    pub fn read(payload: &str) -> Option<Self> {
        Self::of(&Envelope::of(payload)?, false)
    }

    /// Why [`read`](Self::read) finds nothing in a journaled event.
    pub fn nothing_in(payload: &str) -> Nothing {
        let event = Envelope::of(payload);
        let is_notice = event.is_some_and(|event| event.content["msgtype"] == "m.notice");
        if is_notice {
            Nothing::Notice
        } else {
            Nothing::NotAMessage
        }
    }

    /// Reads an event that is quoted: as [`read`](Self::read), and notices.
    pub fn quoted(event: &Envelope) -> Option<Self> {
        Self::of(event, true)
    }

    fn of(event: &Envelope, is_quoted: bool) -> Option<Self> {
        let content = &event.content;
        let Reading {
            file,
            words,
            told,
            is_unreadable,
            about,
        } = kinds::read(event, is_quoted)?;
        // Of a file, it is the caption that is formatted.
        let html = content["formatted_body"].as_str();
        let html = html.filter(|_| file.is_none() || !words.is_empty());
        // Old clients begin with what they reply to, in threads with what came before.
        let is_reply = content["m.relates_to"].get("m.in_reply_to").is_some();
        let (words, html) = if is_reply {
            (remove_plain_reply_fallback(&words), html.map(without_quote))
        } else {
            (&*words, html)
        };
        Some(Self {
            thread: event.thread().map(str::to_owned),
            replies_to: event.replies_to().map(str::to_owned),
            file,
            told,
            is_unreadable,
            about,
            words: words.to_owned(),
            html: html.map(str::to_owned),
            mentions: Mentions::read(&content["m.mentions"]),
            event_id: event.event_id.clone(),
            sender: event.sender.clone(),
        })
    }

    /// What was written, or sent otherwise, in words. Where somebody sent only a file, its name.
    pub fn text(&self) -> String {
        if let Some(told) = &self.told {
            return told.clone();
        }
        match &self.file {
            Some(file) if self.words.trim().is_empty() => file.name.shown(),
            _ => self.words.clone(),
        }
    }

    /// The event that others may refer to: no client shows what refers to a reaction.
    pub fn shown_as(&self) -> &str {
        let about = self.about.as_ref();
        about.map_or(&self.event_id, |about| &about.event_id)
    }

    /// Whether more than its own words belongs to it: a file, or what it replies to.
    pub fn needs_fetching(&self) -> bool {
        self.file.is_some() || self.replies_to.is_some()
    }

    /// Whether it mentions this user.
    ///
    /// Where the sender's client says whom it mentions (`m.mentions`), that is the answer; older
    /// clients only write a link to the user, or the plain id.
    pub fn mentions(&self, user_id: &str) -> bool {
        let html = self.html.as_deref().unwrap_or_default();
        match &self.mentions {
            Some(mentions) => mentions.users.iter().any(|id| id == user_id),
            None => pills(html).any(|pill| pill.user_id == user_id) || names(&self.words, user_id),
        }
    }

    /// Whether it mentions the whole room.
    pub fn mentions_room(&self) -> bool {
        match &self.mentions {
            Some(mentions) => mentions.room,
            None => names(&self.words, "@room"),
        }
    }
}

/// The HTML of a reply without the quote that it begins with.
fn without_quote(html: &str) -> &str {
    let is_quote = html.trim_start().starts_with("<mx-reply>");
    let reply = html.split_once("</mx-reply>").filter(|_| is_quote);
    reply.map_or(html, |(_, reply)| reply)
}

impl Mentions {
    /// `None` where nothing is said of it, or nothing that could be understood.
    fn read(mentions: &Value) -> Option<Self> {
        let users = match mentions.as_object()?.get("user_ids") {
            Some(users) => users.as_array()?.as_slice(),
            None => &[],
        };
        Some(Self {
            users: users
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
            room: mentions["room"] == true,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::session::any_tests;

    const BOT: &str = "@bot:example.org";

    fn message(content: &Value) -> Option<Message> {
        Message::read(
            &json!({
                "type": "m.room.message", "sender": "@ann:example.org", "event_id": "$1",
                "origin_server_ts": 1, "content": content,
            })
            .to_string(),
        )
    }

    fn text(body: &str) -> Message {
        message(&json!({"msgtype": "m.text", "body": body})).unwrap()
    }

    #[test]
    fn only_text_is_read() {
        assert_eq!(text("hello").text(), "hello");
        for content in [
            json!({"msgtype": "m.notice", "body": "hello"}),
            json!({"msgtype": "m.key.verification.request", "body": "hello"}),
            json!({}),
            json!({"msgtype": "m.text", "body": 5}),
        ] {
            assert!(message(&content).is_none(), "{content}");
        }
    }

    #[test]
    fn a_file_is_read_with_its_caption_or_its_name() {
        let file = |more: &Value| {
            let mut content = json!({"msgtype": "m.file", "body": "a.txt", "url": "mxc://h/x"});
            for (key, value) in more.as_object().unwrap() {
                content[key] = value.clone();
            }
            message(&content).unwrap()
        };
        let plain = file(&json!({}));
        assert_eq!(
            (plain.text(), plain.file.is_some()),
            ("a.txt".to_owned(), true)
        );
        let captioned = file(&json!({"filename": "a.txt", "body": "read this"}));
        assert_eq!(captioned.text(), "read this");
        assert!(text("hello").file.is_none());
        // Nothing that is said of the file may cost the message.
        for info in [
            json!({"size": -1}),
            json!({"size": true, "mimetype": 5}),
            json!("x"),
        ] {
            assert!(file(&json!({"info": info})).file.is_some(), "{info}");
        }
    }

    #[test]
    fn a_caption_mentions_and_a_file_name_does_not() {
        let file = |more: &Value| {
            let mut content = json!({"msgtype": "m.image", "url": "mxc://h/x", "body": BOT});
            for (key, value) in more.as_object().unwrap() {
                content[key] = value.clone();
            }
            message(&content).unwrap().mentions(BOT)
        };
        assert!(file(&json!({"filename": "a.png"})));
        assert!(!file(&json!({})));
        assert!(file(&json!({"m.mentions": {"user_ids": [BOT]}})));
        assert!(!file(&json!({"filename": "a.png", "m.mentions": {}})));
    }

    #[test]
    fn the_quoted_part_of_a_reply_is_not_the_message() {
        let reply = json!({
            "msgtype": "m.text", "body": "> <@bot:example.org> hi\n\nanswer",
            "formatted_body": "<mx-reply><blockquote><a href=\"https://matrix.to/#/@bot:example.org\">\
                               B</a><br>hi</blockquote></mx-reply>answer",
            "m.relates_to": {"m.in_reply_to": {"event_id": "$0"}},
        });
        let read = message(&reply).unwrap();
        assert_eq!(read.text(), "answer");
        assert_eq!(read.replies_to.as_deref(), Some("$0"));
        // Whom it quotes, it does not mention.
        assert!(!read.mentions(BOT));
        assert_eq!(text("> a quote").text(), "> a quote");
        let mut fallback = reply.clone();
        fallback["m.relates_to"]["rel_type"] = json!("m.thread");
        fallback["m.relates_to"]["event_id"] = json!("$root");
        fallback["m.relates_to"]["is_falling_back"] = json!(true);
        let read = message(&fallback).unwrap();
        assert_eq!((read.text(), read.replies_to), ("answer".to_owned(), None));
        let mut own = reply;
        own["body"] = json!("> my own quote\n\nanswer");
        assert_eq!(message(&own).unwrap().text(), "> my own quote\n\nanswer");
    }

    #[test]
    fn a_declared_mention_decides() {
        let mentions = |mentions: Value, body: &str| {
            let content = json!({"msgtype": "m.text", "body": body, "m.mentions": mentions});
            message(&content).unwrap().mentions(BOT)
        };
        assert!(mentions(json!({"user_ids": [BOT]}), "hey"));
        // What is malformed in it is not there.
        assert!(mentions(json!({"user_ids": [7, "x", null, BOT]}), "hey"));
        for malformed in [json!("x"), json!([]), json!({"user_ids": BOT}), json!(null)] {
            assert!(!mentions(malformed.clone(), "hey"));
            assert!(mentions(malformed, BOT));
        }
        assert!(!mentions(json!({"user_ids": ["@eve:example.org"]}), BOT));
        assert!(!mentions(json!({}), BOT));
    }

    #[test]
    fn without_a_declaration_a_link_or_the_plain_id_counts() {
        let pill = |html: &str| {
            let content = json!({
                "msgtype": "m.text", "body": "Bot: hey",
                "format": "org.matrix.custom.html", "formatted_body": html,
            });
            message(&content).unwrap().mentions(BOT)
        };
        assert!(pill(
            "<a href=\"https://matrix.to/#/@bot:example.org\">Bot</a>: hey"
        ));
        assert!(pill(
            "hey <a href='https://matrix.to/#/%40bot%3aexample.org?via=example.org'>Bot</a>"
        ));
        assert!(pill("<p>ask <a href=\"matrix:u/bot:example.org\">it</a>"));
        assert!(!pill(
            "<a href=\"https://matrix.to/#/@bot:example.org.uk\">x</a>"
        ));
        for body in [
            "@bot:example.org: hey",
            "hey @bot:example.org",
            "is it (@bot:example.org)?",
            "ask @bot:example.org.",
        ] {
            assert!(text(body).mentions(BOT), "{body}");
        }
        for body in [
            "@bot:example.org.uk hey",
            "x@bot:example.org",
            "@bot:example.orga",
            "@bot:example.org:8448",
        ] {
            assert!(!text(body).mentions(BOT), "{body}");
        }
    }

    #[test]
    fn whatever_stands_beside_its_words_they_are_read() {
        arbtest::arbtest(|u| {
            let event = any_tests::any_message(u)?;
            let read = Message::read(&event.to_string()).expect("a message");
            // A file name that is the body, or none, leaves no caption.
            let is_read = read.text() == any_tests::WORDS || read.file.is_some();
            assert!(is_read && !read.text().is_empty(), "{event:#}");
            read.mentions(BOT);
            read.mentions_room();
            let thread = read.thread.unwrap_or_else(|| "$".to_owned());
            assert!(thread.starts_with('$'), "{event:#}");
            Ok(())
        });
    }
}
