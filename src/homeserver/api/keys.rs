//! The keys a homeserver publishes for a device and its owner.
//!
//! Signatures are not looked at here: that one is present says what a server shows to others, not
//! that it is true.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};

use super::account::Account;
use crate::homeserver::transport::{Call, Reply, Result};

/// The algorithm of the one-time keys that Olm sessions begin with
/// (spec, "One-time and fallback keys").
const ONE_TIME_KEY: &str = "signed_curve25519";
/// More devices of one account are not looked at.
const MOST_DEVICES: usize = 200;

/// What others see of a device and its owner.
#[derive(Clone, Debug)]
pub struct PublishedKeys {
    /// The device's own keys; `None` when it has published none.
    pub device: Option<DeviceKeys>,
    /// The owner's master key.
    pub master: Option<CrossSigningKey>,
    /// The owner's self-signing key.
    pub self_signing: Option<CrossSigningKey>,
}

/// The identity keys of a device (spec, "Device keys").
#[derive(Clone, Debug)]
pub struct DeviceKeys {
    /// The public Ed25519 key in unpadded base64, its fingerprint; `None` in a broken upload.
    pub ed25519: Option<String>,
    /// The public Curve25519 key in unpadded base64; `None` in a broken upload.
    pub curve25519: Option<String>,
    /// The object as the server sent it, for verifying.
    pub raw: Box<RawValue>,
}

/// A public cross-signing key (spec, "Cross-signing").
#[derive(Clone, Debug)]
pub struct CrossSigningKey {
    /// The public Ed25519 key in unpadded base64, which is also its key id.
    pub public: String,
    /// The object as the server sent it, for verifying.
    pub raw: Box<RawValue>,
}

impl Account {
    /// The keys that others see of a device and of its owner
    /// (spec, "POST /_matrix/client/v3/keys/query").
    ///
    /// # Errors
    ///
    /// What any call may meet.
    pub async fn published_keys(&self, user_id: &str, device_id: &str) -> Result<PublishedKeys> {
        let answer = self.query_keys(user_id, &[device_id]).await?;
        Ok(answer.select(user_id, device_id))
    }

    /// The keys that others see of every device of a user, by the device's id.
    ///
    /// # Errors
    ///
    /// What any call may meet.
    pub async fn published_devices(
        &self,
        user_id: &str,
    ) -> Result<BTreeMap<String, PublishedKeys>> {
        let answer = self.query_keys(user_id, &[]).await?;
        Ok(answer.select_all(user_id))
    }

    async fn query_keys(&self, user_id: &str, device_ids: &[&str]) -> Result<Answer> {
        let body = json!({ "device_keys": { user_id: device_ids } });
        let reply = self.query("/_matrix/client/v3/keys/query", body);
        reply.await?.json()
    }

    /// Asks by a `POST` that changes nothing, and so may be repeated.
    async fn query(&self, path: &str, body: Value) -> Result<Reply> {
        let call = Call {
            repeatable: true,
            ..self.post(path, body)
        };
        self.homeserver.http.send(&call).await
    }

    /// How many one-time keys others can still claim from the token's device. Uploads nothing
    /// (spec, "POST /_matrix/client/v3/keys/upload").
    ///
    /// # Errors
    ///
    /// What any call may meet.
    pub async fn one_time_key_count(&self) -> Result<u64> {
        let reply = self.query("/_matrix/client/v3/keys/upload", json!({}));
        let counts: BTreeMap<String, u64> = reply.await?.member("one_time_key_counts")?;
        Ok(counts.get(ONE_TIME_KEY).copied().unwrap_or_default())
    }

