//! What the program gets: one JSON document.

use serde_json::{Map, Value, json};

use super::{
    super::{Attachment, Content, Question},
    recent::Said,
};

/// The version of the document. Keys may be added to it; whatever else changes is a new version.
const SCHEMA: &str = "nanobot.question/1";

/// The document of a question, on one line.
pub(super) fn write(question: &Question, history: &[Said]) -> String {
    let Question {
        text,
        attachments,
        sender,
        room,
        thread,
        event_id,
        of_several,
    } = question;
    let attachments: Vec<_> = attachments.iter().map(attachment).collect();
    let history: Vec<_> = history.iter().map(said).collect();
    json!({
        "schema": SCHEMA,
        "text": text,
        "sender": {"user_id": sender.user_id, "display_name": sender.display_name},
        "room": {
            "id": room.id, "name": room.name, "direct": room.direct, "encrypted": room.encrypted,
        },
        "thread": thread,
        "event_id": event_id,
        "of_several": of_several,
        "conversation": question.conversation(),
        "attachments": attachments,
        "history": history,
    })
    .to_string()
}

fn attachment(attachment: &Attachment) -> Value {
    let Attachment {
        sort,
        name,
        mimetype,
        content,
    } = attachment;
    let mut object = Map::new();
    object.insert("kind".to_owned(), json!(sort.to_string()));
    object.insert("name".to_owned(), json!(name));
    object.insert("mimetype".to_owned(), json!(mimetype));
    match content {
        Content::Kept { path, size } => {
            // The gateway named it itself; only its directory may be spelled strangely.
            object.insert("path".to_owned(), json!(path.to_string_lossy()));
            object.insert("size".to_owned(), json!(size));
        }
        missing => {
            object.insert("missing".to_owned(), json!(reason(missing)));
        }
    }
    Value::Object(object)
}

fn reason(content: &Content) -> &'static str {
    match content {
        Content::Blocked => "blocked",
        Content::TooLarge => "too large",
        Content::Failed | Content::Kept { .. } => "download failed",
    }
}

fn said(said: &Said) -> Value {
    match &said.sender {
        Some(sender) => json!({"role": "user", "sender": sender, "text": said.text}),
        None => json!({"role": "assistant", "text": said.text}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::{Room, Sender, Sort};

    #[test]
    fn a_document_tells_all_of_a_question_on_one_line() {
        let file = |content| Attachment {
            sort: Sort::Image,
            name: "a.png".to_owned(),
            mimetype: "image/png".to_owned(),
            content,
        };
        let kept = Content::Kept {
            path: "/data/1_a.png".into(),
            size: 5,
        };
        let question = Question {
            text: "one\ntwo".to_owned(),
            attachments: vec![file(kept), file(Content::TooLarge)],
            sender: Sender {
                user_id: "@ann:h".to_owned(),
                display_name: Some("Ann".to_owned()),
            },
            room: Room {
                id: "!r:h".to_owned(),
                name: None,
                direct: true,
                encrypted: false,
            },
            thread: Some("$root".to_owned()),
            event_id: "$1".to_owned(),
            of_several: false,
        };
        let history = [
            Said {
                sender: Some("@ann:h".to_owned()),
                text: "before".to_owned(),
            },
            Said {
                sender: None,
                text: "answer".to_owned(),
            },
        ];
        let document = write(&question, &history);
        assert!(!document.contains('\n'));
        let read: Value = serde_json::from_str(&document).unwrap();
        assert_eq!(
            read,
            json!({
                "schema": "nanobot.question/1",
                "text": "one\ntwo",
                "sender": {"user_id": "@ann:h", "display_name": "Ann"},
                "room": {"id": "!r:h", "name": null, "direct": true, "encrypted": false},
                "thread": "$root",
                "event_id": "$1",
                "of_several": false,
                "conversation": "matrix:!r:h:thread:$root",
                "attachments": [
                    {"kind": "image", "name": "a.png", "mimetype": "image/png",
                     "path": "/data/1_a.png", "size": 5},
                    {"kind": "image", "name": "a.png", "mimetype": "image/png",
                     "missing": "too large"},
                ],
                "history": [
                    {"role": "user", "sender": "@ann:h", "text": "before"},
                    {"role": "assistant", "text": "answer"},
                ],
            })
        );
    }
}
