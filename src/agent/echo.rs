//! The agent that says what it was told, for trying the bot out.

use super::{Agent, Attachment, Question};

/// Answers every message with its own words, and says which files came with it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Echo;

impl Agent for Echo {
    async fn answer(&self, question: &Question) -> Option<String> {
        // It speaks to the chat, and where files lie on this machine is nobody's business there.
        let text = question.lines(Attachment::label);
        Some(text).filter(|text| !text.trim().is_empty())
    }
}
