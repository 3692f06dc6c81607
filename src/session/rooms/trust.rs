//! How far the device is trusted that encrypted a message.

use std::time::Duration;

use futures_util::StreamExt;
use matrix_sdk::{
    Room,
    deserialized_responses::{
        AlgorithmInfo, DeviceLinkProblem, EncryptionInfo, VerificationLevel, VerificationState,
    },
    ruma::UserId,
};
use tokio::time::{Instant, timeout_at};

use super::handle::Rooms;
use crate::{
    error::Error,
    session::sdk::{self, Class, RoomFailure},
};

/// How long a device that is not known yet is waited for.
const PATIENCE: Duration = Duration::from_secs(15);

/// How far the device is trusted that encrypted a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Its owner has signed it, and the bot has verified its owner.
    Verified,
    /// Its owner has signed it.
    Signed,
    /// Its owner has not signed it.
    Unsigned,
    /// It is not known, or it is not known whose it is.
    Unknown,
    /// That cannot be told: the bot itself imported the key, from a file or a backup.
    Imported,
    /// The bot had verified its owner, who has another identity now.
    IdentityChanged,
    /// It is not a device of the message's sender.
    Mismatched,
}

impl Trust {
    /// Every level, and its name in the journal.
    pub const NAMES: [(Self, &str); 7] = [
        (Self::Verified, "verified"),
        (Self::Signed, "signed"),
        (Self::Unsigned, "unsigned"),
        (Self::Unknown, "unknown"),
        (Self::Imported, "imported"),
        (Self::IdentityChanged, "identity-changed"),
        (Self::Mismatched, "mismatched"),
    ];

    /// Its name in the journal.
    pub fn name(self) -> &'static str {
        let mut names = Self::NAMES.into_iter();
        names
            .find(|(trust, _)| *trust == self)
            .map_or("unknown", |(_, name)| name)
    }

    /// The level of this name; unknown for any other.
    pub fn from_name(name: &str) -> Self {
        let mut names = Self::NAMES.into_iter();
        names
            .find(|(_, one)| *one == name)
            .map_or(Self::Unknown, |(trust, _)| trust)
    }

    /// The level by what the SDK says of how an event was decrypted.
    pub fn of(info: &EncryptionInfo) -> Self {
        let VerificationState::Unverified(level) = &info.verification_state else {
            return Self::Verified;
        };
        match level {
            VerificationLevel::UnverifiedIdentity => Self::Signed,
            VerificationLevel::UnsignedDevice => Self::Unsigned,
            VerificationLevel::VerificationViolation => Self::IdentityChanged,
            VerificationLevel::MismatchedSender => Self::Mismatched,
            // Whoever forwards a key, as with an invitation, only claims whose it is.
            VerificationLevel::None(DeviceLinkProblem::InsecureSource)
                if info.forwarder.is_none() =>
            {
                Self::Imported
            }
            VerificationLevel::None(_) => Self::Unknown,
        }
    }
}

impl Rooms {
    /// How far the device is trusted that began this Megolm session, as it is known now; `None`
    /// where the store does not have the session.
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    pub async fn trust(
        &self,
        room_id: &str,
        session_id: &str,
        sender: &str,
    ) -> Result<Option<Trust>, RoomFailure> {
        let room = self.room(room_id)?;
        let Ok(sender) = UserId::parse(sender) else {
            return Ok(None);
        };
        self.trust_of(&room, session_id, &sender).await
    }

