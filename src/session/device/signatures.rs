//! Whether the signatures on published keys are true, judged as any other user would.

use matrix_sdk::ruma::CanonicalJsonValue;
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
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Self::Whole => "the account's cross-signing identity has signed the device",
            Self::NoDeviceKeys => "the homeserver has no keys of the device",
            Self::Device(_) => "the device's published keys are not its own",
            Self::NoIdentity => "the account has no cross-signing identity",
            Self::NoSelfSigning => "the account's cross-signing identity has no self-signing key",
            Self::SelfSigning(_) => "the account's master key has not signed its self-signing key",
            Self::Owner(_) => "the account's cross-signing identity has not signed the device",
        }
    }
}

/// Follows the signatures from a device to its owner's master key (spec, "Cross-signing").
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
pub fn verify_key(user_id: &str, device_id: &str, ed25519: &str, key: &Value) -> bool {
    key["key"].is_string() && is_signed(key, user_id, device_id, ed25519)
}

/// Whether an object is signed by the device with this public key in base64.
pub fn is_signed(object: &Value, user_id: &str, device_id: &str, ed25519: &str) -> bool {
    let signed = Signed::read(&object.to_string());
    signed.is_some_and(|signed| signed.verify(user_id, device_id, ed25519).is_ok())
}

/// Whether the keys of a device are its own and signed by itself.
fn own_signature(keys: Option<&Signed>, user_id: &str, device_id: &str) -> Result<(), Flaw> {
    let keys = keys.ok_or(Flaw::Foreign)?;
    let own = keys.object["keys"][format!("ed25519:{device_id}")].as_str();
    match own {
        Some(own) if keys.object["user_id"] == user_id && keys.object["device_id"] == device_id => {
            keys.verify(user_id, device_id, own)
        }
        _ => Err(Flaw::Foreign),
    }
}

/// Reads a cross-signing key of this user that is for this use.
fn cross_signing_key(raw: &str, user_id: &str, usage: &str) -> Result<Signed, Flaw> {
    let key = Signed::read(raw).ok_or(Flaw::Foreign)?;
    let usages = key.object["usage"].as_array();
    let is_for = usages.is_some_and(|usages| usages.iter().any(|one| one == usage));
    let is_own = key.object["user_id"] == user_id;
    (is_own && is_for).then_some(key).ok_or(Flaw::Foreign)
}

/// A JSON object and the signatures on it (spec, appendices: "Signing JSON").
struct Signed {
    /// The object without what is not signed.
    object: Value,
    /// The same as it is signed.
    message: String,
    signatures: Value,
}

impl Signed {
    fn read(json: &str) -> Option<Self> {
        let mut object: Value = serde_json::from_str(json).ok()?;
        let fields = object.as_object_mut()?;
        fields.remove("unsigned");
        let signatures = fields.remove("signatures").unwrap_or_default();
        let message = CanonicalJsonValue::try_from(object.clone()).ok()?;
        Some(Self {
            object,
            message: message.to_string(),
            signatures,
        })
    }

    /// Whether the Ed25519 key of this name and value has signed it for this user.
    fn verify(&self, user_id: &str, name: &str, public: &str) -> Result<(), Flaw> {
        let by_user = self.signatures.get(user_id);
        let signature = by_user.and_then(|by_user| by_user.get(format!("ed25519:{name}")));
        let signature = signature.ok_or(Flaw::Unsigned)?;
        let read = || {
            let signature = Ed25519Signature::from_base64(signature.as_str()?).ok()?;
            let public = Ed25519PublicKey::from_base64(public).ok()?;
            public.verify(self.message.as_bytes(), &signature).ok()
        };
        read().ok_or(Flaw::BadSignature)
    }
}

#[cfg(test)]
mod tests;
