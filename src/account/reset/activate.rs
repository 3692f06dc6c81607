//! Putting the new device in the old one's place.
//!
//! The two stores change places by renames, and the configuration follows. Whatever moment this is
//! killed at, the checkpoint says that it is under way, and doing it again does what is missing.

use std::{fs, path::Path};

use super::{
    Run,
    checkpoint::{Checkpoint, Secrets, Step},
    places::Places,
};
use crate::{
    error::{Error, Result},
    ipc::crash_point,
};

impl Run {
    /// Puts the new store and the new login in place.
    ///
    /// # Errors
    ///
    /// When the disk refuses. The checkpoint then says what is left to do: to take everything back,
    /// with the old store in its place again; or, where that cannot be put back or the run is
    /// `resumed`, to go on with this.
    pub fn activate(&self, checkpoint: &mut Checkpoint, resumed: bool) -> Result<()> {
        let places = &self.places;
        checkpoint.step = Step::Activate;
        if let Err(error) = checkpoint.write(places) {
            checkpoint.step = Step::Undo;
            return Err(error);
        }
        crash_point("reset-swap");
        let activated =
            change_stores(places, checkpoint).and_then(|()| self.write_config(checkpoint));
        if let Err(error) = activated {
            return Err(if resumed {
                error
            } else {
                change_back(places, checkpoint, error)
            });
        }
        crash_point("reset-config");
        checkpoint.step = Step::Retire;
        checkpoint.write(places)
    }

    fn write_config(&self, checkpoint: &Checkpoint) -> Result<()> {
        let secrets = Secrets::read(&self.places.store)?
            .ok_or_else(|| Error::failure("the new device's login is not in its store"))?;
        let (user_id, device_id) = (checkpoint.user_id.as_str(), checkpoint.new_device.as_str());
        let mut document = self.document.clone();
        document.matrix_set("deviceId", device_id)?;
        self.token_store
            .keep(&mut document, (user_id, device_id), &secrets.new_token())
            .map(drop)
    }
}

fn change_stores(places: &Places, checkpoint: &Checkpoint) -> Result<()> {
    if !places.new_store.exists() {
        return Ok(());
    }
    if places.store.exists() {
        rename(&places.store, &places.directory.join(&checkpoint.archive))?;
    }
    crash_point("reset-archive");
    rename(&places.new_store, &places.store)?;
    crash_point("reset-place");
    Ok(())
}

/// Puts the old store back in its place, because of this error, and says so in the checkpoint.
/// Returns the error, with what to do where the old store cannot be put back.
fn change_back(places: &Places, checkpoint: &mut Checkpoint, error: Error) -> Error {
    let archive = places.directory.join(&checkpoint.archive);
    let mut back = Ok(());
    if !places.new_store.exists() {
        back = rename(&places.store, &places.new_store);
    }
    crash_point("reset-back");
    if archive.exists() {
        back = back.and_then(|()| rename(&archive, &places.store));
    }
    match back {
        Ok(()) => {
            checkpoint.step = Step::Undo;
            error
        }
        Err(stuck) => {
            tracing::error!(%stuck, "cannot put the old store back");
            error
                .hint("fix that, then run this again to continue with the new store")
                .command("nanobot store reset")
        }
    }
}

fn rename(from: &Path, to: &Path) -> Result<()> {
    // An empty directory would be replaced in silence.
    if to.exists() {
        return Err(Error::failure(format!(
            "cannot move the store {1} to {0}: it already exists",
            to.display(),
            from.display()
        ))
        .hint("move it away, then run this again")
        .command("nanobot store reset"));
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

    /// A data directory in the middle of an activation: these stores, by what is in them.
    fn scene(stores: &[(&str, &str)]) -> (tempfile::TempDir, Places, Checkpoint) {
        let home = tempfile::tempdir().unwrap();
        let mut checkpoint = Checkpoint::new("@bot:h", "OLD");
        checkpoint.step = Step::Activate;
        "archive".clone_into(&mut checkpoint.archive);
        for (store, content) in stores {
            fs::create_dir(home.path().join(store)).unwrap();
            fs::write(home.path().join(store).join("is"), content).unwrap();
        }
        let places = Places::of(home.path());
        (home, places, checkpoint)
    }

    fn holds(home: &tempfile::TempDir, store: &str) -> String {
        fs::read_to_string(home.path().join(store).join("is")).unwrap_or_default()
    }

    #[test]
    fn an_activation_that_fails_is_taken_back_from_wherever_it_was() {
        let failure = || Error::failure("the disk is full");
        for stores in [
            &[("matrix-store", "old"), ("matrix-store.reset", "new")],
            &[("archive", "old"), ("matrix-store.reset", "new")],
            &[("archive", "old"), ("matrix-store", "new")],
        ] {
            let (home, places, mut checkpoint) = scene(stores);
            let error = change_back(&places, &mut checkpoint, failure());
            assert_eq!(error.to_string(), "the disk is full");
            assert_eq!(checkpoint.step, Step::Undo);
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
        let (home, places, mut checkpoint) = scene(&stores);
        let error = change_back(&places, &mut checkpoint, Error::failure("the disk is full"));
        assert!(error.hint_text().unwrap().contains("nanobot store reset"));
        assert_eq!(checkpoint.step, Step::Activate);
        for (store, content) in stores {
            assert_eq!(holds(&home, store), content);
        }
    }
}
