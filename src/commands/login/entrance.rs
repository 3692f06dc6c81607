//! A login, from its questions to its place in the configuration: what `nanobot login` and
//! `nanobot setup` share.

use std::path::PathBuf;

use super::{
    attempt::Attempt,
    custody::Custody,
    device::{Device, History},
    expiry::Expiry,
    identity::IdentityWishes,
    plan::Settled,
    predecessor::Configured,
    target::Target,
    ways::Way,
    wishes::Wishes,
};
use crate::{
    cli::Entry,
    commands::{environment, store::refuse_unfinished},
    config::{Document, Matrix, Origin, Paths, Saved, Secret, schema, settings},
    error::Result,
    homeserver::{Discovery, FoundBy, discover},
    instance::Lock,
    session::Credentials,
    terminal::{Progress, Terminal},
};

/// A login that is about to be made.
pub(in crate::commands) struct Entrance<'a> {
    pub(in crate::commands) args: &'a Entry,
    pub(in crate::commands) identity: &'a IdentityWishes,
    /// Whether a person is led through it.
    pub(in crate::commands) guided: bool,
    pub(in crate::commands) terminal: Terminal,
    pub(in crate::commands) paths: &'a Paths,
}

/// A login that is written down. What was wished for the account's identity is still to be done.
pub(in crate::commands) struct Entered {
    pub(super) device: Device,
    pub(super) wishes: Wishes,
    pub(super) custody: Custody,
    pub(super) expiry: Option<Expiry>,
    pub(super) target: Target,
    pub(super) way: Way,
    pub(super) discovery: Discovery,
    notes: Vec<String>,
    store: PathBuf,
    terminal: Terminal,
    progress: Progress,
    lock: Lock,
}

impl Entrance<'_> {
    /// Logs in, and writes the login into the document.
    pub(in crate::commands) async fn enter(&self, document: &mut Document) -> Result<Entered> {
        let Self {
            args,
            terminal,
            paths,
            ..
        } = *self;
        let matrix = document.matrix(&environment)?;
        let custody = Custody::choose(args.token_store, &matrix)?;
        let target = Target::choose(args, &matrix, terminal).await?;
        let discovery = terminal
            .during(
                "Looking for the homeserver",
                discover(&target.homeserver, &target.options),
            )
            .await?;
        if terminal.is_interactive() {
            terminal.note(&describe(&discovery));
        }
        let way = Way::choose(args, &matrix, &target, &discovery, terminal).await?;
        let wishes = Wishes::collect(args, &matrix, &way, terminal, self.guided).await?;
        let before = self.identity.current_device(&matrix);
        let configured = Configured {
            user_id: matrix.user_id_if_set().ok().flatten().map(str::to_owned),
            device_id: matrix.device_id_if_set().ok().flatten().map(str::to_owned),
        };

        let lock = Lock::acquire(paths.dir())?;
        refuse_unfinished(paths.dir())?;
        let progress = Progress::start("Reading the encryption store");
        let attempt = Attempt {
            discovery: &discovery,
            options: &target.options,
            way: &way,
            device_name: &wishes.device_name,
            identity: self.identity,
            before: before.as_ref(),
            configured: &configured,
            progress: &progress,
        };
        let device = Box::pin(attempt.obtain(&paths.store())).await?;
        let expiry = Expiry::from_now(device.login.expires_in);
        progress.step("Writing the configuration");
        let saved = match write_config(document, &device, &wishes, &custody) {
            Ok(saved) => saved,
            Err(error) => {
                device.undo().await;
                return Err(error);
            }
        };
        let mut notes = notes(&device, &wishes, &matrix);
        if let Some(name) = &args.device_name {
            notes.extend(device.rename(name).await);
        }
        notes.extend(custody.notes.iter().cloned());
        notes.extend(custody.tidy(&device.login));
        notes.extend(shadowing(document));
        notes.extend(tightened(&saved));
        notes.extend(expiry.as_ref().map(Expiry::warn));
        progress.pause();
        Ok(Entered {
            device,
            wishes,
            custody,
            expiry,
            target,
            way,
            discovery,
            notes,
            store: paths.store(),
            terminal,
            progress,
            lock,
        })
    }
}

