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
    /// When the disk refuses. The journal then says what is left to do: to take everything back,
    /// with the old store in its place again; or, where that cannot be put back or the run is
    /// `resumed`, to go on with the swap.
    pub(super) fn put_in_place(&mut self, journal: &mut Journal, resumed: bool) -> Result<()> {
        journal.step = Step::Swap;
        if let Err(error) = journal.write(self.places) {
            journal.step = Step::Undo;
            return Err(error);
        }
        crash_point("reset-swap");
        let placed = self
            .change_stores(journal)
            .and_then(|()| self.write_config(journal));
        if let Err(error) = placed {
            return Err(if resumed {
                error
            } else {
                change_back(self.places, journal, error)
            });
        }
        crash_point("reset-config");
        journal.step = Step::Retire;
        journal.write(self.places)
    }

    fn change_stores(&self, journal: &Journal) -> Result<()> {
        let (store, new_store) = (self.places.store(), self.places.new_store());
        if !new_store.exists() {
            return Ok(());
        }
        if store.exists() {
            rename(&store, &archive(self.places, journal))?;
        }
        crash_point("reset-archive");
        rename(&new_store, &store)?;
        crash_point("reset-place");
        Ok(())
    }

    fn write_config(&mut self, journal: &Journal) -> Result<()> {
        let secrets = Secrets::read(&self.places.store())?
            .ok_or_else(|| Error::failure("the new device's login is not in its store"))?;
        let device_id = journal.new_device.as_str();
        self.document.matrix_set("deviceId", device_id)?;
        let login = login(journal, &secrets);
        self.custody.keep(self.document, &login).map(drop)
    }

    /// Logs the old device out. Returns whether it is gone, and what should be said.
    pub(super) async fn retire(
        &self,
        journal: &Journal,
        secrets: Option<&Secrets>,
    ) -> Result<(bool, Vec<String>)> {
        let mut gone = false;
        if let Some(token) = secrets.and_then(Secrets::old_token)
            && !journal.keep_old_device
        {
            gone = self.log_out(&token, journal).await?;
        }
        crash_point("reset-retire");
        let mut notes = Vec::new();
        if let Some(secrets) = secrets
            && !gone
        {
            notes.extend(self.still_listed(&secrets.new_token(), journal).await);
        }
        notes.extend(self.custody.retire(&journal.user_id, &journal.old_device));
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
        Some(archive(self.places, journal)).filter(|archive| archive.exists())
    }
}

fn archive(places: &Places, journal: &Journal) -> PathBuf {
    places.directory().join(&journal.archive)
}

/// Puts the old store back in its place, because of this error, and says so in the journal.
/// Returns the error, with what to do where the old store cannot be put back.
fn change_back(places: &Places, journal: &mut Journal, error: Error) -> Error {
    let (store, new_store, archive) =
        (places.store(), places.new_store(), archive(places, journal));
    let mut back = Ok(());
    if !new_store.exists() {
        back = rename(&store, &new_store);
    }
    crash_point("reset-back");
    if archive.exists() {
        back = back.and_then(|()| rename(&archive, &store));
    }
    match back {
        Ok(()) => {
            journal.step = Step::Undo;
            error
        }
        Err(stuck) => {
            tracing::error!(%stuck, "the old store is not back in its place");
            error.hint("mend that, then run `nanobot store reset` again to go on with the new one")
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A data directory in the middle of a swap: these stores, by what is in them.
    fn scene(stores: &[(&str, &str)]) -> (tempfile::TempDir, Places, Journal) {
        let home = tempfile::tempdir().unwrap();
        let mut journal = Journal::new("@bot:h", "OLD");
        journal.step = Step::Swap;
        "archive".clone_into(&mut journal.archive);
        for (store, content) in stores {
            fs::create_dir(home.path().join(store)).unwrap();
            fs::write(home.path().join(store).join("is"), content).unwrap();
        }
        let places = Places::of(home.path());
        (home, places, journal)
    }

    fn holds(home: &tempfile::TempDir, store: &str) -> String {
        fs::read_to_string(home.path().join(store).join("is")).unwrap_or_default()
    }

    #[test]
    fn a_swap_that_fails_is_taken_back_from_wherever_it_was() {
        let failure = || Error::failure("the disk is full");
        for stores in [
            &[("matrix-store", "old"), ("matrix-store.reset", "new")],
            &[("archive", "old"), ("matrix-store.reset", "new")],
            &[("archive", "old"), ("matrix-store", "new")],
        ] {
            let (home, places, mut journal) = scene(stores);
            let error = change_back(&places, &mut journal, failure());
            assert_eq!(error.to_string(), "the disk is full");
            assert_eq!(journal.step, Step::Undo);
            assert_eq!(holds(&home, "matrix-store"), "old", "{stores:?}");
            assert_eq!(holds(&home, "matrix-store.reset"), "new", "{stores:?}");
        }
    }

    #[test]
    fn where_the_old_store_cannot_be_put_back_the_next_run_goes_on_with_the_new_one() {
        // Somebody has made a store in the place of the old one.
        let stores = [
            ("archive", "old"),
            ("matrix-store", "theirs"),
            ("matrix-store.reset", "new"),
        ];
        let (home, places, mut journal) = scene(&stores);
        let error = change_back(&places, &mut journal, Error::failure("the disk is full"));
        assert!(error.hint_text().unwrap().contains("nanobot store reset"));
        assert_eq!(journal.step, Step::Swap);
        for (store, content) in stores {
            assert_eq!(holds(&home, store), content);
        }
    }
}
