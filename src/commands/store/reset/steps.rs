//! Making the new device beside the old one. Each step may be done again.

use super::{
    equip::Equipment,
    journal::{Journal, NewLogin, Secrets, Step},
    places::{Places, remove},
    plan::Diagnosis,
};
use crate::{
    config::Secret,
    error::{Error, Kind, Result},
    homeserver::{Account, Discovery, Login, Options},
    inbox::inherit,
    instance::{crash_point, private_directory},
    session::{Credentials, Facts, KeyStore, RoomKeys, Session, StoreAccount},
    terminal::Progress,
};

/// The name of the device where the old one had none.
const DEVICE_NAME: &str = "nanobot";
pub(super) const TRIAL_NAME: &str = "nanobot store reset (a test, logged out in a moment)";

/// Everything it takes to make the new device.
pub(super) struct Preparation<'a> {
    pub(super) places: &'a Places,
    pub(super) diagnosis: &'a Diagnosis,
    pub(super) discovery: &'a Discovery,
    pub(super) options: &'a Options,
    pub(super) password: &'a Secret,
    pub(super) recovery_key: Option<&'a Secret>,
    pub(super) progress: &'a Progress,
}

impl Preparation<'_> {
    /// Makes the new device beside the old store.
    pub(super) async fn make(&self, journal: &mut Journal) -> Result<Login> {
        let store = self.places.new_store();
        private_directory(&store)?;
        journal.login = NewLogin::Asked;
        journal.write(self.places)?;
        crash_point("reset-begin");

        self.progress.step("Logging in as a new device");
        let login = self.log_in(journal).await;
        if let Err(error) = &login
            && error.kind() != Kind::Unreachable
        {
            journal.login = NewLogin::None;
        }
        let login = login?;
        crash_point("reset-log-in");
        Ok(login)
    }

    /// Gives the new device what the old one had, and proves that it works. Nothing but the
    /// account's list of sessions has changed then.
    pub(super) async fn equip(
        &self,
        login: &Login,
        room_keys: Option<RoomKeys>,
        journal: &mut Journal,
    ) -> Result<()> {
        let credentials = self.credentials(login);
        let account = credentials.account()?;
        let mut session = self.open(&credentials, &account).await?;
        let equipped = Equipment {
            preparation: self,
            session: &mut session,
            credentials: &credentials,
            account: &account,
        }
        .equip(journal)
        .await;
        session.settle().await;
        drop(session);
        equipped?;

        if let Some(keys) = room_keys {
            self.import_room_keys(keys, journal).await?;
        }
        crash_point("reset-import");

        self.progress.step("Taking over unanswered messages");
        let user_id = &journal.user_id;
        let (old, new) = (self.places.copy(), self.places.new_store());
        let inherited = inherit(&old, &new, user_id).await?;
        (journal.findings.taken, journal.findings.left) = (inherited.taken, inherited.left);
        journal.write(self.places)?;
        crash_point("reset-inherit");
        Ok(())
    }

    async fn import_room_keys(&self, keys: RoomKeys, journal: &mut Journal) -> Result<()> {
        self.progress.step("Taking over the old store's room keys");
        let store = KeyStore::open(&self.places.new_store()).await?;
        let store = store.ok_or_else(|| Error::failure("the new store has no device"))?;
        journal.findings.room_keys = store.import(keys).await?.given as u64;
        journal.write(self.places)
    }

    /// Logs in, or takes the login of the run before.
    async fn log_in(&self, journal: &Journal) -> Result<Login> {
        let store = self.places.new_store();
        if let Some(secrets) = Secrets::read(&store)? {
            return Ok(login(journal, &secrets));
        }
        let name = self.diagnosis.device_name.as_deref();
        let login = self
            .new_login(&journal.new_device, name.unwrap_or(DEVICE_NAME))
            .await?;
        crash_point("reset-token");
        let secrets = Secrets::new(&login.access_token, self.diagnosis.token.as_ref());
        if let Err(error) = secrets.write(&store) {
            self.forget(&login).await;
            return Err(error);
        }
        Ok(login)
    }

    /// Logs in as a device of this id, which has no keys yet.
    pub(super) async fn new_login(&self, device_id: &str, name: &str) -> Result<Login> {
        let user = &self.diagnosis.user_id;
        let homeserver = &self.discovery.homeserver;
        let login = homeserver
            .login_password(user, self.password, Some(device_id), name)
            .await?;
        if login.user_id == *user && login.device_id == device_id {
            return Ok(login);
        }
        self.forget(&login).await;
        Err(Error::failure(format!(
            "the homeserver gave a login for {}, device {}, instead of {user}, device {device_id}",
            login.user_id, login.device_id
        )))
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

    /// Opens the new store, if the device can be its own.
    async fn open(&self, credentials: &Credentials, account: &Account) -> Result<Session> {
        let store = self.places.new_store();
        let Credentials {
            user_id, device_id, ..
        } = credentials;
        let owned = StoreAccount::read(&store).await?;
        Facts::gather(account, user_id, device_id, owned)
            .await?
            .readiness()?;
        Session::open(credentials, &store).await
    }

    /// Removes the device of a trial that did not come to its end; its store is not used again.
    pub(super) async fn forget_trial(&self, journal: &Journal) -> Result<()> {
        remove(&self.places.trial_store())?;
        if let Some(device_id) = &journal.trial_device {
            let login = self.new_login(device_id, TRIAL_NAME).await?;
            let homeserver = &self.discovery.homeserver;
            homeserver.with_token(&login.access_token).logout().await?;
        }
        Ok(())
    }

    /// Logs a device out that nothing will use.
    async fn forget(&self, login: &Login) {
        let homeserver = &self.discovery.homeserver;
        if let Err(error) = homeserver.with_token(&login.access_token).logout().await {
            tracing::warn!(device = %login.device_id, %error,
                "an unused device stays in the account's list of sessions");
        }
    }

    /// Logs a device out of which nobody knows whether it was made: the answer never came.
    async fn forget_unknown(&self, device_id: &str) {
        match self.new_login(device_id, DEVICE_NAME).await {
            Ok(login) => self.forget(&login).await,
            Err(error) => tracing::warn!(device = device_id, %error,
                "an unused device may be in the account's list of sessions"),
        }
    }

    /// Takes everything back: the bot is as it was. What a kill leaves of it the next run takes
    /// back, which would else go on with a device that is logged out.
    pub(super) async fn undo(&self, journal: &mut Journal) {
        journal.step = Step::Undo;
        if let Err(error) = journal.write(self.places) {
            // As where the disk is full, which may be why it is taken back.
            tracing::debug!(%error, "a kill in this moment would not be recovered from");
        }
        crash_point("reset-undo");
        match Secrets::read(&self.places.new_store()) {
            Ok(Some(secrets)) => self.forget(&login(journal, &secrets)).await,
            Ok(None) if journal.login == NewLogin::Asked => {
                self.forget_unknown(&journal.new_device).await;
            }
            _ => {}
        }
        crash_point("reset-undo-device");
        if let Err(error) = self.forget_trial(journal).await {
            tracing::warn!(device = ?journal.trial_device, %error,
                "a device of the test stays in the account's list of sessions");
        }
        crash_point("reset-undo-trial");
        // The journal first: a device whose store is gone must not be logged in to again.
        let removed = Journal::remove(self.places).and_then(|()| {
            crash_point("reset-undo-journal");
            self.places.discard()
        });
        if let Err(error) = removed {
            tracing::error!(%error, "something of the reset is left behind");
        }
    }
}

/// The new device's login as it was written down.
pub(super) fn login(journal: &Journal, secrets: &Secrets) -> Login {
    Login {
        user_id: journal.user_id.clone(),
        device_id: journal.new_device.clone(),
        access_token: secrets.new_token(),
        expires_in: None,
    }
}
