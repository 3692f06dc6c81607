//! No command shows a secret, whatever happens.
//!
//! Every secret here has "canary" in it, so one word is looked for in all that any command prints
//! and in every file it leaves.

use std::fs;
use std::path::Path;

use clap::{Command, CommandFactory};
use futures_util::future::join_all;
use nanobot::testing::cli::Cli;
use serde_json::json;

use crate::harness::account::{Bot, PASSWORD};
use crate::harness::bot::Home;
use crate::harness::eventually::PATIENCE;
use crate::harness::model::Model;
use crate::harness::output::Output;
use crate::harness::process::Process;
use crate::harness::record::assert_no_secret_in;
use crate::harness::shared::shared_synapse;

pub const CANARIES: [&str; 1] = ["canary"];

/// A secret in every place that can hold one.
pub const FILE: &str = r#"{
  // the password was canary-comment
  "channels": {
    "matrix": {
      "enabled": true,
      "homeserver": "https://matrix.example.org",
      "userId": "@bot:example.org",
      "accessToken": "canary-token",
      "password": "canary-password",
      "proxy": "http://user:canary-proxy@127.0.0.1:3128",
      "agent": {"type": "openai", "model": "gpt-4o", "provider": "openai", "apiKey": "canary-agent", "apiBase": "http://user:canary-base@127.0.0.1:9/v1", "extraHeaders": {"X-A": "canary-own-header"}, "extraQuery": {"q": "canary-query"}, "extraBody": {"b": "canary-body"}},
      "worker": {"servers": ["127.0.0.1:9"], "caFile": "/nowhere/ca.pem", "user": "worker", "password": "canary-worker", "sealingKey": "Y2FuYXJ5LWNhbmFyeS1jYW5hcnktY2FuYXJ5LTMyMzI="},
      "acessToken": "canary-typo"
    },
    "telegram": {"token": "canary-telegram"}
  },
  "providers": {"openai": {"apiKey": "canary-provider", "extraHeaders": {"X-Y": "canary-header"}, "extraQuery": {"q": "canary-their-query"}}},
  "tools": {"mcpServers": {"x": {"args": ["--api-key", "canary-argument"], "env": {"K": "canary-mcp"}}}}
}
"#;

/// What comes on standard input wherever it is read.
const INPUT: &str = "canary-stdin\n";

/// Where nobody listens.
const DEAD: &str = "http://127.0.0.1:9";

