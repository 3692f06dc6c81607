//! What an earlier device of the same account has left here, for the one that follows it.

use std::path::{Path, PathBuf};

use crate::{
    commands::{inheritance::inherited, stores::archives},
    error::{Error, Result},
    inbox::Inheritance,
    session::{IdentitySecrets, KeyStore, RoomKeys},
};

/// Older archives than these are not looked into.
const MOST_ARCHIVES: usize = 5;

/// The device that the configuration names.
#[derive(Clone, Debug, Default)]
pub(super) struct Configured {
    pub(super) user_id: Option<String>,
    pub(super) device_id: Option<String>,
}

/// What an earlier device of the same account has left here.
#[derive(Default)]
pub(super) struct Predecessor {
    /// Where its journal is.
    journal: Option<PathBuf>,
    /// The secrets of the identity that the account has.
    secrets: Option<IdentitySecrets>,
    /// There are secrets, of an identity that the account has no more.
    has_old_secrets: bool,
    room_keys: Option<RoomKeys>,
}

impl Predecessor {
    /// Looks into the user's own store, where there is one, and where that does not say all, into
    /// the archived ones. `master` is the public master key of the account's identity. What cannot
    /// be read is no reason to have no bot.
    pub(super) async fn find(
        directory: &Path,
        store: Option<&Path>,
        user_id: &str,
        configured: &Configured,
        master: Option<&str>,
    ) -> Self {
        let store = store.filter(|store| store.exists()).map(Path::to_owned);
        let mut found = Self {
            journal: store.clone(),
            ..Self::default()
        };
        let archived = archives(directory).unwrap_or_else(|error| {
            tracing::warn!(%error, "archived stores are not looked into");
            Vec::new()
        });
        let candidates = store
            .into_iter()
            .chain(archived.into_iter().take(MOST_ARCHIVES));
        for candidate in candidates {
            match KeyStore::open_copy(&candidate, directory).await {
                Ok(Some(keys)) if keys.account().user_id == user_id => {
                    found.take(&keys, &candidate, configured, master).await;
                }
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(%error, "nothing is taken over from a store");
                }
            }
            if found.is_complete(master) {
                break;
            }
        }
        found
    }

    /// Looks into the new store too, where a login that was cut short may have left an identity.
    pub(super) async fn resume(&mut self, new_store: &Path, master: Option<&str>) -> Result<()> {
        if let (None, Some(master)) = (&self.secrets, master)
            && let Some(keys) = KeyStore::open(new_store).await?
        {
            let secrets = keys.identity_secrets().await;
            self.secrets = secrets.filter(|secrets| secrets.belong_to(master));
        }
        Ok(())
    }

    async fn take(
        &mut self,
        keys: &KeyStore,
        place: &Path,
        configured: &Configured,
        master: Option<&str>,
    ) {
        let account = keys.account();
        // A later device of the bot has answered since: only the last one's journal counts.
        let was_last = configured.user_id.as_deref() != Some(&account.user_id)
            || configured
                .device_id
                .as_deref()
                .is_none_or(|id| id == account.device_id);
        if self.journal.is_none() && self.room_keys.is_none() && was_last {
            self.journal = Some(place.to_owned());
        }
        if self.secrets.is_none()
            && let Some(secrets) = keys.identity_secrets().await
        {
            if master.is_some_and(|master| secrets.belong_to(master)) {
                self.secrets = Some(secrets);
            } else {
                self.has_old_secrets = true;
            }
        }
        if self.room_keys.is_none() {
            match keys.export().await {
                Ok(keys) => self.room_keys = Some(keys),
                Err(error) => tracing::warn!(%error, "room keys are not taken over"),
            }
        }
    }

    fn is_complete(&self, master: Option<&str>) -> bool {
        let has_identity = self.secrets.is_some() || master.is_none();
        has_identity && self.room_keys.is_some() && self.journal.is_some()
    }

    /// Its store was moved from here to there.
    pub(super) fn was_archived(&mut self, store: &Path, archive: Option<&Path>) {
        if self.journal.as_deref() == Some(store) {
            self.journal = archive.map(Path::to_owned);
        }
    }

    /// The secrets of the account's identity.
    pub(super) fn secrets(&self) -> Option<&IdentitySecrets> {
        self.secrets.as_ref()
    }

    /// Why the device is not verified by what was left here, as a sentence; nothing where nothing
    /// was left here.
    pub(super) fn explain_unverified(&self) -> Option<&'static str> {
        match (&self.secrets, self.has_old_secrets, &self.room_keys) {
            (None, true, _) => Some(
                "The identity in the bot's earlier store is not taken over: the account has \
                 another one now.",
            ),
            (None, false, Some(_)) => Some(
                "The bot's earlier store does not have the account's identity, so it is not taken \
                 over.",
            ),
            _ => None,
        }
    }

    /// Puts its room keys into the new store, which nobody has open. Returns how many.
    pub(super) async fn hand_over_keys(&mut self, store: &Path) -> Result<usize> {
        let Some(keys) = self.room_keys.take().filter(|keys| keys.count() > 0) else {
            return Ok(0);
        };
        let store = KeyStore::open(store).await?;
        let store = store.ok_or_else(|| Error::failure("the new store has no device"))?;
        Ok(store.import(keys).await?.given)
    }

    /// Puts what waits in its journal into that of the new store.
    pub(super) async fn hand_over_journal(&self, store: &Path, user_id: &str) -> Inheritance {
        match &self.journal {
            Some(journal) => inherited(journal, store, user_id).await,
            None => Inheritance::default(),
        }
    }
}
