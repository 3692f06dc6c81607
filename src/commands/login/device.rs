//! Which device the bot logs in as: its own old one where its store is sound, a new one
//! otherwise.
//!
//! A device whose private keys are not in our store can never be repaired, only replaced.

use std::{
    path::{Path, PathBuf},
    pin::pin,
};

use super::{
    establish::establish,
    identity::{Holdings, IdentityWishes},
    plan::Plan,
    predecessor::{Configured, Predecessor},
    ways::Way,
};
use crate::{
    commands::{
        inheritance::describe,
        signals::{or_stop, stop_signal},
        stores::{Installed, NewStore, archive, damage},
    },
    error::{Error, Kind, Result},
    homeserver::{Account, Discovery, Failure, Login, Options},
    inbox::Inheritance,
    session::{Chain, Credentials, Facts, IdentitySecrets, StoreAccount, judge, verify_chain},
    terminal::Progress,
};

/// What helps where a token's device cannot be taken.
const OWN_DEVICE: &str =
    "log in with a password, for a device of the bot's own: nanobot login --user ID";

/// The device the bot has after a login.
#[derive(Debug)]
pub(super) struct Device {
    pub(super) login: Login,
    /// What is left to do for the account's identity.
    pub(super) plan: Plan,
    pub(super) history: History,
    credentials: Credentials,
    account: Account,
    /// The new store that was put in place, where this run made the device.
    installed: Option<Installed>,
    /// The old store that made room for that of a given device.
    archived: Option<PathBuf>,
    /// What it took over from the device it replaces.
    heritage: Heritage,
}

/// What a new device took over from the one before it.
#[derive(Debug, Default)]
struct Heritage {
    journal: Inheritance,
    room_keys: usize,
    /// Why the identity was not taken over.
    without_identity: Option<&'static str>,
}

/// Whether the device is the one there was.
#[derive(Debug)]
pub(super) enum History {
    /// The same device, with its store.
    Kept,
    /// A new one.
    New(Reason),
}

/// Why a device is a new one.
#[derive(Debug)]
pub(super) enum Reason {
    /// It was given with its token, and has no keys yet.
    Given,
    /// There is no store here.
    NoStore,
    /// The store is another user's.
    OtherUser(String),
    /// The store cannot be read.
    Unreadable(String),
    /// The homeserver's keys of the old device are not those of the store.
    Unsound(String),
}

impl Device {
    pub(super) fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    pub(super) fn homeserver(&self) -> &str {
        self.credentials.homeserver.as_str().trim_end_matches('/')
    }

    /// Where the store that was here before is kept, if there was one.
    pub(super) fn archived_store(&self) -> Option<&Path> {
        let installed = self.installed.as_ref();
        installed
            .and_then(Installed::archived)
            .or(self.archived.as_deref())
    }

    /// Gives the device a name, if it had one already: a login names only what it makes. A device
    /// without the name works all the same, so what goes wrong is only told.
    pub(super) async fn rename(&self, name: &str) -> Option<String> {
        if !matches!(self.history, History::Kept) {
            return None;
        }
        let named = self.account.name_device(&self.login.device_id, name).await;
        let error = named.err()?;
        Some(format!("The device could not be named: {error}."))
    }

    /// What became of what the old device had, for a person.
    pub(super) fn taken_over(&self) -> Vec<String> {
        let Heritage {
            journal,
            room_keys,
            without_identity,
        } = &self.heritage;
        let keys = (*room_keys > 0).then(|| {
            format!("Room keys of the old device, for reading earlier messages: {room_keys}.")
        });
        let identity = without_identity.filter(|_| !self.plan.verifies());
        keys.into_iter()
            .chain(describe(*journal))
            .chain(identity.map(str::to_owned))
            .collect()
    }

    /// Takes back a login whose result could not be written down.
    pub(super) async fn undo(&self) {
        if let Some(installed) = &self.installed {
            installed.undo();
            forget(&self.account).await;
        }
    }
}

impl Reason {
    /// Why the configured device was replaced, for a person; nothing where there was none.
    pub(super) fn explain(&self, configured: Option<&str>) -> Option<String> {
        let why = match (self, configured) {
            (Self::Given, _) | (Self::NoStore, None) => return None,
            (Self::NoStore, Some(device_id)) => format!(
                "the keys of the configured device {device_id} are not here, \
                 and without them it can never decrypt"
            ),
            (Self::OtherUser(user_id), _) => format!("the store here belonged to {user_id}"),
            (Self::Unreadable(why) | Self::Unsound(why), _) => why.clone(),
        };
        Some(format!("The bot has a new device: {why}."))
    }
}

