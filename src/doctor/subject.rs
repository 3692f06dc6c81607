//! What is examined: the places, the environment, and how patiently.

use std::{ffi::OsString, path::Path, time::Duration};

use crate::config::{Env, Paths};

/// The bot to examine.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Where its files are.
    pub paths: Paths,
    /// How a variable of the environment is looked up.
    pub environment: fn(&str) -> Option<OsString>,
    /// The names of all variables of the environment.
    pub variables: Vec<String>,
    /// Whether the device is tested by using it.
    pub live: bool,
    /// The longest one question may take.
    pub patience: Duration,
}

impl Subject {
    pub(super) fn env(&self) -> Env<'_> {
        &self.environment
    }

    pub(super) fn config_file(&self) -> &Path {
        self.paths.config_file()
    }
}
