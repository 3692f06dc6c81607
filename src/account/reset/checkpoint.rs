//! How far a reset has come, so that one that was killed is finished by the next.

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{Choices, places::Places};
use crate::{
    config::Secret,
    error::{Error, Result},
    files::{
        read_failed,
        record::{read, remove, write},
    },
    ipc::RESET_CHECKPOINT,
    session::{ARCHIVE, Identity, new_device_id},
};

/// In the new store, where secrets may live.
const SECRETS: &str = "reset-secrets.json";
const VERSION: u32 = 2;

/// What a reset has to be through, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Taking back what was made, because something failed.
    Undo,
    /// Making the new device beside the old one. All of it can be taken back.
    Prepare,
    /// Putting the new store and the new login in place.
    #[serde(rename = "swap")]
    Activate,
    /// Logging the old device out.
    Retire,
}

/// What there is to tell about a reset, gathered while it goes on.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "what is told is that many answers to yes-or-no questions"
)]
pub struct Findings {
    pub room_keys: u64,
    pub verified: bool,
    /// Whether the account got a new identity.
    pub new_identity: bool,
    /// Whether what the account keeps for recovery belongs to the old one.
    pub stale_recovery: bool,
    /// Whether a second device and the new one have read each other.
    pub proven: bool,
    pub unanswered_taken_over: u64,
    pub unanswered_left: u64,
}

/// A reset under way. It holds no secrets.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Checkpoint {
    version: u32,
    pub step: Step,
    pub user_id: String,
    pub old_device: String,
    /// Chosen before the login, so that a repeated login makes no second device.
    pub new_device: String,
    /// The homeserver was asked for the new device, and may have made it.
    #[serde(default)]
    pub is_login_asked: bool,
    /// The device that the new one is tried with, while there may be one.
    pub trial_device: Option<String>,
    #[serde(flatten)]
    pub choices: Choices,
    /// The name of the old store once it is archived.
    pub archive: String,
    pub findings: Findings,
    /// Whether the account has the recovery key that waits to be shown.
    #[serde(default)]
    pub has_pending_key: bool,
}

impl Checkpoint {
    pub fn new(user_id: &str, old_device: &str) -> Self {
        Self {
            version: VERSION,
            step: Step::Prepare,
            user_id: user_id.to_owned(),
            old_device: old_device.to_owned(),
            new_device: new_device_id(),
            is_login_asked: false,
            trial_device: None,
            choices: Choices::default(),
            archive: format!("{ARCHIVE}{}", OffsetDateTime::now_utc().unix_timestamp()),
            findings: Findings::default(),
            has_pending_key: false,
        }
    }

    /// The reset that was begun here and not finished.
    pub fn read(places: &Places) -> Result<Option<Self>> {
        let path = places.directory.join(RESET_CHECKPOINT);
        let Some(found) = read::<Value>(&path)? else {
            return Ok(None);
        };
        let version = found["version"].as_u64().unwrap_or_default();
        if version > VERSION.into() {
            let words = "a newer nanobot has begun a reset of the encryption store here";
            return Err(Error::failure(words)
                .hint("finish it with that version")
                .command("nanobot store reset"));
        }
        let current = if version == 1 {
            of_version_1(found)
        } else {
            found
        };
        let read = serde_json::from_value(current).map(Some);
        read.map_err(|error| read_failed(&path, error))
    }

    pub fn write(&self, places: &Places) -> Result<()> {
        write(&places.directory, RESET_CHECKPOINT, self)
    }

    pub fn remove(places: &Places) -> Result<()> {
        remove(&places.directory.join(RESET_CHECKPOINT))
    }

    /// Notes how the new device stands with its owner.
    pub fn found(&mut self, identity: Identity) {
        self.findings.verified = identity != Identity::Unverified;
        // A run that was killed may have made it.
        self.findings.new_identity |= identity == Identity::Created;
    }
}

/// What version 1 wrote, as this version would have written it.
fn of_version_1(mut found: Value) -> Value {
    let mut findings = found["findings"].take();
    let identity = findings["new_identity"].take();
    findings["new_identity"] = json!(identity == "yes" || identity == "with_old_recovery");
    findings["stale_recovery"] = json!(identity == "with_old_recovery");
    findings["unanswered_taken_over"] = findings["taken"].take();
    findings["unanswered_left"] = findings["left"].take();
    found["has_pending_key"] = json!(findings["recovery_key"] == true);
    found["is_login_asked"] = json!(found["login"] == "asked");
    found["findings"] = findings;
    found["version"] = json!(VERSION);
    found
}

