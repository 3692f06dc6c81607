//! What a person sees, on a terminal of 80 columns, compared with files under `tests/screens`.
//!
//! A change of words is a change of these files, and is read in the diff. What differs from run to
//! run has a stand-in of the same length, so that lines break where they did.

use std::collections::BTreeMap;
use std::num::NonZero;

use clap::CommandFactory;
use nanobot::testing::cli::Cli;
use nanobot::testing::ipc::Lock;
use serde_json::{Value, json};

use crate::harness::account::{Bot, LONG, PASSWORD};
use crate::harness::bot::Home;
use crate::harness::eventually::PATIENCE;
use crate::harness::golden::assert_files;
use crate::harness::http_person::HttpPerson;
use crate::harness::pty::Pty;
use crate::harness::shared::shared_synapse;
use crate::status::status_when;

mod stand_ins;

use stand_ins::StandIns;

const COLUMNS: u16 = 80;
/// High enough that nothing scrolls away.
const ROWS: u16 = 400;

fn nonzero(size: u16) -> NonZero<u16> {
    NonZero::new(size).expect("a terminal has rows and columns")
}

/// Compares a screen with its file.
fn assert_screen(name: &str, screen: &str) {
    let file = format!("tests/screens/{name}.txt");
    assert_files(&BTreeMap::from([(file, screen.to_owned())]), &[]);
}

/// What is left on the terminal, as a person sees it.
fn shown(terminal: &Pty) -> String {
    let mut parser = vt100::Parser::new(nonzero(ROWS), nonzero(COLUMNS), 0);
    parser.process(terminal.raw_screen().as_bytes());
    let screen = parser.screen().contents();
    let lines: Vec<_> = screen.lines().map(str::trim_end).collect();
    format!("{}\n", lines.join("\n").trim_end())
}

/// Runs a command to its end; what it shows, and its exit code.
async fn run(home: &Home, arguments: &[&str], stand_ins: &StandIns<'_>) -> String {
    let terminal = home.terminal_of(ROWS, COLUMNS, arguments);
    terminal.wait(LONG).await;
    ended(&terminal, &arguments.join(" "), stand_ins)
}

/// What a command that has ended left on its terminal, and its exit code.
fn ended(terminal: &Pty, line: &str, stand_ins: &StandIns<'_>) -> String {
    let code = terminal.exit_code().expect("it has ended");
    let text = format!("$ nanobot {line}\n{}[exit code {code}]\n", shown(terminal));
    stand_ins.put_into(&text)
}

fn leaves(command: &clap::Command, path: &[String], found: &mut Vec<Vec<String>>) {
    found.push(path.to_vec());
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        if sub.get_name() != "help" {
            let path = [path, &[sub.get_name().to_owned()]].concat();
            leaves(sub, &path, found);
        }
    }
}

/// An example is pasted: none breaks in a terminal of 80 columns.
fn assert_examples_fit(command: &clap::Command) {
    let text = command.get_after_help().map(ToString::to_string);
    for line in text.unwrap_or_default().lines() {
        let is_example = line.starts_with("  ");
        assert!(!is_example || line.chars().count() <= 80, "{line}");
    }
    command.get_subcommands().for_each(assert_examples_fit);
}

#[tokio::test]
async fn the_help_of_every_command() {
    assert_examples_fit(&Cli::command());
    let home = Home::new();
    let mut paths = Vec::new();
    leaves(&Cli::command(), &[], &mut paths);
    assert!(paths.len() > 20, "{paths:?}");
    let mut pages = BTreeMap::new();
    for path in paths {
        let mut words: Vec<&str> = path.iter().map(String::as_str).collect();
        words.push("--help");
        let mut command = home.command(&words);
        command.env("COLUMNS", COLUMNS.to_string());
        let output = home.run_command(command, "").await.expect_code(0);
        let name = [&["nanobot".to_owned()], &path[..]].concat().join("-");
        let wide = output.stdout.lines().find(|line| line.chars().count() > 80);
        assert_eq!(wide, None, "{name}");
        pages.insert(format!("tests/screens/help/{name}.txt"), output.stdout);
    }
    assert_files(&pages, &["tests/screens/help"]);
}

async fn answer(terminal: &Pty, dialogue: &[(&str, &str)]) {
    for (question, answer) in dialogue {
        terminal.expect(question, LONG).await;
        if question.contains("Password") {
            terminal.expect_no_echo().await;
        }
        terminal.send_line(answer).await;
    }
}

