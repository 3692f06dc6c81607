//! What the account has before a login changes anything, and what becomes of a recovery key that
//! waits.

use super::identity::Holdings;
use crate::{
    commands::recovery_key::{PendingKey, Standing},
    error::Result,
    homeserver::{Account, PublishedKeys},
    session::{RecoveryFailure, SecretStorage},
};

/// What the account has before the login changes anything.
pub(super) struct Situation {
    pub(super) keys: PublishedKeys,
    has_storage: bool,
    has_backup: bool,
    secrets: Secrets,
}

/// Where the device has the identity's secrets from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Secrets {
    /// From its own store, if at all.
    Own,
    /// From an earlier device.
    Earlier,
    /// From nowhere.
    None,
}

impl Situation {
    pub(super) async fn find(
        account: &Account,
        (user_id, device_id): (&str, &str),
        storage: &Result<Option<SecretStorage>, RecoveryFailure>,
        holdings: Holdings<'_>,
    ) -> Result<Self> {
        let backup = account.backup().await?;
        let secrets = match holdings {
            Holdings::Own => None,
            Holdings::New(secrets) => secrets,
        };
        let has_key = |version: &str| {
            secrets.is_some_and(|secrets| secrets.backup_version() == Some(version))
        };
        Ok(Self {
            keys: account.published_keys(user_id, device_id).await?,
            has_storage: !matches!(storage, Ok(None)),
            has_backup: backup.is_some_and(|backup| !has_key(&backup.version))
                && matches!(holdings, Holdings::New(_)),
            secrets: match holdings {
                Holdings::Own => Secrets::Own,
                Holdings::New(Some(_)) => Secrets::Earlier,
                Holdings::New(None) => Secrets::None,
            },
        })
    }

    /// Whether the device gets the identity's secrets from an earlier one.
    pub(super) fn has_secrets(&self) -> bool {
        self.secrets == Secrets::Earlier
    }

    /// Whether this device can set up recovery, as far as can be told by now.
    pub(super) fn allows_recovery(&self) -> Result<(), RecoveryFailure> {
        if self.has_storage {
            Err(RecoveryFailure::AlreadySetUp)
        } else if self.secrets == Secrets::None && self.keys.master.is_some() {
            Err(RecoveryFailure::NoIdentityKeys)
        } else if self.has_backup {
            Err(RecoveryFailure::BackupExistsOnServer)
        } else {
            Ok(())
        }
    }

    /// What this account makes of a key that waits.
    pub(super) fn resume(
        &self,
        key: PendingKey,
        storage: &Result<Option<SecretStorage>, RecoveryFailure>,
    ) -> Resumed {
        let master = self.keys.master.as_ref();
        Resumed {
            standing: match storage {
                Ok(storage) => key.standing_in(storage.as_ref()),
                Err(_) => Standing::Strange,
            },
            has_replaced: key.has_replaced(master.map(|master| master.public.as_str())),
            key,
        }
    }
}

/// A recovery key that a run before this has made, or a new one, and what it is to the account.
#[derive(Debug)]
pub(super) struct Resumed {
    pub(super) key: PendingKey,
    standing: Standing,
    has_replaced: bool,
}

impl Resumed {
    /// A key that was made just now.
    pub(super) fn of(key: PendingKey) -> Self {
        Self {
            key,
            standing: Standing::Unused,
            has_replaced: false,
        }
    }

    /// Whether the identity that was to be replaced along with it is.
    pub(super) fn has_replaced(&self) -> bool {
        self.has_replaced
    }

    /// Whether the account has it already.
    pub(super) fn is_begun(&self) -> bool {
        self.standing == Standing::InUse
    }

    /// Whether it can be the account's key, or is. With a new identity any can.
    pub(super) fn is_usable(&self, situation: &Situation, resets: bool) -> bool {
        match self.standing {
            Standing::InUse => true,
            _ if self.has_replaced || resets => true,
            Standing::Unused => situation.allows_recovery().is_ok(),
            Standing::Strange => false,
        }
    }

    pub(super) fn describe_unusable(&self) -> String {
        match self.standing {
            Standing::Strange => self.key.describe_strange(),
            Standing::InUse | Standing::Unused => self.key.describe_waiting(),
        }
    }
}
