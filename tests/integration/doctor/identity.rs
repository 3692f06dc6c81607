//! `e2ee.*`: signatures from the account's master key down to the device, and recovery.

use matrix_sdk_base::crypto::vodozemac::Ed25519SecretKey;
use nanobot::testing::session::Session;
use reqwest::Method;
use serde_json::{Value, json};

use super::examined::examine;
use super::scene::{Change, assert_well_but, commands, configure, configure_as, credentials};
use crate::harness::account::{Bot, PASSWORD, http_person};
use crate::harness::bot::{Gateway, Home};
use crate::harness::eventually::PATIENCE;
use crate::harness::http_person::HttpPerson;
use crate::harness::relay::relay;
use crate::harness::shared::shared_synapse;

/// A cross-signing identity of somebody's own making.
struct Identity {
    user_id: String,
    master: Ed25519SecretKey,
    self_signing: Ed25519SecretKey,
}

impl Identity {
    fn new(user_id: &str) -> Self {
        Self {
            user_id: user_id.to_owned(),
            master: Ed25519SecretKey::new(),
            self_signing: Ed25519SecretKey::new(),
        }
    }

    fn key(&self, usage: &str, key: &Ed25519SecretKey) -> Value {
        let public = key.public_key().to_base64();
        let id = format!("ed25519:{public}");
        json!({"user_id": self.user_id, "usage": [usage], "keys": {id: public}})
    }

    fn sign(&self, mut object: Value, key: &Ed25519SecretKey) -> Value {
        let mut signed = object.clone();
        let members = signed.as_object_mut().unwrap();
        members.remove("signatures");
        members.remove("unsigned");
        // Sorted, and without white space: canonical.
        let signature = key.sign(signed.to_string().as_bytes()).to_base64();
        let id = format!("ed25519:{}", key.public_key().to_base64());
        object["signatures"][&self.user_id][id] = json!(signature);
        object
    }

    fn keys(&self) -> Value {
        let self_signing = self.key("self_signing", &self.self_signing);
        json!({
            "master_key": self.key("master", &self.master),
            "self_signing_key": self.sign(self_signing, &self.master),
        })
    }

    /// Vouches for a device.
    async fn sign_device(&self, account: &HttpPerson, device_id: &str) {
        let device = account.device_keys(&self.user_id, device_id).await.unwrap();
        let device = self.sign(device, &self.self_signing);
        let body = json!({&self.user_id: {device_id: device}});
        let path = ["v3", "keys", "signatures", "upload"];
        let answer = account.call(Method::POST, &path, Some(&body)).await;
        assert_eq!(answer["failures"], json!({}), "{answer}");
    }
}

/// Gives an account these cross-signing keys instead of those it has, as a client does that sets
/// the identity up anew.
async fn replace_identity(account: &HttpPerson, mut keys: Value) {
    let path = ["v3", "keys", "device_signing", "upload"];
    let asked = account.try_call(Method::POST, &path, Some(&keys)).await;
    let session = asked.unwrap_err().body["session"].clone();
    keys["auth"] = json!({
        "type": "m.login.password", "session": session, "password": PASSWORD,
        "identifier": {"type": "m.id.user", "user": account.user_id()},
    });
    account.call(Method::POST, &path, Some(&keys)).await;
}

#[tokio::test]
async fn a_device_that_has_not_signed_its_keys_is_found() {
    let synapse = shared_synapse().await;
    let url = synapse.base_url();
    for (signature, words) in [
        (None, "are not signed by the device"),
        (
            Some("A".repeat(86)),
            "have an invalid signature of the device",
        ),
    ] {
        let home = Home::new();
        let account = http_person(synapse, "bot").await;
        configure_as(&home, &url, &account);
        let store = home.path().join("matrix-store");
        let session = Session::open(&credentials(&url, &account), &store).await;
        let session = session.unwrap();
        let ours = session.keys().await.unwrap();
        session.settle().await;
        drop(session);
        let (user, device) = (account.user_id(), account.device_id());
        let (ed25519, curve25519) = (format!("ed25519:{device}"), format!("curve25519:{device}"));
        let mut keys = json!({
            "user_id": user, "device_id": device,
            "algorithms": ["m.olm.v1.curve25519-aes-sha2", "m.megolm.v1.aes-sha2"],
            "keys": {&ed25519: ours.ed25519, curve25519: ours.curve25519},
            "signatures": {},
        });
        if let Some(signature) = signature {
            keys["signatures"][user][&ed25519] = json!(signature);
        }
        let (path, body) = (["v3", "keys", "upload"], json!({"device_keys": keys}));
        account.call(Method::POST, &path, Some(&body)).await;

        let examined = examine(
            &home,
            &["--only", "e2ee.signature,e2ee.identity,e2ee.verified"],
        )
        .await;
        examined
            .expect("e2ee.signature", "fail", words)
            .expect_failed(&["e2ee.signature"])
            .expect_skipped("e2ee.identity", &["e2ee.signature"])
            .expect_skipped("e2ee.verified", &["e2ee.signature"]);
        let remedy = commands(&examined, "e2ee.signature");
        assert_eq!(remedy, ["nanobot store reset --force"]);
    }
}

#[tokio::test]
async fn an_account_without_an_identity_gets_one_by_a_login() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    let (url, user) = (synapse.base_url(), bot.user_id.as_str());
    let client = HttpPerson::login(&url, user, PASSWORD).await;
    let (token, device) = (client.access_token(), client.device_id());
    configure(&bot.home, &url, token, user, device);
    let gateway = Gateway::connected(&bot.home, &[]).await;
    gateway.expect_line("E2EE enabled", PATIENCE).await;
    let examined = examine(&bot.home, &[]).await;
    examined
        .expect("e2ee.identity", "warn", "no cross-signing identity")
        .expect_failed(&[]);
    assert_eq!(commands(&examined, "e2ee.identity"), ["nanobot login"]);
    assert_eq!(examined.row("e2ee.verified")["status"], "skip");
    assert_eq!(gateway.terminate().await, 0);

    bot.log_in(&[]).await.expect_code(0);
    assert_eq!(bot.device_id(), device);
    let examined = examine(&bot.home, &["--only", "e2ee"]).await;
    assert_eq!(examined.ids("warn"), [""; 0], "{:#}", examined.report);
}

