//! A backup of room keys that is missing, where the account has a recovery key.

use reqwest::Method;
use serde_json::{Value, json};

use super::{backup, log_in_with_key, log_in_with_recovery, put_data};
use crate::harness::account::Bot;
use crate::harness::http_person::{HttpPerson, string};
use crate::harness::shared::shared_synapse;

/// Leaves the account without a backup, as a client does that was told to delete it.
async fn delete_backup(account: &HttpPerson) {
    let version = string(&backup(account).await.unwrap()["version"]);
    let path = ["v3", "room_keys", "version", &version];
    account.call(Method::DELETE, &path, None).await;
    put_data(account, "m.megolm_backup.v1", &json!({"encrypted": {}})).await;
    assert!(backup(account).await.is_none());
}

#[tokio::test]
async fn a_backup_that_is_missing_is_made_unless_it_was_switched_off() {
    let synapse = shared_synapse().await;
    let owner = Bot::registered(synapse).await;
    let key = log_in_with_recovery(&owner).await;
    let account = owner.account().await;
    delete_backup(&account).await;
    let bot = owner.elsewhere();
    bot.log_in(&[]).await.expect_code(0);
    let verify = ["verify", "recovery", "--key-stdin", "--json"];

    // Another client says so in one way or the other.
    let switched = async |kind: &str, content: Value| {
        put_data(&account, kind, &content).await;
        let output = bot.home.run(&verify, &key).await.expect_code(0).json();
        assert_eq!(output["backup"], "off", "{kind}");
        assert!(backup(&account).await.is_none(), "{kind}");
    };
    let (old, new) = ("m.org.matrix.custom.backup_disabled", "m.key_backup");
    put_data(&account, new, &json!({})).await;
    switched(old, json!({"disabled": true})).await;
    switched(new, json!({"enabled": false})).await;

    put_data(&account, new, &json!({"enabled": true})).await;
    let output = bot.home.run(&verify, &key).await.expect_code(0).json();
    assert_eq!(output["backup"], "created");
    let made = backup(&account).await.unwrap();
    assert!(made["auth_data"]["public_key"].is_string(), "{made}");
    // Its key is in the secret storage, under the key that opens it.
    let data = async |kind: &str| {
        let path = ["v3", "user", account.user_id(), "account_data", kind];
        account.call(Method::GET, &path, None).await
    };
    let id = string(&data("m.secret_storage.default_key").await["key"]);
    let stored = &data("m.megolm_backup.v1").await["encrypted"][id];
    assert!(stored["ciphertext"].is_string(), "{stored}");

    let next = owner.elsewhere();
    let output = log_in_with_key(&next, &key, &["--json"]).await;
    assert_eq!(output.expect_code(0).json()["backup"], "open");
    assert_eq!(backup(&account).await.unwrap()["version"], made["version"]);

    // So does a login, and a doctor knows.
    delete_backup(&account).await;
    let doctor = ["doctor", "--json", "--only", "e2ee.recovery"];
    let row = bot.home.run(&doctor, "").await.json()["checks"][0].clone();
    assert_eq!(row["status"], "warn", "{row}");
    assert_eq!(
        row["remedy"]["commands"],
        json!(["nanobot verify recovery"])
    );
    let output = log_in_with_key(&next, &key, &["--json"]).await;
    assert_eq!(output.expect_code(0).json()["backup"], "created");
    assert!(backup(&account).await.is_some());
    next.home.assert_no_secret(&[&key]);
}
