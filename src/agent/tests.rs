//! The agents, made from a configuration as the gateway makes them.

use std::ffi::OsString;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    Configured, Draft, Question, Room, Sender, Surroundings, configured,
    model::{Manner, Model},
};
use crate::{config::Document, error::Result};

mod checks;
mod choice;
mod nanobot;
mod openai;
mod streams;
mod trouble;

/// A bot's directory, with its configuration.
struct Bot {
    home: TempDir,
    document: Document,
}

impl Bot {
    fn new(config: &Value) -> Self {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("config.json");
        std::fs::write(&path, config.to_string()).unwrap();
        let document = Document::load(&path).unwrap();
        Self { home, document }
    }

    /// One with this section for its agent.
    fn with_agent(agent: &Value) -> Self {
        Self::new(&json!({"channels": {"matrix": {"agent": agent}}}))
    }

    /// One that asks this model, with more in its section.
    fn asking(model: &Model, more: &Value) -> Self {
        let mut agent = json!({"type": "openai", "model": "tiny", "apiBase": model.url()});
        for (key, value) in more.as_object().unwrap() {
            agent[key] = value.clone();
        }
        Self::with_agent(&agent)
    }

    fn configured(&self) -> Result<Configured> {
        let surroundings = Surroundings {
            document: self.document.clone(),
            directory: self.home.path().to_owned(),
            environment,
        };
        configured(&self.document.matrix(&environment)?, &surroundings)
    }

    /// The answer to this question, or the failure's words.
    async fn ask(&self, question: &Question) -> Result<String, super::Failure> {
        let (draft, _) = Draft::new();
        let agent = self.configured().unwrap().agent;
        agent
            .answer(question, &draft)
            .await
            .map(|answer| answer.text)
    }
}

fn environment(name: &str) -> Option<OsString> {
    (name == "SET").then(|| OsString::from("canary-variable"))
}

/// A message of Alice's in the garden.
fn question(event: &str, text: &str) -> Question {
    Question {
        text: text.to_owned(),
        event_id: event.to_owned(),
        sender: Sender {
            user_id: "@alice:h".to_owned(),
            display_name: Some("Alice".to_owned()),
        },
        room: Room {
            id: "!garden:h".to_owned(),
            name: Some("Garden".to_owned()),
            ..Room::default()
        },
        ..Question::default()
    }
}
