//! The keys a homeserver publishes for a device and its owner.
//!
//! Signatures are read here, not verified: that one is present says what a server shows to others,
//! not that it is true.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

/// Signatures on an object: user id → key id → signature (spec, "Signing JSON").
pub type Signatures = BTreeMap<String, BTreeMap<String, String>>;

/// What others see of a device and its owner.
#[derive(Clone, Debug)]
pub struct PublishedKeys {
    /// The device's own keys; `None` when it has published none.
    pub device: Option<DeviceKeys>,
    /// The owner's master key.
    pub master: Option<CrossSigningKey>,
    /// The owner's self-signing key.
    pub self_signing: Option<CrossSigningKey>,
    user_id: String,
}

/// The identity keys of a device (spec, "Device keys").
#[derive(Clone, Debug)]
pub struct DeviceKeys {
    /// The public Ed25519 key in unpadded base64, its fingerprint; `None` in a broken upload.
    pub ed25519: Option<String>,
    /// The public Curve25519 key in unpadded base64; `None` in a broken upload.
    pub curve25519: Option<String>,
    /// The encryption algorithms it speaks.
    pub algorithms: Vec<String>,
    /// The signatures on it, not verified.
    pub signatures: Signatures,
    /// The object as the server sent it, for verifying.
    pub raw: Box<RawValue>,
}

/// A public cross-signing key (spec, "Cross-signing").
#[derive(Clone, Debug)]
pub struct CrossSigningKey {
    /// The public Ed25519 key in unpadded base64, which is also its key id.
    pub public: String,
    /// The signatures on it, not verified.
    pub signatures: Signatures,
    /// The object as the server sent it, for verifying.
    pub raw: Box<RawValue>,
}

impl PublishedKeys {
    /// What an answer of `/keys/query` says of a device and its owner.
    ///
    /// # Errors
    ///
    /// For what is no such answer.
    pub fn from_answer(json: &[u8], user_id: &str, device_id: &str) -> serde_json::Result<Self> {
        let answer: Answer = serde_json::from_slice(json)?;
        Ok(answer.select(user_id, device_id))
    }

    /// Whether the device names a signature by the owner's self-signing key. Not verified.
    #[must_use]
    pub fn device_names_self_signing(&self) -> bool {
        match (&self.device, &self.self_signing) {
            (Some(device), Some(key)) => self.names(&device.signatures, key),
            _ => false,
        }
    }

    /// Whether the self-signing key names a signature by the master key. Not verified.
    #[must_use]
    pub fn self_signing_names_master(&self) -> bool {
        match (&self.self_signing, &self.master) {
            (Some(signed), Some(key)) => self.names(&signed.signatures, key),
            _ => false,
        }
    }

    fn names(&self, signatures: &Signatures, key: &CrossSigningKey) -> bool {
        signatures
            .get(&self.user_id)
            .is_some_and(|by| by.contains_key(&format!("ed25519:{}", key.public)))
    }
}

/// The answer of `/keys/query`.
#[derive(Deserialize)]
pub(super) struct Answer {
    #[serde(default, rename = "device_keys")]
    devices: BTreeMap<String, BTreeMap<String, Box<RawValue>>>,
    #[serde(default, rename = "master_keys")]
    masters: BTreeMap<String, Box<RawValue>>,
    #[serde(default, rename = "self_signing_keys")]
    self_signing: BTreeMap<String, Box<RawValue>>,
}

/// The algorithm of the one-time keys that Olm sessions begin with
/// (spec, "One-time and fallback keys").
pub(super) const ONE_TIME_KEY: &str = "signed_curve25519";

/// The answer of `/keys/claim`.
#[derive(Deserialize)]
pub(super) struct Claimed {
    one_time_keys: BTreeMap<String, BTreeMap<String, BTreeMap<String, Box<RawValue>>>>,
}

impl Claimed {
    /// The key of one device: the object that is signed. A key of another algorithm is none.
    pub(super) fn select(mut self, user_id: &str, device_id: &str) -> Option<Box<RawValue>> {
        let keys = self.one_time_keys.get_mut(user_id)?.remove(device_id)?;
        keys.into_iter().find_map(|(id, key)| {
            let (algorithm, _) = id.split_once(':')?;
            (algorithm == ONE_TIME_KEY).then_some(key)
        })
    }
}

/// The parts that device keys and cross-signing keys share.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Object {
    algorithms: Vec<String>,
    keys: BTreeMap<String, String>,
    signatures: Signatures,
}

/// More devices of one account are not looked at.
const MOST_DEVICES: usize = 200;

