//! `config edit` in a terminal.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::{home, home_of_bytes, mode, text};
use crate::harness::bot::Home;
use crate::harness::eventually::PATIENCE;
use crate::harness::pty::{Modes, Pty};

const BEFORE: &str =
    "{\n  // kept\n  \"channels\": {\"matrix\": {\"accessToken\": \"canary-token\"}}\n}\n";
const GOOD: &str = "{\"channels\": {\"matrix\": {\"accessToken\": \"canary-new\"}}}";
const BAD: &str = "{\"channels\": {\"matrix\": {\n\"groupPolicy\": \"mentoin\"}}}";

/// Runs `config edit` with an editor that is this shell script; `$1` is the file.
fn edit(home: &Home, script: &str) -> Pty {
    let editor = home.user_dir().join("an editor");
    fs::write(&editor, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&editor, fs::Permissions::from_mode(0o700)).unwrap();
    let mut command = home.command(&["config", "edit"]);
    command
        .env("VISUAL", "\"$HOME/an editor\"")
        .env("GOOD", GOOD)
        .env("BAD", BAD);
    Pty::spawn(&command, home.record())
}

/// Asserts that nothing is left but the file, and that no secret was shown.
fn assert_clean(home: &Home) {
    let names: Vec<_> = fs::read_dir(home.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["config.json"]);
    home.assert_no_secret(&["canary"]);
}

#[tokio::test]
async fn a_valid_edit_is_saved() {
    let home = home(BEFORE);
    fs::set_permissions(home.config_path(), fs::Permissions::from_mode(0o644)).unwrap();
    let script = "stat -c 'modes %a' \"$1\" \"$(dirname \"$1\")\"; cmp \"$1\" \"$NANOBOT_HOME/config.json\" \
                  && printf %s \"$GOOD\" >\"$1\"";
    let terminal = edit(&home, script);
    assert_eq!(terminal.wait(PATIENCE).await, 0);
    let screen = terminal.screen();
    assert!(screen.contains("modes 600\nmodes 700\n"), "{screen}");
    assert!(screen.contains("Saved "), "{screen}");
    assert!(screen.contains("was 0644"), "{screen}");
    assert_eq!(text(&home), GOOD);
    assert_eq!(mode(&home), super::MODE);
    assert_clean(&home);
}

#[tokio::test]
async fn an_invalid_edit_opens_the_editor_again() {
    let home = home(BEFORE);
    let script = "if grep -q mentoin \"$1\"; then printf %s \"$GOOD\"; else printf %s \"$BAD\"; fi >\"$1.new\"\n\
                  mv \"$1.new\" \"$1\"";
    let terminal = edit(&home, script);
    terminal.expect("Edit again", PATIENCE).await;
    let screen = terminal.screen();
    assert!(
        screen.contains("line 2, column 1: channels.matrix.groupPolicy"),
        "{screen}"
    );
    assert!(screen.contains("did you mean \"mention\"?"), "{screen}");
    assert_eq!(text(&home), BEFORE);
    terminal.send_line("").await;
    assert_eq!(terminal.wait(PATIENCE).await, 0);
    assert_eq!(text(&home), GOOD);
    assert_clean(&home);
}

#[tokio::test]
async fn an_invalid_edit_can_be_dropped() {
    for (answer, code) in [(&b"n\r"[..], 78), (b"\x03", 130)] {
        let home = home(BEFORE);
        let terminal = edit(&home, "printf '{oops' >\"$1\"");
        terminal.expect("Edit again", PATIENCE).await;
        terminal.send(answer).await;
        assert_eq!(terminal.wait(PATIENCE).await, code);
        assert_eq!(terminal.modes().await, Modes::SANE);
        assert_eq!(text(&home), BEFORE);
        assert_clean(&home);
    }
}

#[tokio::test]
async fn nothing_changed_or_nothing_done_leaves_all_as_it_was() {
    for (script, code, words) in [
        ("true", 0, "is unchanged"),
        ("printf %s \"$GOOD\" >\"$1\"; exit 1", 1, "failed"),
        (
            "printf %s \"$GOOD\" >\"$1\"; kill -INT $$",
            130,
            "interrupted",
        ),
        ("rm \"$1\"", 1, "the copy was deleted"),
        (
            "printf '{\"a\": 1}' >\"$NANOBOT_HOME/config.json\"; echo '{}' >\"$1\"",
            1,
            "changed by another program",
        ),
    ] {
        let home = home(BEFORE);
        let terminal = edit(&home, script);
        assert_eq!(terminal.wait(PATIENCE).await, code, "{script}");
        let screen = terminal.screen();
        assert!(screen.contains(words), "{screen}");
        let left = if words == "changed by another program" {
            "{\"a\": 1}"
        } else {
            BEFORE
        };
        assert_eq!(text(&home), left);
        assert_clean(&home);
    }
}

#[tokio::test]
async fn ctrl_c_ends_an_editor_that_lets_itself_be_ended() {
    let home = home(BEFORE);
    let terminal = edit(&home, "echo ready; sleep 60");
    terminal.expect("ready", PATIENCE).await;
    terminal.send(b"\x03").await;
    assert_eq!(terminal.wait(PATIENCE).await, 130);
    assert_eq!(text(&home), BEFORE);
    assert_clean(&home);
}

#[tokio::test]
async fn ctrl_c_does_not_end_nanobot_under_an_editor_that_goes_on() {
    let home = home(BEFORE);
    let script = "trap 'caught=1' INT; echo ready; until [ \"$caught\" ]; do sleep 0.05; done\n\
                  printf %s \"$GOOD\" >\"$1\"";
    let terminal = edit(&home, script);
    terminal.expect("ready", PATIENCE).await;
    terminal.send(b"\x03").await;
    assert_eq!(terminal.wait(PATIENCE).await, 0);
    assert_eq!(text(&home), GOOD);
    assert_clean(&home);
}

#[tokio::test]
async fn a_broken_file_can_be_repaired() {
    let home = home_of_bytes(b"\xef\xbb\xbf{ oops");
    let terminal = edit(&home, "printf %s \"$GOOD\" >\"$1\"");
    assert_eq!(terminal.wait(PATIENCE).await, 0);
    assert_eq!(text(&home), GOOD);
}

#[tokio::test]
async fn a_missing_editor_is_named() {
    let home = home(BEFORE);
    let mut command = home.command(&["config", "edit"]);
    command.env("VISUAL", "no-such-editor");
    let terminal = Pty::spawn(&command, home.record());
    assert_eq!(terminal.wait(PATIENCE).await, 1);
    let screen = terminal.screen();
    assert!(
        screen.contains("editor \"no-such-editor\" not found"),
        "{screen}"
    );
    assert_clean(&home);
}

#[tokio::test]
async fn a_secret_can_be_typed_unseen() {
    let home = home(BEFORE);
    let terminal = home.terminal(&["config", "set", "accessToken"]);
    terminal
        .expect("channels.matrix.accessToken:", PATIENCE)
        .await;
    terminal.expect_no_echo().await;
    terminal.send_line("canary-typed").await;
    assert_eq!(terminal.wait(PATIENCE).await, 0);
    assert!(text(&home).contains("canary-typed"));
    assert_clean(&home);
}
