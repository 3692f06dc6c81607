//! A message as the bot understands it, read from its event.

use matrix_sdk::ruma::events::{
    Mentions,
    room::message::{
        MessageType, OriginalSyncRoomMessageEvent, Relation, RoomMessageEventContent,
        sanitize::remove_plain_reply_fallback,
    },
};
use serde_json::Value;

use super::media::Announced;

/// What somebody wrote or sent.
#[derive(Clone, Debug)]
pub(super) struct Message {
    /// Always a text; a file is taken out of it.
    event: OriginalSyncRoomMessageEvent,
    /// The words; of a file, its caption.
    text: String,
    file: Option<Announced>,
}

impl Message {
    /// Reads a journaled event; `None` for what is not to be answered: notices, redacted and
    /// malformed messages, and kinds of message that the bot does not know.
    #[must_use]
    pub(super) fn read(payload: &str) -> Option<Self> {
        let mut event: Value = serde_json::from_str(payload).ok()?;
        let file = event
            .get_mut("content")
            .and_then(Value::as_object_mut)
            .and_then(Announced::take);
        let event: OriginalSyncRoomMessageEvent = serde_json::from_str(&event.to_string()).ok()?;
        let MessageType::Text(content) = &event.content.msgtype else {
            return None;
        };
        let text = if is_reply(&event.content) {
            remove_plain_reply_fallback(&content.body)
        } else {
            &content.body
        };
        Some(Self {
            text: text.to_owned(),
            event,
            file,
        })
    }

    /// Its event.
    #[must_use]
    pub(super) fn event_id(&self) -> &str {
        self.event.event_id.as_str()
    }

    /// Who wrote it.
    #[must_use]
    pub(super) fn sender(&self) -> &str {
        self.event.sender.as_str()
    }

    /// What was written. Where somebody sent only a file, its name.
    #[must_use]
    pub(super) fn text(&self) -> String {
        match &self.file {
            Some(file) if self.text.trim().is_empty() => file.name(),
            _ => self.text.clone(),
        }
    }

    /// The file that comes with it.
    #[must_use]
    pub(super) fn file(&self) -> Option<&Announced> {
        self.file.as_ref()
    }

    /// Whether it mentions this user.
    ///
    /// Where the sender's client says whom it mentions (`m.mentions`), that is the answer; older
    /// clients only write a link to the user, or the plain id.
    #[must_use]
    pub(super) fn mentions(&self, user_id: &str) -> bool {
        match &self.event.content.mentions {
            Some(Mentions { user_ids, .. }) => user_ids.iter().any(|id| id == user_id),
            None => self.links_to(user_id) || names(&self.text, user_id),
        }
    }

    /// Whether it mentions the whole room.
    #[must_use]
    pub(super) fn mentions_room(&self) -> bool {
        match &self.event.content.mentions {
            Some(mentions) => mentions.room,
            None => names(&self.text, "@room"),
        }
    }

    /// The first event of the thread it was written in.
    #[must_use]
    pub(super) fn thread(&self) -> Option<&str> {
        match &self.event.content.relates_to {
            Some(Relation::Thread(thread)) => Some(thread.event_id.as_str()),
            _ => None,
        }
    }

    /// The formatted words, as HTML.
    #[must_use]
    pub(super) fn html(&self) -> Option<&str> {
        let MessageType::Text(content) = &self.event.content.msgtype else {
            return None;
        };
        content.formatted.as_ref().map(|html| html.body.as_str())
    }

    fn links_to(&self, user_id: &str) -> bool {
        self.html().is_some_and(|html| {
            links_to(user_id).iter().any(|link| {
                [format!("{link}\""), format!("{link}'")]
                    .iter()
                    .any(|quoted| html.contains(quoted.as_str()))
            })
        })
    }
}

/// The addresses by which clients link to a user.
pub(super) fn links_to(user_id: &str) -> [String; 2] {
    let encoded = user_id.replace('@', "%40").replace(':', "%3A");
    [user_id, &encoded].map(|id| format!("https://matrix.to/#/{id}"))
}

fn is_reply(content: &RoomMessageEventContent) -> bool {
    matches!(&content.relates_to, Some(Relation::Reply { .. }))
}

/// Whether a text contains this name as a whole word: `@bot:a.org` is not in `@bot:a.org.uk`.
fn names(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(start, found)| {
        let before = text[..start].chars().next_back();
        let mut after = text[start + found.len()..].chars();
        let goes_on = match after.next() {
            Some('.' | ':' | '-') => after.next().is_some_and(char::is_alphanumeric),
            Some(next) => next.is_alphanumeric() || next == '_',
            None => false,
        };
        !goes_on && !before.is_some_and(char::is_alphanumeric)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

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
            (plain.text(), plain.file().is_some()),
            ("a.txt".to_owned(), true)
        );
        let captioned = file(&json!({"filename": "a.txt", "body": "read this"}));
        assert_eq!(captioned.text(), "read this");
        assert!(text("hello").file().is_none());
        // Nothing that is said of the file may cost the message.
        for info in [
            json!({"size": -1}),
            json!({"size": true, "mimetype": 5}),
            json!("x"),
        ] {
            assert!(file(&json!({"info": info})).file().is_some(), "{info}");
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
            "m.relates_to": {"m.in_reply_to": {"event_id": "$0"}},
        });
        assert_eq!(message(&reply).unwrap().text(), "answer");
        assert_eq!(text("> a quote").text(), "> a quote");
    }

    #[test]
    fn a_declared_mention_decides() {
        let mentions = |mentions: Value, body: &str| {
            let content = json!({"msgtype": "m.text", "body": body, "m.mentions": mentions});
            message(&content).unwrap().mentions(BOT)
        };
        assert!(mentions(json!({"user_ids": [BOT]}), "hey"));
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
            "<a href='https://matrix.to/#/%40bot%3Aexample.org'>Bot</a>"
        ));
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
}
