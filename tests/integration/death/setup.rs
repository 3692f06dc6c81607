//! `nanobot setup`, up to the recovery key and over it.

use std::fs;
use std::process::Command;

use crate::death::scene::{assert_whole, die, every_death};
use crate::harness::account::{Bot, LONG, PASSWORD};
use crate::harness::output::Output;
use crate::harness::process::Process;
use crate::harness::shared::shared_synapse;

fn setup(bot: &Bot, url: &str) -> Command {
    let file = bot.home.user_dir().join("recovery-key.txt");
    let user = ["setup", "--homeserver", url, "--user", &bot.user_id];
    let more = [
        "--no-input",
        "--password-stdin",
        "--allow-from",
        "*",
        "--recovery",
    ];
    let save = ["--save-recovery-key", file.to_str().unwrap()];
    bot.home.command(&[&user[..], &more, &save].concat())
}

async fn run(command: Command, bot: &Bot) -> Output {
    let process = Process::spawn(command, bot.home.record());
    process.give(PASSWORD.as_bytes());
    process.wait(LONG).await
}

#[tokio::test]
async fn a_setup_that_dies_at_any_request_is_completed_by_the_next() {
    let synapse = shared_synapse().await;
    every_death(async |death| {
        let bot = Bot::registered(synapse).await;
        let request = die(synapse, &bot, death, |url| setup(&bot, url)).await?;
        let words = format!("{death:?} at {request}");
        let file = bot.home.user_dir().join("recovery-key.txt");
        run(setup(&bot, &synapse.base_url()), &bot)
            .await
            .expect_code(0);
        let key = fs::read_to_string(&file).unwrap();
        assert_whole(&bot, key.trim(), &words).await;
        Some(request)
    })
    .await;
}
