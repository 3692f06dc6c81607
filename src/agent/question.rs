//! What an agent is asked.

use super::Attachment;

/// What somebody wrote, who and where, and the files that came with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// The words. Where somebody sent only a file, its name.
    pub text: String,
    /// The files.
    pub attachments: Vec<Attachment>,
    /// Who wrote it.
    pub sender: Sender,
    /// Where.
    pub room: Room,
    /// The thread's first event, where it was written in a thread.
    pub thread: Option<String>,
    /// The message's event.
    pub event_id: String,
}

/// Somebody who writes to the bot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sender {
    /// Their Matrix user id.
    pub user_id: String,
    /// What they call themselves in the room, made harmless: one line, of a sane length.
    pub display_name: Option<String>,
}

/// A room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// Its id.
    pub id: String,
    /// What it is called, made harmless: one line, of a sane length.
    pub name: Option<String>,
    /// Whether nobody but the sender and the bot is in it.
    pub direct: bool,
    /// Whether it is encrypted.
    pub encrypted: bool,
}

/// The key of a room's conversation, or of one of its threads': [`Question::conversation`].
#[must_use]
pub fn conversation(room_id: &str, thread: Option<&str>) -> String {
    match thread {
        None => format!("matrix:{room_id}"),
        Some(root) => format!("matrix:{room_id}:thread:{root}"),
    }
}

impl Question {
    /// The conversation it belongs to, by the Python tool's key: one for each room and one for
    /// each thread.
    #[must_use]
    pub fn conversation(&self) -> String {
        conversation(&self.room.id, self.thread.as_deref())
    }

    /// The words and, each on a line of its own, the [`Attachment::marker`]s: for agents that
    /// take nothing but text.
    #[must_use]
    pub fn with_markers(&self) -> String {
        self.lines(Attachment::marker)
    }

    /// The words and, each on a line of its own, what is said of each file.
    pub(super) fn lines(&self, describe: impl Fn(&Attachment) -> String) -> String {
        let words = (!self.text.trim().is_empty()).then(|| self.text.clone());
        let files = self.attachments.iter().map(describe);
        words
            .into_iter()
            .chain(files)
            .collect::<Vec<_>>()
            .join("\n")
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::agent::{Content, Sort};

    fn question(text: &str, contents: &[Content]) -> Question {
        let attachment = |content: &Content| Attachment {
            sort: Sort::Image,
            name: "a.png".to_owned(),
            mimetype: "image/png".to_owned(),
            content: content.clone(),
        };
        Question {
            text: text.to_owned(),
            attachments: contents.iter().map(attachment).collect(),
            ..Question::default()
        }
    }

    fn kept() -> Content {
        Content::Kept {
            path: PathBuf::from("/data/1_a.png"),
            size: 5,
        }
    }

    #[test]
    fn markers_are_those_of_the_python_tool() {
        let asked = question(
            "look",
            &[kept(), Content::TooLarge, Content::Blocked, Content::Failed],
        );
        assert_eq!(
            asked.with_markers(),
            "look\n\
             [attachment: /data/1_a.png]\n\
             [attachment: a.png - too large]\n\
             [attachment: a.png - too large]\n\
             [attachment: a.png - download failed]"
        );
        assert_eq!(question("just words", &[]).with_markers(), "just words");
    }

    #[test]
    fn a_label_names_a_file_and_not_where_it_lies() {
        assert_eq!(
            question("look", &[kept()]).lines(Attachment::label),
            "look\n[attachment: a.png - image, image/png, 5 bytes]"
        );
    }

    #[test]
    fn a_conversation_has_the_key_of_the_python_tool() {
        let mut asked = question("x", &[]);
        asked.room.id = "!r:h".to_owned();
        assert_eq!(asked.conversation(), "matrix:!r:h");
        asked.thread = Some("$root".to_owned());
        assert_eq!(asked.conversation(), "matrix:!r:h:thread:$root");
    }
}
