//! The recovery key in the system's keyring.

use std::fs;

use super::Desktop;
use crate::harness::account::{Bot, PASSWORD};
use crate::harness::http_person::string;
use crate::harness::shared::shared_synapse;

#[tokio::test]
async fn a_kept_recovery_key_is_found_where_it_is_needed() {
    let Some(mut desktop) = Desktop::start().await else {
        return;
    };
    let save = ["--recovery", "--save-recovery-key-keyring", "--json"];
    let output = desktop.log_in(&save).await.expect_code(0);
    let key = string(&output.json()["recovery_key"]);
    assert_eq!(desktop.keyring.entries(), 1);

    // Other homes in the same session, whose keyring is kept in that of the first.
    let second = desktop.bot.elsewhere();
    let first = std::mem::replace(&mut desktop.bot, second);
    let output = desktop.log_in(&["--save-recovery-key-keyring", "--json"]);
    let output = output.await.expect_code(1).json();
    assert_eq!(output["device_id"], desktop.bot.device_id(), "{output}");
    let why = string(&output["error"]["message"]);
    assert!(why.contains("no recovery key"), "{output}");
    let output = desktop.run(&["verify", "recovery", "--json"]).await;
    let output = output.expect_code(0);
    assert!(
        output
            .stderr
            .contains("Using the recovery key in the keyring"),
        "{output}"
    );
    assert_eq!(output.json()["verified"], true);

    fs::remove_dir_all(desktop.bot.home.path().join("matrix-store")).unwrap();
    let plan = desktop.run(&["store", "reset", "--dry-run"]).await;
    let plan = plan.expect_code(0);
    assert!(plan.stdout.contains("key in the keyring"), "{plan}");
    let reset = ["store", "reset", "--yes", "--password-stdin"];
    let reset = [&reset[..], &["--save-recovery-key-keyring", "--json"]].concat();
    let output = desktop.run_with(&reset, PASSWORD).await.expect_code(0);
    assert!(output.stderr.contains("none is stored"), "{output}");
    assert_eq!(output.json()["verified"], true, "{output}");
    assert_eq!(output.json()["new_identity"], false, "{output}");
    desktop.bot.home.assert_no_secret(&[PASSWORD, &key]);

    desktop.bot = first.elsewhere();
    let output = desktop.log_in(&["--recovery-key-keyring", "--json"]).await;
    assert_eq!(output.expect_code(0).json()["verified"], true);
    desktop.bot.home.assert_no_secret(&[PASSWORD, &key]);
}

#[tokio::test]
async fn a_kept_recovery_key_of_another_time_is_told_and_not_used() {
    let Some(mut desktop) = Desktop::start().await else {
        return;
    };
    let save = ["--recovery", "--save-recovery-key-keyring"];
    let output = desktop.log_in(&save).await.expect_code(0);
    assert!(
        output
            .stdout
            .contains("Stored the recovery key in the keyring")
    );
    let elsewhere = desktop.bot.elsewhere();
    let renew = ["--reset-identity", "--yes", "--recovery", "--json"];
    let renewed = elsewhere.log_in(&renew).await.expect_code(0).json();
    let key = string(&renewed["recovery_key"]);

    let verify = ["verify", "recovery"];
    let output = desktop.run(&verify).await.expect_code(2);
    assert!(output.stderr.contains("is not that of"), "{output}");
    assert!(output.stderr.contains("--recovery-key-stdin"), "{output}");
    // A reset goes on without it.
    fs::remove_dir_all(desktop.bot.home.path().join("matrix-store")).unwrap();
    let reset = ["store", "reset", "--yes", "--password-stdin", "--json"];
    let output = desktop.run_with(&reset, PASSWORD).await.expect_code(0);
    assert_eq!(output.json()["verified"], false, "{output}");
    assert!(output.stderr.contains("in the keyring is not that of"));

    let keep = ["verify", "recovery", "--key-stdin", "--save-key-keyring"];
    let output = desktop.run_with(&keep, &key).await.expect_code(0);
    assert!(
        output
            .stdout
            .contains("Stored the recovery key in the keyring")
    );
    desktop.run(&verify).await.expect_code(0);

    let stranger = Bot::registered(shared_synapse().await).await;
    let _home_of_the_keyring = std::mem::replace(&mut desktop.bot, stranger);
    let output = desktop.log_in(&["--recovery-key-keyring"]).await;
    let output = output.expect_code(1);
    assert!(
        output.stderr.contains("the keyring has no entry"),
        "{output}"
    );
    assert!(!desktop.bot.home.config_path().exists());
}

#[tokio::test]
async fn a_kept_recovery_key_helps_where_the_old_store_has_the_secrets_of_another_time() {
    let Some(mut desktop) = Desktop::start().await else {
        return;
    };
    desktop.log_in(&[]).await.expect_code(0);
    let elsewhere = desktop.bot.elsewhere();
    let first = std::mem::replace(&mut desktop.bot, elsewhere);
    let renew = ["--reset-identity", "--yes", "--recovery"];
    let renew = [&renew[..], &["--save-recovery-key-keyring"]].concat();
    desktop.log_in(&renew).await.expect_code(0);

    desktop.bot = first;
    let reset = ["store", "reset", "--force", "--yes", "--password-stdin"];
    let plan = [&reset[..], &["--dry-run"]].concat();
    let plan = desktop.run(&plan).await.expect_code(0);
    let words = "restored with the recovery key in the keyring";
    assert!(plan.stdout.contains(words), "{plan}");
    let reset = [&reset[..], &["--json"]].concat();
    let output = desktop.run_with(&reset, PASSWORD).await.expect_code(0);
    assert_eq!(output.json()["verified"], true, "{output}");
    assert_eq!(output.json()["new_identity"], false, "{output}");
}

#[tokio::test]
async fn without_a_keyring_no_recovery_key_is_made_that_is_to_be_kept_there() {
    let bot = Bot::registered(shared_synapse().await).await;
    let save = ["--recovery", "--save-recovery-key-keyring"];
    let output = bot.log_in(&save).await.expect_code(1);
    assert!(output.stderr.contains("cannot use the keyring"));
    assert!(!bot.home.config_path().exists());
}
