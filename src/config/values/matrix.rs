//! The typed view of `channels.matrix`.

use std::{
    ops::Deref,
    path::{Path, PathBuf},
};

use serde_json::{Map, Value};
use url::Url;

use super::{Origin, Problem, Setting, settings};
use crate::{
    address::{Listen, parse_homeserver},
    config::{
        Env,
        file::Document,
        keys::{KEYS, Key, Keys},
        secrets::{Entry, Keyring, Secret},
    },
    error::{Error, Kind, Result},
    text::counted,
};

/// The settings of the Matrix channel, from the file, the environment and the credentials.
///
/// What every command needs, or what cannot fail, is a field of [`Keys`]. What holds text is a
/// method: a `${NAME}` in it that cannot be had is an error only for those who ask.
#[derive(Clone, Debug)]
pub struct Matrix {
    keys: Keys,
    settings: Vec<Setting>,
    path: PathBuf,
}

impl Deref for Matrix {
    type Target = Keys;

    fn deref(&self) -> &Keys {
        &self.keys
    }
}

impl Document {
    /// Reads `channels.matrix`, and over it the environment and the systemd credentials.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`] for the first value that is not what its key needs.
    pub fn matrix(&self, env: Env<'_>) -> Result<Matrix> {
        let settings = settings(self, env);
        refuse_invalid(&settings)?;
        let mut values = Map::new();
        for setting in &settings {
            match &setting.value {
                Ok(Value::Null) => {}
                Ok(value) => drop(values.insert(setting.key.name.to_owned(), value.clone())),
                Err(_) if setting.key.is_optional() => {}
                Err(problem) => return Err(setting.error(problem)),
            }
        }
        let keys = serde_json::from_value(values.into())
            .map_err(|_| Error::config("cannot read channels.matrix"))?;
        Ok(Matrix {
            keys,
            settings,
            path: self.path().to_owned(),
        })
    }
}

/// The first invalid value as an error that tells how many more there are.
fn refuse_invalid(settings: &[Setting]) -> Result<()> {
    let mut invalid = settings.iter().filter_map(|setting| match &setting.value {
        Err(problem @ Problem::Invalid(_)) => Some((setting, problem)),
        _ => None,
    });
    let Some((setting, problem)) = invalid.next() else {
        return Ok(());
    };
    let error = setting.error(problem);
    Err(match invalid.count() {
        0 => error,
        more => {
            let verb = if more == 1 { "is" } else { "are" };
            let more = counted(more as u64, "more value");
            error.hint(format!("{}; {more} {verb} wrong", setting.fix(problem)))
        }
    })
}

impl Matrix {
    /// The homeserver's base URL.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`] when it is missing.
    pub fn homeserver(&self) -> Result<Url> {
        self.homeserver_if_set()?
            .ok_or_else(|| self.missing("homeserver", Kind::Config))
    }

    /// The homeserver's base URL, if there is one.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`] when it needs a variable that cannot be had.
    pub fn homeserver_if_set(&self) -> Result<Option<Url>> {
        let url = self.text("homeserver", self.keys.homeserver.as_ref())?;
        // It was read before.
        Ok(url.and_then(|url| parse_homeserver(url).ok()))
    }

    /// The bot's user ID.
    ///
    /// # Errors
    ///
    /// [`Kind::NotLoggedIn`] when it is missing, [`Kind::Config`] when it cannot be had.
    pub fn user_id(&self) -> Result<&str> {
        self.user_id_if_set()?
            .ok_or_else(|| self.missing("userId", Kind::NotLoggedIn))
    }

    /// The bot's user ID, if there is one.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`] when it needs a variable that cannot be had.
    pub fn user_id_if_set(&self) -> Result<Option<&str>> {
        self.text("userId", self.keys.user_id.as_ref())
    }

    /// The bot's own device.
    ///
    /// # Errors
    ///
    /// [`Kind::NotLoggedIn`] when it is missing, [`Kind::Config`] when it cannot be had.
    pub fn device_id(&self) -> Result<&str> {
        self.device_id_if_set()?
            .ok_or_else(|| self.missing("deviceId", Kind::NotLoggedIn))
    }

    /// The bot's own device, if there is one.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`] when it needs a variable that cannot be had.
    pub fn device_id_if_set(&self) -> Result<Option<&str>> {
        self.text("deviceId", self.keys.device_id.as_ref())
    }

    /// The access token of the bot's own device. Where it is in the keyring, that is asked now,
    /// which takes up to 3 s.
    ///
    /// # Errors
    ///
    /// [`Kind::NotLoggedIn`] when it is missing, [`Kind::Config`] when it cannot be had,
    /// [`Kind::Failure`] when the keyring cannot be read.
    pub fn access_token(&self) -> Result<Secret> {
        let name = "accessToken";
        let Origin::Keyring { entry } = self.origin(name) else {
            let token = self.needed(name, self.keys.access_token.clone())?;
            return token.ok_or_else(|| self.missing(name, Kind::NotLoggedIn));
        };
        Keyring::system().read(&entry)?.ok_or_else(|| {
            Error::not_logged_in(format!(
                "the access token is not in the {}",
                self.origin(name)
            ))
            .command("nanobot login")
        })
    }

