//! What is kept beside the store.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::lenient::lenient;
use crate::{files::Usage, text::counted};

/// What is kept beside the store, when that was last looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Stored {
    /// Received files.
    pub media: Usage,
    /// Conversations with a model.
    pub conversations: Usage,
    /// Archives of old stores.
    pub archives: Usage,
    /// Archives that are over a limit and stay.
    #[serde(deserialize_with = "lenient")]
    pub kept_archives: Vec<KeptArchive>,
}

/// An archive that is over a limit and stays: it has something that is nowhere else, or that is not
/// known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KeptArchive {
    /// Its name in the data directory.
    pub name: String,
    /// How many room keys it has that the store in use lacks.
    pub room_keys: u64,
    /// Whether it has a cross-signing identity of the account, which the store in use lacks.
    pub identity: bool,
    /// Why it cannot be read.
    pub error: Option<String>,
}

impl fmt::Display for KeptArchive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        if let Some(error) = &self.error {
            return write!(f, "{name} cannot be read: {error}");
        }
        let keys = (self.room_keys > 0).then(|| counted(self.room_keys, "room key"));
        let identity = self
            .identity
            .then(|| "the cross-signing identity".to_owned());
        let what: Vec<_> = keys.into_iter().chain(identity).collect();
        write!(
            f,
            "{name} has {} that the store in use lacks",
            what.join(" and ")
        )
    }
}
