//! What the account keeps for recovery, where a reset replaces its identity.

use std::fs;

use super::scene::{delete_store, leftovers};
use super::unchanged::Refuse;
use crate::harness::account::{Bot, LONG};
use crate::harness::http_person::string;
use crate::harness::output::Output;
use crate::harness::relay::relay;
use crate::harness::shared::shared_synapse;

/// A bot whose account has a recovery key, which is returned, and whose store is gone.
async fn lost() -> (Bot, String) {
    let bot = Bot::registered(shared_synapse().await).await;
    let login = bot.log_in(&["--recovery", "--json"]).await.expect_code(0);
    delete_store(&bot);
    (bot, string(&login.json()["recovery_key"]))
}

async fn log_in_with(bot: &Bot, key: &str) -> Output {
    let file = bot.home.user_dir().join("key");
    fs::write(&file, key).unwrap();
    bot.log_in(&["--recovery-key-file", file.to_str().unwrap(), "--json"])
        .await
}

#[tokio::test]
async fn an_identity_that_is_replaced_takes_its_recovery_key_along_and_that_is_said() {
    let (bot, _) = lost().await;
    let plan = bot.reset(&["--reset-identity", "--dry-run"]).await;
    let plan = plan.expect_code(0);
    assert!(
        plan.stdout.contains("--recovery creates new ones"),
        "{plan}"
    );
    let output = bot.reset(&["--reset-identity"]).await.expect_code(0);
    let words = "belong to the old identity";
    assert!(output.stdout.contains(words), "{output}");
    assert!(!output.stdout.contains("Recovery key:"), "{output}");
}

#[tokio::test]
async fn a_reset_that_fails_leaves_the_identity_alone() {
    let (bot, _) = lost().await;
    let synapse = shared_synapse().await;
    let master = async || {
        let keys = bot.account().await.query_keys(&bot.user_id).await;
        keys["master_keys"][&bot.user_id]["keys"].clone()
    };
    let before = master().await;
    for path in ["/send/m.room.encrypted/", "/keys/device_signing/upload"] {
        let broken = relay(synapse.base_url(), Refuse(path)).await;
        bot.set("homeserver", broken);
        bot.reset(&["--reset-identity"]).await.expect_code(1);
        assert_eq!(master().await, before);
        assert_eq!(leftovers(&bot), [""; 0], "{path}");
    }

    bot.set("homeserver", synapse.base_url());
    let renew = ["--reset-identity"];
    let killed = bot.begin_reset(&renew, Some("reset-replace"));
    assert_eq!(killed.wait(LONG).await.code, 128 + 9);
    let output = bot.reset(&["--json"]).await.expect_code(0).json();
    assert_ne!(master().await, before);
    assert_eq!(output["verified"], true, "{output}");
    assert_eq!(output["new_identity"], true, "{output}");
    assert_eq!(output["stale_recovery"], true, "{output}");
}

#[tokio::test]
async fn a_new_recovery_key_is_shown_though_the_reset_was_killed_before() {
    let (bot, old_key) = lost().await;
    let renew = ["--reset-identity", "--recovery"];
    let killed = bot.begin_reset(&renew, Some("reset-recovery"));
    let killed = killed.wait(LONG).await;
    assert_eq!(killed.code, 128 + 9, "{killed}");
    // Shown, as far as the program knows: nobody may have seen it.
    let killed = bot.begin_reset(&["--json"], Some("reset-shown"));
    let killed = killed.wait(LONG).await;
    assert_eq!(killed.code, 128 + 9, "{killed}");
    let key = string(&killed.json()["recovery_key"]);
    assert_ne!(key, old_key);
    let output = bot.reset(&["--json"]).await.expect_code(0).json();
    assert_eq!(output["verified"], true, "{output}");
    assert_eq!(output["new_identity"], true, "{output}");
    assert_eq!(output["stale_recovery"], false, "{output}");
    assert_eq!(output["recovery_key"], key);
    assert_eq!(leftovers(&bot), [""; 0]);

    let next = bot.elsewhere();
    log_in_with(&next, &old_key).await.expect_code(1);
    let output = log_in_with(&next, &key).await.expect_code(0).json();
    assert_eq!(output["verified"], true, "{output}");
    assert_eq!(output["backup"], "open", "{output}");
    next.home.assert_no_secret(&[&key]);
}

#[tokio::test]
async fn a_new_identity_is_not_taken_back_and_the_wish_for_a_recovery_key_is_remembered() {
    let (bot, old_key) = lost().await;
    let synapse = shared_synapse().await;
    let master = async || {
        let keys = bot.account().await.query_keys(&bot.user_id).await;
        keys["master_keys"][&bot.user_id]["keys"].clone()
    };
    let before = master().await;
    let broken = relay(synapse.base_url(), Refuse("/room_keys/version")).await;
    bot.set("homeserver", broken);
    let renew = ["--reset-identity", "--recovery"];
    let failed = bot.reset(&renew).await.expect_code(1);
    assert!(failed.stderr.contains("again to continue"), "{failed}");
    let replaced = master().await;
    assert_ne!(replaced, before);

    bot.set("homeserver", synapse.base_url());
    let output = bot.reset(&["--json"]).await.expect_code(0).json();
    assert_eq!(master().await, replaced);
    assert_eq!(output["verified"], true, "{output}");
    assert_eq!(output["new_identity"], true, "{output}");
    assert_ne!(string(&output["recovery_key"]), old_key);
    assert_eq!(leftovers(&bot), [""; 0]);
}

#[tokio::test]
async fn a_reset_that_goes_on_replaces_no_identity_that_nobody_allowed_to_be_replaced() {
    let (bot, _) = lost().await;
    let killed = bot.begin_reset(&[], Some("reset-begin"));
    assert_eq!(killed.wait(LONG).await.code, 128 + 9);
    let password = bot.password_file();
    let renew = ["store", "reset", "--reset-identity"];
    let renew = [&renew[..], &["--password-file", &password]].concat();
    let refused = bot.home.run(&renew, "").await.expect_code(2);
    assert!(refused.stderr.contains("--yes"), "{refused}");
    let output = bot.reset(&["--json"]).await.expect_code(0).json();
    assert_eq!(output["new_identity"], false, "{output}");
}