    /// The keyring's entry for the access token, where the configuration says that it is there,
    /// even if another source goes before it.
    pub fn keyring_entry(&self) -> Option<Entry> {
        let token = self.setting("accessToken")?;
        let mut origins = token.shadowed.iter().chain([&token.origin]);
        origins.find_map(|origin| match origin {
            Origin::Keyring { entry } => Some(entry.clone()),
            _ => None,
        })
    }

    /// The account's password, which only a login uses.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`] when it needs a variable that cannot be had.
    pub fn password(&self) -> Result<Option<&Secret>> {
        self.needed("password", self.keys.password.as_ref())
    }

    /// The URL of the proxy to the homeserver; it may hold a password.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`] when it needs a variable that cannot be had.
    pub fn proxy(&self) -> Result<Option<&Secret>> {
        self.needed("proxy", self.keys.proxy.as_ref())
    }

    /// The emoji for messages that are going to be answered.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`] when it needs a variable that cannot be had.
    pub fn reaction_seen(&self) -> Result<Option<&str>> {
        self.text("reactionSeen", self.keys.reaction_seen.as_ref())
    }

    /// The emoji for messages that the agent is at work on.
    ///
    /// # Errors
    ///
    /// As [`Self::reaction_seen`].
    pub fn reaction_working(&self) -> Result<Option<&str>> {
        self.text("reactionWorking", self.keys.reaction_working.as_ref())
    }

    /// The emoji for messages that could not be answered.
    ///
    /// # Errors
    ///
    /// As [`Self::reaction_seen`].
    pub fn reaction_failed(&self) -> Result<Option<&str>> {
        self.text("reactionFailed", self.keys.reaction_failed.as_ref())
    }

    /// Who may talk to the bot. An empty list means everyone, and so does `*` in it.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`] when it needs a variable that cannot be had.
    pub fn allow_from(&self) -> Result<&[String]> {
        self.needed("allowFrom", self.keys.allow_from.as_slice())
    }

    /// The rooms of [`Allowlist`](crate::config::GroupPolicy::Allowlist).
    ///
    /// # Errors
    ///
    /// [`Kind::Config`] when it needs a variable that cannot be had.
    pub fn group_allow_from(&self) -> Result<&[String]> {
        self.needed("groupAllowFrom", self.keys.group_allow_from.as_slice())
    }

    /// The bot's display name, if it is to have a certain one.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`] when it needs a variable that cannot be had.
    pub fn display_name(&self) -> Result<Option<&str>> {
        self.text("displayName", self.keys.display_name.as_ref())
    }

    /// The file with the bot's picture, if it is to have a certain one.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`] when it needs a variable that cannot be had.
    pub fn avatar(&self) -> Result<Option<&str>> {
        self.text("avatar", self.keys.avatar.as_ref())
    }

    /// What the bot says in rooms that it comes into, if anything.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`] when it needs a variable that cannot be had.
    pub fn greeting(&self) -> Result<Option<&str>> {
        self.text("greeting", self.keys.greeting.as_ref())
    }

    /// The settings of the agent, as a JSON object.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`] when it needs a variable that cannot be had.
    pub fn agent(&self) -> Result<Option<&Secret>> {
        self.needed("agent", self.keys.agent.as_ref())
    }

    /// How a worker reaches the message broker, as a JSON object.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`] when it needs a variable that cannot be had.
    pub fn worker(&self) -> Result<Option<&Secret>> {
        self.needed("worker", self.keys.worker.as_ref())
    }

    /// Where health checks and metrics are answered, if anywhere.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`] when it needs a variable that cannot be had.
    pub fn health(&self) -> Result<Option<&Listen>> {
        self.needed("health", self.keys.health.as_ref())
    }

    /// Where the value of a key came from, which is named as the documentation does.
    pub fn origin(&self, name: &str) -> Origin {
        self.setting(name)
            .map_or(Origin::Default, |setting| setting.origin.clone())
    }

    /// The other sources that also have a value for a key, which does not count.
    pub fn shadowed(&self, name: &str) -> &[Origin] {
        self.setting(name).map_or(&[], |setting| &setting.shadowed)
    }

    /// The keys whose values in effect differ, in the order of the documentation.
    pub fn differences(&self, other: &Self) -> Vec<&'static str> {
        let values = |of: &Self, key: &Key| of.setting(key.name).map(|it| it.value.clone());
        let differing = KEYS
            .iter()
            .filter(|key| values(self, key) != values(other, key));
        differing.map(|key| key.name).collect()
    }

    /// The file it was read from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn setting(&self, name: &str) -> Option<&Setting> {
        self.settings
            .iter()
            .find(|setting| setting.key.name == name)
    }

    /// A text, unless it could not be had.
    fn text<'a>(&self, name: &str, text: Option<&'a Secret>) -> Result<Option<&'a str>> {
        Ok(self.needed(name, text)?.map(Secret::expose))
    }

    /// A value, unless it could not be had.
    fn needed<T>(&self, name: &str, value: T) -> Result<T> {
        match self.setting(name).map(|setting| (setting, &setting.value)) {
            Some((setting, Err(problem))) => Err(setting.error(problem)),
            _ => Ok(value),
        }
    }

    fn missing(&self, name: &str, kind: Kind) -> Error {
        let file = self.path.display();
        let message = format!("channels.matrix.{name} is missing in {file}");
        Error::new(kind, message).command("nanobot login")
    }
}

#[cfg(test)]
mod tests;
