//! What was said of late in each conversation, for programs that remember nothing themselves.
//!
//! It is kept in memory only: after a restart every conversation begins anew.

use std::{
    collections::{HashMap, VecDeque},
    num::NonZeroUsize,
};

use super::super::Question;

/// The most conversations that are remembered; the one that was silent longest is forgotten.
const CONVERSATIONS: usize = 256;
/// The most bytes that are remembered of a conversation.
const BYTES: usize = 64 * 1024;

/// Something that was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    /// Who said it; `None` for the bot itself.
    pub(super) sender: Option<String>,
    pub(super) text: String,
}

/// What was said of late.
#[derive(Debug)]
pub(super) struct Recent {
    most: NonZeroUsize,
    conversations: HashMap<String, Conversation>,
    turns: u64,
}

#[derive(Debug, Default)]
struct Conversation {
    said: VecDeque<Said>,
    last_turn: u64,
}

impl Recent {
    /// Remembers at most so many messages of each conversation.
    pub(super) fn new(most: NonZeroUsize) -> Self {
        Self {
            most,
            conversations: HashMap::new(),
            turns: 0,
        }
    }

    /// What was said in a conversation, oldest first.
    pub(super) fn of(&self, conversation: &str) -> Vec<Said> {
        let found = self.conversations.get(conversation);
        found.map_or_else(Vec::new, |found| found.said.iter().cloned().collect())
    }

    /// Remembers a question and its answer.
    pub(super) fn add(&mut self, conversation: &str, question: &Question, answer: &str) {
        self.turns += 1;
        let entry = self.conversations.entry(conversation.to_owned());
        let found = entry.or_default();
        found.last_turn = self.turns;
        found.add(Some(question.sender.user_id.clone()), &question.text);
        found.add(None, answer);
        found.shrink(self.most.get());
        self.make_room();
    }

    /// Forgets a conversation.
    pub(super) fn forget(&mut self, conversation: &str) {
        self.conversations.remove(conversation);
    }

    fn make_room(&mut self) {
        if self.conversations.len() <= CONVERSATIONS {
            return;
        }
        let conversations = self.conversations.iter();
        let silent = conversations.min_by_key(|(_, conversation)| conversation.last_turn);
        if let Some(silent) = silent.map(|(key, _)| key.clone()) {
            self.conversations.remove(&silent);
        }
    }
}

impl Conversation {
    fn add(&mut self, sender: Option<String>, text: &str) {
        if !text.trim().is_empty() {
            let text = text.to_owned();
            self.said.push_back(Said { sender, text });
        }
    }

    fn shrink(&mut self, most: usize) {
        while self.said.len() > most || self.bytes() > BYTES {
            self.said.pop_front();
        }
    }

    fn bytes(&self) -> usize {
        self.said.iter().map(|said| said.text.len()).sum()
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

    fn recent(most: usize) -> Recent {
        Recent::new(NonZeroUsize::new(most).unwrap())
    }

    fn texts(recent: &Recent, conversation: &str) -> Vec<String> {
        let said = recent.of(conversation).into_iter();
        said.map(|said| said.text).collect()
    }

    #[test]
    fn a_conversation_is_remembered_up_to_its_limit_and_forgotten() {
        let mut recent = recent(3);
        recent.add("a", &question("one"), "1");
        recent.add("a", &question("two"), "2");
        recent.add("b", &question("other"), " ");
        assert_eq!(texts(&recent, "a"), ["1", "two", "2"]);
        assert_eq!(recent.of("a")[1].sender.as_deref(), Some("@ann:h"));
        assert_eq!(texts(&recent, "b"), ["other"]);
        recent.forget("a");
        assert_eq!(recent.of("a"), []);
        assert_eq!(texts(&recent, "b"), ["other"]);
    }

    #[test]
    fn it_does_not_grow_for_ever() {
        let mut recent = recent(100);
        recent.add("0", &question("x"), &"y".repeat(BYTES));
        assert_eq!(texts(&recent, "0"), ["y".repeat(BYTES)]);
        recent.add("0", &question("short"), &"y".repeat(BYTES + 1));
        assert_eq!(recent.of("0"), []);
        for number in 1..=CONVERSATIONS {
            recent.add(&number.to_string(), &question("x"), "y");
        }
        assert_eq!(recent.conversations.len(), CONVERSATIONS);
        assert!(!recent.conversations.contains_key("0"));
    }
}
