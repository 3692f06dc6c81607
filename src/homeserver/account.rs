//! What a homeserver says about the owner of an access token.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json, value::RawValue};

use super::{
    call::Call,
    endpoint::segment,
    failure::Result,
    keys::{self, PublishedKeys},
    reply::Reply,
    server::Homeserver,
};
use crate::config::Secret;

/// An account on a homeserver, as an access token sees it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Account {
    server: Homeserver,
    token: Arc<Secret>,
}

/// Whose access token it is (spec, "GET /_matrix/client/v3/account/whoami").
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Whoami {
    /// The full user id.
    pub user_id: String,
    /// The device; `None` for application services.
    #[serde(default)]
    pub device_id: Option<String>,
    /// Whether it is a guest account.
    #[serde(default)]
    pub is_guest: bool,
}

/// A device of the account (spec, "GET /_matrix/client/v3/devices/{deviceId}").
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Device {
    /// Its id.
    pub device_id: String,
    /// Its name for people.
    #[serde(default)]
    pub display_name: Option<String>,
    /// When it was last seen, in milliseconds since the Unix epoch.
    #[serde(default)]
    pub last_seen_ts: Option<u64>,
}

impl Account {
    pub(super) fn new(server: Homeserver, token: &Secret) -> Self {
        Self {
            server,
            token: Arc::new(Secret::new(token.expose().to_owned())),
        }
    }

    /// The homeserver of this account.
    #[must_use]
    pub fn homeserver(&self) -> &Homeserver {
        &self.server
    }

    /// Whose token this is.
    ///
    /// # Errors
    ///
    /// [`TokenRejected`](super::Failure::TokenRejected), and what any call may meet.
    pub async fn whoami(&self) -> Result<Whoami> {
        self.get("/_matrix/client/v3/account/whoami").await?.json()
    }

    /// Revokes the token and deletes its device with all its keys
    /// (spec, "POST /_matrix/client/v3/logout").
    ///
    /// # Errors
    ///
    /// [`TokenRejected`](super::Failure::TokenRejected) when it was revoked before, and what any
    /// call may meet.
    pub async fn logout(&self) -> Result<()> {
        let call = self.post("/_matrix/client/v3/logout", json!({}));
        self.read::<Value>(&call).await.map(drop)
    }

    /// A device of this account: `None` when there is none of this id.
    ///
    /// # Errors
    ///
    /// What any call may meet.
    pub async fn device(&self, device_id: &str) -> Result<Option<Device>> {
        let path = format!("/_matrix/client/v3/devices/{}", segment(device_id)?);
        self.find(&path).await
    }

    /// Gives a device of this account a name
    /// (spec, "PUT /_matrix/client/v3/devices/{deviceId}").
    ///
    /// # Errors
    ///
    /// What any call may meet.
    pub async fn name_device(&self, device_id: &str, name: &str) -> Result<()> {
        let path = format!("/_matrix/client/v3/devices/{}", segment(device_id)?);
        self.put(&path, json!({ "display_name": name })).await
    }

    /// All devices of this account (spec, "GET /_matrix/client/v3/devices").
    ///
    /// # Errors
    ///
    /// What any call may meet.
    pub async fn devices(&self) -> Result<Vec<Device>> {
        #[derive(Deserialize)]
        struct Answer {
            devices: Vec<Device>,
        }
        let answer: Answer = self.get("/_matrix/client/v3/devices").await?.json()?;
        Ok(answer.devices)
    }

    /// The keys that others see of a device and of its owner
    /// (spec, "POST /_matrix/client/v3/keys/query").
    ///
    /// # Errors
    ///
    /// What any call may meet.
    pub async fn published_keys(&self, user_id: &str, device_id: &str) -> Result<PublishedKeys> {
        let body = json!({ "device_keys": { user_id: [device_id] } });
        let call = self
            .post("/_matrix/client/v3/keys/query", body)
            .repeatable();
        let answer: keys::Answer = self.read(&call).await?;
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
        let body = json!({ "device_keys": { user_id: [] } });
        let call = self
            .post("/_matrix/client/v3/keys/query", body)
            .repeatable();
        let answer: keys::Answer = self.read(&call).await?;
        Ok(answer.select_all(user_id))
    }

