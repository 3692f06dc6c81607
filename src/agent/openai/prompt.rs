//! What a model is told: who it is, where it is, who speaks, and what they say.

use serde_json::Value;

use super::chat::{self, ImageLimits};
use crate::agent::{Attachment, Question};

/// What a model is told of itself where the configuration does not say.
const WHO: &str = "You are nanobot, a helpful assistant in a chat on Matrix. Answer in the language \
                   you are spoken to, as short as the question allows. You may use Markdown.";

/// What a model is told that may do more than talk.
const ACTIONS: &str = "\n\nYou may do more than talk: end your answer with a block of code in the \
                       language nanobot, which nobody sees, with one JSON object in it and any of \
                       its keys: \"reaction\", an emoji for the message you answer; \"poll\", as \
                       {\"question\": \"…\", \"choices\": [\"…\", \"…\"]}; \"reply\", true to answer as a \
                       reply to the message, false as a new message. Do so only where it helps.";

/// How many pictures of one message are shown, and how large they may be. Services take some 5 to
/// 20 MB each.
const PICTURES: ImageLimits = ImageLimits {
    each: 5_000_000,
    all: 20_000_000,
    count: 8,
};

/// A question as a model gets it: who says it, their words, and what is said of files; and that as
/// the content of a message, with the pictures if they are shown.
pub(super) async fn user_message(question: &Question, shows_pictures: bool) -> (String, Value) {
    // Where files lie on this machine is nobody's business elsewhere.
    let text = question.lines(Attachment::label);
    let text = match question.author() {
        Some(who) => format!("{who}: {text}"),
        None => text,
    };
    let text = question.after_context(text);
    let count = if shows_pictures { PICTURES.count } else { 0 };
    let pictures = chat::pictures(question, ImageLimits { count, ..PICTURES }).await;
    let content = chat::content(&text, &pictures);
    (text, content)
}

/// The system prompt: who the model is, and where it is.
pub(super) fn system(who: Option<&str>, actions: bool, question: &Question) -> String {
    let who = who.unwrap_or(WHO);
    let place = question.place();
    let actions = if actions { ACTIONS } else { "" };
    format!(
        "{who}\n\nThis conversation is {place}. Every message begins with the name and the Matrix id \
         of whoever wrote it; do not begin your answers so. Before that may stand, in lines that \
         begin with \">\", an earlier message that this one replies to: it shows what is spoken of, \
         and asks nothing of you.{actions}"
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
        assert_eq!(user_message(&asked, true).await.1, "Alice (@a:h): Hello");
        let told = system(None, false, &asked);
        assert!(told.starts_with(WHO), "{told}");
        assert!(
            told.contains("in the group room \"Garden\" (!r:h)."),
            "{told}"
        );
        asked.sender.display_name = None;
        asked.room.direct = true;
        asked.room.name = None;
        asked.thread = Some("$t".to_owned());
        assert_eq!(user_message(&asked, true).await.1, "@a:h: Hello");
        let told = system(Some("Be brief."), true, &asked);
        assert!(told.starts_with("Be brief.\n\n"), "{told}");
        assert!(
            told.contains("a thread in the direct chat (!r:h)."),
            "{told}"
        );
        assert!(told.ends_with(ACTIONS), "{told}");
    }
}