#[tokio::test]
async fn login_doctor_and_status() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered_as(synapse, "screen-login").await;
    let stand_ins = StandIns::of(&bot, synapse);
    let terminal = bot.home.terminal_of(ROWS, COLUMNS, &["login"]);
    let url = synapse.base_url();
    let dialogue = [
        ("Bot's Matrix ID", url.as_str()),
        ("user name on ", "screen-login"),
        ("Who may talk", "\x1b[B\x1b[B"),
        ("Password of ", PASSWORD),
        ("Set up a recovery key", "no"),
    ];
    answer(&terminal, &dialogue).await;
    terminal.wait(LONG).await;
    assert_screen("login", &ended(&terminal, "login", &stand_ins));

    for (name, arguments) in [
        ("login-status", &["login", "--status"][..]),
        ("store-status", &["store", "status"]),
        ("doctor", &["doctor"]),
        ("config-list", &["config", "list"]),
    ] {
        let text = run(&bot.home, arguments, &stand_ins).await;
        assert_screen(name, &text);
    }
    let gateway = bot.run().await;
    let is_known = |now: &Value| now["verified"].is_boolean() && now["readiness"]["ready"] == true;
    status_when(&bot.home, is_known).await;
    let running = run(&bot.home, &["status"], &stand_ins).await;
    assert_eq!(gateway.terminate().await, 0);
    let stopped = run(&bot.home, &["status"], &stand_ins).await;
    assert_screen("status", &format!("{running}\n{stopped}"));

    bot.set("allowFrm", json!(["@ann:localhost"]));
    bot.set("homeserver", "http://127.0.0.1:9");
    let text = run(&bot.home, &["doctor", "--timeout", "10"], &stand_ins).await;
    assert_screen("doctor-findings", &text);
    bot.assert_no_secret();
}

#[tokio::test]
async fn setup() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered_as(synapse, "screen-setup").await;
    let stand_ins = StandIns::of(&bot, synapse);
    let owner = HttpPerson::register(&synapse.base_url(), "screen-owner", "a password").await;
    let terminal = bot.home.terminal_of(ROWS, COLUMNS, &["setup"]);
    let url = synapse.base_url();
    let dialogue = [
        ("Bot's Matrix ID", url.as_str()),
        ("user name on ", "screen-setup"),
        ("Password of ", PASSWORD),
        ("Who may talk", ""),
        ("Your Matrix ID", owner.user_id()),
        ("Which devices may talk", ""),
        ("Set up a recovery key", ""),
        ("Save it to a new file", ""),
        ("Have you stored", "y"),
        ("Who answers?", ""),
    ];
    answer(&terminal, &dialogue).await;
    terminal.wait(LONG).await;
    assert_screen("setup", &ended(&terminal, "setup", &stand_ins));
}

/// One error of every kind.
#[tokio::test]
async fn errors() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered_as(synapse, "screen-error").await;
    let stand_ins = StandIns::of(&bot, synapse);
    let home = &bot.home;
    let mut screens = Vec::new();
    let nothing: [&[&str]; 4] = [
        &["logn"],
        &["login", "--no-input"],
        &["gateway"],
        &["explain", "no.check"],
    ];
    for arguments in nothing {
        screens.push(run(home, arguments, &stand_ins).await);
    }
    for config in [
        r#"{"channels": {"matrix": {"homeserver": "matrix.org"}}}"#,
        "{\"channels\": {\n  \"matrix\": ]}",
    ] {
        home.write_config(config);
        screens.push(run(home, &["gateway"], &stand_ins).await);
    }
    std::fs::remove_file(home.config_path()).unwrap();

    bot.log_in(&["--allow-from", "*"]).await.expect_code(0);
    let lock = Lock::acquire(&home.path()).unwrap();
    screens.push(run(home, &["logout"], &stand_ins).await);
    drop(lock);
    let strict = ["doctor", "--strict", "--only", "gateway.running"];
    screens.push(run(home, &strict, &stand_ins).await);
    let homeserver = bot.setting("homeserver");
    bot.set("homeserver", "http://127.0.0.1:9");
    screens.push(run(home, &["logout"], &stand_ins).await);
    bot.set("homeserver", homeserver);
    bot.account().await.logout().await;
    screens.push(run(home, &["gateway"], &stand_ins).await);

    let arguments = ["setup", "--homeserver", &synapse.base_url()];
    let terminal = home.terminal_of(ROWS, COLUMNS, &arguments);
    terminal.expect("Password of ", PATIENCE).await;
    terminal.send(b"\x03").await;
    terminal.wait(PATIENCE).await;
    screens.push(ended(&terminal, "setup", &stand_ins));
    assert_screen("errors", &screens.join("\n"));
}
