//! `nanobot login --recovery`, and with a new identity.

use crate::death::scene::{assert_recovers, assert_whole, die, every_death, shown_key};
use crate::harness::account::Bot;
use crate::harness::shared::shared_synapse;

const RECOVERY: [&str; 2] = ["--recovery", "--json"];

fn login(bot: &Bot, url: &str, more: &[&str]) -> std::process::Command {
    let arguments = ["login", "--homeserver", url, "--user", &bot.user_id];
    let silent = ["--no-input", "--password-stdin"];
    bot.home.command(&[&arguments[..], &silent, more].concat())
}

#[tokio::test]
async fn a_login_that_dies_at_any_request_is_completed_by_the_next() {
    let synapse = shared_synapse().await;
    every_death(async |death| {
        let bot = Bot::registered(synapse).await;
        let request = die(synapse, &bot, death, |url| login(&bot, url, &RECOVERY)).await?;
        let output = bot.log_in(&RECOVERY).await.expect_code(0);
        let key = shown_key(&output);
        let words = format!("{death:?} at {request}");
        assert_whole(&bot, &key, &words).await;
        if request.contains("default_key") {
            assert_recovers(&bot, &key).await;
        }
        Some(request)
    })
    .await;
}

#[tokio::test]
async fn a_new_identity_is_made_once_however_often_its_login_dies() {
    let synapse = shared_synapse().await;
    let renew = ["--reset-identity", "--yes", "--recovery", "--json"];
    let master = async |bot: &Bot| {
        let keys = bot.account().await.query_keys(&bot.user_id).await;
        keys["master_keys"][&bot.user_id]["keys"].clone()
    };
    every_death(async |death| {
        let bot = Bot::registered(synapse).await;
        let old = bot.log_in(&RECOVERY).await.expect_code(0);
        let old = shown_key(&old);
        let request = die(synapse, &bot, death, |url| login(&bot, url, &renew)).await?;
        let words = format!("{death:?} at {request}");
        let left = master(&bot).await;
        let is_replaced = request.contains("account_data");
        let output = bot.log_in(&renew).await.expect_code(0);
        let key = shown_key(&output);
        assert_ne!(key, old, "{words}");
        if is_replaced {
            assert_eq!(master(&bot).await, left, "{words}");
        }
        assert_whole(&bot, &key, &words).await;
        Some(request)
    })
    .await;
}