/// Every command in several ways; none of these succeeds in changing the file but `logout`.
const LINES: &[&[&str]] = &[
    &["setup"],
    &["setup", "--allow-from", "@ann:example.org", "--no-recovery"],
    &[
        "setup",
        "--allow-from",
        "@ann:example.org",
        "--recovery",
        "--password-stdin",
    ],
    &[
        "setup",
        "--allow-from",
        "*",
        "--recovery-key-stdin",
        "--password-file",
        "/dev/null",
    ],
    &["setup", "--password", "canary-argument"],
    &["login"],
    &["login", "--no-input"],
    &["login", "--status"],
    &["login", "--password-stdin"],
    &["login", "--token-stdin"],
    &["login", "--user", "other", "--password-stdin"],
    &["login", "--password-file", "/nowhere/password"],
    &["login", "--token-store", "keyring"],
    &["login", "--token-store", "auto"],
    &["login", "--password", "canary-argument"],
    &[
        "login",
        "--recovery-key-stdin",
        "--password-file",
        "/dev/null",
    ],
    &["login", "--recovery-key-stdin", "--reset-identity"],
    &["login", "--recovery-key-stdin"],
    &["login", "--recovery-key-file", "/nowhere/key"],
    &["login", "--recovery", "--no-input"],
    &["verify"],
    &["verify", "@you:localhost"],
    &["verify", "list"],
    &["verify", "confirm"],
    &["verify", "deny", "ABC"],
    &["verify", "recovery"],
    &["verify", "recovery", "--key-stdin"],
    &["verify", "recovery", "--key-file", "/nowhere/key"],
    &["gateway"],
    &["gateway", "--log-format", "json"],
    &["gateway", "--check"],
    &["gateway", "reload"],
    &["status"],
    &["worker"],
    &["worker", "--print-permissions"],
    &["worker", "--name", "canary/argument"],
    // Never of the machine's own manager.
    &["service", "install", "--user", "--dry-run"],
    &[
        "service",
        "install",
        "--user",
        "--access-token-file",
        "/nowhere/token",
    ],
    &["service", "uninstall", "--user"],
    &["service", "status"],
    &["service", "print", "--user"],
    &["service", "print", "launchd", "--user", "--name", "/canary"],
    &["logout"],
    &["logout", "--keep-store"],
    &["agent", "ask", "hello"],
    &["agent", "ask", "--new"],
    &["agent", "check"],
    &["doctor"],
    &["doctor", "--offline"],
    &["doctor", "--format", "junit"],
    &["doctor", "--format", "github"],
    &["doctor", "--redact"],
    &["doctor", "--live"],
    &["doctor", "--fix", "--yes"],
    &["doctor", "--wait", "--timeout", "1"],
    &["explain", "token"],
    &["store", "status"],
    &["store", "export-keys", "/nowhere/keys.txt"],
    &["store", "export-keys", "keys.txt", "--passphrase-stdin"],
    &[
        "store",
        "export-keys",
        "keys.txt",
        "--from",
        "/nowhere/store",
    ],
    &["store", "export-keys", "--passphrase", "canary-argument"],
    &["store", "import-keys", "Cargo.toml", "--passphrase-stdin"],
    &[
        "store",
        "import-keys",
        "Cargo.toml",
        "--passphrase-file",
        "/nowhere/passphrase",
    ],
    &["store", "import-keys", "--from", "/nowhere/store"],
    &["access", "@ann:example.org"],
    &[
        "access",
        "@ann:example.org",
        "--room",
        "#room:example.org",
        "--mention",
    ],
    &["access", "somebody", "--direct"],
    &["access", "--why", "$event"],
    &["queue", "list"],
    &["queue", "list", "--text"],
    &["queue", "show", "1", "--text"],
    &["queue", "retry", "--all"],
    &["queue", "retry", "$event"],
    &["queue", "drop", "1"],
    &["completions", "bash"],
    &["completions", "cmd"],
    &["config", "get", "accessToken"],
    &["config", "get", "password"],
    &["config", "get", "proxy"],
    &["config", "get", "agent"],
    &["config", "get", "agent.apiKey"],
    &["config", "get", "channels"],
    &["config", "get", "channels.matrix.acessToken"],
    &["config", "get", "providers"],
    &["config", "get", "providers.openai.apiKey"],
    &["config", "get", "tools.mcpServers.x.args"],
    &["config", "get", "nothing"],
    &["config", "list"],
    &["config", "show"],
    &["config", "validate"],
    &["config", "validate", "--strict"],
    &["config", "path"],
    &["config", "schema"],
    &["config", "set", "userId", "@new:example.org", "--dry-run"],
    &["config", "set", "password", "--stdin", "--dry-run"],
    &["config", "set", "homeserver", "--stdin"],
    &["config", "set", "userId", "broken"],
    &["config", "set", "proxy", "http://user:canary-new@proxy:1"],
    &["config", "set", "proxy", "user:canary-new@proxy"],
    &["config", "set", "accessToken", "canary-new"],
    &["config", "set", "password", "two canary words"],
    &["config", "set", "password", "two", "canary", "words"],
    &["config", "set", "password=canary-new", "x"],
    &["config", "set", "agent", "{\"apiKey\": \"canary-new\"}"],
    &["config", "set", "agent", "{canary"],
    &[
        "config",
        "set",
        "homeserver",
        "https://u:canary-new@matrix.org",
    ],
    &["config", "set", "providers.openai.apiKey", "canary-new"],
    &[
        "config",
        "set",
        "tools.x.args",
        "[\"--token\", \"canary-new\"]",
    ],
    &["config", "set", "tools.x.headers", "--add", "canary-new"],
    &["config", "set", "tools.x.list", "--remove", "canary-new"],
    &["config", "unset", "accessToken", "--dry-run"],
    &["config", "unset", "channels", "--dry-run"],
    &["config", "edit"],
    &["store", "reset"],
    &["store", "reset", "--dry-run"],
    &["store", "reset", "--yes", "--password-stdin"],
    &["store", "reset", "--yes", "--recovery-key-stdin"],
    &["store", "reset", "--yes", "--password", "canary-argument"],
];

