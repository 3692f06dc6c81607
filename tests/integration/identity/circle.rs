//! From each state in which a device is not verified, the command that is suggested there is the
//! one that verifies it.

use std::fs;

use nanobot::testing::session::Chain;
use serde_json::json;

use super::{chain_for_others, log_in_with_recovery, put_data};
use crate::harness::account::{Bot, PASSWORD};
use crate::harness::http_person::HttpPerson;
use crate::harness::output::Output;
use crate::harness::relay::relay;
use crate::harness::shared::shared_synapse;
use crate::harness::synapse::Synapse;
use crate::reset::unchanged::Refuse;

const LOG_IN: &str = "nanobot login";
const RECOVERY_KEY: &str = "nanobot verify recovery";
const OTHER_SESSION: &str = "nanobot verify";
const NEW_IDENTITY: &str = "nanobot login --reset-identity --recovery";

/// The first command that the doctor suggests for the device's verification.
async fn suggested(bot: &Bot) -> String {
    const CHECKS: [&str; 2] = ["e2ee.identity", "e2ee.verified"];
    let only = format!("{},e2ee.recovery", CHECKS.join(","));
    let doctor = ["doctor", "--only", &only, "--json"];
    let report = bot.home.run(&doctor, "").await.json();
    let checks = report["checks"].as_array().unwrap().iter();
    let is_meant = |id: &serde_json::Value| CHECKS.iter().any(|check| id == check);
    let commands = checks.filter(|check| check["status"] != "pass" && is_meant(&check["id"]));
    let mut commands = commands.filter_map(|check| check["remedy"]["commands"][0].as_str());
    commands.next().unwrap_or_default().to_owned()
}

/// Runs a suggested command as a script does.
async fn follow(bot: &Bot, command: &str, key: &str) -> Output {
    match command {
        LOG_IN => bot.log_in(&[]).await,
        NEW_IDENTITY => {
            bot.log_in(&["--reset-identity", "--recovery", "--yes"])
                .await
        }
        RECOVERY_KEY => {
            let verify = ["verify", "recovery", "--recovery-key-stdin"];
            bot.home.run(&verify, key).await
        }
        other => panic!("{other:?} is not for a script"),
    }
}

/// The state has this suggestion, and after it the device is verified.
async fn assert_ends(synapse: &Synapse, bot: &Bot, command: &str, key: &str) {
    assert_eq!(suggested(bot).await, command);
    follow(bot, command, key).await.expect_code(0);
    assert_eq!(
        chain_for_others(synapse, bot).await,
        Chain::Whole,
        "{command}"
    );
    assert_eq!(suggested(bot).await, "");
}

/// The commands that an error names.
fn hint(output: &Output) -> String {
    output.json()["error"]["hint"].as_str().unwrap().to_owned()
}

/// What fails names this command, and no other that was tried.
async fn assert_leads_to(bot: &Bot, arguments: &[&str], stdin: &str, command: &str) {
    let arguments = [arguments, &["--json"]].concat();
    let output = bot.home.run(&arguments, stdin).await.expect_code(1);
    let hint = hint(&output);
    assert!(hint.ends_with(&format!("`{command}`")), "{output}");
}

const VERIFY: [&str; 3] = ["verify", "recovery", "--recovery-key-stdin"];

#[tokio::test]
async fn an_account_without_an_identity() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    let refused = Refuse("/keys/device_signing/upload");
    let url = relay(synapse.base_url(), refused).await;
    let login = ["login", "--homeserver", &url, "--user", &bot.user_id];
    let more = ["--no-input", "--password-stdin"];
    let login = bot.home.run(&[&login[..], &more].concat(), PASSWORD).await;
    login.expect_code(0);
    bot.set("homeserver", synapse.base_url());
    assert_ends(synapse, &bot, LOG_IN, "").await;
}

