//! Keys that go wrong while the gateway runs: it notices, says so once, and names what heals.

use std::time::Duration;

use matrix_sdk_base::crypto::vodozemac::Ed25519SecretKey;
use nanobot::testing::ipc::{Answer, Encryption, Request, ask};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::account::{Bot, PASSWORD};
use crate::harness::bot::Gateway;
use crate::harness::eventually::{PATIENCE, eventually};
use crate::harness::http_person::HttpPerson;
use crate::harness::shared::shared_synapse;
use crate::mishap::copy_store;

/// Within which the gateway must notice.
const MINUTE: Duration = Duration::from_mins(1);

async fn status(bot: &Bot) -> Value {
    let output = bot.home.run(&["store", "status", "--json"], "").await;
    output.json()
}

async fn doctor(bot: &Bot, check: &str) -> Value {
    let output = bot.home.run(&["doctor", "--json"], "").await.json();
    let rows = output["checks"].as_array().unwrap();
    let row = rows.iter().find(|row| row["id"] == check);
    row.unwrap_or_else(|| panic!("{output:#}"))["status"].clone()
}

/// How often the gateway has said this.
fn said(gateway: &Gateway, words: &str) -> usize {
    gateway.stderr().matches(words).count()
}

/// Signs an object as its key's owner (spec, appendices: "Signing JSON").
fn signed(mut object: Value, user: &str, key: &Ed25519SecretKey) -> Value {
    let signature = key.sign(object.to_string().as_bytes()).to_base64();
    let name = format!("ed25519:{}", key.public_key().to_base64());
    object["signatures"] = json!({user: {name: signature}});
    object
}

fn cross_signing_key(user: &str, usage: &str, key: &Ed25519SecretKey) -> Value {
    let public = key.public_key().to_base64();
    json!({
        "keys": {format!("ed25519:{public}"): public},
        "usage": [usage],
        "user_id": user,
    })
}

/// Gives the account a new cross-signing identity, which knows nothing of the bot's device.
async fn reset_identity(account: &HttpPerson) {
    let user = account.user_id();
    let (master, own) = (Ed25519SecretKey::new(), Ed25519SecretKey::new());
    let mut body = json!({
        "master_key": cross_signing_key(user, "master", &master),
        "self_signing_key": signed(cross_signing_key(user, "self_signing", &own), user, &master),
    });
    let path = ["v3", "keys", "device_signing", "upload"];
    let refused = account.try_call(Method::POST, &path, Some(&body)).await;
    body["auth"] = password(user, &refused.unwrap_err().body);
    account.call(Method::POST, &path, Some(&body)).await;
}

/// The answer to a question for the password.
fn password(user: &str, asked: &Value) -> Value {
    json!({
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": user},
        "password": PASSWORD,
        "session": asked["session"],
    })
}

#[tokio::test]
async fn keys_that_another_program_replaced_are_told_once() {
    let bot = Bot::new(shared_synapse().await).await;
    let gateway = bot.run().await;
    let account = bot.account().await;
    let device = bot.device_id();
    let keys = json!({
        "user_id": bot.user_id, "device_id": device,
        "algorithms": ["m.olm.v1.curve25519-aes-sha2", "m.megolm.v1.aes-sha2"],
        "keys": {
            format!("ed25519:{device}"): Ed25519SecretKey::new().public_key().to_base64(),
            format!("curve25519:{device}"): Ed25519SecretKey::new().public_key().to_base64(),
        },
        "signatures": {},
    });
    let body = json!({"device_keys": keys});
    let path = ["v3", "keys", "upload"];
    account.call(Method::POST, &path, Some(&body)).await;

    let words = "another program has published its keys for this device";
    let line = gateway.expect_line(words, MINUTE).await;
    assert!(line.text.contains("nanobot store reset"), "{line:?}");
    assert_eq!(status(&bot).await["published"], false);
    assert_eq!(doctor(&bot, "e2ee.keys-replaced").await, "fail");
    // It looks again and again, and says it once.
    let home = bot.home.path();
    let looked_at = async || match ask(&home, Request::Status, PATIENCE).await.unwrap() {
        Some(Answer::Status(status)) => match status.encryption {
            Encryption::Broken { at, .. } => at,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    let first = looked_at().await;
    eventually("another look", PATIENCE, async || {
        (looked_at().await > first).then_some(()).ok_or("not yet")
    })
    .await;
    assert_eq!(said(&gateway, words), 1, "{}", gateway.stderr());
}

#[tokio::test]
async fn an_identity_that_no_longer_vouches_for_the_device_is_told_once() {
    let bot = Bot::new(shared_synapse().await).await;
    let gateway = bot.run().await;
    let account = bot.account().await;
    reset_identity(&account).await;
    let words = "no longer verified by its owner";
    let line = gateway.expect_line(words, MINUTE).await;
    assert!(line.text.contains("has not signed the device"), "{line:?}");
    // Nothing else is left: there is no recovery key, and no session of the new identity.
    let cure = "`nanobot login --reset-identity --recovery`";
    assert!(line.text.contains(cure), "{line:?}");
    assert_eq!(status(&bot).await["verified"], false);
    // The second reset is noticed too, and is nothing new.
    reset_identity(&account).await;
    gateway.terminate().await;
    assert_eq!(said(&gateway, words), 1, "{}", gateway.stderr());
}

#[tokio::test]
async fn a_device_that_was_deleted_ends_the_gateway_which_says_why() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let gateway = bot.run().await;
    let owner = HttpPerson::login(&synapse.base_url(), &bot.user_id, PASSWORD).await;
    let device = bot.device_id();
    let path = ["v3", "devices", &device];
    let refused = owner
        .try_call(Method::DELETE, &path, Some(&json!({})))
        .await;
    let auth = password(&bot.user_id, &refused.unwrap_err().body);
    owner
        .call(Method::DELETE, &path, Some(&json!({"auth": auth})))
        .await;
    let output = gateway.wait(MINUTE).await.expect_code(4);
    assert!(output.stderr.contains("nanobot login"), "{output}");
    bot.assert_no_secret();
}

#[tokio::test]
async fn two_gateways_on_one_device_stop_and_one_of_them_is_an_older_copy_from_then_on() {
    let bot = Bot::new(shared_synapse().await).await;
    let other = bot.elsewhere();
    let first = bot.run().await;
    copy_files_of(&bot, &other);
    let second = Gateway::start(&other.home, &[]);
    for gateway in [&first, &second] {
        let output = gateway.wait(MINUTE).await.expect_code(1);
        let words = "another gateway runs with this device";
        assert!(output.stderr.contains(words), "{output}");
        assert!(output.stderr.contains("nanobot store reset"), "{output}");
    }
    // Whichever is started again goes on, and the other one not.
    let second = Gateway::connected(&other.home, &[]).await;
    let first = Gateway::start(&bot.home, &[]);
    let refused = first.wait(MINUTE).await.expect_code(1);
    assert!(refused.stderr.contains("an older copy"), "{refused}");
    assert_eq!(second.terminate().await, 0);
}

/// What somebody does who moves a bot to another machine while it runs.
fn copy_files_of(bot: &Bot, other: &Bot) {
    std::fs::create_dir_all(other.home.path()).unwrap();
    copy_store(
        &bot.home.path().join("matrix-store"),
        &other.home.path().join("matrix-store"),
    );
    std::fs::copy(bot.home.config_path(), other.home.config_path()).unwrap();
}
