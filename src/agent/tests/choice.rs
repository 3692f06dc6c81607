//! Who answers, by the configuration.

use super::*;
use crate::error::Kind;

/// The kind that answers, and why another does not.
fn kind(config: &Value) -> Result<(&'static str, Option<String>)> {
    let configured = Bot::new(config).configured()?;
    Ok((configured.kind, configured.passed_over))
}

#[test]
fn where_none_is_named_the_shared_model_answers_or_the_echo() {
    let defaults = |model: &str, providers: Value| json!({"agents": {"defaults": {"model": model}}, "providers": providers});
    let usable = [
        defaults("gpt-4o", json!({"openai": {"apiKey": "k"}})),
        defaults(
            "llama3",
            json!({"ollama": {"apiBase": "http://127.0.0.1:1/v1"}}),
        ),
        defaults("m", json!({"mine": {"apiBase": "http://127.0.0.1:1/v1"}})),
    ];
    for config in usable {
        assert_eq!(kind(&config).unwrap(), ("openai", None), "{config}");
    }
    let nothing = [
        json!({}),
        json!({"providers": {"openai": {"apiKey": "k"}}}),
        defaults(
            "anthropic/claude-opus-4-5",
            json!({"openai": {"apiKey": ""}}),
        ),
        defaults("gpt-4o", json!({})),
        json!({"channels": {"matrix": {"agent": {"conversations": 3}}}}),
    ];
    for config in nothing {
        assert_eq!(kind(&config).unwrap(), ("echo", None), "{config}");
    }
    let config = defaults("claude-opus-4-5", json!({"anthropic": {"apiKey": "k"}}));
    let (kind_of, why) = kind(&config).unwrap();
    assert_eq!(kind_of, "echo");
    assert!(why.unwrap().contains("anthropic is not OpenAI-compatible"));
    let config = defaults("gpt-4o", json!({"openai": {"apiKey": "${UNSET}"}}));
    assert!(kind(&config).unwrap_err().to_string().contains("UNSET"));
}

#[test]
fn what_is_named_is_described_without_its_secrets() {
    let describe = |agent: Value| {
        let config = json!({
            "channels": {"matrix": {"agent": agent}},
            "agents": {"defaults": {"model": "gpt-4o"}},
            "providers": {"openai": {"apiKey": "canary-key"}, "groq": {"apiKey": "${SET}"}},
            "api": {"port": 8999}
        });
        let bot = Bot::new(&config);
        let configured = bot.configured().unwrap();
        let debug = format!("{configured:?}");
        assert!(!debug.contains("canary"), "{debug}");
        configured.agent.describe()
    };
    for (agent, described) in [
        (
            json!({"type": "openai"}),
            "model gpt-4o, openai at https://api.openai.com/v1",
        ),
        (
            json!({"type": "openai", "provider": "groq", "model": "groq/x"}),
            "model groq/x, groq at https://api.groq.com/openai/v1",
        ),
        (
            json!({"type": "openai", "apiBase": "http://u:canary@h:1/x/?k=canary", "apiKey": "canary"}),
            "model gpt-4o, the API at http://h:1/x",
        ),
        (
            json!({"type": "openai", "provider": "anthropic", "apiBase": "https://a/v1"}),
            "model gpt-4o, anthropic at https://a/v1",
        ),
        (
            json!({"type": "nanobot"}),
            "the Python tool at http://127.0.0.1:8999/v1",
        ),
        (
            json!({"type": "nanobot", "apiBase": "http://h:2/v1"}),
            "the Python tool at http://h:2/v1",
        ),
        (json!({"type": "echo"}), "repeats each message"),
    ] {
        assert_eq!(describe(agent), described);
    }
}

#[test]
fn a_bad_section_is_refused_without_quoting_it() {
    for (agent, said) in [
        (json!({"type": "opanai"}), "did you mean \"openai\""),
        (json!({"type": "openai"}), "no model is named"),
        (
            json!({"type": "openai", "model": "x"}),
            "no provider is configured",
        ),
        (
            json!({"type": "openai", "model": "x", "apiBase": "canary"}),
            "agent.apiBase must be",
        ),
        (
            json!({"type": "openai", "model": "x", "provider": "anthropic"}),
            "not OpenAI-compatible",
        ),
        (
            json!({"type": "openai", "model": "x", "apiBase": "http://h", "temprature": 1}),
            "did you mean \"temperature\"",
        ),
        (
            json!({"type": "openai", "model": "x", "apiBase": "http://h", "apiKey": "canary\n"}),
            "agent.apiKey holds characters",
        ),
        (
            json!({"type": "openai", "model": "x", "apiBase": "http://h", "proxy": "socks://canary"}),
            "proxy",
        ),
        (
            json!({"type": "openai", "model": "x", "apiBase": "http://h", "extraHeaders": {"a b": "canary"}}),
            "\"a b\" of extraHeaders",
        ),
        (json!({"type": "nanobot", "model": "x"}), "no key \"model\""),
    ] {
        let error = Bot::with_agent(&agent).configured().unwrap_err();
        let told = format!("{error} {:?}", error.hint_text());
        assert_eq!(error.kind(), Kind::Config, "{told}");
        assert!(told.contains(said) && !told.contains("canary"), "{told}");
    }
}
