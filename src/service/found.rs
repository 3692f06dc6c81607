//! What a manager says of a service.

use serde::Serialize;

use super::definition::Level;

/// A service at one level, as its manager sees it.
#[derive(Debug, Serialize)]
pub struct Found {
    pub level: Level,
    /// The file that defines it.
    pub file: Option<String>,
    /// Whether it starts with the machine, or when its user logs in.
    pub enabled: bool,
    pub state: State,
    /// The manager's own words for it.
    pub detail: String,
    pub pid: Option<u32>,
    /// How often its manager has started it again.
    pub restarts: Option<u32>,
    /// How it ended last, where it did.
    pub exit_code: Option<i32>,
    /// What it says of itself.
    pub said: Option<String>,
}

/// Whether a service runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Running,
    /// It is on its way, and not connected yet.
    Starting,
    Stopped,
    /// It ended by itself, and is not started again.
    Failed,
}

/// What a manager says when it is asked for a service.
pub enum Asked {
    Found(Found),
    NotFound,
    /// It cannot be asked.
    Unreachable(String),
}
