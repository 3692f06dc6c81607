//! `nanobot store reset --reset-identity --recovery`.

use std::process::Command;

use crate::death::scene::{assert_whole, die, every_death, meet_at, shown_key};
use crate::harness::account::Bot;
use crate::harness::shared::shared_synapse;
use crate::reset::scene::delete_store;

const RENEW: [&str; 3] = ["--reset-identity", "--recovery", "--json"];

fn reset(bot: &Bot) -> Command {
    let arguments = ["store", "reset", "--yes", "--password-stdin"];
    bot.home.command(&[&arguments[..], &RENEW].concat())
}

#[tokio::test]
async fn a_reset_that_dies_at_any_request_is_completed_by_the_next() {
    let synapse = shared_synapse().await;
    every_death(async |death| {
        let bot = Bot::registered(synapse).await;
        bot.log_in(&["--recovery"]).await.expect_code(0);
        delete_store(&bot);
        let request = die(synapse, &bot, death, |url| {
            meet_at(&bot, url);
            reset(&bot)
        })
        .await?;
        meet_at(&bot, &synapse.base_url());
        let output = bot.reset(&RENEW).await.expect_code(0);
        let words = format!("{death:?} at {request}");
        assert_whole(&bot, &shown_key(&output), &words).await;
        Some(request)
    })
    .await;
}