#[tokio::test]
async fn an_account_with_a_recovery_key() {
    let synapse = shared_synapse().await;
    let owner = Bot::registered(synapse).await;
    let key = log_in_with_recovery(&owner).await;
    let second = owner.elsewhere();
    second.log_in(&[]).await.expect_code(0);
    assert_ends(synapse, &second, RECOVERY_KEY, &key).await;

    // By a token alone.
    let third = owner.elsewhere();
    let given = HttpPerson::login(&synapse.base_url(), &owner.user_id, PASSWORD).await;
    let url = synapse.base_url();
    let login = ["login", "--homeserver", &url, "--token-stdin"];
    let login = third.home.run(&login, given.access_token()).await;
    login.expect_code(0);
    assert_ends(synapse, &third, RECOVERY_KEY, &key).await;

    // The key is lost: first another session helps, then only a new identity.
    let bot = owner.elsewhere();
    bot.log_in(&[]).await.expect_code(0);
    assert_leads_to(&bot, &VERIFY, "EsTcanary", OTHER_SESSION).await;
    for session in [&owner, &second, &third] {
        session.home.run(&["logout"], "").await.expect_code(0);
    }
    assert_leads_to(&bot, &VERIFY, "EsTcanary", NEW_IDENTITY).await;
    follow(&bot, NEW_IDENTITY, "").await.expect_code(0);
    assert_eq!(suggested(&bot).await, "");
}

#[tokio::test]
async fn a_secret_storage_without_the_identity() {
    let synapse = shared_synapse().await;
    let owner = Bot::registered(synapse).await;
    let key = log_in_with_recovery(&owner).await;
    let account = owner.account().await;
    let secret = "m.cross_signing.self_signing";
    put_data(&account, secret, &json!({"encrypted": {}})).await;
    let bot = owner.elsewhere();
    bot.log_in(&[]).await.expect_code(0);
    assert_eq!(suggested(&bot).await, OTHER_SESSION);
    assert_leads_to(&bot, &VERIFY, &key, OTHER_SESSION).await;
    owner.home.run(&["logout"], "").await.expect_code(0);
    assert_leads_to(&bot, &VERIFY, &key, NEW_IDENTITY).await;
    assert_ends(synapse, &bot, NEW_IDENTITY, "").await;
}

#[tokio::test]
async fn nothing_but_a_session_and_then_nothing_at_all() {
    let synapse = shared_synapse().await;
    let owner = Bot::new(synapse).await;
    let bot = owner.elsewhere();
    bot.log_in(&[]).await.expect_code(0);
    assert_eq!(suggested(&bot).await, OTHER_SESSION);
    let url = synapse.base_url();
    let recovery = ["login", "--homeserver", &url, "--user", &bot.user_id];
    let more = ["--no-input", "--password-stdin", "--recovery"];
    let recovery = [&recovery[..], &more].concat();
    assert_leads_to(&bot, &recovery, PASSWORD, OTHER_SESSION).await;
    assert_leads_to(&bot, &VERIFY, "EsTcanary", OTHER_SESSION).await;
    owner.home.run(&["logout"], "").await.expect_code(0);
    assert_leads_to(&bot, &recovery, PASSWORD, NEW_IDENTITY).await;
    assert_leads_to(&bot, &VERIFY, "EsTcanary", NEW_IDENTITY).await;
    assert_ends(synapse, &bot, NEW_IDENTITY, "").await;
}

#[tokio::test]
async fn an_archived_store_that_has_the_identity() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    bot.home.run(&["logout"], "").await.expect_code(0);
    let archive = fs::read_dir(bot.home.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.to_str().unwrap().contains(".old-"))
        .unwrap();
    let aside = bot.home.user_dir().join("aside");
    fs::rename(&archive, &aside).unwrap();
    bot.log_in(&[]).await.expect_code(0);
    assert_eq!(suggested(&bot).await, NEW_IDENTITY);
    fs::rename(&aside, &archive).unwrap();
    assert_leads_to(&bot, &VERIFY, "EsTcanary", LOG_IN).await;
    assert_ends(synapse, &bot, LOG_IN, "").await;
}