const EXTRAS: [&[&str]; 4] = [&[], &["--json"], &["-v"], &["-vvv"]];

/// The commands that have no commands below them, as they are typed.
fn leaves(command: &Command, words: &[String]) -> Vec<Vec<String>> {
    let below = |sub: &Command| {
        let words = [words, &[sub.get_name().to_owned()]].concat();
        leaves(sub, &words)
    };
    if command.has_subcommands() {
        command.get_subcommands().flat_map(below).collect()
    } else {
        vec![words.to_vec()]
    }
}

#[test]
fn no_command_is_left_out() {
    let all = leaves(&Cli::command(), &[]);
    assert!(all.len() >= 13, "{all:?}");
    for leaf in all {
        let is_run = |line: &&&[&str]| {
            line.starts_with(&leaf.iter().map(String::as_str).collect::<Vec<_>>())
        };
        assert!(
            LINES.iter().any(|line| is_run(&line)),
            "`nanobot {}` is run by no line of this file",
            leaf.join(" ")
        );
    }
}

/// Runs every line at every level over this configuration, and looks everywhere.
async fn run_all(config: &str, pairs: &[(&str, &str)]) {
    let at_level = async |extra: &[&str]| {
        let home = Home::new();
        for line in LINES {
            home.write_config(config);
            let mut command = home.command(&[line, extra].concat());
            command.envs(pairs.iter().copied());
            home.run_command(command, INPUT).await;
        }
        look_everywhere(&home, &CANARIES);
    };
    // Side by side: most of the time is spent waiting for a homeserver that is not there.
    join_all(EXTRAS.map(at_level)).await;
}

/// Asserts that there is no secret in anything printed, nor in any file but the configuration.
fn look_everywhere(home: &Home, secrets: &[&str]) {
    home.assert_no_secret(secrets);
    fs::remove_file(home.config_path()).unwrap();
    assert_no_secret_in(home.user_dir(), secrets);
}

fn file_for(homeserver: &str) -> String {
    FILE.replace("https://matrix.example.org", homeserver)
}

fn without_proxy(file: &str) -> String {
    let proxy = file
        .lines()
        .find(|line| line.contains("\"proxy\""))
        .unwrap();
    file.replace(&format!("{proxy}\n"), "")
}

#[tokio::test]
async fn of_the_file_where_the_homeserver_is_away() {
    run_all(&without_proxy(&file_for(DEAD)), &[]).await;
}

#[tokio::test]
async fn of_the_file_where_the_proxy_is_away() {
    run_all(FILE, &[]).await;
}

#[tokio::test]
async fn of_the_file_where_the_homeserver_refuses_it() {
    let file = without_proxy(&file_for(&shared_synapse().await.base_url()));
    let file = file.replace("\"accessToken\"", "\"deviceId\": \"D\", \"accessToken\"");
    run_all(&file, &[]).await;
}

#[tokio::test]
async fn of_the_environment() {
    let config = json!({"channels": {"matrix": {"enabled": true, "homeserver": DEAD}}});
    let pairs = [
        ("NANOBOT_MATRIX_USER_ID", "@bot:example.org"),
        ("NANOBOT_MATRIX_ACCESS_TOKEN", "canary-token"),
        ("NANOBOT_MATRIX_PROXY", "http://u:canary@127.0.0.1:9"),
        ("NANOBOT_MATRIX_AGENT", "{\"apiKey\": \"canary\"}"),
        ("NANOBOT_MATRIX_DEVICE_ID", "${CANARY}"),
        ("NANOBOT_CHANNELS__MATRIX__PASSWORD", "canary-python"),
        ("CANARY", "canary-variable"),
    ];
    run_all(&config.to_string(), &pairs).await;
    let broken = [("NANOBOT_MATRIX_PASSWORD", "canary-\u{7}password")];
    run_all(&config.to_string(), &[&pairs[..], &broken].concat()).await;
}

