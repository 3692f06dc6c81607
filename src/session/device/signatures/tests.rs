use matrix_sdk::ruma::CanonicalJsonObject;
use matrix_sdk_base::crypto::vodozemac::{Ed25519SecretKey, olm::Account};
use serde_json::json;

use super::*;
use crate::homeserver::PublishedKeys;

const USER: &str = "@bot:example.org";
const DEVICE: &str = "DEV";

/// An identity and a device, with which the same keys can be signed anew.
struct Owner {
    master: Ed25519SecretKey,
    self_signing: Ed25519SecretKey,
    device: Account,
}

fn canonical(object: &Value) -> String {
    let mut object: CanonicalJsonObject = serde_json::from_value(object.clone()).unwrap();
    object.remove("signatures");
    object.remove("unsigned");
    serde_json::to_string(&object).unwrap()
}

impl Owner {
    fn new() -> Self {
        Self {
            master: Ed25519SecretKey::new(),
            self_signing: Ed25519SecretKey::new(),
            device: Account::new(),
        }
    }

    fn cross_signing_key(usage: &str, key: &Ed25519SecretKey) -> Value {
        let public = key.public_key().to_base64();
        json!({ "user_id": USER, "usage": [usage], "keys": { format!("ed25519:{public}"): public } })
    }

    /// The answer of `/keys/query` for them.
    fn published(&self) -> Value {
        let master = Self::cross_signing_key("master", &self.master);
        let mut self_signing = Self::cross_signing_key("self_signing", &self.self_signing);
        sign(&mut self_signing, &self.master);
        let mut device = json!({
            "user_id": USER, "device_id": DEVICE,
            "algorithms": ["m.olm.v1.curve25519-aes-sha2", "m.megolm.v1.aes-sha2"],
            "keys": {
                format!("ed25519:{DEVICE}"): self.device.ed25519_key().to_base64(),
                format!("curve25519:{DEVICE}"): self.device.curve25519_key().to_base64(),
            },
            "unsigned": { "device_display_name": "nanobot" },
        });
        let signature = self.device.sign(canonical(&device)).to_base64();
        device["signatures"] = json!({ USER: { format!("ed25519:{DEVICE}"): signature } });
        sign(&mut device, &self.self_signing);
        json!({
            "device_keys": { USER: { DEVICE: device } },
            "master_keys": { USER: master },
            "self_signing_keys": { USER: self_signing },
        })
    }
}

fn sign(object: &mut Value, key: &Ed25519SecretKey) {
    let signature = key.sign(canonical(object).as_bytes()).to_base64();
    let id = format!("ed25519:{}", key.public_key().to_base64());
    object["signatures"][USER][id] = json!(signature);
}

fn chain(answer: &Value) -> Chain {
    let keys = PublishedKeys::from_answer(answer.to_string().as_bytes(), USER, DEVICE);
    verify_chain(&keys.unwrap(), USER, DEVICE)
}

const DEVICE_AT: &str = "/device_keys/@bot:example.org/DEV";
const MASTER_AT: &str = "/master_keys/@bot:example.org";
const SELF_SIGNING_AT: &str = "/self_signing_keys/@bot:example.org";

fn at<'a>(answer: &'a mut Value, path: &str) -> &'a mut Value {
    answer.pointer_mut(path).unwrap()
}

/// The chain after this was done to the object at this place.
fn after(place: &str, change: impl FnOnce(&Owner, &mut Value)) -> Chain {
    let owner = Owner::new();
    let mut answer = owner.published();
    change(&owner, at(&mut answer, place));
    chain(&answer)
}

fn signatures(object: &mut Value) -> &mut serde_json::Map<String, Value> {
    object["signatures"][USER].as_object_mut().unwrap()
}

fn key_id(key: &Ed25519SecretKey) -> String {
    format!("ed25519:{}", key.public_key().to_base64())
}

#[test]
fn a_whole_chain_is_whole_whatever_is_unsigned() {
    assert_eq!(chain(&Owner::new().published()), Chain::Whole);
    let changed = after(DEVICE_AT, |_, device| {
        device["unsigned"] = json!({ "x": 1 });
    });
    assert_eq!(changed, Chain::Whole);
}

#[test]
fn what_is_not_there_is_named() {
    assert_eq!(chain(&json!({})), Chain::NoDeviceKeys);
    for (part, expected) in [
        ("master_keys", Chain::NoIdentity),
        ("self_signing_keys", Chain::NoSelfSigning),
    ] {
        let mut answer = Owner::new().published();
        answer[part] = json!({});
        assert_eq!(chain(&answer), expected);
    }
}

