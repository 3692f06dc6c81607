//! A login as a new device: its store is made beside the one in use, and takes over what the
//! device before it had.

use std::{path::Path, pin::pin, time::Duration};

use tokio::time::timeout;

use super::{
    attempt::Attempt,
    device::{Device, Heritage, History, Reason, forget, is_same_user},
    identity::Holdings,
    predecessor::Predecessor,
};
use crate::{
    commands::{signals::stop_signal, stores::NewStore},
    error::{Error, Kind, Result},
    homeserver::{Account, Login},
    session::{Facts, StoreAccount, judge},
};

/// How long a login that is interrupted waits to learn whether it has made a device.
const LAST_WORDS: Duration = Duration::from_secs(2);

impl Attempt<'_> {
    /// Logs in as a new device with a new store, and sets the old store aside.
    pub(super) async fn renew(&self, reason: Reason, store: &Path) -> Result<Device> {
        let is_user = |user_id: &str| is_same_user(user_id, self.way.user().unwrap_or_default());
        let mut new_store = NewStore::beside(store, is_user).await?;
        // From before there is a device, so that it is never left behind.
        let mut stop = pin!(stop_signal()?);
        let interrupted = || Error::new(Kind::Interrupted, "interrupted");
        let made = {
            let mut making = pin!(self.make(&mut new_store));
            tokio::select! {
                made = &mut making => Some(made?),
                () = &mut stop => {
                    // There may be a device by now. Where that is not known soon, the next login
                    // goes on with it.
                    let made = timeout(LAST_WORDS, making).await;
                    if let Ok(Ok((_, account))) = made
                        && forget(&account).await
                    {
                        None
                    } else {
                        return Err(interrupted());
                    }
                }
            }
        };
        let Some((login, account)) = made else {
            new_store.discard();
            return Err(interrupted());
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
        let heritage = self.take_over(&mut before, &login, place).await;
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
    pub(super) async fn take_over(
        &self,
        before: &mut Predecessor,
        login: &Login,
        store: &Path,
    ) -> Heritage {
        self.progress.step("Taking over what the old device had");
        let room_keys = before.hand_over_keys(store).await;
        Heritage {
            room_keys: room_keys
                .inspect_err(|error| tracing::warn!(%error, "room keys are not taken over"))
                .unwrap_or_default(),
            journal: before.hand_over_journal(store, &login.user_id).await,
            without_identity: before.explain_unverified(),
        }
    }

    /// What an earlier device has left in this store or in the archives; and in the new store, if
    /// there is one, by a login that was cut short.
    pub(super) async fn predecessor(
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
