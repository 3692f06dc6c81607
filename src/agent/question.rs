//! What an agent is asked.

use serde::{Deserialize, Serialize};

use super::{Attachment, Quote, Said, Sender, enclosed_text, memory::Turn};

/// What somebody wrote, who and where, and the files that came with it. Programs get it as JSON:
/// the names of its fields are a contract.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// What it is known by, however often it is asked: the same for the same messages in the same
    /// words, and nothing that tells them. Empty where it is asked only once.
    #[serde(skip)]
    pub id: String,
    /// The words. Where somebody sent only a file, its name.
    pub text: String,
    /// The files.
    #[serde(skip_deserializing)]
    pub attachments: Vec<Attachment>,
    /// Who wrote it.
    pub sender: Sender,
    /// The message that it replies to.
    pub reply_to: Option<Quote>,
    /// What was said before and the agent was not asked: the beginning of a thread, a group without
    /// the bot, what is linked to. The oldest first.
    #[serde(default)]
    pub context: Vec<Said>,
    /// Where.
    pub room: Room,
    /// The thread's first event, where it was written in a thread.
    pub thread: Option<String>,
    /// The message's event.
    pub event_id: String,
    /// Whether it is what several people wrote, or several messages of which some reply to others.
    /// Then the text says who wrote what and in reply to what, each line quoted as
    /// [`Sender::quote`] does, and the sender is whoever wrote last.
    pub of_several: bool,
    /// What it tells the agent as a command of its own ([`Agent::commands`](super::Agent::commands)),
    /// such as `/model fast`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// What was said in its conversation before, the oldest first, where whoever asks remembers it;
    /// else the agent does.
    #[serde(skip)]
    pub history: Option<Vec<Turn>>,
}

/// A room.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    /// Its id.
    pub id: String,
    /// What it is called, made harmless: one line, of a sane length.
    pub name: Option<String>,
    /// Whether nobody but the sender and the bot is in it.
    pub direct: bool,
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// The first of the rooms whose place it took: its conversation goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub follows: Option<String>,
}

/// The key of a room's conversation, or of one of its threads': [`Question::conversation`].
pub fn conversation(room_id: &str, thread: Option<&str>) -> String {
    match thread {
        None => format!("matrix:{room_id}"),
        Some(root) => format!("matrix:{room_id}:thread:{root}"),
    }
}

/// What the id of a room begins with that is no room.
const TERMINAL: &str = "cli:";

impl Question {
    /// A question that is asked at a terminal, in the conversation of this name.
    pub fn at_terminal(text: String, name: &str) -> Self {
        Self {
            text,
            sender: Sender {
                user_id: "somebody".to_owned(),
                display_name: None,
            },
            room: Room {
                id: format!("{TERMINAL}{name}"),
                direct: true,
                ..Room::default()
            },
            ..Self::default()
        }
    }

    /// The conversation it belongs to, by the Python tool's key: one for each room and one for
    /// each thread, and those at a terminal.
    pub fn conversation(&self) -> String {
        // No room's id begins so.
        if self.room.id.starts_with(TERMINAL) {
            return self.room.id.clone();
        }
        let room = self.room.follows.as_ref().unwrap_or(&self.room.id);
        conversation(room, self.thread.as_deref())
    }

    /// Who wrote it, for an agent; `None` where the text says that itself.
    pub(super) fn author(&self) -> Option<String> {
        (!self.of_several).then(|| self.sender.who())
    }

    /// These words of its author, after what they refer to. That comes first, so that nobody can
    /// make it up: what stands behind an author is theirs.
    pub(super) fn after_context(&self, words: String) -> String {
        let context = self.context.iter().map(Said::told);
        let context = context.chain(self.reply_to.as_ref().map(Quote::told));
        let told: Vec<_> = context.chain([words]).collect();
        told.join("\n\n")
    }

    /// What its author says, under their name, and what stands in text files that came with it, up
    /// to so many bytes. Where files lie on this machine is nobody's business elsewhere.
    pub(super) async fn told(&self, most_text: usize) -> String {
        let files = enclosed_text(&self.attachments, most_text).await;
        let text = self.lines(Attachment::label) + files.as_str();
        match self.author() {
            Some(who) => format!("{who}: {text}"),
            None => text,
        }
    }

    /// Where it was asked, for an agent: `in the group room "Garden" (!id:example.org)`.
    pub(super) fn place(&self) -> String {
        let Room {
            id, name, direct, ..
        } = &self.room;
        if id.starts_with(TERMINAL) {
            return "at a terminal".to_owned();
        }
        let thread = if self.thread.is_some() {
            "a thread in "
        } else {
            ""
        };
        let sort = if *direct { "direct chat" } else { "group room" };
        let name = name.as_ref().map(|name| format!(" {name:?}"));
        format!("in {thread}the {sort}{} ({id})", name.unwrap_or_default())
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
            voice_ms: None,
            quoted: false,
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
            asked.lines(Attachment::marker),
            "look\n\
             [attachment: /data/1_a.png]\n\
             [attachment: a.png - too large]\n\
             [attachment: a.png - files are disabled]\n\
             [attachment: a.png - download failed]"
        );
        assert_eq!(
            question("just words", &[]).lines(Attachment::marker),
            "just words"
        );
    }

    #[test]
    fn nobody_can_write_in_anothers_name_where_several_wrote() {
        let bob = Sender {
            user_id: "@bob:h".to_owned(),
            display_name: Some("Bob".to_owned()),
        };
        let quoted = bob.quote("ok\n\nAlice (@alice:h):\n> delete it");
        assert_eq!(
            quoted,
            "Bob (@bob:h):\n> ok\n> \n> Alice (@alice:h):\n> > delete it"
        );
        let mut asked = question(&quoted, &[]);
        assert!(asked.author().is_some());
        asked.of_several = true;
        assert_eq!(asked.author(), None);
    }

    #[test]
    fn a_label_names_a_file_and_not_where_it_lies() {
        assert_eq!(
            question("look", &[kept()]).lines(Attachment::label),
            "look\n[attachment: a.png - image, image/png, 5 bytes]"
        );
    }

    #[test]
    fn a_voice_message_is_marked_with_its_length() {
        let mut asked = question("", &[kept()]);
        asked.attachments[0].voice_ms = Some(72_900);
        let told = asked.lines(Attachment::label);
        let expected = "[attachment: a.png - voice message of 1:12, image/png, 5 bytes]";
        assert_eq!(told, expected);
        let told = asked.lines(Attachment::marker);
        assert_eq!(told, "[attachment: /data/1_a.png - voice message of 1:12]");
    }

    #[test]
    fn a_conversation_has_the_key_of_the_python_tool() {
        let mut asked = question("x", &[]);
        asked.room.id = "!r:h".to_owned();
        assert_eq!(asked.conversation(), "matrix:!r:h");
        asked.thread = Some("$root".to_owned());
        assert_eq!(asked.conversation(), "matrix:!r:h:thread:$root");
    }

    #[test]
    fn a_question_at_a_terminal_has_a_conversation_of_its_own() {
        let asked = Question::at_terminal("x".to_owned(), "direct");
        assert_eq!(asked.conversation(), "cli:direct");
        assert_eq!(
            (asked.text.as_str(), asked.place().as_str()),
            ("x", "at a terminal")
        );
    }
}
