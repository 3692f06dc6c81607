//! The first step: a login that holds, made by what `nanobot login` makes it with.

use super::{run::Run, steps::Status};
use crate::{
    account::{
        login::{Missing, is_same_user, log_in},
        options::Recovery,
    },
    error::{Kind, Result},
    session::{Credentials, credentials},
};

impl Run {
    /// Returns the login, and whether it was made now.
    pub async fn log_in(&mut self) -> Result<(Credentials, bool)> {
        self.steps.begin("login");
        let looking = self.standing();
        let why = match self.terminal.during("Checking the login", looking).await? {
            Ok(held) => {
                self.demand_answers(true)?;
                let detail = format!("{}; the access token is valid", describe(&held));
                self.steps.end(Status::AlreadyDone, &detail)?;
                return Ok((held, false));
            }
            Err(why) => why,
        };
        if let Some(why) = why {
            self.terminal
                .note(&format!("The bot has to log in again: {why}."));
        }
        self.demand_answers(false)?;
        let login = Box::pin(log_in(&self.options.login, &self.paths, &mut self.document)).await?;
        login.tell_notes();
        let credentials = login.device.credentials.clone();
        self.steps.end(Status::Done, &describe(&credentials))?;
        Ok((credentials, true))
    }

    /// Refuses to begin where nobody is there to give the answers that will be needed, and names
    /// all of them.
    fn demand_answers(&self, is_logged_in: bool) -> Result<()> {
        if self.terminal.is_interactive() {
            return Ok(());
        }
        let (options, matrix) = (&self.options.login, self.matrix()?);
        let mut missing = Missing::default();
        if !is_logged_in {
            missing = Missing::of_login(options, &matrix)?;
        }
        missing.add_access(options, &matrix)?;
        if !is_logged_in {
            missing.add_e2ee(options, &matrix);
            if options.recovery == Recovery::Ask && options.recovery_key.is_none() {
                missing.add("--recovery or --no-recovery");
            }
        }
        for flag in self.missing_of_agent()? {
            missing.add(flag);
        }
        missing.refuse()
    }

    /// The login that holds; or that there is none, and why, where there was one.
    async fn standing(&self) -> Result<Result<Credentials, Option<String>>> {
        let credentials = match credentials(&self.matrix()?) {
            Ok(credentials) => credentials,
            Err(error) if error.kind() == Kind::NotLoggedIn => return Ok(Err(None)),
            Err(error) => return Err(error),
        };
        let (user_id, device_id) = (&credentials.user_id, &credentials.device_id);
        let user = self.options.login.user.as_ref();
        if user.is_some_and(|user| !is_same_user(user_id, user)) {
            let why = format!("it is logged in as {user_id}");
            return Ok(Err(Some(why)));
        }
        let account = credentials.account()?;
        let state = match credentials
            .device_state(&account, &self.paths.store())
            .await
        {
            Ok(state) => state,
            Err(error) if error.kind() == Kind::NotLoggedIn => {
                return Ok(Err(Some(error.to_string())));
            }
            Err(error) => return Err(error),
        };
        if state.store.is_none() || state.published.is_none() {
            let why = format!("the keys of its device {device_id} are not on this machine");
            return Ok(Err(Some(why)));
        }
        state.check()?;
        Ok(Ok(credentials))
    }
}

fn describe(credentials: &Credentials) -> String {
    format!(
        "{} on {}, device {}",
        credentials.user_id,
        credentials.homeserver.as_str().trim_end_matches('/'),
        credentials.device_id
    )
}
