//! Which device the bot logs in as: its own old one where its store is sound, a new one
//! otherwise.
//!
//! A device whose private keys are not in our store can never be repaired, only replaced.

use std::path::Path;

use super::{
    device::{Device, Heritage, History, Reason, forget, is_same_user},
    establish::establish,
    identity::{Holdings, IdentityWishes},
    plan::Plan,
    predecessor::{Configured, Predecessor},
    ways::Way,
};
use crate::{
    commands::{
        signals::or_stop,
        stores::{archive, damage},
    },
    error::Result,
    homeserver::{Account, Discovery, Login, Options},
    session::{Chain, Credentials, Facts, IdentitySecrets, StoreAccount, verify_chain},
    terminal::Progress,
};

/// What helps where a token's device cannot be taken.
const OWN_DEVICE: &str =
    "log in with a password, for a device of the bot's own: nanobot login --user ID";

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
            return Box::pin(or_stop(self.adopt(store))).await;
        }
        match Box::pin(or_stop(self.kept(store))).await? {
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
        let heritage = self.take_over(&mut before, &device.login, store).await;
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

    pub(super) async fn decide(
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

    pub(super) async fn establish(
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

    pub(super) async fn log_in(&self, device_id: Option<&str>) -> Result<(Login, Account)> {
        self.progress.step("Logging in");
        let login = self
            .way
            .log_in(self.discovery, device_id, self.device_name)
            .await?;
        let account = self.discovery.homeserver.with_token(&login.access_token);
        Ok((login, account))
    }

    pub(super) fn credentials(&self, login: &Login) -> Credentials {
        Credentials {
            homeserver: self.discovery.base_url.clone(),
            user_id: login.user_id.clone(),
            device_id: login.device_id.clone(),
            access_token: login.access_token.clone(),
            options: self.options.clone(),
        }
    }
}
