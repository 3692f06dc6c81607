//! `get`, `list`, `show`, `path` and `validate`.

use super::{config, config_with_env, home, home_with};
use crate::harness::bot::Home;

#[tokio::test]
async fn get_prints_what_is_in_effect() {
    let home = home(
        r#"{"agents": {"defaults": {"model": "m", "max": 5}}, "channels": {"matrix": {
        "homeserver": "https://matrix.org/", "user_id": "@a:b", "allowFrom": ["@c:d", "@e:f"], "maxMediaBytes": 1000, "mine": [1]}}}"#,
    );
    for (key, value) in [
        ("userId", "@a:b"),
        ("user_id", "@a:b"),
        ("channels.matrix.userId", "@a:b"),
        ("allowFrom", r#"["@c:d","@e:f"]"#),
        ("maxMediaBytes", "1000"),
        ("groupPolicy", "open"),
        ("homeserver", "https://matrix.org"),
        ("e2EeEnabled", "true"),
        ("mine", "[1]"),
        ("agents.defaults.model", "m"),
        ("agents.defaults", r#"{"max":5,"model":"m"}"#),
    ] {
        let output = config(&home, &["get", key]).await.expect_code(0);
        assert_eq!(output.stdout, format!("{value}\n"));
        assert_eq!(output.stderr, "");
    }
    let output = config(&home, &["get", "userId", "--json"])
        .await
        .expect_code(0);
    let document = output.json();
    assert_eq!(document["value"], "@a:b");
    assert_eq!(document["key"], "channels.matrix.userId");
    assert_eq!(document["origin"]["kind"], "file");
    assert_eq!(document["origin"]["line"], 2);
}

#[tokio::test]
async fn get_of_what_is_not_there_is_1() {
    let home = home_with("{}");
    for key in ["userId", "agent.type", "nothing", "agents.defaults.model"] {
        let output = config(&home, &["get", key]).await.expect_code(1);
        assert_eq!(output.stdout, "");
        assert!(output.stderr.contains("  → "), "{output}");
        let output = config(&home, &["get", key, "--json"]).await.expect_code(1);
        assert_eq!(output.json()["error"]["kind"], "failure", "{output}");
        let output = config(&home, &["get", key, "--default", "-x y"]).await;
        assert_eq!(output.expect_code(0).stdout, "-x y\n");
    }
    // Not even a file.
    let home = Home::new();
    config(&home, &["get", "userId"]).await.expect_code(1);
    let output = config(&home, &["get", "userid"]).await.expect_code(1);
    assert!(
        output.stderr.contains("did you mean \"userId\"?"),
        "{output}"
    );
}

#[tokio::test]
async fn two_spellings_are_told() {
    let home = home_with("{\n\"user_id\": \"@lost:b\",\n\"userId\": \"@won:b\"\n}");
    let words = "\"user_id\" (line 4, column 1) has no effect: \"userId\"";
    let output = config(&home, &["get", "userId"]).await.expect_code(0);
    assert_eq!(output.stdout, "@won:b\n");
    assert!(output.stderr.contains(words), "{output}");
    let output = config(&home, &["list"]).await.expect_code(0);
    assert!(
        output.stdout.contains("hides user_id on line 4"),
        "{output}"
    );
    let output = config(&home, &["set", "user_id", "@new:b"])
        .await
        .expect_code(0);
    assert!(output.stderr.contains(words), "{output}");
    assert!(super::text(&home).contains("\"userId\": \"@new:b\""));
    // The one that does nothing can go alone.
    let output = config(&home, &["unset", "user_id"]).await.expect_code(0);
    assert!(
        output
            .stderr
            .contains("\"userId\" is the effective one and stays"),
        "{output}"
    );
    assert_eq!(config(&home, &["get", "userId"]).await.stdout, "@new:b\n");
}

#[tokio::test]
async fn list_tells_value_type_default_and_origin() {
    let home = home_with("{\"userId\": \"@file:b\", \"groupPolicy\": \"no\", \"mine\": 1}");
    let pairs = [("NANOBOT_MATRIX_USER_ID", "@env:b")];
    let output = config_with_env(&home, &["list"], &pairs)
        .await
        .expect_code(0);
    for line in [
        "userId = \"@env:b\"",
        "    string, from environment variable NANOBOT_MATRIX_USER_ID",
        "    hides userId on line 3",
        "maxMediaBytes = 20971520",
        "    number, default 20971520, not set",
        "groupPolicy = (must be one of \"open\", \"mention\", \"allowlist\")",
        "mine = 1",
        "    unknown key",
    ] {
        assert!(
            output.stdout.lines().any(|found| found == line),
            "no {line:?} in {output}"
        );
    }
    let output = config_with_env(&home, &["list", "--json"], &pairs)
        .await
        .expect_code(0);
    let document = output.json();
    let settings = document["settings"].as_array().unwrap();
    let user = settings
        .iter()
        .find(|setting| setting["key"] == "userId")
        .unwrap();
    assert_eq!(user["origin"]["variable"], "NANOBOT_MATRIX_USER_ID");
    assert_eq!(user["shadowed"][0]["line"], 3);
    let policy = settings
        .iter()
        .find(|setting| setting["key"] == "groupPolicy")
        .unwrap();
    assert!(
        policy["problem"]
            .as_str()
            .unwrap()
            .contains("must be one of")
    );
    assert_eq!(document["unknown"][0]["key"], "mine");
}

#[tokio::test]
async fn show_needs_a_file_and_list_does_not() {
    let home = Home::new();
    config(&home, &["show"]).await.expect_code(1);
    config(&home, &["validate"]).await.expect_code(1);
    let output = config(&home, &["list"]).await.expect_code(0);
    assert!(output.stdout.contains("(does not exist yet)"), "{output}");
}

#[tokio::test]
async fn path_tells_where_everything_is() {
    let home = Home::new();
    let file = home.config_path().display().to_string();
    let output = config(&home, &["path"]).await.expect_code(0);
    assert_eq!(output.stdout, format!("{file}\n"));
    let document = config(&home, &["path", "--json"])
        .await
        .expect_code(0)
        .json();
    assert_eq!(document["config"], file);
    assert_eq!(document["chosen_by"], "NANOBOT_HOME");
    assert_eq!(document["exists"], false);
    let document = config(&home, &["path", "--json", "--config", "/x/y.json"])
        .await
        .json();
    assert_eq!(document["chosen_by"], "--config");
    assert_eq!(document["store"], "/x/matrix-store");
    let pairs = [("NANOBOT_CONFIG", "/z.json")];
    let output = config_with_env(&home, &["path"], &pairs).await;
    assert_eq!(output.stdout, "/z.json\n");
}

#[tokio::test]
async fn validate_tells_everything_at_once() {
    let home = home_with(
        "{\n\"acessToken\": \"canary\",\n\"groupPolicy\": \"opn\",\n\"allowFrom\": [\"a\", \"@b:c\", \"d\"]\n}",
    );
    let output = config(&home, &["validate"]).await.expect_code(78);
    for words in [
        "warning: line 4, column 1: channels.matrix has no key \"acessToken\"; did you mean \"accessToken\"?",
        "error: line 5, column 1: channels.matrix.groupPolicy must be one of",
        "error: line 6, column 15: channels.matrix.allowFrom is invalid in entry 1",
        "error: line 6, column 28: channels.matrix.allowFrom is invalid in entry 3",
        "3 errors, 1 warning",
    ] {
        assert!(output.stdout.contains(words), "no {words:?} in {output}");
    }
    let output = config(&home, &["validate", "--json"]).await.expect_code(78);
    let document = output.json();
    assert_eq!(document["ok"], false);
    assert_eq!(document["error"]["kind"], "config");
    let findings = document["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 4);
    for finding in findings {
        assert!(finding["line"].is_u64() && finding["column"].is_u64());
        assert!(!finding["fix"].as_str().unwrap().is_empty());
    }
    home.assert_no_secret(&["canary"]);
}

#[tokio::test]
async fn strict_makes_warnings_3() {
    let home = home_with("{\"mine\": 1}");
    let output = config(&home, &["validate"]).await.expect_code(0);
    assert!(
        output.stdout.contains("is valid, with 1 warning"),
        "{output}"
    );
    let output = config(&home, &["validate", "--strict"])
        .await
        .expect_code(3);
    assert!(output.stdout.contains("--strict allows none"), "{output}");
    let output = config(&home, &["validate", "--strict", "--json"])
        .await
        .expect_code(3);
    assert_eq!(output.json()["exit_code"], 3);
    assert_eq!(output.json()["error"]["kind"], "warnings");
    let pairs = [("NANOBOT_MATRIX_USERID", "@a:b")];
    let home = home_with("{}");
    let output = config_with_env(&home, &["validate", "--strict"], &pairs)
        .await
        .expect_code(3);
    assert!(output.stdout.contains("NANOBOT_MATRIX_USER_ID"), "{output}");
}

#[tokio::test]
async fn an_agent_that_cannot_be_made_is_invalid() {
    let validate = async |home: &Home, code: i32| {
        let output = config(home, &["validate", "--json"])
            .await
            .expect_code(code);
        output.json()["findings"].clone()
    };
    let home = home_with(r#"{"agent": {"type": "openai", "model": "x", "apiBase": "canary"}}"#);
    let found = validate(&home, 78).await;
    assert_eq!(found.as_array().unwrap().len(), 1, "{found}");
    assert_eq!(found[0]["id"], "invalid-value");
    assert_eq!(found[0]["key"], "channels.matrix.agent");
    assert_eq!(found[0]["line"], 3);
    let message = found[0]["message"].as_str().unwrap();
    assert!(
        message.contains("channels.matrix.agent.apiBase must be"),
        "{message}"
    );
    home.assert_no_secret(&["canary"]);
    // What a variable holds is known where the gateway runs.
    let named = r#"{"channels": {"matrix": {"agent": {"type": "openai", "model": "gpt-4o"}}},
        "providers": {"openai": {"apiKey": "${NOT_SET}"}}}"#;
    let found = validate(&self::home(named), 0).await;
    assert_eq!(found[0]["id"], "unset-variable", "{found}");
    assert_eq!(found[0]["severity"], "warning");
    let sound = r#"{"agent": {"type": "nanobot"}}"#;
    assert_eq!(validate(&home_with(sound), 0).await, serde_json::json!([]));
}