    /// As [`trust`](Self::trust), after asking the homeserver for the sender's devices, and after
    /// waiting a while for one that is still not known: between homeservers, messages overtake
    /// devices.
    ///
    /// # Errors
    ///
    /// When the store cannot be read, or the homeserver is away.
    pub async fn look_for_device(
        &self,
        room_id: &str,
        session_id: &str,
        sender: &str,
    ) -> Result<Option<Trust>, RoomFailure> {
        let room = self.room(room_id)?;
        let Ok(sender) = UserId::parse(sender) else {
            return Ok(None);
        };
        let doing = "ask for the sender's devices";
        let encryption = self.client.encryption();
        let mut updates = Box::pin(sdk::call(doing, encryption.devices_stream()).await?);
        match sdk::call(doing, encryption.request_user_identity(&sender)).await {
            Err(error) if error.class() == Class::Refused => {
                let error = Error::from(error);
                tracing::debug!(%sender, %error, "the sender's devices stay as they are known");
            }
            asked => drop(asked?),
        }
        let deadline = Instant::now() + PATIENCE;
        loop {
            let trust = self.trust_of(&room, session_id, &sender).await?;
            if trust != Some(Trust::Unknown) {
                return Ok(trust);
            }
            if !matches!(timeout_at(deadline, updates.next()).await, Ok(Some(_))) {
                return Ok(trust);
            }
        }
    }

    async fn trust_of(
        &self,
        room: &Room,
        session_id: &str,
        sender: &UserId,
    ) -> Result<Option<Trust>, RoomFailure> {
        let Some(info) = room.get_encryption_info(session_id, sender).await else {
            return Ok(None);
        };
        let trust = Trust::of(&info);
        if matches!(trust, Trust::Mismatched | Trust::Imported) {
            return Ok(Some(trust));
        }
        let doing = "read the sender's devices";
        // The SDK never looks again at a session whose device was signed when it came.
        let encryption = self.client.encryption();
        let identity = sdk::call(doing, encryption.get_user_identity(sender)).await?;
        if identity.is_some_and(|identity| identity.has_verification_violation()) {
            return Ok(Some(Trust::IdentityChanged));
        }
        let device_id = info.sender_device.as_deref();
        let Some(device_id) = device_id.filter(|_| trust == Trust::Signed) else {
            return Ok(Some(trust));
        };
        let device = sdk::call(doing, encryption.get_device(sender, device_id)).await?;
        let is_verified = device.is_some_and(|device| {
            let key = device.curve25519_key().map(|key| key.to_base64());
            key.as_deref() == session_owner(&info) && device.is_verified_with_cross_signing()
        });
        Ok(Some(if is_verified { Trust::Verified } else { trust }))
    }
}

/// The identity key of the device that began the session.
fn session_owner(info: &EncryptionInfo) -> Option<&str> {
    match &info.algorithm_info {
        AlgorithmInfo::MegolmV1AesSha2 { curve25519_key, .. } => Some(curve25519_key),
        AlgorithmInfo::OlmV1Curve25519AesSha2 { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn trust(state: &Value, forwarder: &Value) -> Trust {
        let info = json!({
            "sender": "@ann:example.org", "sender_device": null, "forwarder": forwarder,
            "algorithm_info": {"MegolmV1AesSha2": {
                "curve25519_key": "", "sender_claimed_keys": {}, "session_id": null,
            }},
            "verification_state": state,
        });
        Trust::of(&serde_json::from_value(info).unwrap())
    }

    #[test]
    fn every_state_of_the_sdk_is_a_level() {
        let unverified = |level: Value| json!({ "Unverified": level });
        let of_device = |problem: &str| unverified(json!({ "None": problem }));
        for (state, level) in [
            (json!("Verified"), Trust::Verified),
            (unverified(json!("UnverifiedIdentity")), Trust::Signed),
            (unverified(json!("UnsignedDevice")), Trust::Unsigned),
            (of_device("MissingDevice"), Trust::Unknown),
            (of_device("InsecureSource"), Trust::Imported),
            (
                unverified(json!("VerificationViolation")),
                Trust::IdentityChanged,
            ),
            (unverified(json!("MismatchedSender")), Trust::Mismatched),
        ] {
            assert_eq!(trust(&state, &Value::Null), level, "{state}");
        }
        let forwarder = json!({"user_id": "@eve:example.org", "device_id": "EVE"});
        assert_eq!(
            trust(&of_device("InsecureSource"), &forwarder),
            Trust::Unknown
        );
    }

    #[test]
    fn every_level_has_a_name_of_its_own() {
        for (level, _) in Trust::NAMES {
            assert_eq!(Trust::from_name(level.name()), level);
        }
        assert_eq!(Trust::from_name("?"), Trust::Unknown);
    }
}
