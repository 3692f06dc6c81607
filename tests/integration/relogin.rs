//! A bot that logs in again: its new device takes over what the old one had, and what could not be
//! taken over is said with the command that heals it in this very case.

use std::fs;

use reqwest::Method;
use serde_json::json;

use crate::harness::account::{Bot, LONG, PASSWORD};
use crate::harness::bot::Gateway;
use crate::harness::eventually::PATIENCE;
use crate::harness::http_person::HttpPerson;
use crate::harness::process::Process;
use crate::harness::shared::shared_synapse;
use crate::reset::scene::{assert_talk, is_signed, stopped_in_a_room};
use crate::stress::die_at;

/// What the gateway says at its start of how the device is verified.
async fn said_at_start(bot: &Bot, words: &str) -> String {
    let gateway = Gateway::connected(&bot.home, &[]).await;
    let line = gateway.expect_line(words, PATIENCE).await;
    assert_eq!(gateway.terminate().await, 0);
    line.text
}

#[tokio::test]
async fn logged_out_and_in_again_it_is_verified_and_answers_what_waited() {
    let synapse = shared_synapse().await;
    let (bot, ann, room) = stopped_in_a_room(synapse).await;
    let question = ann.send_text(&room, "are you there?").await;
    die_at(&bot, "dispatch").await;
    let old = bot.device_id();
    bot.home.run(&["logout"], "").await.expect_code(0);

    let login = bot.log_in(&["--allow-from", "*", "--json"]).await;
    let login = login.expect_code(0);
    assert_eq!(login.json()["verified"], true, "{login}");
    assert_ne!(bot.device_id(), old);
    assert!(is_signed(&bot).await);
    assert!(
        login
            .stderr
            .contains("1 message not answered by the old device"),
        "{login}"
    );
    assert!(
        login.stderr.contains("from the old device, for reading"),
        "{login}"
    );
    assert_eq!(login.json()["identity"], "restored_from_store", "{login}");
    let account = bot.account().await;
    assert_eq!(account.device_ids().await, [bot.device_id()]);
    let _gateway = bot.run().await;
    ann.wait_for_reply(&room, &question, &bot.user_id).await;
    assert_talk(&bot, &ann, &room, "after").await;
}

#[tokio::test]
async fn a_device_that_somebody_removed_is_followed_by_a_verified_one() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let other = HttpPerson::login(&synapse.base_url(), &bot.user_id, PASSWORD).await;
    let path = ["v3", "devices", &bot.device_id()];
    let auth = json!({"type": "m.login.password", "password": PASSWORD,
        "identifier": {"type": "m.id.user", "user": bot.user_id}});
    let removal = json!({ "auth": auth });
    other.call(Method::DELETE, &path, Some(&removal)).await;
    other.logout().await;
    let login = bot.log_in(&["--json"]).await.expect_code(0);
    assert_eq!(login.json()["new_device"], true, "{login}");
    assert_eq!(login.json()["verified"], true, "{login}");
    assert!(is_signed(&bot).await);

    // With its identity the device can set up recovery, as the first could.
    bot.account().await.logout().await;
    let login = bot.log_in(&["--recovery", "--json"]).await.expect_code(0);
    assert_eq!(login.json()["verified"], true, "{login}");
    assert!(login.json()["recovery_key"].is_string(), "{login}");
    // And has the key of its backup from then on.
    bot.home.run(&["logout"], "").await.expect_code(0);
    let login = bot.log_in(&["--json"]).await.expect_code(0);
    assert_eq!(login.json()["verified"], true, "{login}");
    assert_eq!(bot.account().await.device_ids().await.len(), 1);
}

#[tokio::test]
async fn a_device_that_was_left_unverified_takes_the_identity_from_the_archive() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    bot.home.run(&["logout"], "").await.expect_code(0);
    // As logging in again was until now: without a look at the archive.
    let aside = bot.home.user_dir().join("aside");
    let archive = fs::read_dir(bot.home.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.to_str().unwrap().contains(".old-"))
        .unwrap();
    fs::rename(&archive, &aside).unwrap();
    let login = bot.log_in(&["--json"]).await.expect_code(0);
    assert_eq!(login.json()["verified"], false, "{login}");
    fs::rename(&aside, &archive).unwrap();
    let device = bot.device_id();
    let login = bot.log_in(&["--json"]).await.expect_code(0);
    assert_eq!(login.json()["verified"], true, "{login}");
    assert_eq!(bot.device_id(), device);
    assert!(is_signed(&bot).await);
}

