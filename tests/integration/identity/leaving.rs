//! A logout says what becomes of the identity.

use std::fs;

use super::log_in_with_recovery;
use crate::harness::account::{Bot, LONG};
use crate::harness::eventually::PATIENCE;
use crate::harness::shared::shared_synapse;

async fn left(bot: &Bot) -> String {
    let output = bot.home.run(&["logout", "--json"], "").await;
    let identity = output.expect_code(0).json()["identity"].clone();
    identity.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_a_logout_leaves_of_the_identity_is_said() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    assert_eq!(left(&bot).await, "only_here");
    let key = log_in_with_recovery(&bot).await;

    // An unverified device of the same account.
    let second = bot.elsewhere();
    second.log_in(&[]).await.expect_code(0);
    let file = second.home.user_dir().join("key");
    let checked = ["logout", "--recovery-key-file", file.to_str().unwrap()];
    fs::write(&file, "EsTcanary").unwrap();
    let output = second.home.run(&checked, "").await.expect_code(1);
    assert!(output.stderr.contains("not the recovery key"), "{output}");
    assert_eq!(second.setting("deviceId"), second.device_id());
    fs::write(&file, &key).unwrap();
    let output = second.home.run(&checked, "").await.expect_code(0);
    let words = "Only the recovery key restores the cross-signing identity";
    assert!(output.stdout.contains(words), "{output}");

    assert_eq!(left(&bot).await, "kept");
    second.home.assert_no_secret(&[&key, "EsTcanary"]);
}

#[tokio::test]
async fn a_person_confirms_that_the_identity_is_lost() {
    let synapse = shared_synapse().await;
    let owner = Bot::new(synapse).await;
    let bot = owner.elsewhere();
    bot.log_in(&[]).await.expect_code(0);
    owner.home.run(&["logout"], "").await.expect_code(0);
    let device = bot.device_id();

    let terminal = bot.home.terminal(&["logout"]);
    terminal.expect("lose the identity?", PATIENCE).await;
    terminal.send_line("n").await;
    assert_eq!(terminal.wait(PATIENCE).await, 130, "{}", terminal.screen());
    assert_eq!(bot.device_id(), device);
    let terminal = bot.home.terminal(&["logout"]);
    terminal.expect("lose the identity?", PATIENCE).await;
    terminal.send_line("y").await;
    assert_eq!(terminal.wait(LONG).await, 0, "{}", terminal.screen());
    let screen = terminal.screen();
    assert!(screen.contains("--reset-identity --recovery"), "{screen}");
}
