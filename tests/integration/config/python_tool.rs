//! A file of the Python tool is read, edited and left as it is.

use serde_json::Value;

use super::{config, home, text};

/// As its set-up writes it, with keys of other channels and of its own future.
const ONBOARDED: &str = r#"{
  "agents": {
    "defaults": {
      "workspace": "~/.nanobot/workspace",
      "model": "anthropic/claude-opus-4-5",
      "maxTokens": 8192,
      "temperature": 0.1
    }
  },
  "channels": {
    "sendProgress": true,
    "matrix": {
      "enabled": false,
      "homeserver": "https://matrix.org",
      "userId": "",
      "password": "",
      "accessToken": "",
      "deviceId": "",
      "groupPolicy": "open",
      "allowFrom": [],
      "someNewKey": {
        "é": "ü"
      }
    },
    "telegram": {
      "enabled": true,
      "token": "123:abc"
    }
  },
  "providers": {
    "openai": {
      "apiKey": "sk-x",
      "apiBase": null
    }
  },
  "gateway": {
    "host": "0.0.0.0",
    "port": 18790
  }
}"#;

/// As a person wrote it by an older release, with the spelling it generated.
const BY_HAND: &str = "{\"channels\":{\"matrix\":{\"enabled\":\"true\",\"user_id\":\"@a:b\",\
                       \"e2EeEnabled\":false,\"max_media_bytes\":\"1000\",\"allow_from\":[\"*\"]}}}\n";

/// Asserts that the file is `before` with one piece of it replaced.
fn assert_edited(after: &str, before: &str, old: &str, new: &str) {
    assert_eq!(before.matches(old).count(), 1, "{old}");
    assert_eq!(after, before.replace(old, new));
    // Still JSON for a reader that knows no comments.
    serde_json::from_str::<Value>(after).unwrap();
}

#[tokio::test]
async fn an_onboarded_file() {
    let home = home(ONBOARDED);
    config(&home, &["validate"]).await.expect_code(0);
    config(&home, &["get", "userId"]).await.expect_code(1);
    for (key, value, old, new) in [
        ("userId", "@a:b", r#""userId": """#, r#""userId": "@a:b""#),
        ("enabled", "yes", "\"enabled\": false", "\"enabled\": true"),
        (
            "allowFrom",
            "@c:d",
            r#""allowFrom": []"#,
            r#""allowFrom": ["@c:d"]"#,
        ),
        ("gateway.port", "80", "\"port\": 18790", "\"port\": 80"),
    ] {
        let before = text(&home);
        config(&home, &["set", key, value]).await.expect_code(0);
        assert_edited(&text(&home), &before, old, new);
    }
}

#[tokio::test]
async fn old_spellings_are_kept() {
    let home = home(BY_HAND);
    for (key, value) in [
        ("userId", "@a:b"),
        ("e2eeEnabled", "false"),
        ("maxMediaBytes", "1000"),
    ] {
        assert_eq!(
            config(&home, &["get", key]).await.stdout,
            format!("{value}\n")
        );
    }
    for (key, value, old, new) in [
        (
            "userId",
            "@c:d",
            r#""user_id":"@a:b""#,
            r#""user_id":"@c:d""#,
        ),
        (
            "e2eeEnabled",
            "true",
            r#""e2EeEnabled":false"#,
            r#""e2EeEnabled":true"#,
        ),
        (
            "maxMediaBytes",
            "5",
            r#""max_media_bytes":"1000""#,
            r#""max_media_bytes":5"#,
        ),
    ] {
        let before = text(&home);
        config(&home, &["set", key, value]).await.expect_code(0);
        assert_edited(&text(&home), &before, old, new);
    }
    let before = text(&home);
    config(&home, &["set", "deviceId", "D"])
        .await
        .expect_code(0);
    config(&home, &["unset", "deviceId"]).await.expect_code(0);
    let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    assert_eq!(value(&text(&home)), value(&before));
}
