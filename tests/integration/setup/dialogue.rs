//! `nanobot setup` as a person meets it, who makes mistakes, leaves, and comes back.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use super::assert_greeted_once;
use crate::harness::account::{Bot, LONG, PASSWORD, http_person};
use crate::harness::eventually::{PATIENCE, eventually};
use crate::harness::pty::Pty;
use crate::harness::shared::shared_synapse;

/// Answers questions that may come again, each after the one before; a `^` answers with Ctrl-C.
pub async fn converse(terminal: &Pty, dialogue: &[(&str, &str)]) {
    let mut seen = 0;
    for (question, answer) in dialogue {
        seen = eventually(question, LONG, || async {
            let exit = terminal.exit_code();
            let screen = terminal.screen();
            let rest = screen.get(seen..).unwrap_or_default();
            if let Some(at) = rest.find(question) {
                Ok(seen + at + question.len())
            } else {
                assert!(exit.is_none(), "{exit:?} without {question:?}: {screen}");
                Err(screen)
            }
        })
        .await;
        match *answer {
            "^" => terminal.send(b"\x03").await,
            answer => terminal.send_line(answer).await,
        }
    }
}

#[tokio::test]
async fn what_was_typed_wrong_is_asked_again_and_what_was_done_is_kept() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    let ann = http_person(synapse, "ann").await;
    let (url, name) = (
        synapse.base_url(),
        bot.user_id[1..].split(':').next().unwrap(),
    );

    // Whoever leaves at the first question has done nothing.
    let terminal = bot.home.terminal(&["setup"]);
    let before = terminal.modes().await;
    converse(&terminal, &[("Bot's Matrix ID", "^")]).await;
    assert_eq!(terminal.wait(PATIENCE).await, 130);
    assert_eq!(terminal.modes().await, before);
    assert!(!bot.home.config_path().exists());

    // A server that is not there, then a wrong user.
    let terminal = bot.home.terminal(&["setup"]);
    let pasted = format!(" \"{url}/\" ");
    let dialogue = [
        ("Bot's Matrix ID", " 'nobody:127.0.0.1:1' "),
        ("Bot's Matrix ID, or the URL of its homeserver", &pasted),
        ("Password of @nobody:127.0.0.1:1", "canary-wrong"),
        ("Bot's user name or Matrix ID [@nobody", name),
        (&format!("Password of {name}"), "^"),
    ];
    converse(&terminal, &dialogue).await;
    assert_eq!(terminal.wait(PATIENCE).await, 130);
    let screen = terminal.screen();
    for told in [
        "This sets up a Matrix bot in 5 steps",
        "account of its own",
        "cannot reach http",
        "Login with a password",
        "does not accept this user name and password",
    ] {
        assert!(screen.contains(told), "no {told:?} in {screen}");
    }

    // The homeserver is known; the login that is made now stays, whoever leaves behind it.
    let terminal = bot.home.terminal(&["setup"]);
    let link = format!("https://matrix.to/#/{}", bot.user_id);
    let dialogue = [
        ("Password of @nobody", "canary-wrong"),
        ("Bot's user name or Matrix ID [@nobody", &link),
        (&format!("Password of {}", bot.user_id), PASSWORD),
        ("Who may talk", "^"),
    ];
    converse(&terminal, &dialogue).await;
    assert_eq!(terminal.wait(PATIENCE).await, 130);
    assert!(
        terminal
            .screen()
            .contains("Run `nanobot setup` again to continue")
    );
    let device = bot.device_id();
    // Nobody has said yet who may talk to it.
    assert_ne!(bot.setting("enabled"), true);

    let terminal = bot.home.terminal(&["setup"]);
    let file = bot.home.user_dir().join("recovery key.txt");
    let owner = format!("<{}>,", ann.user_id());
    let dialogue = [
        ("Who may talk", ""),
        ("Your Matrix ID", &bot.user_id),
        ("Your Matrix ID", "@no-such-user:localhost"),
        ("Use this ID anyway?", ""),
        ("Who may talk", ""),
        ("Your Matrix ID", &owner),
        ("Which devices may talk", ""),
        ("Set up a recovery key", ""),
        ("Save it to a new file", "^"),
    ];
    converse(&terminal, &dialogue).await;
    assert_eq!(terminal.wait(PATIENCE).await, 130);
    let key = |screen: &str| {
        let (_, rest) = screen.rsplit_once("Your recovery key.").expect("a key");
        rest.lines().nth(2).unwrap().trim().to_owned()
    };
    let shown = key(&terminal.screen());

    // The key that nobody stored is shown again.
    let mut command = bot.home.command(&["setup"]);
    command.env("SHELL", "/usr/bin/zsh");
    let terminal = Pty::spawn(&command, bot.home.record());
    let (nowhere, quoted) = ("/no/such/directory/key", format!("'{}'", file.display()));
    let dialogue = [
        ("Save it to a new file", nowhere),
        ("Save it to a new file", &quoted),
        ("Have you stored", "n"),
        ("Have you stored", "y"),
        ("Who answers?", ""),
    ];
    converse(&terminal, &dialogue).await;
    assert_eq!(terminal.wait(LONG).await, 0, "{}", terminal.screen());
    let screen = terminal.screen();
    assert_eq!(key(&screen), shown);
    assert_eq!(fs::read_to_string(&file).unwrap().trim(), shown);
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let link = format!("https://matrix.to/#/{}", bot.user_id);
    for told in [
        "✓ greeting",
        &link,
        "nanobot gateway",
        "--save-recovery-key",
    ] {
        assert!(screen.contains(told), "no {told:?} in {screen}");
    }
    assert_eq!(bot.device_id(), device);
    assert_eq!(bot.account().await.device_ids().await, [device]);
    assert_eq!(bot.setting("allowFrom"), json!([ann.user_id()]));
    assert_eq!(bot.setting("senderTrust"), "signed");
    assert_eq!(bot.setting("enabled"), true);
    assert_greeted_once(&bot).await;
    bot.home
        .assert_no_secret(&["canary-wrong", PASSWORD, &bot.token()]);
}

#[tokio::test]
async fn what_is_missing_later_is_asked_for_alone() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    let ann = http_person(synapse, "ann").await;
    let login = ["--allow-from", ann.user_id()];
    bot.log_in(&login).await.expect_code(0);
    bot.set("allowFrom", json!([]));
    bot.set("agent", json!({"type": "echo"}));
    bot.set("senderTrust", "signed");
    let terminal = bot.home.terminal(&["setup", "--no-recovery"]);
    let dialogue = [
        ("Who may talk", "\x1b[B"),
        ("Their Matrix IDs", ann.user_id()),
    ];
    converse(&terminal, &dialogue).await;
    assert_eq!(terminal.wait(LONG).await, 0, "{}", terminal.screen());
    let screen = terminal.screen();
    assert!(!screen.contains("Password of"), "{screen}");
    assert_eq!(bot.setting("allowFrom"), json!([ann.user_id()]));
}