impl Entered {
    /// Who the bot is logged in as.
    pub(in crate::commands) fn credentials(&self) -> &Credentials {
        self.device.credentials()
    }

    /// The recovery key that the device is verified with.
    pub(in crate::commands) fn recovery_key(&self) -> Option<&Secret> {
        self.device.plan.recovery_key()
    }

    /// What keeps other processes out of the data directory.
    pub(in crate::commands) fn into_lock(self) -> Lock {
        self.lock
    }

    /// Does what was wished for the account's identity, and tells what a person should know of the
    /// login besides its result.
    pub(in crate::commands) async fn settle(&self) -> Result<Settled> {
        let password = self.way.password();
        let plan = &self.device.plan;
        let carried_out = plan.carry_out(self.credentials(), &self.store, password, &self.progress);
        let settled = Box::pin(carried_out).await;
        self.progress.pause();
        for line in &self.notes {
            self.terminal.note(line);
        }
        settled.inspect_err(|_| {
            let (user_id, device_id) = (&self.device.login.user_id, &self.device.login.device_id);
            self.terminal.note(&format!(
                "Logged in as {user_id}, device {device_id}. Only what was to be done about the \
                 account's identity failed:"
            ));
        })
    }
}

/// What was found, for a person.
fn describe(discovery: &Discovery) -> String {
    let how = match discovery.found_by {
        FoundBy::WellKnown => " by its server's .well-known file",
        FoundBy::Direct => "",
    };
    format!(
        "Found {}{how}; it takes {}.",
        discovery.homeserver.name(),
        discovery.flows.describe()
    )
}

/// Writes the login into the configuration. The store is in its place by now.
fn write_config(
    document: &mut Document,
    device: &Device,
    wishes: &Wishes,
    custody: &Custody,
) -> Result<Saved> {
    document.matrix_set("enabled", true)?;
    document.matrix_set("homeserver", device.homeserver())?;
    document.matrix_set("userId", device.login.user_id.as_str())?;
    document.matrix_set("deviceId", device.login.device_id.as_str())?;
    document.matrix_set("e2eeEnabled", wishes.e2ee_enabled)?;
    document.matrix_set("allowFrom", wishes.allow_from.clone())?;
    custody.keep(document, &device.login)
}

/// What the person should know beside the result.
fn notes(device: &Device, wishes: &Wishes, before: &Matrix) -> Vec<String> {
    let mut notes = Vec::new();
    if let History::New(reason) = &device.history {
        // What cannot be read was not a device.
        notes.extend(reason.explain(before.device_id_if_set().ok().flatten()));
    }
    if let Some(archived) = device.archived_store() {
        notes.push(format!("The old store is kept in {}.", archived.display()));
    }
    notes.extend(device.taken_over());
    notes.extend(wishes.notice.clone());
    notes
}

/// Says which values that were written do not count, because something goes before the file.
fn shadowing(written: &Document) -> Vec<String> {
    let keys = [
        &schema::HOMESERVER,
        &schema::USER_ID,
        &schema::ACCESS_TOKEN,
        &schema::DEVICE_ID,
        &schema::ALLOW_FROM,
        &schema::TOKEN_STORE,
    ];
    settings(written, &environment)
        .into_iter()
        .filter(|setting| keys.iter().any(|key| key.name == setting.key.name))
        .filter_map(|setting| match setting.origin {
            Origin::Default | Origin::File { .. } | Origin::Keyring { .. } => None,
            origin => Some(format!(
                "The {} of this login does not count as long as {origin} is there.",
                setting.key.name
            )),
        })
        .collect()
}

/// Says that the configuration can no longer be read by others.
fn tightened(saved: &Saved) -> Option<String> {
    let mode = saved.tightened?;
    Some(format!(
        "{} is now only yours to read (0600; it was {:04o}).",
        saved.file.display(),
        mode & 0o7777
    ))
}
