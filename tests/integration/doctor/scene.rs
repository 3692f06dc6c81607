//! Bots to be examined, and what can be done to them.

use std::path::Path;
use std::time::Duration;

use axum::body::Bytes;
use nanobot::testing::config::Secret;
use nanobot::testing::homeserver::Options;
use nanobot::testing::session::{Credentials, Session};
use serde_json::{Value, json};

use super::examined::Examined;
use crate::harness::account::Bot;
use crate::harness::bot::Home;
use crate::harness::http_person::HttpPerson;
use crate::harness::relay::Meddler;

/// Writes the configuration of somebody who got a token elsewhere.
pub fn configure(home: &Home, base_url: &str, token: &str, user_id: &str, device_id: &str) {
    let matrix = json!({
        "enabled": true, "homeserver": base_url, "userId": user_id, "deviceId": device_id,
        "accessToken": token, "allowFrom": ["*"],
    });
    home.write_config(&json!({"channels": {"matrix": matrix}}).to_string());
}

/// The same for an account over bare HTTP.
pub fn configure_as(home: &Home, base_url: &str, account: &HttpPerson) {
    let (user_id, device_id) = (account.user_id(), account.device_id());
    configure(home, base_url, account.access_token(), user_id, device_id);
}

/// What it takes to open a store of this account's device.
pub fn credentials(base_url: &str, account: &HttpPerson) -> Credentials {
    Credentials {
        homeserver: base_url.parse().unwrap(),
        user_id: account.user_id().to_owned(),
        device_id: account.device_id().to_owned(),
        access_token: Secret::new(account.access_token().to_owned()),
        options: Options::default(),
    }
}

/// Uses the bot's device with another store, as a copy of its configuration on another machine.
pub async fn use_elsewhere(base_url: &str, bot: &Bot, store: &Path) {
    let credentials = credentials(base_url, &bot.account().await);
    let mut session = Session::open(&credentials, store).await.unwrap();
    session.step(Duration::ZERO).await.unwrap();
    session.settle().await;
}

/// The remedy's commands of this row.
pub fn commands<'a>(examined: &'a Examined, id: &str) -> Vec<&'a str> {
    let commands = examined.row(id)["remedy"]["commands"].as_array().unwrap();
    let commands = commands.iter().map(|command| command.as_str().unwrap());
    commands.collect()
}

/// Does what the remedy of this row says, as a script does it.
pub async fn carry_out(bot: &Bot, examined: &Examined, id: &str) {
    for command in commands(examined, id) {
        let words: Vec<_> = command.split(' ').collect();
        let output = match words[..] {
            ["nanobot", "store", "reset", ref more @ ..] => bot.reset(more).await,
            ["nanobot", "login", ref more @ ..] => bot.log_in(more).await,
            ["nanobot", ref more @ ..] => bot.home.run(more, "").await,
            _ => panic!("{command} is not ours"),
        };
        output.expect_code(0);
    }
}

/// No gateway runs, and nothing else is the matter but this.
pub fn assert_well_but(examined: &Examined, warned: &[&str]) {
    assert_eq!(examined.ids("fail"), [""; 0], "{:#}", examined.report);
    let expected = [warned, &["gateway.running"]].concat();
    assert_eq!(examined.ids("warn"), expected, "{:#}", examined.report);
}

/// Changes the homeserver's JSON answers to one question.
#[derive(Clone)]
pub struct Change {
    /// How the path of the question ends.
    pub path: &'static str,
    pub change: fn(&mut Value),
}

impl Meddler for Change {
    fn change(&self, path: &str, answer: Bytes) -> Bytes {
        if !path.ends_with(self.path) {
            return answer;
        }
        let mut json: Value = serde_json::from_slice(&answer).unwrap();
        (self.change)(&mut json);
        json.to_string().into()
    }
}
