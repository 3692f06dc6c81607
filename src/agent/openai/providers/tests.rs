use std::{ffi::OsString, path::PathBuf};

use serde_json::json;

use super::{table::SPECS, *};
use crate::config::Document;

fn environment(name: &str) -> Option<OsString> {
    (name == "KEY").then(|| OsString::from("canary-key"))
}

fn surroundings(config: &Value) -> Surroundings {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("config.json");
    std::fs::write(&path, config.to_string()).unwrap();
    Surroundings {
        document: Document::load(&path).unwrap(),
        directory: PathBuf::new(),
        environment,
    }
}

/// The name of the provider of a model, or the error.
fn chosen(providers: &Value, name: Option<&str>, model: &str) -> Result<Option<String>> {
    let around = surroundings(&json!({"providers": providers}));
    let provider = provider(&around, name, model)?;
    let checked = provider.map(|provider| provider.obstacle().map_or(Ok(provider.name), Err));
    checked.transpose()
}

#[test]
fn every_address_of_the_table_is_one() {
    for spec in SPECS.iter() {
        let base = spec.base.as_ref().map(|base| Url::parse(base).unwrap());
        assert!(base.is_some() || spec.speaks.is_some() || spec.sort != Sort::Service);
        assert_eq!(fold(&spec.name), spec.name);
        assert!(
            spec.keywords
                .iter()
                .all(|word| *word == word.to_lowercase())
        );
    }
}

#[test]
fn names_are_folded_as_the_python_tool_does() {
    for (name, folded) in [
        ("lmStudio", "lm_studio"),
        ("lm-studio", "lm_studio"),
        ("azureOpenai", "azure_openai"),
        ("openai", "openai"),
        ("CompanyProxy", "company_proxy"),
    ] {
        assert_eq!(fold(name), folded);
    }
}

#[test]
fn a_model_finds_its_provider() {
    let keys = json!({
        "openrouter": {"apiKey": "k"}, "openai": {"api_key": "k"}, "groq": {"apiKey": "k"},
        "companyProxy": {"apiBase": "http://c/v1"}, "ollama": {"apiBase": ""}
    });
    for (model, name) in [
        ("groq/llama-3", "groq"),
        ("gpt-4o", "openai"),
        ("company-proxy/gpt-4o", "companyProxy"),
        // Nothing of the rest has a key, and gateways go first.
        ("anthropic/claude-opus-4-5", "openrouter"),
        ("something", "openrouter"),
        ("ollama/llama3", "ollama"),
        ("nvidia/nemotron-3", "openrouter"),
    ] {
        let chosen = chosen(&keys, None, model).unwrap();
        assert_eq!(chosen.as_deref(), Some(name), "{model}");
    }
    let local = json!({"openai": {"apiKey": "k"}, "ollama": {"apiBase": "http://o:1/v1"}});
    let of_local = |model| chosen(&local, None, model).unwrap().unwrap();
    assert_eq!(of_local("llama3.2"), "ollama");
    assert_eq!(of_local("gpt-4o"), "openai");
    let made_up = json!({"x": {"apiBase": "http://c/v1"}});
    assert_eq!(chosen(&made_up, None, "m").unwrap().as_deref(), Some("x"));
    let empty = json!({"openai": {"apiKey": ""}});
    assert_eq!(chosen(&empty, None, "gpt-4o").unwrap(), None);
    assert_eq!(
        chosen(&json!({}), None, "anthropic/claude-opus-4-5").unwrap(),
        None
    );
}

#[test]
fn what_cannot_be_spoken_to_is_named_with_what_to_set() {
    let keys = json!({"anthropic": {"apiKey": "k"}, "mine": {}, "vllm": {}});
    for (name, model, said) in [
        (
            None,
            "claude-opus-4-5",
            "anthropic is not OpenAI-compatible",
        ),
        (
            Some("azureOpenai"),
            "x",
            "azure_openai is not OpenAI-compatible",
        ),
        (Some("bedrock"), "x", "bedrock is not OpenAI-compatible"),
        (Some("githubCopilot"), "x", "a login in the browser"),
        (
            Some("openai"),
            "gpt-4o",
            "providers.openai.apiKey is missing",
        ),
        (Some("mine"), "x", "providers.mine.apiBase is missing"),
        (Some("vllm"), "x", "providers.vllm.apiBase is missing"),
        (Some("opnai"), "x", "did you mean \"openai\"?"),
    ] {
        let error = chosen(&keys, name, model).unwrap_err();
        assert!(error.to_string().contains(said), "{error}");
        assert_eq!(error.kind(), crate::error::Kind::Config);
        let hint = error.hint_text().unwrap();
        assert!(
            hint.contains("nanobot config") || hint.contains("apiBase"),
            "{hint}"
        );
    }
}

