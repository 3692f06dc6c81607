//! `nanobot verify recovery`.

use std::fs;

use crate::death::scene::{Death, assert_whole, die, every_death, meet_at, shown_key};
use crate::harness::account::Bot;
use crate::harness::relay::Hang;
use crate::harness::shared::shared_synapse;
use rustix::process::Signal;

#[tokio::test]
async fn a_verification_that_dies_at_any_request_is_completed_by_the_next() {
    let synapse = shared_synapse().await;
    every_death(async |death| {
        let owner = Bot::registered(synapse).await;
        let login = owner.log_in(&["--recovery", "--json"]).await.expect_code(0);
        let key = shown_key(&login);
        let bot = owner.elsewhere();
        bot.log_in(&[]).await.expect_code(0);
        owner.account().await.logout().await;
        let file = bot.home.user_dir().join("key");
        fs::write(&file, &key).unwrap();
        let verify = ["verify", "recovery", "--key-file", file.to_str().unwrap()];
        let request = die(synapse, &bot, death, |url| {
            meet_at(&bot, url);
            bot.home.command(&verify)
        })
        .await?;
        meet_at(&bot, &synapse.base_url());
        bot.home.run(&verify, "").await.expect_code(0);
        assert_whole(&bot, &key, &format!("{death:?} at {request}")).await;
        Some(request)
    })
    .await;
}

/// The login died when its key was half the account's.
#[tokio::test]
async fn the_key_of_a_login_that_died_is_shown_by_the_verification() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    bot.log_in(&[]).await.expect_code(0);
    let death = Death {
        at: 1,
        of: "secret_storage.default_key",
        hang: Hang::After,
        signal: Signal::KILL,
    };
    let died = die(synapse, &bot, death, |url| {
        let login = ["login", "--homeserver", url, "--user", &bot.user_id];
        let more = ["--no-input", "--password-stdin", "--recovery"];
        bot.home.command(&[&login[..], &more].concat())
    });
    died.await.expect("it sets up the secret storage");
    meet_at(&bot, &synapse.base_url());
    let output = bot.home.run(&["verify", "recovery", "--json"], "").await;
    let key = shown_key(&output.expect_code(0));
    assert_whole(&bot, &key, "after the verification").await;
    // It was shown, so it is not shown again.
    let output = bot.log_in(&["--json"]).await.expect_code(0);
    assert!(output.json().get("recovery_key").is_none(), "{output}");
}
