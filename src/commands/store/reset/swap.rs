//! Putting the new device in the old one's place, and only then ending the old one.
//!
//! The two stores change places by renames, and the configuration follows. Whatever moment this is
//! killed at, the journal says that it is under way, and doing it again does what is missing.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{
    journal::{Journal, Secrets, Step},
    places::Places,
    steps::login,
};
use crate::{
    commands::login::custody::Custody,
    config::{Document, Secret},
    error::{Error, Kind, Result},
    homeserver::{Failure, Homeserver},
    instance::crash_point,
};

/// The last part of a reset.
pub(super) struct Swap<'a> {
    pub(super) places: &'a Places,
    pub(super) document: &'a mut Document,
    pub(super) custody: &'a Custody,
    pub(super) homeserver: &'a Homeserver,
}

impl Swap<'_> {
    /// Puts the new store and the new login in place.
    ///
    /// # Errors
    ///
    /// When the disk refuses; the old store is back in its place then, unless `resumed`, where the
    /// next run goes on.
    pub(super) fn put_in_place(&mut self, journal: &mut Journal, resumed: bool) -> Result<()> {
        journal.step = Step::Swap;
        journal.write(self.places)?;
        crash_point("reset-swap");
        let placed = self
            .change_stores(journal)
            .and_then(|()| self.write_config(journal));
        if let Err(error) = placed {
            if !resumed {
                self.change_back(journal);
            }
            return Err(error);
        }
        crash_point("reset-config");
        journal.step = Step::Retire;
        journal.write(self.places)
    }

    fn archive(&self, journal: &Journal) -> PathBuf {
        self.places.directory().join(&journal.archive)
    }

    fn change_stores(&self, journal: &Journal) -> Result<()> {
        let (store, new_store) = (self.places.store(), self.places.new_store());
        if !new_store.exists() {
            return Ok(());
        }
        if store.exists() {
            rename(&store, &self.archive(journal))?;
        }
        crash_point("reset-archive");
        rename(&new_store, &store)?;
        crash_point("reset-place");
        Ok(())
    }

    fn change_back(&self, journal: &Journal) {
        let (store, new_store) = (self.places.store(), self.places.new_store());
        let mut back = Ok(());
        if !new_store.exists() {
            back = rename(&store, &new_store);
        }
        let archive = self.archive(journal);
        if archive.exists() {
            back = back.and_then(|()| rename(&archive, &store));
        }
        if let Err(error) = back {
            tracing::error!(%error, "the old store is not back in its place");
        }
    }

    fn write_config(&mut self, journal: &Journal) -> Result<()> {
        let secrets = Secrets::read(&self.places.store())?
            .ok_or_else(|| Error::failure("the new device's login is not in its store"))?;
        let device_id = journal.new_device.as_str();
        self.document.matrix_set("deviceId", device_id)?;
        let login = login(journal, &secrets);
        self.custody.keep(self.document, &login).map(drop)
    }

    /// Logs the old device out, and forgets what only the reset needed. Returns whether the old
    /// device is gone, and what should be said.
    pub(super) async fn retire(&self, journal: &Journal) -> Result<(bool, Vec<String>)> {
        let secrets = Secrets::read(&self.places.store())?;
        let mut gone = false;
        if let Some(token) = secrets.as_ref().and_then(Secrets::old_token)
            && !journal.keep_old_device
        {
            gone = self.log_out(&token, journal).await?;
        }
        crash_point("reset-retire");
        let mut notes = Vec::new();
        if let Some(secrets) = &secrets
            && !gone
        {
            notes.extend(self.still_listed(&secrets.new_token(), journal).await);
        }
        notes.extend(self.custody.retire(&journal.user_id, &journal.old_device));
        Secrets::remove(&self.places.store())?;
        crash_point("reset-secrets");
        self.places.clear()?;
        Journal::remove(self.places)?;
        Ok((gone, notes))
    }

    /// Returns whether the old device is gone. One that the homeserver does not let go is told of,
    /// and holds nothing up.
    async fn log_out(&self, token: &Secret, journal: &Journal) -> Result<bool> {
        match self.homeserver.with_token(token).logout().await {
            Ok(()) | Err(Failure::TokenRejected { .. }) => Ok(true),
            Err(failure) if failure.kind() == Kind::Unreachable => Err(Error::unreachable(format!(
                "the new device {} is in place, but the old one, {}, is still logged in: {failure}",
                journal.new_device, journal.old_device
            ))
            .hint("run `nanobot store reset` again to log it out")),
            Err(failure) => {
                tracing::warn!(%failure, "the old device cannot be logged out");
                Ok(false)
            }
        }
    }

    /// What to say of an old device that was not logged out.
    async fn still_listed(&self, token: &Secret, journal: &Journal) -> Option<String> {
        let old = &journal.old_device;
        let listed = self.homeserver.with_token(token).device(old).await;
        let is_gone = listed
            .inspect_err(|error| tracing::debug!(%error, "cannot look for the old device"))
            .is_ok_and(|device| device.is_none());
        (!is_gone).then(|| {
            format!(
                "Device {old} is still in the account's list of sessions. If nothing else uses it, \
                 remove it there with another client, such as Element."
            )
        })
    }

    /// Where the old store is kept, if there was one.
    pub(super) fn archived(&self, journal: &Journal) -> Option<PathBuf> {
        Some(self.archive(journal)).filter(|archive| archive.exists())
    }
}

fn rename(from: &Path, to: &Path) -> Result<()> {
    // An empty directory would be replaced in silence.
    if to.exists() {
        return Err(Error::failure(format!(
            "{} is in the way of the store from {}",
            to.display(),
            from.display()
        ))
        .hint("move it away, then run `nanobot store reset` again"));
    }
    let moved = fs::rename(from, to).and_then(|()| {
        let directory = to.parent().unwrap_or(Path::new("."));
        // On the disk before the next step is.
        fs::File::open(directory)?.sync_all()
    });
    moved.map_err(|error| {
        Error::failure(format!(
            "cannot move {} to {}",
            from.display(),
            to.display()
        ))
        .because(error)
    })
}
