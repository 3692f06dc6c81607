//! What an account keeps on its homeserver: its own data, the backup of its room keys, a profile.

use serde::Deserialize;
use serde_json::Value;

use super::{account::Account, endpoint::segment, failure::Result, ids::UserId, words::tame};

/// The backup of an account's room keys (spec, `GET /_matrix/client/v3/room_keys/version`).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Backup {
    /// Its version, as the server names it.
    pub version: String,
    /// How its keys are encrypted, `m.megolm_backup.v1.curve25519-aes-sha2` as a rule.
    pub algorithm: String,
    /// How many keys are in it.
    pub count: u64,
}

impl Account {
    /// A piece of the data of the account: `None` when there is none of this type
    /// (spec, `GET /_matrix/client/v3/user/{userId}/account_data/{type}`).
    ///
    /// # Errors
    ///
    /// [`Refused`](super::Failure::Refused) for another user than the token's, and what any call
    /// may meet.
    pub async fn account_data(&self, user_id: &str, data_type: &str) -> Result<Option<Value>> {
        let (user_id, data_type) = (segment(user_id)?, segment(data_type)?);
        let path = format!("/_matrix/client/v3/user/{user_id}/account_data/{data_type}");
        self.find(&path).await
    }

    /// Sets a piece of the data of the account
    /// (spec, `PUT /_matrix/client/v3/user/{userId}/account_data/{type}`).
    ///
    /// # Errors
    ///
    /// [`Refused`](super::Failure::Refused) for another user than the token's, and what any call
    /// may meet.
    pub async fn set_account_data(
        &self,
        user_id: &str,
        data_type: &str,
        content: Value,
    ) -> Result<()> {
        let (user_id, data_type) = (segment(user_id)?, segment(data_type)?);
        let path = format!("/_matrix/client/v3/user/{user_id}/account_data/{data_type}");
        self.put(&path, content).await
    }

    /// The current backup of the account's room keys: `None` when there is none.
    ///
    /// # Errors
    ///
    /// What any call may meet.
    pub async fn backup(&self) -> Result<Option<Backup>> {
        let found: Option<Backup> = self.find("/_matrix/client/v3/room_keys/version").await?;
        Ok(found.map(|backup| Backup {
            version: tame(&backup.version, &[]),
            algorithm: tame(&backup.algorithm, &[]),
            count: backup.count,
        }))
    }

    /// What the current backup of the account's room keys says about its key, with the signatures
    /// on that: `None` when there is no backup.
    ///
    /// # Errors
    ///
    /// What any call may meet.
    pub async fn backup_auth_data(&self) -> Result<Option<Value>> {
        let found: Option<Value> = self.find("/_matrix/client/v3/room_keys/version").await?;
        let auth_data = |backup: Value| backup.get("auth_data").cloned().unwrap_or_default();
        Ok(found.map(auth_data))
    }

    /// Whether there is a user of this id: `None` when the homeserver will not say.
    ///
    /// Only users of its own are asked for, `ours` being one. What it would say of others comes
    /// from their servers, which may be down, slow, or keep silent about whom they know.
    ///
    /// # Errors
    ///
    /// What any call may meet.
    pub async fn profile_exists(&self, ours: &UserId, asked: &UserId) -> Result<Option<bool>> {
        if ours.server_name() != asked.server_name() {
            return Ok(None);
        }
        let user_id = segment(&asked.to_string())?;
        let reply = self
            .get(&format!("/_matrix/client/v3/profile/{user_id}"))
            .await?;
        match reply.status.as_u16() {
            200 => reply.json::<Value>().map(|_| Some(true)),
            404 if reply.is_unrecognized() => Ok(None),
            // Synapse calls an unknown user M_UNKNOWN, others M_NOT_FOUND.
            404 if reply.is_standard_error() => Ok(Some(false)),
            // Some servers show profiles only to those who share a room.
            403 if reply.is_standard_error() => Ok(None),
            _ => Err(reply.failure()),
        }
    }
}
