//! `device.*`: the bot's device as its account lists it.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::examined::examine;
use super::scene::{Change, assert_well_but, carry_out, commands, configure};
use crate::harness::account::{Bot, PASSWORD};
use crate::harness::bot::Home;
use crate::harness::http_person::HttpPerson;
use crate::harness::relay::{Meddler, relay};
use crate::harness::shared::shared_synapse;
use crate::harness::synapse::Synapse;

/// Logs in to the bot's account as another program does.
async fn another_login(synapse: &Synapse, bot: &Bot, name: &str) -> String {
    let login = json!({
        "type": "m.login.password", "password": PASSWORD, "initial_device_display_name": name,
        "identifier": {"type": "m.id.user", "user": bot.user_id},
    });
    let path = format!("{}/_matrix/client/v3/login", synapse.base_url());
    let answer = reqwest::Client::new().post(path).json(&login).send().await;
    let answer: Value = answer.unwrap().json().await.unwrap();
    answer["device_id"].as_str().unwrap().to_owned()
}

/// Removes the bot's device as another client of its account does.
pub async fn delete(client: &HttpPerson, bot: &Bot) {
    let device = bot.device_id();
    let path = ["v3", "devices", &device];
    let asked = client
        .try_call(Method::DELETE, &path, Some(&json!({})))
        .await;
    let auth = json!({
        "type": "m.login.password", "session": asked.unwrap_err().body["session"],
        "identifier": {"type": "m.id.user", "user": bot.user_id}, "password": PASSWORD,
    });
    let body = json!({"auth": auth});
    client.call(Method::DELETE, &path, Some(&body)).await;
}

#[tokio::test]
async fn a_device_removed_in_another_client_takes_its_token_along() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let client = HttpPerson::login(&synapse.base_url(), &bot.user_id, PASSWORD).await;
    delete(&client, &bot).await;
    let examined = examine(&bot.home, &["--live"]).await;
    examined
        .expect("token.valid", "fail", "it was revoked")
        .expect_failed(&["token.valid"])
        .expect_skipped("device.exists", &["token.valid"])
        .expect_skipped("device.siblings", &["token.valid"])
        .expect_skipped("e2ee.published", &["token.valid"])
        .expect_skipped("access.users", &["token.valid"])
        .expect_skipped("live.run", &["token.valid"]);
    assert_eq!(examined.exit_code(), 4);
    bot.log_in(&[]).await.expect_code(0);
    assert_well_but(&examine(&bot.home, &[]).await, &[]);
}

/// A homeserver that has lost the device and kept its token, which Synapse never does.
#[derive(Clone)]
struct Forgetful(String);

impl Meddler for Forgetful {
    fn replace(&self, path: &str) -> Option<(StatusCode, &'static str)> {
        let answer = "{\"errcode\": \"M_NOT_FOUND\", \"error\": \"No device found\"}";
        path.ends_with(&format!("/devices/{}", self.0))
            .then_some((StatusCode::NOT_FOUND, answer))
    }
}

#[tokio::test]
async fn a_device_that_its_homeserver_has_forgotten_is_found() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let forgetful = Forgetful(bot.device_id());
    bot.set("homeserver", relay(synapse.base_url(), forgetful).await);
    let examined = examine(&bot.home, &[]).await;
    examined
        .expect("device.exists", "fail", "no such device")
        .expect_failed(&["device.exists"])
        .expect_skipped("device.named", &["device.exists"])
        .expect_skipped("device.siblings", &["device.exists"]);
    carry_out(&bot, &examined, "device.exists").await;
    assert_well_but(&examine(&bot.home, &[]).await, &[]);
}

#[tokio::test]
async fn a_device_without_a_name_is_named_by_the_remedy() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    let (url, user) = (synapse.base_url(), bot.user_id.as_str());
    let client = HttpPerson::login(&url, user, PASSWORD).await;
    let (token, device) = (client.access_token(), client.device_id());
    configure(&bot.home, &url, token, user, device);
    bot.log_in(&[]).await.expect_code(0);
    examine(&bot.home, &[]).await.expect_failed(&[]);

    let account = bot.account().await;
    let device = bot.device_id();
    let path = ["v3", "devices", &device];
    let nameless = json!({"display_name": ""});
    account.call(Method::PUT, &path, Some(&nameless)).await;
    let examined = examine(&bot.home, &[]).await;
    examined
        .expect("device.named", "warn", "has no name")
        .expect_failed(&[]);
    let remedy = commands(&examined, "device.named");
    assert_eq!(remedy, ["nanobot login --device-name nanobot"]);

    let login = bot.log_in(&["--device-name", "nanobot"]).await;
    login.expect_code(0);
    assert_eq!(bot.device_id(), device);
    let named = account.call(Method::GET, &path, None).await;
    assert_eq!(named["display_name"], "nanobot");
    let examined = examine(&bot.home, &["--only", "device"]).await;
    assert_eq!(examined.ids("warn"), [""; 0], "{:#}", examined.report);
}

#[tokio::test]
async fn devices_left_behind_are_told_from_those_in_use() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    another_login(synapse, &bot, "Element Web").await;
    // Another bot of the same account, which is in use.
    let other = Home::new();
    let login = [
        "login",
        "--homeserver",
        &synapse.base_url(),
        "--user",
        &bot.user_id,
        "--no-input",
        "--password-stdin",
    ];
    other.run(&login, PASSWORD).await.expect_code(0);
    let other = other.config()["channels"]["matrix"]["deviceId"].clone();
    bot.account().await.whoami().await;
    let examined = examine(&bot.home, &[]).await;
    let row = examined.row("device.siblings");
    assert_eq!(row["status"], "pass", "{row:#}");
    let words = "1 other device with the same name, active within a day: another bot";
    assert!(row["detail"].as_str().unwrap().contains(words), "{row:#}");

    // A login that nothing has used since.
    let unused = another_login(synapse, &bot, "nanobot").await;
    let examined = examine(&bot.home, &[]).await;
    examined
        .expect(
            "device.siblings",
            "warn",
            &format!(
                "1 other device with the same name, inactive for a day or never used: {unused}"
            ),
        )
        .expect_failed(&[]);
    assert_eq!(
        examined.row("device.siblings")["evidence"]["devices"],
        json!([unused])
    );

    // Two days later, so to say.
    let age = |answer: &mut Value| {
        for device in answer["devices"].as_array_mut().unwrap() {
            if let Some(seen) = device["last_seen_ts"].as_u64() {
                device["last_seen_ts"] = json!(seen - 48 * 3_600_000);
            }
        }
    };
    let path = "/v3/devices";
    bot.set(
        "homeserver",
        relay(synapse.base_url(), Change { path, change: age }).await,
    );
    let examined = examine(&bot.home, &[]).await;
    examined
        .expect(
            "device.siblings",
            "warn",
            "2 other devices with the same name, inactive",
        )
        .expect("device.siblings", "warn", other.as_str().unwrap());
}
