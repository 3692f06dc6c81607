//! No command shows a secret, whatever happens.

use std::fs;

use super::{config, config_with_env, config_with_stdin, home, home_with, text};
use crate::harness::bot::Home;
use crate::harness::record::assert_no_secret_in;

/// A secret in every place that can hold one.
const FILE: &str = r#"{
  // the password was canary-comment
  "channels": {
    "matrix": {
      "enabled": true,
      "homeserver": "https://matrix.example.org",
      "userId": "@bot:example.org",
      "accessToken": "canary-token",
      "password": "canary-password",
      "proxy": "http://user:canary-proxy@127.0.0.1:3128",
      "agent": {"type": "command", "apiKey": "canary-agent", "env": {"X": "canary-env"}},
      "acessToken": "canary-typo"
    },
    "telegram": {"token": "canary-telegram"}
  },
  "providers": {"openai": {"apiKey": "canary-provider", "extraHeaders": {"X-Y": "canary-header"}}},
  "tools": {"mcpServers": {"x": {"args": ["--api-key", "canary-argument"], "env": {"K": "canary-mcp"}}}}
}
"#;

const CANARIES: [&str; 1] = ["canary"];

const COMMANDS: &[&[&str]] = &[
    &["get", "accessToken"],
    &["get", "password"],
    &["get", "proxy"],
    &["get", "agent"],
    &["get", "agent.apiKey"],
    &["get", "channels"],
    &["get", "channels.matrix.acessToken"],
    &["get", "providers"],
    &["get", "providers.openai.apiKey"],
    &["get", "tools.mcpServers.x.args"],
    &["get", "nothing"],
    &["list"],
    &["show"],
    &["validate"],
    &["validate", "--strict"],
    &["path"],
    &["schema"],
    &["set", "userId", "@new:example.org", "--dry-run"],
    &["set", "userId", "broken"],
    &["set", "proxy", "http://user:canary-new@proxy:1"],
    &["set", "proxy", "user:canary-new@proxy"],
    &["set", "accessToken", "canary-new"],
    &["set", "password", "two canary words"],
    &["set", "password", "two", "canary", "words"],
    &["set", "password=canary-new", "x"],
    &["set", "agent", "{\"apiKey\": \"canary-new\"}"],
    &["set", "agent", "{canary"],
    &["set", "homeserver", "https://u:canary-new@matrix.org"],
    &["set", "providers.openai.apiKey", "canary-new"],
    &["set", "tools.x.args", "[\"--token\", \"canary-new\"]"],
    &["set", "tools.x.headers", "--add", "canary-new"],
    &["set", "tools.x.list", "--remove", "canary-new"],
    &["unset", "accessToken", "--dry-run"],
    &["unset", "channels", "--dry-run"],
    &["edit"],
];

async fn run_all(home: &Home, pairs: &[(&str, &str)]) {
    for command in COMMANDS {
        for extra in [&[][..], &["--json"], &["-vv"]] {
            let arguments = [command, extra].concat();
            config_with_env(home, &arguments, pairs).await;
        }
    }
    home.assert_no_secret(&CANARIES);
}

#[tokio::test]
async fn no_command_shows_a_secret_of_the_file() {
    let home = home(FILE);
    run_all(&home, &[]).await;
    assert_eq!(text(&home), FILE);
}

#[tokio::test]
async fn nor_one_of_a_broken_file() {
    for broken in [
        FILE.replace("\"enabled\": true,", "\"enabled\": true"),
        FILE.replace("\"@bot:example.org\"", "5"),
        FILE.replace("\"canary-token\"", "[\"canary-token\"]"),
        FILE.replace("\"canary-token\"", "\"canary-\u{1}token\""),
        FILE.replace("\"canary-token\"", "canary-token"),
        FILE.replace("https://matrix.example.org", "https://u:canary@matrix.org"),
        FILE.replace("\"groupPolicy\"", "\"canary\": 1, \"groupPolicy\""),
    ] {
        let home = home(&broken);
        for command in COMMANDS {
            config(&home, command).await;
        }
        home.assert_no_secret(&CANARIES);
        assert_eq!(text(&home), broken);
    }
}

