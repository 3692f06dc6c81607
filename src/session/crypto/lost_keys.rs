//! Room keys that came with a new Olm session and were lost with the process.
//!
//! The SDK saves a new Olm session first, the room key that came with it next, and the account
//! last. Where the process dies in between, the homeserver gives the same message again, and the
//! session has used it up. But the account still has the one-time key that it was encrypted to,
//! so a copy of the account can open it as if for the first time.

use std::path::Path;

use matrix_sdk_base::{
    crypto::{
        Account,
        olm::InboundGroupSession,
        store::{CryptoStore, types::Changes},
        types::events::{
            ToDeviceEvent,
            olm_v1::AnyDecryptedOlmEvent,
            room::encrypted::{OlmV1Curve25519AesSha2Content, ToDeviceEncryptedEventContent},
            room_key::RoomKeyContent,
        },
        vodozemac::olm::OlmMessage,
    },
    deserialized_responses::ProcessedToDeviceEvent,
};

use crate::error::Result;
use crate::session::{device::store_account::open_store, device::store_account::unreadable};

/// Messages of one sync that are looked at. More than these were not lost by one death.
const MOST: usize = 100;

type Encrypted = ToDeviceEvent<ToDeviceEncryptedEventContent>;

/// Opens what the SDK could not, keeps the room keys that were in it in the store of this
/// directory, and returns their Megolm sessions.
///
/// # Errors
///
/// When the store cannot be read or written.
pub async fn recover(directory: &Path, messages: &[ProcessedToDeviceEvent]) -> Result<Vec<String>> {
    let lost: Vec<_> = messages.iter().filter_map(undecrypted).take(MOST).collect();
    if lost.is_empty() {
        return Ok(Vec::new());
    }
    let failed = |cause| unreadable(directory, cause);
    let Some((store, account)) = open_store(directory).await.map_err(failed)? else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for key in lost.iter().filter_map(|event| read(&account, event)) {
        let known = store.get_inbound_group_session(key.room_id(), key.session_id());
        if known.await.map_err(|error| failed(error.into()))?.is_none() {
            found.push(key);
        }
    }
    let sessions = found
        .iter()
        .map(|key| key.session_id().to_owned())
        .collect();
    if !found.is_empty() {
        tracing::info!(
            keys = found.len(),
            "room keys that a crash had cut off are here again"
        );
        let changes = Changes {
            inbound_group_sessions: found,
            ..Changes::default()
        };
        let saved = store.save_changes(changes).await;
        saved.map_err(|error| failed(error.into()))?;
    }
    Ok(sessions)
}

fn undecrypted(message: &ProcessedToDeviceEvent) -> Option<Encrypted> {
    match message {
        ProcessedToDeviceEvent::UnableToDecrypt {
            encrypted_event, ..
        } => encrypted_event.deserialize_as_unchecked().ok(),
        _ => None,
    }
}

/// The room key in the first message of an Olm session with this account, if it is one that was
/// meant for it (spec, "m.olm.v1.curve25519-aes-sha2").
fn read(account: &Account, event: &Encrypted) -> Option<InboundGroupSession> {
    let ToDeviceEncryptedEventContent::OlmV1Curve25519AesSha2(content) = &event.content else {
        return None;
    };
    let plaintext = open(account, content)?;
    let AnyDecryptedOlmEvent::RoomKey(key) = serde_json::from_str(&plaintext).ok()? else {
        return None;
    };
    let ours = key.sender == event.sender
        && key.recipient == account.user_id()
        && key.recipient_keys.ed25519 == account.identity_keys().ed25519;
    let RoomKeyContent::MegolmV1AesSha2(room_key) = &key.content else {
        return None;
    };
    let session =
        InboundGroupSession::from_room_key_content(content.sender_key, key.keys.ed25519, room_key);
    session.ok().filter(|_| ours)
}

fn open(account: &Account, content: &OlmV1Curve25519AesSha2Content) -> Option<String> {
    let OlmMessage::PreKey(message) = &content.ciphertext else {
        return None;
    };
    // Opening takes the one-time key out of the account.
    let mut copy = Account::from_pickle(account.pickle()).ok()?;
    let own_keys = copy.device_keys();
    let opened = copy.create_inbound_session(content.sender_key, own_keys, message);
    opened.ok().map(|opened| opened.plaintext)
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
    use matrix_sdk::ruma::{device_id, user_id};
    use matrix_sdk_base::crypto::{
        types::SignedKey,
        vodozemac::{
            megolm,
            olm::{self, SessionConfig},
        },
    };
    use serde_json::{Value, json};

    use super::*;

    fn account() -> Account {
        Account::with_device_id(user_id!("@bot:h"), device_id!("BOT"))
    }

    /// What Ann's device begins a session with, as the homeserver gives it to the account.
    fn encrypted(account: &mut Account, plaintext: &Value) -> Encrypted {
        account.generate_one_time_keys(1);
        let key = account.signed_one_time_keys().into_values().next().unwrap();
        let key: SignedKey = serde_json::from_str(key.json().get()).unwrap();
        let ann = olm::Account::new();
        let identity = account.identity_keys().curve25519;
        let mut session = ann
            .create_outbound_session(SessionConfig::version_1(), identity, key.key())
            .unwrap();
        let (kind, body) = session.encrypt(plaintext.to_string()).unwrap().to_parts();
        let event = json!({
            "type": "m.room.encrypted", "sender": "@ann:h",
            "content": {
                "algorithm": "m.olm.v1.curve25519-aes-sha2",
                "sender_key": ann.curve25519_key().to_base64(),
                "ciphertext": {
                    identity.to_base64(): {"type": kind, "body": STANDARD_NO_PAD.encode(body)}
                },
            },
        });
        serde_json::from_value(event).unwrap()
    }

    /// A room key from Ann to the account.
    fn room_key(account: &Account) -> Value {
        let session = megolm::GroupSession::new(megolm::SessionConfig::version_1());
        let fingerprint = account.identity_keys().ed25519.to_base64();
        json!({
            "type": "m.room_key", "sender": "@ann:h", "recipient": "@bot:h",
            "keys": {"ed25519": fingerprint}, "recipient_keys": {"ed25519": fingerprint},
            "content": {
                "algorithm": "m.megolm.v1.aes-sha2", "room_id": "!r:h",
                "session_id": session.session_id(),
                "session_key": session.session_key().to_base64(),
            },
        })
    }

    #[test]
    fn a_room_key_is_read_again_and_again() {
        let mut account = account();
        let key = room_key(&account);
        let event = encrypted(&mut account, &key);
        for _ in 0..2 {
            let found = read(&account, &event).unwrap();
            assert_eq!(found.session_id(), key["content"]["session_id"]);
            assert_eq!(found.room_id(), "!r:h");
        }
    }

    #[test]
    fn what_was_meant_for_others_or_is_from_others_is_not_taken() {
        for (field, value) in [
            ("/sender", "@eve:h"),
            ("/recipient", "@eve:h"),
            (
                "/recipient_keys/ed25519",
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            ),
            ("/type", "m.dummy"),
            ("/content/session_key", "short"),
        ] {
            let mut account = account();
            let mut key = room_key(&account);
            *key.pointer_mut(field).unwrap() = value.into();
            let event = encrypted(&mut account, &key);
            assert!(read(&account, &event).is_none(), "{field}");
        }
    }
}
