//! What the homeserver shows of the device, its owner, and what the account keeps there.

use std::time::Duration;

use crate::{
    error::{Error, Result},
    homeserver::Backup,
    session::{Chain, Credentials, DeviceKeyPair, verify_chain},
};

/// How long the homeserver may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where secret storage begins: it names the key that opens it (spec, "Secrets").
const DEFAULT_KEY: &str = "m.secret_storage.default_key";

/// What the homeserver shows.
#[derive(Debug)]
pub(super) struct Server {
    /// The device's published keys.
    pub(super) device: Option<DeviceKeyPair>,
    /// Whether they can be traced to the owner.
    pub(super) chain: Chain,
    /// The owner's public master key.
    pub(super) master: Option<String>,
    /// How many one-time keys are left.
    pub(super) one_time_keys: u64,
    /// The backup of room keys.
    pub(super) backup: Option<Backup>,
    /// Whether there is a store of secrets, which a recovery key opens.
    pub(super) secret_storage: bool,
}

impl Server {
    /// Asks it. Changes nothing.
    pub(super) async fn ask(credentials: &Credentials) -> Result<Self> {
        let asked = tokio::time::timeout(PATIENCE, Self::ask_all(credentials)).await;
        asked.unwrap_or_else(|_| {
            Err(Error::unreachable(format!(
                "{} did not answer within {} s",
                credentials.homeserver,
                PATIENCE.as_secs()
            )))
        })
    }

    async fn ask_all(credentials: &Credentials) -> Result<Self> {
        let account = credentials.account()?;
        let (user_id, device_id) = (&credentials.user_id, &credentials.device_id);
        let (published, one_time_keys, backup, default_key) = tokio::try_join!(
            account.published_keys(user_id, device_id),
            account.one_time_key_count(),
            account.backup(),
            account.account_data(user_id, DEFAULT_KEY),
        )?;
        Ok(Self {
            chain: verify_chain(&published, user_id, device_id),
            master: published.master.map(|key| key.public),
            device: published.device.map(DeviceKeyPair::from),
            one_time_keys,
            backup,
            secret_storage: default_key.is_some_and(|data| data["key"].is_string()),
        })
    }
}