#[tokio::test]
async fn nor_one_of_the_environment() {
    let home = home_with("{}");
    let pairs = [
        ("NANOBOT_MATRIX_ACCESS_TOKEN", "canary-token"),
        ("NANOBOT_MATRIX_PASSWORD", "canary-\u{7}password"),
        ("NANOBOT_MATRIX_PROXY", "http://u:canary@proxy:1"),
        ("NANOBOT_MATRIX_AGENT", "{\"apiKey\": \"canary\"}"),
        ("NANOBOT_MATRIX_DEVICE_ID", "${CANARY}"),
        ("NANOBOT_CHANNELS__MATRIX__PASSWORD", "canary-python"),
        ("CANARY", "canary-variable"),
    ];
    run_all(&home, &pairs).await;
    let document = config_with_env(&home, &["list", "--json"], &pairs)
        .await
        .json();
    let settings = document["settings"].as_array().unwrap();
    let token = settings
        .iter()
        .find(|setting| setting["key"] == "accessToken")
        .unwrap();
    assert_eq!(token["value"], "<redacted>");
    assert_eq!(token["origin"]["kind"], "environment");
}

#[tokio::test]
async fn a_secret_is_shown_when_that_is_asked_for() {
    let home = home(FILE);
    for (key, value) in [
        ("accessToken", "canary-token"),
        ("providers.openai.apiKey", "canary-provider"),
        (
            "agent",
            r#"{"apiKey":"canary-agent","env":{"X":"canary-env"},"type":"command"}"#,
        ),
    ] {
        let output = config(&home, &["get", key, "--reveal"])
            .await
            .expect_code(0);
        assert_eq!(output.stdout, format!("{value}\n"));
    }
    let output = config(&home, &["get", "accessToken"]).await.expect_code(0);
    assert_eq!(output.stdout, "<redacted>\n");
    assert!(output.stderr.contains("--reveal"), "{output}");
}

#[tokio::test]
async fn a_secret_comes_by_standard_input_or_by_name() {
    let home = home_with("{}");
    let output = config(&home, &["set", "accessToken", "canary-token"])
        .await
        .expect_code(2);
    assert!(output.stderr.contains("--stdin"), "{output}");
    assert!(output.stderr.contains("${NAME}"), "{output}");
    let output = config(&home, &["set", "accessToken"]).await.expect_code(2);
    assert!(output.stderr.contains("--stdin"), "{output}");
    for end in ["", "\n", "\r\n"] {
        let stdin = format!("canary-token{end}");
        config_with_stdin(&home, &["unset", "accessToken"], "").await;
        let arguments = ["set", "accessToken", "--stdin"];
        config_with_stdin(&home, &arguments, &stdin)
            .await
            .expect_code(0);
        assert_eq!(
            home.config()["channels"]["matrix"]["accessToken"],
            "canary-token"
        );
    }
    let long = "canary-".repeat(200_000);
    for bad in ["", "canary\ncanary", &long] {
        config_with_stdin(&home, &["set", "password", "--stdin"], bad)
            .await
            .expect_code(2);
    }
    let arguments = ["set", "providers.x.apiKey", "--stdin"];
    config_with_stdin(&home, &arguments, "canary-provider")
        .await
        .expect_code(0);
    home.assert_no_secret(&CANARIES);
    // What is no secret may be an argument.
    config(&home, &["set", "accessToken", "${MATRIX_TOKEN}"])
        .await
        .expect_code(0);
    config(&home, &["set", "proxy", "http://127.0.0.1:3128"])
        .await
        .expect_code(0);
    config(&home, &["set", "agent", "{\"type\": \"echo\"}"])
        .await
        .expect_code(0);
    assert!(text(&home).contains("\"${MATRIX_TOKEN}\""));
    let pairs = [("MATRIX_TOKEN", "canary-variable")];
    let output = config_with_env(&home, &["get", "accessToken"], &pairs)
        .await
        .expect_code(0);
    assert_eq!(output.stdout, "<redacted>\n");
}

#[tokio::test]
async fn nothing_is_left_beside_the_file() {
    let home = home(FILE);
    config(&home, &["set", "userId", "@new:example.org"])
        .await
        .expect_code(0);
    config(&home, &["set", "userId", "broken"])
        .await
        .expect_code(2);
    for entry in fs::read_dir(home.path()).unwrap() {
        let path = entry.unwrap().path();
        if path != home.config_path() {
            assert_no_secret_in(&path, &CANARIES);
        }
    }
}
