//! How far a reset has come, so that one that was killed is finished by the next.

use std::{
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};

use super::{Reset, places::Places};
use crate::{
    commands::private_file::{read, remove, write},
    config::Secret,
    error::{Error, Result},
    instance::{RESET_JOURNAL, is_reset_unfinished},
    session::{Identity, new_device_id},
};

/// In the new store, where secrets may live.
const SECRETS: &str = "reset-secrets.json";
const VERSION: u32 = 1;

/// Says that a reset was begun in this data directory and not finished: store and configuration
/// may belong to different devices.
///
/// # Errors
///
/// When it was, with the command that finishes it.
pub(in crate::commands) fn refuse_unfinished(directory: &Path) -> Result<()> {
    if !is_reset_unfinished(directory) {
        return Ok(());
    }
    Err(
        Error::failure("a reset of the encryption store was begun here and not finished")
            .hint("run `nanobot store reset` to finish it"),
    )
}

/// What a reset has to be through, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Step {
    /// Taking back what was made, because something failed.
    Undo,
    /// Making the new device beside the old one. All of it can be taken back.
    Prepare,
    /// Putting the new store and the new login in place.
    Swap,
    /// Logging the old device out.
    Retire,
}

/// What there is to tell about a reset, gathered while it goes on.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Findings {
    pub(super) room_keys: u64,
    pub(super) verified: bool,
    pub(super) new_identity: NewIdentity,
    /// Whether a second device and the new one have read each other.
    pub(super) proven: bool,
    pub(super) taken: u64,
    pub(super) left: u64,
    /// Whether the account has the recovery key that waits to be shown.
    #[serde(default)]
    pub(super) recovery_key: bool,
}

/// Whether the account got a new identity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum NewIdentity {
    /// It has the one it had.
    #[default]
    No,
    /// It did.
    Yes,
    /// It did, and what it keeps for recovery belongs to the old one.
    WithOldRecovery,
}

/// How far the login of the new device came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum NewLogin {
    /// There is no such device.
    #[default]
    None,
    /// The homeserver was asked for it, and may have made it.
    Asked,
}

/// A reset under way. It holds no secrets.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Journal {
    version: u32,
    pub(super) step: Step,
    pub(super) user_id: String,
    pub(super) old_device: String,
    /// Chosen before the login, so that a repeated login makes no second device.
    pub(super) new_device: String,
    #[serde(default)]
    pub(super) login: NewLogin,
    /// The device that the new one is tried with, while there may be one.
    pub(super) trial_device: Option<String>,
    pub(super) keep_old_device: bool,
    /// Whether the account may get a new identity, which somebody has allowed.
    #[serde(default)]
    pub(super) reset_identity: bool,
    /// Whether a new identity gets a new recovery key.
    #[serde(default)]
    pub(super) recovery: bool,
    /// The name of the old store once it is set aside.
    pub(super) archive: String,
    pub(super) findings: Findings,
}

impl Journal {
    pub(super) fn new(user_id: &str, old_device: &str) -> Self {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |time| time.as_secs());
        Self {
            version: VERSION,
            step: Step::Prepare,
            user_id: user_id.to_owned(),
            old_device: old_device.to_owned(),
            new_device: new_device_id(),
            login: NewLogin::default(),
            trial_device: None,
            keep_old_device: false,
            reset_identity: false,
            recovery: false,
            archive: format!("matrix-store.old-{now}"),
            findings: Findings::default(),
        }
    }

    /// What this run is told, on top of what those before it were.
    pub(super) fn joined(&self, args: &Reset) -> Reset {
        let mut args = args.clone();
        args.keep_old_device |= self.keep_old_device;
        args.reset_identity |= self.reset_identity;
        args.recovery |= self.recovery;
        args
    }

    /// Writes down what was wished for and allowed, which a run that goes on is not asked again.
    pub(super) fn wish(&mut self, args: &Reset) {
        self.keep_old_device = args.keep_old_device;
        self.reset_identity = args.reset_identity;
        self.recovery = args.recovery;
    }

    /// The reset that was begun here and not finished.
    pub(super) fn read(places: &Places) -> Result<Option<Self>> {
        let path = places.directory().join(RESET_JOURNAL);
        let journal: Option<Self> = read(&path)?;
        match journal {
            Some(journal) if journal.version > VERSION => Err(Error::failure(
                "a newer nanobot has begun a reset of the encryption store here",
            )
            .hint("finish it with that version: nanobot store reset")),
            journal => Ok(journal),
        }
    }

    pub(super) fn write(&self, places: &Places) -> Result<()> {
        write(places.directory(), RESET_JOURNAL, self)
    }

    pub(super) fn remove(places: &Places) -> Result<()> {
        remove(&places.directory().join(RESET_JOURNAL))
    }

    pub(super) fn identity(&mut self, identity: Identity) {
        self.findings.verified = identity != Identity::Unverified;
        // A run that was killed may have made it.
        if identity == Identity::Created && self.findings.new_identity == NewIdentity::No {
            self.findings.new_identity = NewIdentity::Yes;
        }
    }
}