/// What a reset must still know after a kill, and nobody else may: in the new store, 0600.
#[derive(Serialize, Deserialize)]
pub struct Secrets {
    new_token: String,
    old_token: Option<String>,
}

impl Secrets {
    pub fn new(new: &Secret, old: Option<&Secret>) -> Self {
        Self {
            new_token: new.expose().to_owned(),
            old_token: old.map(|token| token.expose().to_owned()),
        }
    }

    pub fn new_token(&self) -> Secret {
        Secret::new(self.new_token.clone())
    }

    pub fn old_token(&self) -> Option<Secret> {
        self.old_token.clone().map(Secret::new)
    }

    /// Those of the reset whose new store this is.
    pub fn read(store: &Path) -> Result<Option<Self>> {
        read(&store.join(SECRETS))
    }

    pub fn write(&self, store: &Path) -> Result<()> {
        write(store, SECRETS, self)
    }

    pub fn remove(store: &Path) -> Result<()> {
        remove(&store.join(SECRETS))
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;
    use crate::ipc::refuse_unfinished_reset;

    #[test]
    fn an_unfinished_reset_is_found_again_and_named() {
        let home = tempfile::tempdir().unwrap();
        let places = Places::of(home.path());
        assert!(Checkpoint::read(&places).unwrap().is_none());
        refuse_unfinished_reset(home.path()).unwrap();

        let checkpoint = Checkpoint::new("@bot:h", "OLD");
        checkpoint.write(&places).unwrap();
        let found = Checkpoint::read(&places).unwrap().unwrap();
        assert_eq!(found.new_device, checkpoint.new_device);
        assert_eq!(found.step, Step::Prepare);
        let error = refuse_unfinished_reset(home.path()).unwrap_err();
        assert!(error.hint_text().unwrap().contains("nanobot store reset"));

        Checkpoint::remove(&places).unwrap();
        refuse_unfinished_reset(home.path()).unwrap();
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
        let mut checkpoint = Checkpoint::new("@bot:h", "OLD");
        // One that an earlier version wrote says nothing of them.
        let mut earlier = serde_json::to_value(&checkpoint).unwrap();
        for name in ["reset_identity", "recovery"] {
            earlier.as_object_mut().unwrap().remove(name).unwrap();
        }
        let earlier: Checkpoint = serde_json::from_value(earlier).unwrap();
        assert!(!earlier.choices.reset_identity);

        checkpoint.choices = Choices {
            reset_identity: true,
            recovery: true,
            keep_old_device: false,
        };
        let written = serde_json::to_value(&checkpoint).unwrap();
        let found: Checkpoint = serde_json::from_value(written).unwrap();
        let now = Choices {
            keep_old_device: true,
            ..Choices::default()
        };
        let (mut joined, mut later) = (now, Choices::default());
        joined.add(found.choices);
        assert!(joined.reset_identity && joined.recovery && joined.keep_old_device);
        later.add(joined);
        assert!(later.keep_old_device);
    }

    #[test]
    fn a_reset_that_version_1_began_goes_on() {
        let home = tempfile::tempdir().unwrap();
        let places = Places::of(home.path());
        let found = json!({
            "version": 1, "step": "swap", "user_id": "@bot:h", "old_device": "OLD",
            "new_device": "NEW", "login": "asked", "trial_device": null,
            "keep_old_device": true, "archive": "matrix-store.old-1",
            "findings": {
                "room_keys": 3, "verified": true, "new_identity": "with_old_recovery",
                "proven": true, "taken": 2, "left": 1, "recovery_key": true,
            },
        });
        std::fs::write(home.path().join(RESET_CHECKPOINT), found.to_string()).unwrap();
        let read = Checkpoint::read(&places).unwrap().unwrap();
        assert_eq!((read.step, read.version), (Step::Activate, VERSION));
        assert!(read.is_login_asked && read.has_pending_key && read.choices.keep_old_device);
        assert!(!read.choices.recovery);
        let findings = read.findings;
        assert!(findings.new_identity && findings.stale_recovery && findings.proven);
        let unanswered = (findings.unanswered_taken_over, findings.unanswered_left);
        assert_eq!(unanswered, (2, 1));
    }

    #[test]
    fn a_checkpoint_of_a_newer_version_is_left_alone() {
        let home = tempfile::tempdir().unwrap();
        let places = Places::of(home.path());
        let mut checkpoint = Checkpoint::new("@bot:h", "OLD");
        checkpoint.version += 1;
        checkpoint.write(&places).unwrap();
        let error = Checkpoint::read(&places).unwrap_err();
        assert!(error.to_string().contains("newer"), "{error}");
    }
}
