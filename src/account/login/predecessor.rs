//! What an earlier device of the same account left on this machine, for the next one.

use std::path::{Path, PathBuf};

use super::{context::Context, device::Device};
use crate::{
    config::Matrix,
    error::{Error, Result},
    files::directory_of,
    journal::{Inheritance, inherit},
    session::{IdentitySecrets, KeyStore, RoomKeys, latest_archives},
    text::counted,
};

/// What an earlier device of the same account left on this machine.
#[derive(Default)]
pub(super) struct Predecessor {
    /// Where its journal is.
    journal: Option<PathBuf>,
    /// The secrets of the identity that the account has.
    pub(super) secrets: Option<IdentitySecrets>,
    /// The store that they are from.
    pub(super) identity_store: Option<PathBuf>,
    /// There are secrets, of an identity that the account has no more.
    has_old_secrets: bool,
    room_keys: Option<RoomKeys>,
}

impl Predecessor {
    /// Looks for what this device can take over: in the user's own store, where there is one, and
    /// where that does not say all, in the archived ones. What cannot be read is no reason to have
    /// no bot.
    pub(super) async fn find(
        context: &Context,
        device: &Device,
        own: Option<&Path>,
    ) -> Result<Self> {
        let master = published_master(device).await?;
        let directory = directory_of(&context.store);
        let own = own.filter(|store| store.exists()).map(Path::to_owned);
        let mut found = Self {
            journal: own.clone(),
            ..Self::default()
        };
        for place in own.into_iter().chain(latest_archives(directory)) {
            match KeyStore::open_copy(&place, directory).await {
                Ok(Some(keys)) if keys.account().user_id == device.user_id() => {
                    found
                        .take(&keys, place, &context.matrix, master.as_deref())
                        .await;
                }
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "cannot read an archived store"),
            }
            let has_identity = found.secrets.is_some() || master.is_none();
            if has_identity && found.room_keys.is_some() && found.journal.is_some() {
                break;
            }
        }
        Ok(found)
    }

    /// Looks into the new store too, where a login that was cut short may have left an identity.
    pub(super) async fn resume(&mut self, device: &Device, new_store: &Path) -> Result<()> {
        if self.secrets.is_none() {
            self.secrets = identity_in(device, new_store).await?;
        }
        Ok(())
    }

    async fn take(
        &mut self,
        keys: &KeyStore,
        place: PathBuf,
        configured: &Matrix,
        master: Option<&str>,
    ) {
        // A later device of the bot has answered since: only the last one's journal counts. What
        // cannot be read of the configuration was not a device.
        let user_id = configured.user_id_if_set().ok().flatten();
        let device_id = configured.device_id_if_set().ok().flatten();
        let account = keys.account();
        let was_last = user_id != Some(account.user_id.as_str())
            || device_id.is_none_or(|id| id == account.device_id);
        if self.journal.is_none() && self.room_keys.is_none() && was_last {
            self.journal = Some(place.clone());
        }
        if self.secrets.is_none()
            && let Some(secrets) = keys.identity_secrets().await
        {
            if master.is_some_and(|master| secrets.belong_to(master)) {
                self.secrets = Some(secrets);
                self.identity_store = Some(place);
            } else {
                self.has_old_secrets = true;
            }
        }
        if self.room_keys.is_none() {
            match keys.export().await {
                Ok(keys) => self.room_keys = Some(keys),
                Err(error) => tracing::warn!(%error, "cannot copy room keys from the old device"),
            }
        }
    }

    /// Its store was moved from here to there.
    pub(super) fn was_archived(&mut self, store: &Path, archive: Option<&Path>) {
        for place in [&mut self.journal, &mut self.identity_store] {
            if place.as_deref() == Some(store) {
                *place = archive.map(Path::to_owned);
            }
        }
    }

    /// Gives the device, whose store nobody has open, the room keys and the messages that wait.
    /// What fails there is no reason to have no bot.
    pub(super) async fn hand_over(self, device: &mut Device, store: &Path) {
        if let Some(keys) = self.room_keys.filter(|keys| keys.count() > 0) {
            match import(keys, store).await {
                Ok(count) => device.notes.push(format!(
                    "Copied {} from the old device, for reading earlier messages.",
                    counted(count as u64, "room key")
                )),
                Err(error) => tracing::warn!(%error, "cannot copy room keys from the old device"),
            }
        }
        if let Some(journal) = &self.journal {
            let inherited = inherit(journal, store, device.user_id()).await;
            let inherited = inherited.unwrap_or_else(|error| {
                tracing::warn!(%error, "cannot copy unanswered messages from the old device");
                Inheritance::default()
            });
            device.notes.extend(describe(inherited));
        }
        if self.secrets.is_none() && self.has_old_secrets && !device.plan.verifies() {
            device.notes.push(
                "The cross-signing identity in the archived store was not restored: the account \
                 has another one now."
                    .to_owned(),
            );
        }
    }
}

/// The secrets of the account's identity in a store that nobody has open.
pub(super) async fn identity_in(device: &Device, store: &Path) -> Result<Option<IdentitySecrets>> {
    let Some(master) = published_master(device).await? else {
        return Ok(None);
    };
    let Some(keys) = KeyStore::open(store).await? else {
        return Ok(None);
    };
    let secrets = keys.identity_secrets().await;
    Ok(secrets.filter(|secrets| secrets.belong_to(&master)))
}

/// The public master key of the account's identity.
async fn published_master(device: &Device) -> Result<Option<String>> {
    let (user_id, device_id) = (device.user_id(), device.device_id());
    let keys = device.account.published_keys(user_id, device_id).await?;
    Ok(keys.master.map(|master| master.public))
}

/// Puts room keys into a store that nobody has open. Returns how many.
pub async fn import(keys: RoomKeys, store: &Path) -> Result<usize> {
    let store = KeyStore::open(store).await?;
    let store = store.ok_or_else(|| Error::failure("the new store has no device"))?;
    Ok(store.import(keys).await?.given)
}

/// What became of the messages that the old device had not answered, for a person.
pub fn describe(inheritance: Inheritance) -> Vec<String> {
    let Inheritance { taken, left } = inheritance;
    let taken_over = (taken > 0).then(|| {
        let messages = counted(taken, "message");
        format!("{messages} not answered by the old device: the new one answers.")
    });
    let left_behind = (left > 0).then(|| {
        let messages = counted(left, "message");
        format!(
            "{messages} not decrypted by the old device: the new one answers if the keys arrive."
        )
    });
    taken_over.into_iter().chain(left_behind).collect()
}