#[tokio::test]
async fn of_a_broken_file() {
    for (right, wrong) in [
        ("\"enabled\": true,", "\"enabled\": true"),
        ("\"@bot:example.org\"", "5"),
        ("\"canary-token\"", "[\"canary-token\"]"),
        ("\"canary-token\"", "\"canary-\u{1}token\""),
        ("\"canary-token\"", "canary-token"),
        ("https://matrix.example.org", "https://u:canary@matrix.org"),
        ("\"password\"", "\"accessToken\""),
        ("http://user:canary-proxy@", "canary-proxy@"),
    ] {
        let broken = FILE.replacen(right, wrong, 1);
        assert_ne!(broken, FILE, "{right}");
        let home = Home::new();
        for line in LINES {
            home.write_config(&broken);
            home.run(line, INPUT).await;
        }
        look_everywhere(&home, &CANARIES);
    }
}

#[tokio::test]
async fn of_a_bot_that_works() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    let model = Model::start().await;
    model.set_models(Some(vec!["gpt-4o"]));
    let file = without_proxy(&file_for(&synapse.base_url()));
    let file = file
        .replace("@bot:example.org", &bot.user_id)
        .replace("canary-password", PASSWORD)
        .replace("\"accessToken\": \"canary-token\",", "")
        .replace(
            "127.0.0.1:9/v1",
            model.url().strip_prefix("http://").unwrap(),
        );
    bot.home.write_config(&file);
    let run =
        async |arguments: &[&str]| -> Output { bot.home.run(arguments, "").await.expect_code(0) };
    run(&["login", "--no-input", "-vvv"]).await;
    let first = token(&bot.home.config_path());
    run(&["login", "--no-input", "-vvv", "--json"]).await;
    let second = token(&bot.home.config_path());
    run(&["login", "--status", "-vvv"]).await;
    // The one command that shows the key, and only into the file that is removed below.
    let key_file = bot.home.user_dir().join("key");
    let key_path = key_file.to_str().unwrap();
    let save = [
        "login",
        "--no-input",
        "-vvv",
        "--recovery",
        "--save-recovery-key",
        key_path,
    ];
    let shown = Home::new();
    let command = bot.home.command(&save);
    let login = shown.run_command(command, "").await.expect_code(0);
    let recovery_key = fs::read_to_string(&key_file).unwrap().trim().to_owned();
    assert!(!login.stderr.contains(&recovery_key) && !login.stderr.contains("canary"));
    let third = token(&bot.home.config_path());
    run(&["verify", "recovery", "--key-file", key_path, "-vvv"]).await;
    run(&[
        "verify",
        "recovery",
        "--key-file",
        key_path,
        "-vvv",
        "--json",
    ])
    .await;
    run(&[
        "login",
        "--no-input",
        "--recovery-key-file",
        key_path,
        "-vvv",
        "--json",
    ])
    .await;
    let fourth = token(&bot.home.config_path());
    fs::remove_file(&key_file).unwrap();
    run(&["setup", "-vvv"]).await;
    run(&["setup", "--json", "-vvv"]).await;
    run(&["config", "list"]).await;
    run(&["config", "show", "--json"]).await;
    run_gateway(&bot.home).await;
    let text = fs::read_to_string(bot.home.config_path()).unwrap();
    let agent = text.lines().find(|line| line.contains("\"agent\":"));
    let command = "\"agent\": {\"type\": \"command\", \"shell\": \"cat # canary-agent\", \
                   \"environment\": {\"X\": \"canary-env\"}},";
    bot.home
        .write_config(&text.replace(agent.unwrap(), command));
    run_gateway(&bot.home).await;
    run(&["logout", "-vvv"]).await;
    assert!(first != second && !first.contains("canary"));
    let secrets = [CANARIES[0], &first, &second, &third, &fourth, &recovery_key];
    look_everywhere(&bot.home, &secrets);
}

/// Starts the gateway, which says who answers, and ends it.
async fn run_gateway(home: &Home) {
    let gateway = Process::spawn(home.command(&["gateway", "-vvv"]), home.record());
    gateway.give(b"");
    gateway.expect_line("E2EE enabled", PATIENCE).await;
    gateway.terminate().await.expect_code(0);
}

/// The token in a file that has comments.
fn token(config: &Path) -> String {
    let text = fs::read_to_string(config).unwrap();
    let (_, rest) = text.split_once("\"accessToken\": \"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}