/// What a reset must still know after a kill, and nobody else may: in the new store, 0600.
#[derive(Serialize, Deserialize)]
pub(super) struct Secrets {
    new_token: String,
    old_token: Option<String>,
    /// The recovery key that an earlier version of this program made, until it is shown.
    #[serde(default)]
    recovery_key: Option<String>,
}

impl Secrets {
    pub(super) fn new(new: &Secret, old: Option<&Secret>) -> Self {
        Self {
            new_token: new.expose().to_owned(),
            old_token: old.map(|token| token.expose().to_owned()),
            recovery_key: None,
        }
    }

    pub(super) fn recovery_key(&self) -> Option<Secret> {
        self.recovery_key.clone().map(Secret::new)
    }

    pub(super) fn new_token(&self) -> Secret {
        Secret::new(self.new_token.clone())
    }

    pub(super) fn old_token(&self) -> Option<Secret> {
        self.old_token.clone().map(Secret::new)
    }

    /// Those of the reset whose new store this is.
    pub(super) fn read(store: &Path) -> Result<Option<Self>> {
        read(&store.join(SECRETS))
    }

    pub(super) fn write(&self, store: &Path) -> Result<()> {
        write(store, SECRETS, self)
    }

    pub(super) fn remove(store: &Path) -> Result<()> {
        remove(&store.join(SECRETS))
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Command, store::StoreCommand};

    #[test]
    fn an_unfinished_reset_is_found_again_and_named() {
        let home = tempfile::tempdir().unwrap();
        let places = Places::of(home.path());
        assert!(Journal::read(&places).unwrap().is_none());
        refuse_unfinished(home.path()).unwrap();

        let journal = Journal::new("@bot:h", "OLD");
        journal.write(&places).unwrap();
        let found = Journal::read(&places).unwrap().unwrap();
        assert_eq!(found.new_device, journal.new_device);
        assert_eq!(found.step, Step::Prepare);
        let error = refuse_unfinished(home.path()).unwrap_err();
        assert!(error.hint_text().unwrap().contains("nanobot store reset"));

        Journal::remove(&places).unwrap();
        refuse_unfinished(home.path()).unwrap();
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
    }

    #[test]
    fn secrets_are_only_for_their_owner() {
        let store = tempfile::tempdir().unwrap();
        let token = Secret::new("new");
        Secrets::new(&token, None).write(store.path()).unwrap();
        let file = store.path().join(SECRETS);
        assert_eq!(
            fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o600
        );
        let found = Secrets::read(store.path()).unwrap().unwrap();
        assert_eq!(found.new_token(), token);
        assert!(found.old_token().is_none());
    }

    #[test]
    fn a_run_that_goes_on_wishes_for_what_the_one_before_it_did() {
        let args = |words: &[&str]| {
            let words = [&["nanobot", "store", "reset"], words].concat();
            match Cli::try_parse_from(words).unwrap().command {
                Command::Store(store) => match store.command {
                    StoreCommand::Reset(args) => args,
                    other => panic!("{other:?}"),
                },
                other => panic!("{other:?}"),
            }
        };
        let plain = args(&[]);
        let mut journal = Journal::new("@bot:h", "OLD");
        // One that an earlier version wrote says nothing of them.
        let mut earlier = serde_json::to_value(&journal).unwrap();
        for name in ["reset_identity", "recovery"] {
            earlier.as_object_mut().unwrap().remove(name).unwrap();
        }
        let earlier: Journal = serde_json::from_value(earlier).unwrap();
        assert!(!earlier.joined(&plain).reset_identity);

        journal.wish(&args(&["--reset-identity", "--recovery"]));
        let joined = journal.joined(&args(&["--keep-old-device"]));
        assert!(joined.reset_identity && joined.recovery && joined.keep_old_device);
        journal.wish(&joined);
        assert!(journal.joined(&plain).keep_old_device);
    }

    #[test]
    fn a_journal_of_a_newer_version_is_left_alone() {
        let home = tempfile::tempdir().unwrap();
        let places = Places::of(home.path());
        let mut journal = Journal::new("@bot:h", "OLD");
        journal.version += 1;
        journal.write(&places).unwrap();
        let error = Journal::read(&places).unwrap_err();
        assert!(error.to_string().contains("newer"), "{error}");
    }
}
