//! What an account keeps on its homeserver: its own data, the backup of its room keys, a profile.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::account::Account;
use crate::{
    address::UserId,
    homeserver::transport::{Result, segment},
    text::excerpt,
};

/// The backup of an account's room keys (spec, `GET /_matrix/client/v3/room_keys/version`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backup {
    /// Its version, as the server names it.
    pub version: String,
    /// How its keys are encrypted, `m.megolm_backup.v1.curve25519-aes-sha2` as a rule.
    pub algorithm: String,
    /// How many keys are in it.
    #[serde(rename(serialize = "room_keys"))]
    pub count: u64,
    /// What it says about its key, with the signatures on that.
    #[serde(default, skip_serializing)]
    pub auth_data: Value,
}

/// How an account shows itself (spec, "Profiles").
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ShownProfile {
    /// Its display name.
    pub displayname: Option<String>,
    /// Where its picture lies.
    pub avatar_url: Option<String>,
}

impl Account {
    /// How this user shows itself (spec, "GET /_matrix/client/v3/profile/{userId}").
    ///
    /// # Errors
    ///
    /// What any call may meet.
    pub async fn profile(&self, user_id: &str) -> Result<ShownProfile> {
        let path = format!("/_matrix/client/v3/profile/{}", segment(user_id)?);
        let found: Option<ShownProfile> = self.find(&path).await?;
        Ok(found.unwrap_or_default())
    }

    /// Sets a field of this account's own profile
    /// (spec, "PUT /_matrix/client/v3/profile/{userId}/{keyName}").
    ///
    /// # Errors
    ///
    /// What any call may meet.
    pub async fn set_profile(&self, user_id: &str, field: &str, value: &str) -> Result<()> {
        let (user_id, key) = (segment(user_id)?, segment(field)?);
        let path = format!("/_matrix/client/v3/profile/{user_id}/{key}");
        self.put(&path, json!({ field: value })).await
    }

    /// A piece of the data of the account: `None` when there is none of this type
    /// (spec, `GET /_matrix/client/v3/user/{userId}/account_data/{type}`).
    ///
    /// # Errors
    ///
    /// [`Refused`](crate::homeserver::Failure::Refused) for another user than the token's, and what any call
    /// may meet.
    pub async fn account_data(&self, user_id: &str, data_type: &str) -> Result<Option<Value>> {
        self.find(&data_path(user_id, data_type)?).await
    }

    /// Sets a piece of the data of the account
    /// (spec, `PUT /_matrix/client/v3/user/{userId}/account_data/{type}`).
    ///
    /// # Errors
    ///
    /// As [`Self::account_data`].
    pub async fn set_account_data(
        &self,
        user_id: &str,
        data_type: &str,
        content: Value,
    ) -> Result<()> {
        self.put(&data_path(user_id, data_type)?, content).await
    }

    /// The current backup of the account's room keys: `None` when there is none.
    ///
    /// # Errors
    ///
    /// What any call may meet.
    pub async fn backup(&self) -> Result<Option<Backup>> {
        let path = "/_matrix/client/v3/room_keys/version";
        let found: Option<Backup> = self.find(path).await?;
        Ok(found.map(|backup| Backup {
            version: excerpt(&backup.version),
            algorithm: excerpt(&backup.algorithm),
            ..backup
        }))
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
        let path = format!("/_matrix/client/v3/profile/{}", segment(asked.as_str())?);
        let reply = self.ask(&path, &[]).await?;
        match reply.status.as_u16() {
            404 if reply.errcode() == "M_UNRECOGNIZED" => Ok(None),
            // Synapse calls an unknown user M_UNKNOWN, others M_NOT_FOUND.
            404 if reply.error.is_some() => Ok(Some(false)),
            // Some servers show profiles only to those who share a room.
            403 if reply.error.is_some() => Ok(None),
            _ => reply.json::<Value>().map(|_| Some(true)),
        }
    }
}

fn data_path(user_id: &str, data_type: &str) -> Result<String> {
    let (user_id, data_type) = (segment(user_id)?, segment(data_type)?);
    Ok(format!(
        "/_matrix/client/v3/user/{user_id}/account_data/{data_type}"
    ))
}