impl Answer {
    /// What it says about one device and its owner.
    pub(super) fn select(mut self, user_id: &str, device_id: &str) -> PublishedKeys {
        let device = self
            .devices
            .get_mut(user_id)
            .and_then(|devices| devices.remove(device_id));
        PublishedKeys {
            device: device.map(|raw| device_keys(raw, device_id)),
            ..self.owner(user_id)
        }
    }

    /// What it says about each device of a user, by its id, and about the user.
    pub(super) fn select_all(mut self, user_id: &str) -> BTreeMap<String, PublishedKeys> {
        let devices = self.devices.remove(user_id).unwrap_or_default();
        let owner = self.owner(user_id);
        let devices = devices.into_iter().take(MOST_DEVICES);
        devices
            .map(|(device_id, raw)| {
                let keys = PublishedKeys {
                    device: Some(device_keys(raw, &device_id)),
                    ..owner.clone()
                };
                (device_id, keys)
            })
            .collect()
    }

    fn owner(&mut self, user_id: &str) -> PublishedKeys {
        PublishedKeys {
            device: None,
            master: self.masters.remove(user_id).and_then(cross_signing_key),
            self_signing: self
                .self_signing
                .remove(user_id)
                .and_then(cross_signing_key),
            user_id: user_id.to_owned(),
        }
    }
}

fn device_keys(raw: Box<RawValue>, device_id: &str) -> DeviceKeys {
    let mut object = read(&raw);
    DeviceKeys {
        ed25519: object.keys.remove(&format!("ed25519:{device_id}")),
        curve25519: object.keys.remove(&format!("curve25519:{device_id}")),
        algorithms: object.algorithms,
        signatures: object.signatures,
        raw,
    }
}

fn cross_signing_key(raw: Box<RawValue>) -> Option<CrossSigningKey> {
    let object = read(&raw);
    let public = object
        .keys
        .into_iter()
        .find_map(|(id, key)| (id.strip_prefix("ed25519:")? == key).then_some(key))?;
    Some(CrossSigningKey {
        public,
        signatures: object.signatures,
        raw,
    })
}

/// Servers keep whatever a client uploads: an object of another shape has no keys that count.
fn read(raw: &RawValue) -> Object {
    serde_json::from_str(raw.get()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = r#"{
        "device_keys": {"@bot:h": {"DEV": {
            "algorithms": ["m.olm.v1.curve25519-aes-sha2"],
            "keys": {"ed25519:DEV": "fingerprint", "curve25519:DEV": "identity"},
            "signatures": {"@bot:h": {"ed25519:DEV": "s", "ed25519:selfkey": "s"}}}}},
        "master_keys": {"@bot:h": {"keys": {"ed25519:masterkey": "masterkey"}, "usage": ["master"]}},
        "self_signing_keys": {"@bot:h": {"keys": {"ed25519:selfkey": "selfkey"},
            "signatures": {"@bot:h": {"ed25519:masterkey": "s"}}}},
        "failures": {}}"#;

    fn select(answer: &str) -> PublishedKeys {
        PublishedKeys::from_answer(answer.as_bytes(), "@bot:h", "DEV").unwrap()
    }

    #[test]
    fn a_cross_signed_device_is_read_whole() {
        let keys = select(ANSWER);
        assert!(keys.device_names_self_signing() && keys.self_signing_names_master());
        let device = keys.device.unwrap();
        assert_eq!(device.ed25519.as_deref(), Some("fingerprint"));
        assert_eq!(device.curve25519.as_deref(), Some("identity"));
        assert!(device.raw.get().contains("fingerprint"));
        assert_eq!(keys.master.unwrap().public, "masterkey");
    }

    #[test]
    fn signatures_by_other_keys_or_users_do_not_count() {
        let other_key = select(&ANSWER.replace("ed25519:selfkey\": \"s\"", "ed25519:old\": \"s\""));
        assert!(!other_key.device_names_self_signing());
        let other_user = select(&ANSWER.replace(
            r#""signatures": {"@bot:h": {"ed25519:DEV""#,
            r#""signatures": {"@eve:h": {"ed25519:DEV""#,
        ));
        assert!(!other_user.device_names_self_signing());
    }

    #[test]
    fn absent_and_broken_keys_are_none() {
        let none = select("{}");
        assert!(none.device.is_none() && none.master.is_none());
        assert!(!none.device_names_self_signing());
        let broken = select(r#"{"device_keys":{"@bot:h":{"DEV":{"keys":7}}}}"#);
        assert_eq!(broken.device.unwrap().ed25519, None);
    }
}
