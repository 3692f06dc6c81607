//! What may change while the bot runs, in one value that is replaced as a whole.

use std::{path::PathBuf, sync::Arc, time::Duration};

use tokio::sync::watch;

use super::{media::MediaSettings, presence::Marks};
use crate::{agent::Configured, config::ReadReceipts, files::Retention, policy::Policy};

/// How long and how much is kept beside received files, which have limits of their own.
#[derive(Clone, Copy, Debug, Default)]
pub struct RetentionSettings {
    /// Conversations with a model.
    pub conversations: Retention,
    /// Archives of old stores, of which the newest always stays.
    pub archives: Retention,
}

/// How the bot shows itself. What is absent stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileSettings {
    /// Its display name.
    pub display_name: Option<String>,
    /// The file with its picture.
    pub avatar: Option<PathBuf>,
}

/// How the bot comes into rooms, and leaves them.
#[derive(Clone, Debug, Default)]
pub struct RoomSettings {
    /// What it says once in each room that it was invited to, if anything.
    pub greeting: Option<String>,
    /// After how long it leaves a room in which nobody else is; never where there is none.
    pub empty_for: Option<Duration>,
}

/// What may change while the bot runs. All of it but whether encryption is switched on does.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whom it answers.
    pub policy: Policy,
    /// Who answers, and how it is asked.
    pub agent: Configured,
    /// What it does with files.
    pub media: MediaSettings,
    /// How long and how much else is kept.
    pub retention: RetentionSettings,
    /// How it shows itself.
    pub profile: ProfileSettings,
    /// How it comes into rooms, and leaves them.
    pub rooms: RoomSettings,
    /// Whether verifications by emoji are completed without anyone comparing them.
    pub sas_verification: bool,
    /// Whether answers are shown while they are being written.
    pub streaming: bool,
    /// Who sees what it has read.
    pub read_receipts: ReadReceipts,
    /// How it marks messages.
    pub marks: Marks,
    /// How long a message may wait for its key until that is said in the room, if ever.
    pub key_patience: Option<Duration>,
    /// How long answers under way may take when the bot is told to stop.
    pub stop_grace: Duration,
}

/// The settings in use. Clones share them.
///
/// Whoever begins something takes those of that moment, and ends with them.
#[derive(Clone, Debug)]
pub struct Current(watch::Sender<Arc<Settings>>);

impl Current {
    pub fn new(settings: Settings) -> Self {
        Self(watch::Sender::new(Arc::new(settings)))
    }

    /// Those of this moment.
    pub fn get(&self) -> Arc<Settings> {
        self.0.borrow().clone()
    }

    /// Whoever begins something from now on takes these.
    pub fn replace(&self, settings: Settings) {
        self.0.send_replace(Arc::new(settings));
    }

    /// Completes each time when they were replaced.
    pub fn changes(&self) -> watch::Receiver<Arc<Settings>> {
        self.0.subscribe()
    }
}
