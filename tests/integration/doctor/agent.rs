//! `agent.*`: whoever answers, broken in every way that the checks look for.

use serde_json::{Value, json};

use super::examined::{Examined, examine};
use crate::harness::bot::Home;
use crate::harness::model::Model;

const AGENT: &[&str] = &["--only", "agent"];

/// A home with this agent; the rest of it is of no account.
fn home_with(agent: &Value) -> Home {
    let home = Home::new();
    home.write_config(&json!({"channels": {"matrix": {"agent": agent}}}).to_string());
    home
}

async fn examined(agent: &Value) -> Examined {
    examine(&home_with(agent), AGENT).await
}

#[tokio::test]
async fn a_section_that_cannot_be_used_is_found() {
    let examined = examined(&json!({"type": "openai", "model": "x", "provider": "openai"})).await;
    examined
        .expect(
            "agent.configured",
            "fail",
            "providers.openai.apiKey is missing",
        )
        .expect_failed(&["agent.configured"])
        .expect_skipped("agent.reachable", &["agent.configured"])
        .expect_skipped("agent.model", &["agent.configured"]);
    assert_eq!(examined.exit_code(), 78);
    let commands = examined.commands("agent.configured");
    assert!(
        commands.contains(&"nanobot config set providers.openai.apiKey --stdin"),
        "{commands:?}"
    );
}

#[tokio::test]
async fn a_model_that_cannot_be_asked_is_told() {
    let home = Home::new();
    let config = json!({
        "channels": {"matrix": {}},
        "agents": {"defaults": {"model": "claude-opus-4-5"}},
        "providers": {"anthropic": {"apiKey": "canary-key"}}
    });
    home.write_config(&config.to_string());
    let examined = examine(&home, AGENT).await;
    examined
        .expect(
            "agent.configured",
            "warn",
            "echo (repeats each message), because",
        )
        .expect(
            "agent.configured",
            "warn",
            "anthropic is not OpenAI-compatible",
        )
        .expect_failed(&[]);
}

#[tokio::test]
async fn nobody_there_a_wrong_key_and_a_missing_model_are_found() {
    let dead = json!({"type": "openai", "model": "x", "apiBase": "http://127.0.0.1:9/v1"});
    let found = examined(&dead).await;
    found
        .expect("agent.configured", "pass", "openai (model x, the API at")
        .expect("agent.reachable", "fail", "cannot be reached")
        .expect_skipped("agent.authorised", &["agent.reachable"]);
    assert_eq!(found.exit_code(), 69);

    let model = Model::start().await;
    let agent = json!({
        "type": "openai", "model": "tiny", "apiBase": model.url(), "apiKey": "canary-key"
    });
    let home = home_with(&agent);
    let found = examine(&home, AGENT).await;
    found
        .expect("agent.model", "pass", "tiny")
        .expect_failed(&[]);
    model.set_models(Some(vec!["tinier"]));
    let found = examine(&home, AGENT).await;
    found.expect(
        "agent.model",
        "fail",
        "does not have the model \"tiny\"; did you mean \"tinier\"?",
    );
    assert_eq!(found.exit_code(), 1);
    model.require_key("another");
    let found = examine(&home, AGENT).await;
    found.expect("agent.reachable", "pass", "answers").expect(
        "agent.authorised",
        "fail",
        "does not accept the key (HTTP status 401)",
    );
    home.assert_no_secret(&["canary"]);
}

#[tokio::test]
async fn nobody_is_asked_offline() {
    let model = Model::start().await;
    let agent = json!({"type": "openai", "model": "tiny", "apiBase": model.url()});
    let options = [AGENT, &["--offline"]].concat();
    let found = examine(&home_with(&agent), &options).await;
    found
        .expect("agent.configured", "pass", "model tiny")
        .expect("agent.reachable", "skip", "--offline");
}
