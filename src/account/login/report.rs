//! The result of a login.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use serde::Serialize;

use super::{device::Device, flow::LoggedIn};
use crate::{
    account::{command_line::CommandLine, identity::Status, recovery_key::ShownKey},
    config::{Origin, Paths},
    files::{shown_path, shown_path_if_any},
    session::{Chain, Identity, RoomKeyBackup},
};

/// The result of a login.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    user_id: String,
    device_id: String,
    homeserver: String,
    new_device: bool,
    /// Whether others see that its owner verified it, where that is known.
    verified: Option<bool>,
    identity: IdentityOrigin,
    /// The archived store that the identity was restored from.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "shown_path_if_any"
    )]
    identity_store: Option<PathBuf>,
    backup: Option<RoomKeyBackup>,
    allow_from: Option<Vec<String>>,
    #[serde(serialize_with = "shown_path")]
    config: PathBuf,
    token_store: &'static str,
    expires: Option<String>,
    /// A new one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) recovery_key: Option<ShownKey>,
    /// How the device is verified, and what became of the identity and the backup.
    #[serde(skip)]
    encryption: String,
    #[serde(skip)]
    token_place: String,
    /// Where the recovery key is kept.
    #[serde(skip)]
    pub(super) kept: Vec<String>,
    /// The command line that does the same without questions.
    #[serde(skip)]
    command: Option<String>,
}

/// Where the private keys of the account's cross-signing identity came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum IdentityOrigin {
    /// The login created it.
    Created,
    /// This device was verified before.
    Kept,
    /// From an archived store on this machine.
    RestoredFromStore,
    /// From the secret storage, which the recovery key opened.
    RestoredWithRecoveryKey,
    /// The login replaced it by a new one.
    Replaced,
    /// They are not on this machine.
    Missing,
}

impl IdentityOrigin {
    fn of(device: &Device, status: &Status) -> Self {
        match (&device.plan, device.identity) {
            (plan, _) if plan.reset => Self::Replaced,
            (plan, _) if plan.recover.is_some() => Self::RestoredWithRecoveryKey,
            _ if device.identity_store.is_some() => Self::RestoredFromStore,
            (_, Identity::Created) => Self::Created,
            _ if status.is_verified() => Self::Kept,
            _ => Self::Missing,
        }
    }

    /// What it means, as a line; nothing where nothing has changed.
    fn describe(self, store: Option<&Path>) -> Option<String> {
        let what = match (self, store) {
            (Self::Kept, _) | (Self::RestoredFromStore, None) => return None,
            (Self::Created, _) => "created".to_owned(),
            (Self::RestoredFromStore, Some(store)) => format!("restored from {}", store.display()),
            (Self::RestoredWithRecoveryKey, _) => "restored with the recovery key".to_owned(),
            (Self::Replaced, _) => {
                "replaced; everyone who verified the bot must verify it again".to_owned()
            }
            (Self::Missing, _) => {
                "its private keys are not on this machine, nor in an archived store here".to_owned()
            }
        };
        Some(format!("Cross-signing identity: {what}"))
    }
}

impl Report {
    pub(super) fn new(login: &LoggedIn, status: &Status, paths: &Paths) -> Self {
        let (device, context) = (&login.device, &login.context);
        let identity = IdentityOrigin::of(device, status);
        let identity_store = device.identity_store.clone();
        Self {
            encryption: encryption(status, identity, identity_store.as_deref()),
            identity,
            identity_store,
            user_id: device.user_id().to_owned(),
            device_id: device.device_id().to_owned(),
            homeserver: device.homeserver().to_owned(),
            new_device: device.is_new,
            verified: status.chain.as_ref().ok().map(|_| status.is_verified()),
            backup: status.backup,
            allow_from: login.allow_from.clone(),
            config: paths.config_file().to_owned(),
            token_store: context.token_store.kind().name(),
            expires: login.expires.clone(),
            recovery_key: None,
            token_place: context.token_store.describe(),
            kept: Vec::new(),
            command: context.options.guided.then(|| command(login)),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let user_id = &self.user_id;
        write!(
            f,
            "Logged in as {user_id} on {}\n\
             Device {}, {}\n\
             Configuration written to {}\n\
             {}\n\
             Next: `nanobot gateway`, then write to {user_id} from your own client",
            self.homeserver,
            self.device_id,
            self.encryption,
            self.config.display(),
            self.token_place,
        )?;
        if let Some(key) = &self.recovery_key {
            write!(f, "\n\n{key}")?;
        }
        for place in &self.kept {
            write!(f, "\n{place}")?;
        }
        match &self.command {
            Some(line) => write!(f, "\n\nThe same without questions:\n  {line}"),
            None => Ok(()),
        }
    }
}

/// How the device is verified, with the command that verifies it in this very case; and what
/// became of the identity and of the backup.
fn encryption(status: &Status, identity: IdentityOrigin, store: Option<&Path>) -> String {
    let fix = status.fix.map(|fix| format!("; {}", fix.advice()));
    let fix = fix.unwrap_or_default();
    let verified = match &status.chain {
        Ok(Chain::Whole) => "verified by its owner".to_owned(),
        Ok(Chain::NoIdentity) => {
            let why = Chain::NoIdentity.describe();
            format!("not verified: {why}{fix}")
        }
        Ok(_) => format!("not verified by its owner{fix}"),
        Err(error) => format!("verification unknown: {error}"),
    };
    // Without an identity there is nothing to tell of its keys.
    let is_told = !matches!(status.chain, Ok(Chain::NoIdentity));
    let identity = identity.describe(store).filter(|_| is_told);
    let backup = status.backup.map(|backup| backup.describe().to_owned());
    let lines: Vec<_> = [Some(verified), identity, backup]
        .into_iter()
        .flatten()
        .collect();
    lines.join("\n")
}

/// The command line that does the same without asking, secrets left out.
fn command(login: &LoggedIn) -> String {
    let (plan, context) = (&login.device.plan, &login.context);
    let options = &context.options;
    let mut line = CommandLine::new("nanobot login --no-input");
    if let Some(config) = &options.config {
        line.option("--config", config.display());
    }
    line.option("--homeserver", context.target.discovery.homeserver.name());
    line.option("--user", &context.target.user);
    if let Some(name) = &options.device_name {
        line.option("--device-name", name);
    }
    for user in login.allow_from.iter().flatten() {
        line.option("--allow-from", user);
    }
    if context.e2ee == Some(false) {
        line.add("--no-e2ee");
    }
    if let Some(store) = context.token_store.option {
        line.option("--token-store", store);
    }
    if plan.recover.is_some() {
        line.option("--recovery-key-file", "recovery-key.txt");
    }
    if plan.reset {
        line.add("--reset-identity --yes");
    }
    if plan.enable.is_some() {
        line.add("--recovery");
        if let Some(file) = &options.save_recovery_key {
            line.option("--save-recovery-key", file.display());
        }
    }
    if options.save_recovery_key_keyring {
        line.add("--save-recovery-key-keyring");
    }
    if options.allow_http {
        line.add("--allow-http");
    }
    if context.matrix.origin("password") == Origin::Default {
        line.add("--password-stdin <password.txt");
    }
    line.folded()
}