/// One run of the command, before it has a device.
pub(super) struct Attempt<'a> {
    pub(super) discovery: &'a Discovery,
    pub(super) options: &'a Options,
    pub(super) way: &'a Way,
    pub(super) device_name: &'a str,
    pub(super) identity: &'a IdentityWishes,
    /// The device that was configured until now.
    pub(super) before: Option<&'a Credentials>,
    /// What the configuration says of it.
    pub(super) configured: &'a Configured,
    pub(super) progress: &'a Progress,
}

impl Attempt<'_> {
    /// Logs in and sees the device's keys published.
    pub(super) async fn obtain(&self, store: &Path) -> Result<Device> {
        if !self.way.makes_devices() {
            return or_stop(self.adopt(store)).await;
        }
        match or_stop(self.kept(store)).await? {
            Ok(device) => Ok(device),
            Err(reason) => self.renew(reason, store).await,
        }
    }

    /// The device that the store holds, or why it cannot be the bot's.
    async fn kept(&self, store: &Path) -> Result<Result<Device, Reason>> {
        self.check_recovery_key().await?;
        match self.owned_device(store).await {
            Ok(owned) => self.keep(owned, store).await,
            Err(reason) => Ok(Err(reason)),
        }
    }

    /// Finds a wrong recovery key before anyone logs in, where the account can be asked already.
    async fn check_recovery_key(&self) -> Result<()> {
        let user = self.way.user().unwrap_or_default();
        match self.before {
            Some(before) if is_same_user(&before.user_id, user) => {
                let account = before.account()?;
                self.identity.check_early(&account, &before.user_id).await
            }
            _ => Ok(()),
        }
    }

    /// The device that the store holds, if it is this user's.
    async fn owned_device(&self, store: &Path) -> Result<StoreAccount, Reason> {
        if let Some(damage) = damage(store).await {
            return Err(Reason::Unreadable(damage));
        }
        let user = self.way.user().unwrap_or_default();
        match StoreAccount::read(store).await {
            Ok(Some(account)) if is_same_user(&account.user_id, user) => Ok(account),
            Ok(Some(account)) => Err(Reason::OtherUser(account.user_id)),
            Ok(None) => Err(Reason::NoStore),
            Err(error) => Err(Reason::Unreadable(error.to_string())),
        }
    }

    /// Logs in as the store's own device, unless its keys on the homeserver are others.
    async fn keep(&self, owned: StoreAccount, store: &Path) -> Result<Result<Device, Reason>> {
        let (login, account) = self.log_in(Some(&owned.device_id)).await?;
        let facts = Facts::gather(&account, &login.user_id, &login.device_id, Some(owned)).await?;
        if let Err(fault) = facts.readiness() {
            // Without published keys nobody else is using this device, and it is of no use to us.
            if facts.published.is_none() {
                forget(&account).await;
            }
            return Ok(Err(Reason::Unsound(fault.to_string())));
        }
        let plan = self.decide(&login, &account, Holdings::Own).await?;
        let lost = self.lost_identity(&login, &account, store).await?;
        let secrets = lost.secrets();
        let device = self
            .settle_in_place(login, account, store, plan, secrets)
            .await?;
        Ok(Ok(device))
    }

    /// What an earlier store has of an identity that does not vouch for this device.
    async fn lost_identity(
        &self,
        login: &Login,
        account: &Account,
        store: &Path,
    ) -> Result<Predecessor> {
        let (user_id, device_id) = (&login.user_id, &login.device_id);
        let keys = account.published_keys(user_id, device_id).await?;
        if !matches!(verify_chain(&keys, user_id, device_id), Chain::Owner(_)) {
            return Ok(Predecessor::default());
        }
        self.predecessor(login, account, store, None, None).await
    }

    /// What an earlier device has left in this store or in the archives; and in the new store, if
    /// there is one, by a login that was cut short.
    async fn predecessor(
        &self,
        login: &Login,
        account: &Account,
        store: &Path,
        own: Option<&Path>,
        new: Option<&Path>,
    ) -> Result<Predecessor> {
        let (user_id, device_id) = (&login.user_id, &login.device_id);
        let keys = account.published_keys(user_id, device_id).await?;
        let master = keys.master.as_ref().map(|master| master.public.as_str());
        let directory = store.parent().unwrap_or(Path::new("."));
        let found = Predecessor::find(directory, own, user_id, self.configured, master);
        let mut found = found.await;
        if let Some(new) = new {
            found.resume(new, master).await?;
        }
        Ok(found)
    }

    /// Logs in as a new device with a new store, and sets the old store aside.
    async fn renew(&self, reason: Reason, store: &Path) -> Result<Device> {
        let is_user = |user_id: &str| is_same_user(user_id, self.way.user().unwrap_or_default());
        let mut new_store = NewStore::beside(store, is_user).await?;
        // From before there is a device, so that it is never left behind.
        let mut stop = pin!(stop_signal()?);
        let interrupted = || Error::new(Kind::Interrupted, "interrupted");
        let (login, account) = tokio::select! {
            made = self.make(&mut new_store) => made?,
            // There may be a device by now, which the next login goes on with.
            () = &mut stop => return Err(interrupted()),
        };
        let settled = tokio::select! {
            settled = self.settle(login, account.clone(), &new_store, reason, store) => settled,
            () = stop => Err(interrupted()),
        };
        // While there is such a device, its store is kept for the next login.
        if settled.is_err() && forget(&account).await {
            new_store.discard();
        }
        settled
    }

    /// Makes the device of a new store, which may be one that a login has left.
    async fn make(&self, new_store: &mut NewStore) -> Result<(Login, Account)> {
        let (login, account) = self.log_in_new(new_store).await?;
        if is_ready(&login, &account, new_store).await? {
            return Ok((login, account));
        }
        // What was left is gone or spoilt by now.
        forget(&account).await;
        *new_store = new_store.replace()?;
        self.log_in_new(new_store).await
    }

    /// Logs in as the device of a new store.
    async fn log_in_new(&self, new_store: &NewStore) -> Result<(Login, Account)> {
        let logged_in = self.log_in(Some(new_store.device_id())).await;
        if let Err(error) = &logged_in
            && error.kind() != Kind::Unreachable
        {
            // Without an answer there may be a device, which the next login goes on with.
            new_store.discard_unused().await;
        }
        logged_in
    }

    async fn settle(
        &self,
        login: Login,
        account: Account,
        new_store: &NewStore,
        reason: Reason,
        store: &Path,
    ) -> Result<Device> {
        check_whoami(&account, &login).await?;
        let is_own = !matches!(reason, Reason::OtherUser(_));
        let own = is_own.then_some(store);
        let new = Some(new_store.path());
        let mut before = self.predecessor(&login, &account, store, own, new).await?;
        let holdings = Holdings::New(before.secrets());
        let plan = self.decide(&login, &account, holdings).await?;
        let credentials = self.credentials(&login);
        let (place, secrets) = (new_store.path(), before.secrets());
        self.establish(&credentials, &account, place, secrets)
            .await?;
        let heritage = self.take_over(&mut before, &login, &account, place).await;
        Ok(Device {
            login,
            plan,
            history: History::New(reason),
            credentials,
            account,
            installed: Some(new_store.install(store)?),
            archived: None,
            heritage,
        })
    }

    /// Gives a new device, whose store nobody has open, what the one before it had.
    async fn take_over(
        &self,
        before: &mut Predecessor,
        login: &Login,
        account: &Account,
        store: &Path,
    ) -> Heritage {
        self.progress.step("Taking over what the old device had");
        let room_keys = before.hand_over_keys(store).await;
        Heritage {
            room_keys: room_keys
                .inspect_err(|error| tracing::warn!(%error, "room keys are not taken over"))
                .unwrap_or_default(),
            journal: before
                .hand_over_journal(account, store, &login.user_id)
                .await,
            without_identity: before.explain_unverified(),
        }
    }

    /// Takes the device that a token belongs to, if nobody has its keys but us.
    ///
    /// Its store is in its final place before its keys are published, and stays there whatever
    /// happens then: published keys without their private halves would be the end of the device.
    async fn adopt(&self, store: &Path) -> Result<Device> {
        let (login, account) = self.log_in(None).await?;
        let owned = StoreAccount::read(store)
            .await?
            .filter(|owned| owned.user_id == login.user_id && owned.device_id == login.device_id);
        let is_ours = owned.is_some();
        Facts::gather(&account, &login.user_id, &login.device_id, owned)
            .await?
            .readiness()
            .map_err(|error| error.hint(OWN_DEVICE))?;
        if is_ours {
            let plan = self.decide(&login, &account, Holdings::Own).await?;
            let lost = self.lost_identity(&login, &account, store).await?;
            let secrets = lost.secrets();
            return self
                .settle_in_place(login, account, store, plan, secrets)
                .await;
        }
        let mut before = self
            .predecessor(&login, &account, store, Some(store), None)
            .await?;
        let holdings = Holdings::New(before.secrets());
        let plan = self.decide(&login, &account, holdings).await?;
        let archived = archive(store)?;
        before.was_archived(store, archived.as_deref());
        let secrets = before.secrets();
        let device = self
            .settle_in_place(login, account, store, plan, secrets)
            .await?;
        let heritage = self
            .take_over(&mut before, &device.login, &device.account, store)
            .await;
        Ok(Device {
            history: History::New(Reason::Given),
            archived,
            heritage,
            ..device
        })
    }

    async fn settle_in_place(
        &self,
        login: Login,
        account: Account,
        store: &Path,
        plan: Plan,
        secrets: Option<&IdentitySecrets>,
    ) -> Result<Device> {
        let credentials = self.credentials(&login);
        self.establish(&credentials, &account, store, secrets)
            .await?;
        Ok(Device {
            login,
            plan,
            history: History::Kept,
            credentials,
            account,
            installed: None,
            archived: None,
            heritage: Heritage::default(),
        })
    }

    async fn decide(
        &self,
        login: &Login,
        account: &Account,
        holdings: Holdings<'_>,
    ) -> Result<Plan> {
        let device = (login.user_id.as_str(), login.device_id.as_str());
        self.identity
            .decide(account, device, holdings, self.progress)
            .await
    }

    async fn establish(
        &self,
        credentials: &Credentials,
        account: &Account,
        store: &Path,
        secrets: Option<&IdentitySecrets>,
    ) -> Result<()> {
        let password = self.way.password();
        establish(
            credentials,
            account,
            store,
            secrets,
            password,
            self.progress,
        )
        .await
    }

    async fn log_in(&self, device_id: Option<&str>) -> Result<(Login, Account)> {
        self.progress.step("Logging in");
        let login = self
            .way
            .log_in(self.discovery, device_id, self.device_name)
            .await?;
        let account = self.discovery.homeserver.with_token(&login.access_token);
        Ok((login, account))
    }

    fn credentials(&self, login: &Login) -> Credentials {
        Credentials {
            homeserver: self.discovery.base_url.clone(),
            user_id: login.user_id.clone(),
            device_id: login.device_id.clone(),
            access_token: login.access_token.clone(),
            options: self.options.clone(),
        }
    }
}