    /// How many one-time keys others can still claim from the token's device. Uploads nothing
    /// (spec, "POST /_matrix/client/v3/keys/upload").
    ///
    /// # Errors
    ///
    /// What any call may meet.
    pub async fn one_time_key_count(&self) -> Result<u64> {
        #[derive(Deserialize)]
        struct Answer {
            one_time_key_counts: Counts,
        }
        #[derive(Deserialize)]
        struct Counts {
            #[serde(default)]
            signed_curve25519: u64,
        }
        let call = self
            .post("/_matrix/client/v3/keys/upload", json!({}))
            .repeatable();
        let answer: Answer = self.read(&call).await?;
        Ok(answer.one_time_key_counts.signed_curve25519)
    }

    /// Takes one of the published one-time keys of a device, which nobody else will be given: the
    /// fallback key when there is no other, `None` when there is not even that
    /// (spec, "POST /_matrix/client/v3/keys/claim").
    ///
    /// # Errors
    ///
    /// What any call may meet.
    pub async fn claim_one_time_key(
        &self,
        user_id: &str,
        device_id: &str,
    ) -> Result<Option<Box<RawValue>>> {
        let wanted = json!({ user_id: { device_id: keys::ONE_TIME_KEY } });
        let call = self.post(
            "/_matrix/client/v3/keys/claim",
            json!({ "one_time_keys": wanted }),
        );
        let answer: keys::Claimed = self.read(&call).await?;
        Ok(answer.select(user_id, device_id))
    }

    /// An event as the server holds it, not decrypted
    /// (spec, "GET /_matrix/client/v3/rooms/{roomId}/event/{eventId}").
    ///
    /// # Errors
    ///
    /// What any call may meet; an event that is not there, or not for this account, is
    /// [`Refused`](super::Failure::Refused).
    pub async fn event(&self, room_id: &str, event_id: &str) -> Result<Value> {
        let (room, event) = (segment(room_id)?, segment(event_id)?);
        let path = format!("/_matrix/client/v3/rooms/{room}/event/{event}");
        self.get(&path).await?.json()
    }

    /// The largest upload in bytes: `None` when the server states no limit
    /// (spec, "GET /_matrix/client/v1/media/config").
    ///
    /// # Errors
    ///
    /// What any call may meet.
    pub async fn upload_limit(&self) -> Result<Option<u64>> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(default, rename = "m.upload.size")]
            size: Option<u64>,
        }
        let mut reply = self.get("/_matrix/client/v1/media/config").await?;
        if reply.status.as_u16() == 404 {
            // Servers before spec version 1.11.
            reply = self.get("/_matrix/media/v3/config").await?;
        }
        if reply.is_missing() {
            return Ok(None);
        }
        let answer: Answer = reply.json()?;
        Ok(answer.size)
    }

    pub(super) async fn get(&self, path: &str) -> Result<Reply<'_>> {
        self.get_with(path, &[]).await
    }

    /// As [`Self::get`], with query parameters.
    pub(super) async fn get_with(&self, path: &str, query: &[(&str, String)]) -> Result<Reply<'_>> {
        let mut url = self.server.url(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        self.server.http().send(&self.sign(Call::get(url))).await
    }

    /// What a path leads to; `None` when there is nothing.
    pub(super) async fn find<T: DeserializeOwned>(&self, path: &str) -> Result<Option<T>> {
        let reply = self.get(path).await?;
        if reply.is_missing() {
            return Ok(None);
        }
        reply.json().map(Some)
    }

    fn post(&self, path: &str, body: Value) -> Call<'_> {
        self.sign(Call::post(self.server.url(path), body))
    }

    /// Puts the token on a call.
    pub(super) fn sign<'a>(&'a self, call: Call<'a>) -> Call<'a> {
        call.token(&self.token)
    }

    /// Sets something of this account.
    pub(super) async fn put(&self, path: &str, body: Value) -> Result<()> {
        let call = Call::put(self.server.url(path), body);
        self.read::<Value>(&self.sign(call)).await.map(drop)
    }

    async fn read<T: DeserializeOwned>(&self, call: &Call<'_>) -> Result<T> {
        self.server.http().send(call).await?.json()
    }
}