#[test]
fn an_absent_signature_is_told_from_a_wrong_one_at_every_link() {
    let own = || format!("ed25519:{DEVICE}");
    let by_master = |owner: &Owner| key_id(&owner.master);
    let by_self_signing = |owner: &Owner| key_id(&owner.self_signing);
    let wrong = |owner: &Owner| json!(owner.device.sign("something else").to_base64());

    for (broken, flaw) in [(false, Flaw::Unsigned), (true, Flaw::BadSignature)] {
        let spoil = |owner: &Owner, object: &mut Value, id: String| {
            signatures(object).remove(&id).unwrap();
            if broken {
                signatures(object).insert(id, wrong(owner));
            }
        };
        let device = after(DEVICE_AT, |owner, object| spoil(owner, object, own()));
        assert_eq!(device, Chain::Device(flaw));
        let self_signing = after(SELF_SIGNING_AT, |owner, object| {
            spoil(owner, object, by_master(owner));
        });
        assert_eq!(self_signing, Chain::SelfSigning(flaw));
        let vouched = after(DEVICE_AT, |owner, object| {
            spoil(owner, object, by_self_signing(owner));
        });
        assert_eq!(vouched, Chain::Owner(flaw));
    }
}

#[test]
fn a_signature_that_is_none_is_wrong_and_not_absent() {
    for nonsense in [json!(""), json!("AAAA"), json!(7), Value::Null] {
        let spoilt = after(DEVICE_AT, |owner, device| {
            signatures(device).insert(key_id(&owner.self_signing), nonsense);
        });
        assert_eq!(spoilt, Chain::Owner(Flaw::BadSignature));
    }
}

#[test]
fn what_was_changed_after_signing_is_noticed() {
    let changed = after(DEVICE_AT, |_, device| device["algorithms"] = json!([]));
    assert_eq!(changed, Chain::Device(Flaw::BadSignature));
    let changed = after(SELF_SIGNING_AT, |_, key| key["x"] = json!(1));
    assert_eq!(changed, Chain::SelfSigning(Flaw::BadSignature));
    // The device signs itself anew, as a new set of keys under an old id does.
    let changed = after(DEVICE_AT, |_, device| {
        let thief = Account::new();
        let own = format!("ed25519:{DEVICE}");
        device["keys"][&own] = json!(thief.ed25519_key().to_base64());
        let signature = thief.sign(canonical(device)).to_base64();
        signatures(device).insert(own, json!(signature));
    });
    assert_eq!(changed, Chain::Owner(Flaw::BadSignature));
}

#[test]
fn an_identity_that_was_replaced_vouches_for_nobody() {
    let (old, new) = (Owner::new().published(), Owner::new().published());
    let mut master = old.clone();
    *at(&mut master, MASTER_AT) = new.pointer(MASTER_AT).unwrap().clone();
    assert_eq!(chain(&master), Chain::SelfSigning(Flaw::Unsigned));
    *at(&mut master, SELF_SIGNING_AT) = new.pointer(SELF_SIGNING_AT).unwrap().clone();
    assert_eq!(chain(&master), Chain::Owner(Flaw::Unsigned));
}

#[test]
fn keys_of_others_do_not_count() {
    for field in ["user_id", "device_id"] {
        let foreign = after(DEVICE_AT, |_, device| device[field] = json!("@eve:h"));
        assert_eq!(foreign, Chain::Device(Flaw::Foreign), "{field}");
    }
    for place in [SELF_SIGNING_AT, MASTER_AT] {
        for (field, value) in [
            ("user_id", json!("@eve:h")),
            ("usage", json!(["user_signing"])),
        ] {
            let foreign = after(place, |_, key| key[field] = value);
            assert_eq!(
                foreign,
                Chain::SelfSigning(Flaw::Foreign),
                "{place} {field}"
            );
        }
    }
}

#[test]
fn a_one_time_key_is_signed_by_its_device() {
    let mut account = Account::new();
    account.generate_one_time_keys(1);
    let public = account.one_time_keys().into_values().next().unwrap();
    let mut key = json!({ "key": public.to_base64(), "fallback": true });
    let signature = account.sign(canonical(&key)).to_base64();
    key["signatures"] = json!({ USER: { format!("ed25519:{DEVICE}"): signature } });
    let ed25519 = account.ed25519_key().to_base64();
    assert!(verify_key(USER, DEVICE, &ed25519, &key));

    let other = Account::new().ed25519_key().to_base64();
    assert!(!verify_key(USER, DEVICE, &other, &key));
    assert!(!verify_key(USER, "OTHER", &ed25519, &key));
    assert!(!verify_key("@eve:h", DEVICE, &ed25519, &key));
    for (field, value) in [
        ("key", json!(other)),
        ("fallback", json!(false)),
        ("key", Value::Null),
    ] {
        let mut changed = key.clone();
        changed[field] = value;
        assert!(!verify_key(USER, DEVICE, &ed25519, &changed), "{field}");
    }
    assert!(!verify_key(USER, DEVICE, &ed25519, &json!("text")));
}
