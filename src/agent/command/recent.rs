//! What was said of late in each conversation, for programs that remember nothing themselves.
//!
//! It is kept in memory only: after a restart every conversation begins anew.

use std::collections::VecDeque;

use serde::Serialize;

use crate::agent::{Question, memory::Turn};

/// The most conversations that are remembered; the one that was silent longest is forgotten.
const CONVERSATIONS: usize = 256;
/// The most bytes that are remembered of a conversation.
const BYTES: usize = 64 * 1024;

/// Something that was said, as the program gets it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Message {
    pub(super) role: &'static str,
    /// Who said it, where it was not the program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sender: Option<String>,
    pub(super) text: String,
}

impl Message {
    /// What a person said.
    pub(super) fn of_user(sender: Option<&str>, text: &str) -> Self {
        Self {
            role: "user",
            sender: sender.map(str::to_owned),
            text: text.to_owned(),
        }
    }

    /// What the program answered.
    pub(super) fn of_assistant(text: &str) -> Self {
        Self {
            role: "assistant",
            sender: None,
            text: text.to_owned(),
        }
    }
}

/// What was said of late in each conversation, and at the end what was said last.
#[derive(Debug)]
pub(super) struct Recent {
    most: usize,
    conversations: VecDeque<(String, Vec<Message>)>,
}

impl Recent {
    /// Remembers at most so many messages of each conversation.
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            conversations: VecDeque::new(),
        }
    }

    /// What was said in a conversation, oldest first.
    pub(super) fn of(&self, conversation: &str) -> Vec<Message> {
        let mut conversations = self.conversations.iter();
        let found = conversations.find(|(key, _)| key == conversation);
        found.map_or_else(Vec::new, |(_, said)| said.clone())
    }

    /// The newest of what somebody else remembers, as much as would be remembered here.
    pub(super) fn newest(&self, turns: &[Turn]) -> Vec<Message> {
        let messages = turns.iter().flat_map(|turn| {
            let asked = Message::of_user(None, &turn.question);
            [asked, Message::of_assistant(&turn.answer)]
        });
        let said = |message: &Message| !message.text.trim().is_empty();
        let mut messages: Vec<_> = messages.filter(said).collect();
        messages.drain(..messages.len().saturating_sub(self.most));
        messages
    }

    /// Remembers a question and its answer.
    pub(super) fn add(&mut self, conversation: &str, question: &Question, answer: &str) {
        let mut said = self.of(conversation);
        self.forget(conversation);
        let sender = Some(&*question.sender.user_id);
        said.push(Message::of_user(sender, &question.text));
        said.push(Message::of_assistant(answer));
        said.retain(|said| !said.text.trim().is_empty());
        let bytes = |said: &[Message]| said.iter().map(|said| said.text.len()).sum::<usize>();
        while said.len() > self.most || bytes(&said) > BYTES {
            said.remove(0);
        }
        if said.is_empty() {
            return;
        }
        self.conversations
            .push_back((conversation.to_owned(), said));
        if self.conversations.len() > CONVERSATIONS {
            self.conversations.pop_front();
        }
    }

    /// Forgets a conversation.
    pub(super) fn forget(&mut self, conversation: &str) {
        self.conversations.retain(|(key, _)| key != conversation);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(text: &str) -> Question {
        let mut question = Question {
            text: text.to_owned(),
            ..Question::default()
        };
        question.sender.user_id = "@ann:h".to_owned();
        question
    }

    fn texts(recent: &Recent, conversation: &str) -> Vec<String> {
        let said = recent.of(conversation).into_iter();
        said.map(|said| said.text).collect()
    }

    #[test]
    fn a_conversation_is_remembered_up_to_its_limit_and_forgotten() {
        let mut recent = Recent::new(3);
        recent.add("a", &question("one"), "1");
        recent.add("a", &question("two"), "2");
        recent.add("b", &question("other"), " ");
        assert_eq!(texts(&recent, "a"), ["1", "two", "2"]);
        let two = Message::of_user(Some("@ann:h"), "two");
        assert_eq!(recent.of("a")[1], two);
        assert_eq!(texts(&recent, "b"), ["other"]);
        recent.forget("a");
        assert_eq!(recent.of("a"), []);
        assert_eq!(texts(&recent, "b"), ["other"]);
    }

    #[test]
    fn it_does_not_grow_for_ever() {
        let mut recent = Recent::new(100);
        recent.add("0", &question("x"), &"y".repeat(BYTES));
        assert_eq!(texts(&recent, "0"), ["y".repeat(BYTES)]);
        recent.add("0", &question("short"), &"y".repeat(BYTES + 1));
        assert_eq!(recent.of("0"), []);
        for number in 1..=CONVERSATIONS {
            recent.add(&number.to_string(), &question("x"), "y");
        }
        assert_eq!(recent.conversations.len(), CONVERSATIONS);
        assert!(recent.conversations.iter().all(|(key, _)| key != "0"));
    }
}