    /// Takes one of the published one-time keys of a device, which nobody else will be given: the
    /// fallback key when there is no other, `None` when there is not even that
    /// (spec, "POST /_matrix/client/v3/keys/claim"). It is the object that is signed; a key of
    /// another algorithm is none.
    ///
    /// # Errors
    ///
    /// What any call may meet.
    pub async fn claim_one_time_key(
        &self,
        user_id: &str,
        device_id: &str,
    ) -> Result<Option<Box<RawValue>>> {
        #[derive(Deserialize)]
        struct Answer {
            one_time_keys: BTreeMap<String, BTreeMap<String, BTreeMap<String, Box<RawValue>>>>,
        }
        let wanted = json!({ user_id: { device_id: ONE_TIME_KEY } });
        let body = json!({ "one_time_keys": wanted });
        let call = self.post("/_matrix/client/v3/keys/claim", body);
        let mut answer: Answer = self.read(&call).await?;
        let devices = answer.one_time_keys.get_mut(user_id);
        let keys = devices.and_then(|devices| devices.remove(device_id));
        let is_wanted = |id: &str| id.split_once(':').is_some_and(|(of, _)| of == ONE_TIME_KEY);
        let mut keys = keys.into_iter().flatten();
        Ok(keys.find_map(|(id, key)| is_wanted(&id).then_some(key)))
    }
}

/// The answer of `/keys/query`.
#[derive(Default, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_field_names, reason = "the specification's names")]
struct Answer {
    device_keys: BTreeMap<String, BTreeMap<String, Box<RawValue>>>,
    master_keys: BTreeMap<String, Box<RawValue>>,
    self_signing_keys: BTreeMap<String, Box<RawValue>>,
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
}

impl Answer {
    /// What it says about one device and its owner.
    fn select(mut self, user_id: &str, device_id: &str) -> PublishedKeys {
        let devices = self.device_keys.get_mut(user_id);
        let device = devices.and_then(|devices| devices.remove(device_id));
        PublishedKeys {
            device: device.map(|raw| device_keys(raw, device_id)),
            ..self.owner(user_id)
        }
    }

    /// What it says about each device of a user, by its id, and about the user.
    fn select_all(mut self, user_id: &str) -> BTreeMap<String, PublishedKeys> {
        let devices = self.device_keys.remove(user_id).unwrap_or_default();
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
        let master = self.master_keys.remove(user_id);
        let self_signing = self.self_signing_keys.remove(user_id);
        PublishedKeys {
            device: None,
            master: master.and_then(cross_signing_key),
            self_signing: self_signing.and_then(cross_signing_key),
        }
    }
}

fn device_keys(raw: Box<RawValue>, device_id: &str) -> DeviceKeys {
    let mut keys = keys(&raw);
    DeviceKeys {
        ed25519: keys.remove(&format!("ed25519:{device_id}")),
        curve25519: keys.remove(&format!("curve25519:{device_id}")),
        raw,
    }
}

fn cross_signing_key(raw: Box<RawValue>) -> Option<CrossSigningKey> {
    let public = keys(&raw)
        .into_iter()
        .find_map(|(id, key)| (id.strip_prefix("ed25519:")? == key).then_some(key))?;
    Some(CrossSigningKey { public, raw })
}

/// The keys in an object, by their ids. Servers keep whatever a client uploads: an object of
/// another shape has no keys that count.
fn keys(object: &RawValue) -> BTreeMap<String, String> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Object {
        keys: BTreeMap<String, String>,
    }
    let object: Object = serde_json::from_str(object.get()).unwrap_or_default();
    object.keys
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
        let device = keys.device.unwrap();
        assert_eq!(device.ed25519.as_deref(), Some("fingerprint"));
        assert_eq!(device.curve25519.as_deref(), Some("identity"));
        assert!(device.raw.get().contains("fingerprint"));
        assert_eq!(keys.master.unwrap().public, "masterkey");
        assert_eq!(keys.self_signing.unwrap().public, "selfkey");
    }

    #[test]
    fn absent_and_broken_keys_are_none() {
        let none = select("{}");
        assert!(none.device.is_none() && none.master.is_none());
        let broken = select(r#"{"device_keys":{"@bot:h":{"DEV":{"keys":7}}}}"#);
        assert_eq!(broken.device.unwrap().ed25519, None);
    }
}
