//! What is said of a reset.

use std::{fmt, path::PathBuf};

use serde::Serialize;

use super::{checkpoint::Findings, diagnosis::Plan};
use crate::{
    account::{login::describe, recovery_key::ShownKey},
    files::shown_path_if_any,
    journal::Inheritance,
    text::counted,
};

/// What came of the command.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Report {
    /// Nothing was done.
    Planned(Plan),
    /// Nothing was done, and a reset is under way.
    UnderWay {
        old_device: String,
        new_device: String,
    },
    Done(Reset),
}

/// A reset that is done.
#[derive(Serialize)]
pub struct Reset {
    pub user_id: String,
    pub old_device: String,
    pub new_device: String,
    #[serde(flatten)]
    pub findings: Findings,
    pub old_device_logged_out: bool,
    /// Where the old store is, if there was one.
    #[serde(serialize_with = "shown_path_if_any")]
    pub archived_store: Option<PathBuf>,
    /// One that was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovery_key: Option<ShownKey>,
    /// What verifies the device, where it is not.
    #[serde(skip)]
    pub advice: Option<String>,
    /// Where the recovery key is kept.
    #[serde(skip)]
    pub kept: Option<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Planned(plan) => plan.fmt(f),
            Self::UnderWay {
                old_device,
                new_device,
            } => write!(
                f,
                "A reset is in progress: the new device {new_device} is ready to replace \
                 {old_device}."
            ),
            Self::Done(reset) => reset.fmt(f),
        }
    }
}

impl fmt::Display for Reset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let findings = &self.findings;
        let verified = match (findings.verified, findings.new_identity) {
            (true, false) => "verified by its owner",
            (true, true) => "verified by its owner with a new cross-signing identity",
            (false, _) => "not verified by its owner",
        };
        write!(
            f,
            "{} has a new device: {}, {verified}\n\
             Tested encryption with a second device in both directions\n",
            self.user_id, self.new_device
        )?;
        if findings.room_keys > 0 {
            let keys = counted(findings.room_keys, "room key");
            writeln!(f, "Copied {keys} from the old store")?;
        }
        for line in describe(Inheritance {
            taken: findings.unanswered_taken_over,
            left: findings.unanswered_left,
        }) {
            writeln!(f, "{line}")?;
        }
        if self.old_device_logged_out {
            writeln!(f, "Logged out the old device {}", self.old_device)?;
        }
        if let Some(archived) = &self.archived_store {
            let archived = archived.display();
            writeln!(
                f,
                "Archived the old store as {archived}: use it for its keys only, never run it again"
            )?;
        }
        if let Some(advice) = &self.advice {
            writeln!(f, "To verify the device, {advice}")?;
        }
        if findings.stale_recovery {
            f.write_str(
                "The account's recovery key and backup of room keys belong to the old identity and \
                 are no longer used. To create new ones, together with another new identity: \
                 nanobot login --reset-identity --recovery\n",
            )?;
        }
        f.write_str("Next: `nanobot gateway`")?;
        if let Some(key) = &self.recovery_key {
            write!(f, "\n\n{key}")?;
        }
        match &self.kept {
            Some(kept) => write!(f, "\n{kept}"),
            None => Ok(()),
        }
    }
}