#[tokio::test]
async fn an_identity_made_anew_elsewhere_does_not_vouch_for_the_bot_until_it_is_verified() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let client = HttpPerson::login(&synapse.base_url(), &bot.user_id, PASSWORD).await;
    let identity = Identity::new(&bot.user_id);
    replace_identity(&client, identity.keys()).await;
    let all = examine(&bot.home, &[]).await;
    all.expect("e2ee.verified", "warn", "is not verified by its account")
        .expect_failed(&[]);
    // What to do does not depend on what else is asked.
    let alone = examine(&bot.home, &["--only", "e2ee.verified"]).await;
    assert_eq!(
        commands(&alone, "e2ee.verified"),
        commands(&all, "e2ee.verified")
    );

    identity.sign_device(&client, &bot.device_id()).await;
    assert_well_but(&examine(&bot.home, &[]).await, &[]);
}

#[tokio::test]
async fn half_an_identity_is_none() {
    let synapse = shared_synapse().await;
    let bot = Bot::registered(synapse).await;
    let (url, user) = (synapse.base_url(), bot.user_id.as_str());
    let account = HttpPerson::login(&url, user, PASSWORD).await;
    configure_as(&bot.home, &url, &account);
    let mut keys = Identity::new(user).keys();
    keys.as_object_mut().unwrap().remove("self_signing_key");
    let path = ["v3", "keys", "device_signing", "upload"];
    account.call(Method::POST, &path, Some(&keys)).await;
    let gateway = Gateway::connected(&bot.home, &[]).await;
    gateway.expect_line("E2EE enabled", PATIENCE).await;
    let examined = examine(&bot.home, &[]).await;
    examined
        .expect("e2ee.identity", "warn", "has no self-signing key")
        .expect_failed(&[]);
    let fix = ["nanobot login --reset-identity --recovery"];
    assert_eq!(commands(&examined, "e2ee.identity"), fix);
    assert_eq!(gateway.terminate().await, 0);

    let login = ["--reset-identity", "--recovery", "--yes"];
    bot.log_in(&login).await.expect_code(0);
    let examined = examine(&bot.home, &["--only", "e2ee"]).await;
    assert_eq!(examined.ids("warn"), [""; 0], "{:#}", examined.report);
}

/// A homeserver checks what it is given, so only a broken one can show such keys.
#[tokio::test]
async fn false_signatures_of_the_owner_are_found() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let falsify_self_signing = |answer: &mut Value| {
        for key in answer["self_signing_keys"]
            .as_object_mut()
            .unwrap()
            .values_mut()
        {
            falsify(key, |_| true);
        }
    };
    let falsify_device = |answer: &mut Value| {
        for devices in answer["device_keys"].as_object_mut().unwrap().values_mut() {
            for (id, keys) in devices.as_object_mut().unwrap() {
                let own = format!("ed25519:{id}");
                falsify(keys, |signer| signer != own);
            }
        }
    };
    let path = "/keys/query";
    let examined = async |change: fn(&mut Value)| {
        let url = relay(synapse.base_url(), Change { path, change }).await;
        bot.set("homeserver", url);
        examine(&bot.home, &[]).await
    };
    examined(falsify_self_signing)
        .await
        .expect(
            "e2ee.identity",
            "fail",
            "has not signed its self-signing key",
        )
        .expect_failed(&["e2ee.identity"])
        .expect_skipped("e2ee.verified", &["e2ee.identity"]);
    examined(falsify_device)
        .await
        .expect("e2ee.verified", "fail", "on this device is invalid")
        .expect_failed(&["e2ee.verified"]);
}

/// Makes signatures by some keys false.
fn falsify(object: &mut Value, is_meant: impl Fn(&str) -> bool) {
    for signatures in object["signatures"].as_object_mut().unwrap().values_mut() {
        for (signer, signature) in signatures.as_object_mut().unwrap() {
            if is_meant(signer) {
                *signature = json!("A".repeat(86));
            }
        }
    }
}

#[tokio::test]
async fn half_of_what_recovery_takes_is_told() {
    let synapse = shared_synapse().await;
    let bot = Bot::new(synapse).await;
    let account = bot.account().await;
    let data = [
        "v3",
        "user",
        &bot.user_id,
        "account_data",
        "m.secret_storage.default_key",
    ];
    let key = json!({"key": "one"});
    account.call(Method::PUT, &data, Some(&key)).await;
    examine(&bot.home, &[])
        .await
        .expect("e2ee.recovery", "warn", "no backup of room keys")
        .expect_failed(&[]);

    let backup = json!({
        "algorithm": "m.megolm_backup.v1.curve25519-aes-sha2",
        "auth_data": {"public_key": "A".repeat(43), "signatures": {}},
    });
    let versions = ["v3", "room_keys", "version"];
    account.call(Method::POST, &versions, Some(&backup)).await;
    let examined = examine(&bot.home, &[]).await;
    assert_eq!(examined.row("e2ee.recovery")["status"], "pass");

    account.call(Method::PUT, &data, Some(&json!({}))).await;
    examine(&bot.home, &[])
        .await
        .expect("e2ee.recovery", "warn", "no recovery key for it")
        .expect_failed(&[]);
}
