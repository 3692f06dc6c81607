//! The agent that says what it was told, for trying the bot out.

use super::Agent;

/// Answers every message with its own words.
#[derive(Clone, Copy, Debug, Default)]
pub struct Echo;

impl Agent for Echo {
    async fn answer(&self, text: &str) -> Option<String> {
        Some(text.to_owned()).filter(|text| !text.trim().is_empty())
    }
}