#[test]
fn a_provider_is_read_with_its_variables() {
    let around = surroundings(&json!({"providers": {
        "openai": {
            "apiKey": "${KEY}", "api_base": "http://h:1/v1/", "extraHeaders": {"X-A": "b"},
            "extraBody": {"top_k": 5}, "extraQuery": {"v": "1"}, "proxy": "http://p:1"
        },
        "groq": {"apiKey": "${UNSET}"}
    }}));
    let openai = provider(&around, None, "gpt-4o").unwrap().unwrap();
    assert_eq!(openai.key.unwrap().expose(), "canary-key");
    assert_eq!(openai.base.unwrap().as_str(), "http://h:1/v1/");
    assert_eq!(openai.headers[0].0, "X-A");
    assert_eq!(openai.query[0].1.expose(), "1");
    assert_eq!(openai.body["top_k"], json!(5));
    assert_eq!(openai.proxy.unwrap().expose(), "http://p:1");
    // Only who needs a variable misses it.
    let error = provider(&around, Some("groq"), "m").unwrap_err();
    assert!(error.to_string().contains("UNSET"), "{error}");
}

#[test]
fn a_model_keeps_or_loses_what_stands_before_its_name() {
    let around = surroundings(&json!({"providers": {
        "aihubmix": {"apiKey": "k"}, "openrouter": {"apiKey": "k"}, "mine": {"apiBase": "http://h"}
    }}));
    for (name, model, sent) in [
        ("openrouter", "openai/gpt-4o", "openai/gpt-4o"),
        ("aihubmix", "openai/gpt-4o", "gpt-4o"),
        ("ollama", "ollama/llama3", "llama3"),
        ("ollama", "hf.co/x/y", "hf.co/x/y"),
        ("mine", "mine/m", "m"),
        ("mine", "other/m", "other/m"),
        ("mine", "m", "m"),
    ] {
        let provider = provider(&around, Some(name), model).unwrap().unwrap();
        assert_eq!(provider.model(model), sent);
    }
}

#[test]
fn a_preset_goes_before_the_defaults() {
    let around = surroundings(&json!({
        "agents": {"defaults": {
            "model": "gpt-4o", "provider": "auto", "max_tokens": 100, "temperature": 0.1,
            "modelPreset": "deep", "workspace": "${UNSET}"
        }},
        "modelPresets": {"deep": {
            "model": "o3", "provider": "openai", "reasoningEffort": "high",
            "contextWindowTokens": 1000
        }},
        "providers": {"openai": {"apiKey": "k"}}
    }));
    let mut deep = preset(&around, None).unwrap();
    assert_eq!(deep.text("model").unwrap().as_deref(), Some("o3"));
    assert_eq!(deep.text("provider").unwrap().as_deref(), Some("openai"));
    let tokens = |section: &mut Section, key| {
        let count = section.count(key, 5000).unwrap();
        count.map(usize::from)
    };
    assert_eq!(
        deep.text("reasoningEffort").unwrap().as_deref(),
        Some("high")
    );
    assert_eq!(tokens(&mut deep, "maxTokens"), None);
    assert_eq!(tokens(&mut deep, "contextWindowTokens"), Some(1000));
    let mut plain = preset(&around, Some("default".to_owned())).unwrap();
    assert_eq!(plain.text("model").unwrap().as_deref(), Some("gpt-4o"));
    assert_eq!(tokens(&mut plain, "maxTokens"), Some(100));
    let name = plain.text("provider").unwrap();
    let found = provider(&around, name.as_deref(), "gpt-4o")
        .unwrap()
        .unwrap();
    assert_eq!(found.name, "openai");
    let error = preset(&around, Some("dep".to_owned())).err().unwrap();
    assert!(
        error.to_string().contains("did you mean \"deep\""),
        "{error}"
    );
}
