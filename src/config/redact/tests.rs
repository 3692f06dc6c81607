use super::*;

const FILE: &str = r#"{
  // the old password was "canary-comment"
  "channels": {
    "matrix": {
      "userId": "@a:b", // nobody else
      "accessToken": "canary-token",
      "password": "${PASSWORD}",
      "proxy": "http://u:canary-proxy@proxy:3128",
      "deviceId": "syt_canary-device",
      "allowFrom": ["@c:d"],
      "agent": {"type": "command", "env": {"A": "canary-env"}, "args": ["--api-key", "canary-arg", "x"]},
      "acessTokn": "canary-typo",
      "mine": "it is canary-token again"
    },
    "telegram": {"enabled": false, "token": 123456789}
  },
  "providers": {"openai": {"api_key": "canary-provider", "maxTokens": 8192, "apiBase": "https://x.org"}},
  /* canary-token
     in a block */
  "canary-token as a key": null
}
"#;

#[test]
fn every_secret_is_hidden_and_the_rest_is_not() {
    let shown = Document::of(FILE).redacted_text();
    assert!(
        !shown.contains("canary") && !shown.contains("123456789"),
        "{shown}"
    );
    for kept in [
        "\"@a:b\", // nobody else",
        "${PASSWORD}",
        "[\"@c:d\"]",
        "\"type\": \"command\"",
        "\"--api-key\", \"<redacted>\", \"x\"",
        "8192",
        "https://x.org",
        "\"enabled\": false",
    ] {
        assert!(shown.contains(kept), "{kept} in {shown}");
    }
    assert_eq!(shown.lines().count(), FILE.lines().count());
}

#[test]
fn values_are_hidden_like_the_text() {
    let document = Document::of(FILE);
    let shown = document.redacted_root();
    assert!(!shown.to_string().contains("canary"), "{shown}");
    let token = document.redacted("channels.matrix.accessToken");
    assert_eq!(token, Some(json!(REDACTED)));
    for (path, secret) in [
        ("accessToken", true),
        ("password", false),
        ("agent", true),
        ("agent.type", false),
        ("proxy", true),
        ("channels.telegram", true),
        ("nothing", false),
    ] {
        let path = KeyPath::resolve(path, &document).unwrap();
        assert_eq!(document.is_secret(&path), secret, "{}", path.path());
    }
}

#[test]
fn what_repeats_a_harmless_neighbour_of_secrets_is_shown() {
    let text = r#"{"channels": {"matrix": {"homeserver": "https://matrix.org", "allowFrom": ["@a:b"],
        "agent": {"env": {"SERVER": "matrix.org"}}}}}"#;
    let document = Document::of(text);
    assert!(document.redacted_text().contains("https://matrix.org"));
    let path = KeyPath::resolve("homeserver", &document).unwrap();
    assert!(!document.is_secret(&path));
}

#[test]
fn a_typed_value_is_hidden_too() {
    let shown = |name, value: Json| {
        let key = keys::find(name).unwrap();
        redact(key, &key.read(&value).unwrap())
    };
    let token = shown("accessToken", json!("t"));
    assert_eq!(token, json!(REDACTED));
    let proxy = shown("proxy", json!("http://proxy:3128"));
    assert_eq!(proxy, json!("http://proxy:3128"));
    let agent = shown("agent", json!({"type": "x", "apiKey": "y"}));
    assert_eq!(agent, json!({"type": "x", "apiKey": REDACTED}));
}
