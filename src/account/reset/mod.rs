//! `nanobot store reset`: a new device in the place of one whose encryption is broken.
//!
//! A transaction. The new device is made beside the old one and proven to work; then store and
//! configuration change; only then is the old device logged out, which cannot be undone. Nor can a new
//! identity of the account: a reset that fails after that is not undone, but continues when run again.

mod activate;
mod checkpoint;
mod conclude;
mod diagnosis;
mod identity;
mod outlook;
mod places;
mod prepare;
mod prove;
mod report;
mod run;

use serde::{Deserialize, Serialize};

pub use run::run;

use self::places::Places;
use super::{
    recovery_key::RecoveryKeyring, secret_input::SecretSource, token_store::AccessTokenStore,
};
use crate::{
    config::{Document, Matrix},
    homeserver,
    ipc::Lock,
    terminal::Terminal,
};

/// What a reset is told.
#[expect(
    clippy::struct_excessive_bools,
    reason = "a command line has that many switches"
)]
pub struct Options {
    pub password: Option<SecretSource>,
    pub recovery_key: Option<SecretSource>,
    pub save_recovery_key_keyring: bool,
    pub choices: Choices,
    /// Whether a healthy device is replaced too.
    pub force: bool,
    /// Whether it is only said what would be done.
    pub dry_run: bool,
    /// Whether nothing is asked but a missing password.
    pub yes: bool,
}

/// What was chosen and allowed, which a run that continues does not ask again.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Choices {
    /// The old device stays logged in.
    pub keep_old_device: bool,
    /// The account may get a new identity.
    pub reset_identity: bool,
    /// A new identity gets a new recovery key.
    pub recovery: bool,
}

/// One run of the command.
struct Run {
    /// With the choices of the run that this one continues.
    options: Options,
    terminal: Terminal,
    /// Where the password is asked for.
    password_terminal: Terminal,
    document: Document,
    matrix: Matrix,
    network: homeserver::Options,
    token_store: AccessTokenStore,
    keyring: Option<RecoveryKeyring>,
    places: Places,
    /// Held until the result is shown.
    lock: Option<Lock>,
}

impl Choices {
    /// Adds what a run before was told.
    fn add(&mut self, before: Self) {
        self.keep_old_device |= before.keep_old_device;
        self.reset_identity |= before.reset_identity;
        self.recovery |= before.recovery;
    }
}
