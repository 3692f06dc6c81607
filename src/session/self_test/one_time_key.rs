//! Can others begin an encrypted conversation with this device?
//!
//! One of its published one-time keys is taken as a stranger would take it: signed by the device,
//! and good for a first message that the device can read. Only a copy of the account is used, so
//! the device itself does not notice; the next sync that brings anything makes up for the key.

use matrix_sdk_base::crypto::{
    Account,
    types::SignedKey,
    vodozemac::{
        Curve25519PublicKey,
        olm::{self, OlmMessage, PreKeyMessage, SessionConfig},
    },
};
use serde_json::value::RawValue;
use tokio::time::Instant;

use super::{Deadline, SelfTester, passed};
use crate::{
    error::{Error, Result},
    ipc::TestOutcome,
    session::device::store_account::load_account,
};

const FIRST_WORDS: &str = "nanobot self test";

impl SelfTester {
    pub async fn one_time_key(&self, deadline: Deadline) -> Result<TestOutcome> {
        if !self.e2ee_enabled {
            return Ok(TestOutcome::Skipped {
                why: "e2eeEnabled is false".to_owned(),
            });
        }
        let started = Instant::now();
        let claimed = self.claim(deadline).await?;
        // Only now: the key may have been made a moment before it was claimed.
        let account = load_account(&self.store);
        let account = deadline
            .within("read the encryption store", account)
            .await?
            .ok_or_else(|| broken("the encryption store holds no device"))?;
        let key = read(&claimed)?;
        prove(&key, account)?;
        let warning = key.fallback().then(|| {
            "the homeserver has run out of one-time keys of this device and gives the fallback \
             key to everyone: `nanobot gateway` uploads new ones while it runs"
                .to_owned()
        });
        let detail = "a published one-time key is signed by this device, and a message encrypted \
                      to it can be read";
        Ok(passed(detail, warning, started.elapsed()))
    }

    async fn claim(&self, deadline: Deadline) -> Result<Box<RawValue>> {
        let (Some(user_id), Some(device_id)) = (self.client.user_id(), self.client.device_id())
        else {
            return Err(Error::failure("the session is not open"));
        };
        let claim = self
            .account
            .claim_one_time_key(user_id.as_str(), device_id.as_str());
        let claimed = deadline.call("claim a one-time key", claim).await?;
        claimed.ok_or_else(|| {
            broken(
                "the homeserver has no one-time key of this device, so nobody can begin an \
                 encrypted conversation with the bot",
            )
        })
    }
}

fn read(claimed: &RawValue) -> Result<SignedKey> {
    serde_json::from_str(claimed.get()).map_err(|_: serde_json::Error| {
        broken("what the homeserver gives out as a one-time key of this device is none")
    })
}

/// Proves that the key is this account's: signed with its fingerprint key, and its private half
/// at hand. Takes the account, because the private half is gone from it afterwards.
fn prove(key: &SignedKey, mut account: Account) -> Result<()> {
    account
        .unsigned_device_keys()
        .has_signed(key)
        .map_err(|error| {
            broken(
                "a one-time key that the homeserver gives out for this device is not signed by \
                 the device, so others refuse it",
            )
            .because(error)
        })?;
    let stranger = olm::Account::new();
    let message = first_message(&stranger, account.identity_keys().curve25519, key.key())?;
    let own_keys = account.device_keys();
    let opened = account
        .create_inbound_session(stranger.curve25519_key(), own_keys, &message)
        .map_err(|error| {
            broken(
                "the store lacks the private half of a one-time key that the homeserver gives \
                 out, so messages encrypted to it cannot be read: the store was put back from an \
                 older copy, or another program uses this device",
            )
            .because(error)
        })?;
    if opened.plaintext != FIRST_WORDS {
        return Err(broken(
            "a message that was encrypted to a one-time key of this device came out changed",
        ));
    }
    Ok(())
}

/// The first message of a conversation with the device that has these keys.
fn first_message(
    stranger: &olm::Account,
    identity: Curve25519PublicKey,
    one_time_key: Curve25519PublicKey,
) -> Result<PreKeyMessage> {
    let unusable = || broken("nothing can be encrypted to a one-time key of this device");
    let mut session = stranger
        .create_outbound_session(SessionConfig::version_1(), identity, one_time_key)
        .map_err(|error| unusable().because(error))?;
    match session.encrypt(FIRST_WORDS) {
        Ok(OlmMessage::PreKey(message)) => Ok(message),
        Ok(OlmMessage::Normal(_)) => Err(unusable()),
        Err(error) => Err(unusable().because(error)),
    }
}

fn broken(message: &str) -> Error {
    Error::failure(message)
        .hint("stop the gateway if it runs and replace the device")
        .command("nanobot store reset --force")
}

#[cfg(test)]
mod tests {
    use matrix_sdk::ruma::{device_id, user_id};
    use serde_json::Value;

    use super::*;

    fn account() -> Account {
        Account::with_device_id(user_id!("@bot:h"), device_id!("BOT"))
    }

    /// The account, and a key that it has made, signed, as it is uploaded.
    fn with_key() -> (Account, Value) {
        let mut account = account();
        account.generate_one_time_keys(1);
        let mut keys = account.signed_one_time_keys().into_values();
        let key = serde_json::from_str(keys.next().unwrap().json().get()).unwrap();
        (account, key)
    }

    fn test(key: &Value, account: Account) -> Result<()> {
        let raw = serde_json::value::to_raw_value(key).unwrap();
        prove(&read(&raw)?, account)
    }

    fn fails(key: &Value, account: Account, why: &str) {
        let error = test(key, account).unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
        assert_eq!(error.remedy().commands, ["nanobot store reset --force"]);
    }

    #[test]
    fn a_key_of_its_own_is_proved() {
        let (account, key) = with_key();
        test(&key, account).unwrap();
    }

    #[test]
    fn a_changed_key_and_a_foreign_key_are_not_signed() {
        let (account, mut key) = with_key();
        key["fallback"] = Value::Bool(true);
        fails(&key, account, "is not signed by the device");
        let (_, foreign) = with_key();
        let (account, _) = with_key();
        fails(&foreign, account, "is not signed by the device");
    }

    #[test]
    fn a_key_whose_private_half_is_gone_is_found() {
        let (mut account, key) = with_key();
        // As when the store is an older copy: the keys made since are not in it.
        let older = Account::from_pickle(account.pickle()).unwrap();
        account.mark_keys_as_published();
        account.generate_one_time_keys(1);
        let mut newer = account.signed_one_time_keys().into_values();
        let newer = serde_json::from_str(newer.next().unwrap().json().get()).unwrap();
        fails(&newer, older, "lacks the private half");
        test(&key, account).unwrap();
    }

    #[test]
    fn what_is_no_key_is_none() {
        fails(&Value::Null, account(), "is none");
        let (account, mut key) = with_key();
        key["key"] = "short".into();
        fails(&key, account, "is none");
    }
}
