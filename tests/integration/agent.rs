//! The agents that ask models: from the terminal, and through a real homeserver.

mod answering;
mod python_tool;
mod terminal;

use serde_json::{Value, json};

use crate::harness::bot::Home;
use crate::harness::model::Model;

/// A home whose bot asks this model, with more in the agent's section.
fn home_asking(model: &Model, more: &Value) -> Home {
    let home = Home::new();
    let config = json!({"channels": {"matrix": {"agent": section(model, more)}}});
    home.write_config(&config.to_string());
    home
}

fn section(model: &Model, more: &Value) -> Value {
    let mut agent = json!({"type": "openai", "model": "tiny", "apiBase": model.url()});
    for (key, value) in more.as_object().unwrap() {
        agent[key] = value.clone();
    }
    agent
}