#[tokio::test]
async fn an_identity_that_was_replaced_is_not_taken_over_and_no_key_is_advised_that_never_was() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let elsewhere = bot.elsewhere();
    elsewhere
        .log_in(&["--reset-identity", "--yes"])
        .await
        .expect_code(0);
    bot.home.run(&["logout"], "").await.expect_code(0);
    let login = bot.log_in(&["--allow-from", "*"]).await.expect_code(0);
    let why = "the account has another one now";
    assert!(login.stderr.contains(why), "{login}");
    assert!(login.stdout.contains("`nanobot verify`"), "{login}");
    assert!(!format!("{login}").contains("recovery"), "{login}");
    // The other session is verified, and can verify this one.
    let said = said_at_start(&bot, "is not verified by its owner").await;
    assert!(said.contains("ERROR"), "{said}");
    assert!(said.contains("`nanobot verify`"), "{said}");
    let doctor = ["doctor", "--only", "e2ee.verified,e2ee.recovery", "--json"];
    let report = bot.home.run(&doctor, "").await.json();
    let row = |report: &serde_json::Value| {
        let mut rows = report["checks"].as_array().unwrap().iter();
        let row = rows.find(|row| row["id"] == "e2ee.verified").unwrap();
        row["remedy"]["commands"].clone()
    };
    assert_eq!(row(&report), json!(["nanobot verify"]), "{report:#}");

    // Nobody is left.
    elsewhere.home.run(&["logout"], "").await.expect_code(0);
    let renew = "`nanobot login --reset-identity --recovery`";
    let login = bot.log_in(&[]).await.expect_code(0);
    assert!(login.stdout.contains(renew), "{login}");
    let said = said_at_start(&bot, "is not verified by its owner").await;
    assert!(said.contains(renew), "{said}");
    let report = bot.home.run(&doctor, "").await.json();
    let expected = json!(["nanobot login --reset-identity --recovery"]);
    assert_eq!(row(&report), expected, "{report:#}");

    // There is a recovery key.
    let owner = bot.elsewhere();
    let renew = ["--reset-identity", "--yes", "--recovery"];
    owner.log_in(&renew).await.expect_code(0);
    let said = said_at_start(&bot, "is not verified by its owner").await;
    assert!(said.contains("`nanobot verify recovery`"), "{said}");
}

#[tokio::test]
async fn an_account_without_an_identity_is_said_once_at_the_start() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    let refusing = crate::harness::relay::relay(
        synapse.base_url(),
        crate::reset::unchanged::Refuse("/keys/device_signing/upload"),
    );
    let url = refusing.await;
    let login = ["login", "--homeserver", &url, "--user", &bot.user_id];
    let more = ["--no-input", "--password-stdin", "--allow-from", "*"];
    let login = bot.home.run(&[&login[..], &more].concat(), PASSWORD).await;
    let login = login.expect_code(0);
    assert!(login.stdout.contains("`nanobot login`"), "{login}");
    assert!(!login.stdout.contains("recovery"), "{login}");
    let said = said_at_start(&bot, "has no cross-signing identity").await;
    assert!(said.contains("`nanobot login`"), "{said}");
}

#[tokio::test]
async fn a_key_that_nobody_could_read_is_shown_by_the_next_login() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    let file = bot.password_file();
    let url = synapse.base_url();
    let login = ["login", "--homeserver", &url, "--user", &bot.user_id];
    let more = ["--no-input", "--password-file", &file, "--recovery"];
    let login = bot.home.command(&[&login[..], &more].concat());
    // Its reader is gone before there is a key.
    let mut piped = std::process::Command::new("sh");
    piped.args(["-c", "\"$@\" | true", "sh"]);
    piped.arg(login.get_program()).args(login.get_args());
    for (name, value) in login.get_envs() {
        match value {
            Some(value) => piped.env(name, value),
            None => piped.env_remove(name),
        };
    }
    let process = Process::spawn(piped, bot.home.record());
    process.give(b"");
    process.wait(LONG).await.expect_code(0);
    let output = bot.log_in(&["--json"]).await.expect_code(0);
    assert!(output.json()["recovery_key"].is_string(), "{output}");
    let output = bot.log_in(&["--json"]).await.expect_code(0);
    assert!(output.json().get("recovery_key").is_none(), "{output}");
}

#[tokio::test]
async fn a_waiting_key_that_the_account_does_not_use_is_named_and_left_alone() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    let killed = {
        let url = synapse.base_url();
        let login = ["login", "--homeserver", &url, "--user", &bot.user_id];
        let more = ["--no-input", "--password-stdin", "--recovery"];
        let mut command = bot.home.command(&[&login[..], &more].concat());
        command.env("NANOBOT_CRASH_POINT", "recovery-key-written");
        let process = Process::spawn(command, bot.home.record());
        process.give(PASSWORD.as_bytes());
        process.wait(LONG).await
    };
    assert_eq!(killed.code, 128 + 9, "{killed}");
    let elsewhere = bot.elsewhere();
    let renew = ["--reset-identity", "--yes", "--recovery"];
    elsewhere.log_in(&renew).await.expect_code(0);
    let file = bot.home.path().join("recovery-key-pending.json");
    let before = fs::read(&file).unwrap();
    let output = bot.log_in(&[]).await.expect_code(0);
    assert!(
        output.stderr.contains("recovery-key-pending.json"),
        "{output}"
    );
    assert!(!output.stdout.contains("Recovery key:"), "{output}");
    assert_eq!(fs::read(&file).unwrap(), before);
}
