//! An account, its session and its devices.

use std::sync::Arc;

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::homeserver::Homeserver;
use crate::{
    config::Secret,
    homeserver::transport::{Body, Call, Failure, Reply, Result, segment},
};

const WHOAMI: &str = "/_matrix/client/v3/account/whoami";

/// An account on a homeserver, as an access token sees it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its homeserver.
    pub homeserver: Homeserver,
    token: Arc<Secret>,
}

/// Whose access token it is (spec, "GET /_matrix/client/v3/account/whoami").
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Whoami {
    /// The full user ID.
    pub user_id: String,
    /// The device; `None` for application services.
    pub device_id: Option<String>,
    /// Whether it is a guest account.
    #[serde(default)]
    pub is_guest: bool,
    /// Whether it is an application service's.
    #[serde(skip)]
    pub is_application_service: bool,
}

/// A device of the account (spec, "GET /_matrix/client/v3/devices/{deviceId}").
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[expect(clippy::struct_field_names, reason = "the specification's names")]
pub struct Device {
    /// Its id.
    pub device_id: String,
    /// Its name for people.
    pub display_name: Option<String>,
    /// When it was last seen, in milliseconds since the Unix epoch.
    pub last_seen_ts: Option<u64>,
}

impl Homeserver {
    /// The account that an access token belongs to. Nothing is sent yet.
    pub fn with_token(&self, token: &Secret) -> Account {
        Account {
            homeserver: self.clone(),
            token: Arc::new(token.clone()),
        }
    }
}

impl Account {
    /// Whose token this is, and of what kind.
    ///
    /// # Errors
    ///
    /// [`TokenRejected`](crate::homeserver::Failure::TokenRejected), and what any call may meet.
    pub async fn whoami(&self) -> Result<Whoami> {
        let mut whoami: Whoami = self.get(WHOAMI).await?;
        if whoami.device_id.is_none() {
            whoami.is_application_service = self.is_application_service(&whoami.user_id).await?;
        }
        Ok(whoami)
    }

    /// Whether this user's token is an application service's: those alone name a user to act as,
    /// and are told when they may not; others' are answered as if they had named nobody
    /// (application service API, "Identity assertion").
    async fn is_application_service(&self, user_id: &str) -> Result<bool> {
        let (_, server) = user_id.split_once(':').unwrap_or_default();
        let nobody = format!("@nobody-that-nanobot-knows:{server}");
        let reply = self.ask(WHOAMI, &[("user_id", nobody)]).await?;
        match reply.json::<Whoami>() {
            Ok(named) => Ok(named.user_id != user_id),
            Err(Failure::Refused { .. }) => Ok(true),
            Err(failure) => Err(failure),
        }
    }

    /// Revokes the token and deletes its device with all its keys
    /// (spec, "POST /_matrix/client/v3/logout").
    ///
    /// # Errors
    ///
    /// [`TokenRejected`](crate::homeserver::Failure::TokenRejected) when it was revoked before, and what any
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
        let reply = self.ask("/_matrix/client/v3/devices", &[]).await?;
        reply.member("devices")
    }

    /// The answer to a question that any server knows.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        self.ask(path, &[]).await?.json()
    }

    /// What a path leads to; `None` when there is nothing.
    pub(super) async fn find<T: DeserializeOwned>(&self, path: &str) -> Result<Option<T>> {
        self.ask(path, &[]).await?.found()
    }

    /// Asks with query parameters.
    pub(super) async fn ask(&self, path: &str, query: &[(&str, String)]) -> Result<Reply> {
        let mut url = self.homeserver.url(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        self.homeserver.http.send(&self.sign(Call::get(url))).await
    }

    pub(super) fn post(&self, path: &str, body: Value) -> Call<'_> {
        self.sign(Call::post(self.homeserver.url(path), Body::Json(body)))
    }

    /// Puts the token on a call.
    pub(super) fn sign<'a>(&'a self, call: Call<'a>) -> Call<'a> {
        Call {
            token: Some(&self.token),
            ..call
        }
    }

    /// Sets something of this account.
    pub(super) async fn put(&self, path: &str, body: Value) -> Result<()> {
        let call = Call::put(self.homeserver.url(path), body);
        self.read::<Value>(&self.sign(call)).await.map(drop)
    }

    pub(super) async fn read<T: DeserializeOwned>(&self, call: &Call<'_>) -> Result<T> {
        self.homeserver.http.send(call).await?.json()
    }
}
