//! Secrets are shown only when that is asked for, and taken only where nobody sees them.
//!
//! That no command shows one by itself is in `canaries.rs`.

use std::fs;

use super::{config, config_with_env, config_with_stdin, home, home_with, text};
use crate::canaries::{CANARIES, FILE};
use crate::harness::record::assert_no_secret_in;

#[tokio::test]
async fn a_secret_is_shown_when_that_is_asked_for() {
    let home = home(FILE);
    for (key, value) in [
        ("accessToken", "canary-token"),
        ("providers.openai.apiKey", "canary-provider"),
        ("agent.extraHeaders", r#"{"X-A":"canary-own-header"}"#),
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
