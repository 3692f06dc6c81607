//! How an account shows itself to others.

use serde::Deserialize;
use serde_json::json;

use super::account::Account;
use crate::homeserver::transport::{Result, segment};

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
}
