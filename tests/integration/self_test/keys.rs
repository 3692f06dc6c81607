//! One-time keys that are not what they should be.

use std::fs;
use std::path::Path;
use std::time::Duration;

use nanobot::testing::error::Kind;
use nanobot::testing::ipc::{SelfTest, TestOutcome};
use reqwest::Method;
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};

use super::scene::{Device, LIMIT, assert_passed, failure};
use crate::harness::http_person::HttpPerson;
use crate::harness::room::RoomSpec;
use crate::harness::shared::shared_synapse;

const FRESH_DEVICE: &str =
    "stop the gateway if it runs and replace the device: `nanobot store reset --force`";

/// Takes a one-time key of the device as anybody may: its id and the key.
async fn claim(anybody: &HttpPerson, device: &Device) -> (String, Value) {
    let (user, id) = (device.person.user_id(), device.person.device_id());
    let body = json!({"one_time_keys": {user: {id: "signed_curve25519"}}});
    let mut answer = anybody
        .call(Method::POST, &["v3", "keys", "claim"], Some(&body))
        .await;
    let keys = answer["one_time_keys"][user][id].take();
    let (id, key) = keys.as_object().unwrap().iter().next().unwrap();
    (id.clone(), key.clone())
}

/// Takes all one-time keys but the fallback key; returns the last.
async fn claim_all(device: &Device) -> Value {
    let mut last = Value::Null;
    for _ in 0..device.person.one_time_key_count().await {
        last = claim(&device.person, device).await.1;
    }
    assert_eq!(device.person.one_time_key_count().await, 0);
    assert_eq!(last.get("fallback"), None);
    last
}

async fn upload(device: &Device, id: &str, key: &Value) {
    let body = json!({"one_time_keys": {format!("signed_curve25519:{id}"): key}});
    device
        .person
        .call(Method::POST, &["v3", "keys", "upload"], Some(&body))
        .await;
}

/// The test without syncs, which would replace the keys; so its round trip cannot succeed.
async fn test(device: &Device) -> TestOutcome {
    let session = device.open().await;
    let tester = session.self_tester(true);
    let SelfTest { one_time_key, .. } = tester.run(Duration::from_secs(2)).await;
    session.settle().await;
    one_time_key
}

/// The device's private keys as they lie in the store.
fn account_row(store: &Path) -> Vec<u8> {
    let path = store.join("matrix-sdk-crypto.sqlite3");
    let database = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let query = "SELECT value FROM kv WHERE key = 'account'";
    database.query_row(query, [], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn the_device_itself_does_not_notice() {
    let device = Device::new(shared_synapse().await).await;
    let before = account_row(&device.store());
    for left in [49, 48] {
        assert_passed(&test(&device).await);
        assert_eq!(device.person.one_time_key_count().await, left);
    }
    assert_eq!(account_row(&device.store()), before);
}

#[tokio::test]
async fn a_supply_that_is_used_up_is_a_warning() {
    let device = Device::new(shared_synapse().await).await;
    claim_all(&device).await;
    let TestOutcome::Passed { warning, .. } = test(&device).await else {
        panic!("a fallback key is a key");
    };
    assert!(warning.unwrap().contains("run out of one-time keys"));
}

#[tokio::test]
async fn a_key_with_a_damaged_signature_is_found() {
    let device = Device::new(shared_synapse().await).await;
    let good = claim_all(&device).await;
    let (user, id) = (device.person.user_id(), device.person.device_id());
    let mut bad = good.clone();
    let signature = &mut bad["signatures"][user][format!("ed25519:{id}")];
    let text = signature.as_str().unwrap();
    let first = if text.starts_with('A') { "B" } else { "A" };
    *signature = json!(format!("{first}{}", &text[1..]));
    upload(&device, "BAD", &bad).await;
    let (kind, words) = failure(&test(&device).await);
    assert_eq!(kind, Kind::Failure);
    assert!(words.contains("is not signed by the device"), "{words}");
    assert!(words.ends_with(FRESH_DEVICE), "{words}");

    // It is the signature: the same key passes with the right one.
    upload(&device, "GOOD", &good).await;
    assert_passed(&test(&device).await);
}

#[tokio::test]
async fn a_deleted_store_is_found_though_the_device_hears_itself() {
    let device = Device::new(shared_synapse().await).await;
    fs::remove_dir_all(device.store()).unwrap();
    let session = device.open().await;
    let test = session.self_test(true, LIMIT).await;
    let (kind, words) = failure(&test.one_time_key);
    assert_eq!(kind, Kind::Failure);
    assert!(words.contains("is not signed by the device"), "{words}");
    assert_passed(&test.round_trip);
}

#[tokio::test]
async fn a_store_from_an_older_copy_is_found_though_the_device_hears_itself() {
    let device = Device::new(shared_synapse().await).await;
    copy(&device.store(), &device.aside());
    // Life goes on: the keys are used up, and new ones published.
    claim_all(&device).await;
    let mut session = device.open().await;
    // The SDK looks at their number only when something has happened.
    device.person.create_room(&RoomSpec::group(&[])).await;
    device.step_until_keys(&mut session, 50).await;
    session.settle().await;
    drop(session);
    fs::remove_dir_all(device.store()).unwrap();
    copy(&device.aside(), &device.store());

    let session = device.open().await;
    let test = session.self_test(true, LIMIT).await;
    let (_, words) = failure(&test.one_time_key);
    assert!(words.contains("lacks the private half"), "{words}");
    assert!(words.ends_with(FRESH_DEVICE), "{words}");
    assert_passed(&test.round_trip);
}

#[tokio::test]
async fn a_device_without_keys_is_found() {
    let device = Device::unused(shared_synapse().await).await;
    let (_, words) = failure(&test(&device).await);
    assert!(words.contains("has no one-time key"), "{words}");
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}