/// Whether this id is the user that was typed, in full or only the localpart.
pub(in crate::commands) fn is_same_user(user_id: &str, typed: &str) -> bool {
    let localpart = user_id
        .strip_prefix('@')
        .and_then(|id| id.split(':').next());
    user_id == typed || localpart == Some(typed.trim_start_matches('@'))
}

async fn check_whoami(account: &Account, login: &Login) -> Result<()> {
    let whoami = account.whoami().await?;
    if whoami.user_id == login.user_id && whoami.device_id.as_deref() == Some(&login.device_id) {
        return Ok(());
    }
    Err(Error::failure(
        "the homeserver says that the token it gave belongs to someone else",
    ))
}

/// Whether a device can be that of this store, which may be one that a login has left.
async fn is_ready(login: &Login, account: &Account, store: &NewStore) -> Result<bool> {
    let owned = StoreAccount::read(store.path()).await?;
    let facts = Facts::gather(account, &login.user_id, &login.device_id, owned).await?;
    Ok(judge(&facts).is_ok())
}

/// Logs a device out that nothing will use, so that it does not stay in the account's list.
/// Returns whether it is gone.
async fn forget(account: &Account) -> bool {
    match account.logout().await {
        Ok(()) | Err(Failure::TokenRejected { .. }) => true,
        Err(error) => {
            tracing::warn!(%error, "the unused device stays in the account's list of sessions");
            false
        }
    }
}
