//! What a model is told: who it is, where it is, who speaks, and what they say.

use serde_json::Value;

use crate::agent::{
    Attachment, Question,
    chat::{self, ImageLimits},
};

/// What a model is told of itself where the configuration does not say.
const WHO: &str = "You are nanobot, a helpful assistant in a chat on Matrix. Answer in the language \
                   you are spoken to, as short as the question allows. You may use Markdown.";

/// How many pictures of one message are shown, and how large they may be. Services take some 5 to
/// 20 MB each.
const PICTURES: ImageLimits = ImageLimits {
    each: 5_000_000,
    all: 20_000_000,
    count: 8,
};

/// A question as a model gets it.
#[derive(Debug)]
pub(super) struct Asked {
    /// Who says it, their words, and what is said of files.
    pub(super) text: String,
    pictures: Vec<Value>,
}

impl Asked {
    pub(super) async fn new(question: &Question, shows_pictures: bool) -> Self {
        let limits = if shows_pictures {
            PICTURES
        } else {
            ImageLimits {
                count: 0,
                ..PICTURES
            }
        };
        // Where files lie on this machine is nobody's business elsewhere.
        let text = question.lines(Attachment::label);
        Self {
            text: match question.author() {
                Some(who) => format!("{who}: {text}"),
                None => text,
            },
            pictures: chat::pictures(question, limits).await,
        }
    }

    /// As the content of a message.
    pub(super) fn content(&self) -> Value {
        chat::content(&self.text, &self.pictures)
    }
}

/// The system prompt: who the model is, and where it is.
pub(super) fn system(who: Option<&str>, question: &Question) -> String {
    let who = who.unwrap_or(WHO);
    let place = question.place();
    format!(
        "{who}\n\nThis conversation is {place}. Every message begins with the name and the Matrix id \
         of whoever wrote it; do not begin your answers so."
    )
}

#[cfg(test)]
mod unit {
    use super::*;
    use crate::agent::{Room, Sender};

    fn question() -> Question {
        Question {
            text: "Hello".to_owned(),
            sender: Sender {
                user_id: "@a:h".to_owned(),
                display_name: Some("Alice".to_owned()),
            },
            room: Room {
                id: "!r:h".to_owned(),
                name: Some("Garden".to_owned()),
                ..Room::default()
            },
            ..Question::default()
        }
    }

    #[tokio::test]
    async fn the_model_is_told_who_speaks_and_where() {
        let mut asked = question();
        assert_eq!(
            Asked::new(&asked, true).await.content(),
            "Alice (@a:h): Hello"
        );
        let told = system(None, &asked);
        assert!(told.starts_with(WHO), "{told}");
        assert!(
            told.contains("in the group room \"Garden\" (!r:h)."),
            "{told}"
        );
        asked.sender.display_name = None;
        asked.room.direct = true;
        asked.room.name = None;
        asked.thread = Some("$t".to_owned());
        assert_eq!(Asked::new(&asked, true).await.content(), "@a:h: Hello");
        let told = system(Some("Be brief."), &asked);
        assert!(told.starts_with("Be brief.\n\n"), "{told}");
        assert!(
            told.contains("a thread in the direct chat (!r:h)."),
            "{told}"
        );
    }
}
