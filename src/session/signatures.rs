//! Whether the signatures on published keys are true, judged as any other user would.

use matrix_sdk::ruma::{CanonicalJsonObject, CanonicalJsonValue};
use matrix_sdk_base::crypto::vodozemac::{Ed25519PublicKey, Ed25519Signature};
use serde_json::Value;

use crate::{
    error::Result,
    homeserver::{Account, PublishedKeys},
};

/// How far a device can be traced to its owner: the first thing that is wrong, from the device up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chain {
    /// The device has published no keys.
    NoDeviceKeys,
    /// The device's keys are not what they claim, so that everybody ignores them.
    Device(Flaw),
    /// The owner has no cross-signing identity: no master key.
    NoIdentity,
    /// The owner's self-signing key is missing.
    NoSelfSigning,
    /// The master key does not vouch for the self-signing key.
    SelfSigning(Flaw),
    /// The self-signing key does not vouch for the device.
    Owner(Flaw),
    /// Every link holds.
    Whole,
}

/// What is wrong with a signed key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It says that it belongs to somebody or something else, or cannot be read.
    Foreign,
    /// It is not signed.
    Unsigned,
    /// It is signed, and the signature is wrong.
    BadSignature,
}

/// Asks the homeserver what it shows of a device and its owner, as another user's client does, and
/// verifies it.
///
/// # Errors
///
/// When the homeserver fails.
pub async fn owner_chain(account: &Account, user_id: &str, device_id: &str) -> Result<Chain> {
    let keys = account.published_keys(user_id, device_id).await?;
    Ok(verify_chain(&keys, user_id, device_id))
}

impl Chain {
    /// Where the chain ends, as a sentence without its full stop.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Self::Whole => "the account's identity vouches for the device",
            Self::NoDeviceKeys => "the homeserver shows no keys of the device",
            Self::Device(_) => "the device's published keys are not its own",
            Self::NoIdentity => "the account has no cross-signing identity",
            Self::NoSelfSigning => "the account's identity has no self-signing key",
            Self::SelfSigning(_) => "the account's master key does not vouch for its identity",
            Self::Owner(_) => "the account's identity does not vouch for the device",
        }
    }
}

/// Follows the signatures from a device to its owner's master key (spec, "Cross-signing").
#[must_use]
pub fn verify_chain(keys: &PublishedKeys, user_id: &str, device_id: &str) -> Chain {
    let Some(device) = &keys.device else {
        return Chain::NoDeviceKeys;
    };
    let device_keys = Signed::read(device.raw.get());
    if let Err(flaw) = own_signature(device_keys.as_ref(), user_id, device_id) {
        return Chain::Device(flaw);
    }
    let Some(master) = &keys.master else {
        return Chain::NoIdentity;
    };
    let Some(self_signing) = &keys.self_signing else {
        return Chain::NoSelfSigning;
    };
    let vouched =
        cross_signing_key(self_signing.raw.get(), user_id, "self_signing").and_then(|key| {
            cross_signing_key(master.raw.get(), user_id, "master")?;
            key.verify(user_id, &master.public, &master.public)
        });
    if let Err(flaw) = vouched {
        return Chain::SelfSigning(flaw);
    }
    let signer = &self_signing.public;
    let vouched = device_keys
        .ok_or(Flaw::Foreign)
        .and_then(|keys| keys.verify(user_id, signer, signer));
    match vouched {
        Ok(()) => Chain::Whole,
        Err(flaw) => Chain::Owner(flaw),
    }
}

/// Whether a signed one-time or fallback key is signed by the device with this public key in
/// base64 (spec, "Key algorithms": `signed_curve25519`).
#[must_use]
pub fn verify_key(user_id: &str, device_id: &str, ed25519: &str, key: &Value) -> bool {
    key["key"].is_string() && is_signed(key, user_id, device_id, ed25519)
}

/// Whether an object is signed by the device with this public key in base64.
pub(super) fn is_signed(object: &Value, user_id: &str, device_id: &str, ed25519: &str) -> bool {
    let signed = Signed::read(&object.to_string());
    signed.is_some_and(|signed| signed.verify(user_id, device_id, ed25519).is_ok())
}

/// Whether the keys of a device are its own and signed by itself.
fn own_signature(keys: Option<&Signed>, user_id: &str, device_id: &str) -> Result<(), Flaw> {
    let keys = keys.ok_or(Flaw::Foreign)?;
    if !keys.says("user_id", user_id) || !keys.says("device_id", device_id) {
        return Err(Flaw::Foreign);
    }
    let own = keys.key(&format!("ed25519:{device_id}"));
    keys.verify(user_id, device_id, own.ok_or(Flaw::Foreign)?)
}

/// Reads a cross-signing key of this user that is for this use.
fn cross_signing_key(raw: &str, user_id: &str, usage: &str) -> Result<Signed, Flaw> {
    let key = Signed::read(raw).ok_or(Flaw::Foreign)?;
    if key.says("user_id", user_id) && key.is_for(usage) {
        Ok(key)
    } else {
        Err(Flaw::Foreign)
    }
}

/// A JSON object and the signatures on it (spec, appendices: "Signing JSON").
struct Signed {
    /// The object without what is not signed.
    object: CanonicalJsonObject,
    signatures: Option<CanonicalJsonValue>,
}

impl Signed {
    fn read(json: &str) -> Option<Self> {
        let mut object: CanonicalJsonObject = serde_json::from_str(json).ok()?;
        object.remove("unsigned");
        let signatures = object.remove("signatures");
        Some(Self { object, signatures })
    }

    fn says(&self, field: &str, value: &str) -> bool {
        self.object.get(field).and_then(text) == Some(value)
    }

    fn is_for(&self, usage: &str) -> bool {
        let usages = self.object.get("usage").and_then(|value| value.as_array());
        usages.is_some_and(|usages| usages.iter().any(|value| text(value) == Some(usage)))
    }

    /// The public key of this id in it.
    fn key(&self, id: &str) -> Option<&str> {
        text(self.object.get("keys")?.as_object()?.get(id)?)
    }

    /// Whether the Ed25519 key of this name and value has signed it for this user.
    fn verify(&self, user_id: &str, name: &str, public: &str) -> Result<(), Flaw> {
        let signature = self
            .signature(user_id, &format!("ed25519:{name}"))
            .ok_or(Flaw::Unsigned)?;
        let public = Ed25519PublicKey::from_base64(public).map_err(|_| Flaw::BadSignature)?;
        let signature = text(signature)
            .and_then(|signature| Ed25519Signature::from_base64(signature).ok())
            .ok_or(Flaw::BadSignature)?;
        let message = CanonicalJsonValue::Object(self.object.clone()).to_string();
        public
            .verify(message.as_bytes(), &signature)
            .map_err(|_| Flaw::BadSignature)
    }

    fn signature(&self, user_id: &str, key_id: &str) -> Option<&CanonicalJsonValue> {
        let by_user = self.signatures.as_ref()?.as_object()?;
        by_user.get(user_id)?.as_object()?.get(key_id)
    }
}

fn text(value: &CanonicalJsonValue) -> Option<&str> {
    value.as_str()
}

#[cfg(test)]
mod tests {
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
}
