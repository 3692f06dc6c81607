//! The typed view of `channels.matrix`.

use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
    time::Duration,
};

use url::Url;

use super::{
    Document, Entry, Env, GroupPolicy, Keyring, Origin, Secret, SenderTrust, TokenStore,
    schema::{self, Key},
    setting::{Problem, Setting, settings},
    shape::Typed,
};
use crate::error::{Error, Kind, Result};

/// The settings of the Matrix channel, from the file, the environment and the credentials.
///
/// What every command needs, or what cannot fail, is a field. What holds text is a method: a
/// `${NAME}` in it that cannot be had is an error only for those who ask.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the file has that many switches"
)]
pub struct Matrix {
    /// Where a login keeps the access token.
    pub token_store: TokenStore,
    /// Whether the gateway runs the channel.
    pub enabled: bool,
    /// Whether the bot reads and answers in encrypted rooms.
    pub e2ee_enabled: bool,
    /// Which messages in group rooms are answered.
    pub group_policy: GroupPolicy,
    /// Whether `@room` counts as a mention.
    pub allow_room_mentions: bool,
    /// How far a sender's device must be trusted before it is answered.
    pub sender_trust: SenderTrust,
    /// Whether messages in the clear are answered in encrypted rooms.
    pub allow_plaintext_in_encrypted_rooms: bool,
    /// Largest attachment in bytes, both ways; 0 blocks all media.
    pub max_media_bytes: u64,
    /// How many attachments are downloaded at once, at most 1024.
    pub max_concurrent_media_downloads: NonZeroUsize,
    /// How long answers under way may take when the gateway stops, at most a day.
    pub sync_stop_grace: Duration,
    /// Whether verifications by emoji are completed without anyone comparing them.
    pub sas_verification: bool,
    /// Whether an answer is sent while it is being written. Only the Python tool does.
    pub streaming: bool,
    path: PathBuf,
    settings: Vec<Setting>,
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
        let reader = Reader(&settings);
        Ok(Matrix {
            token_store: reader.choice(&schema::TOKEN_STORE, TokenStore::from_name)?,
            enabled: reader.switch(&schema::ENABLED)?,
            e2ee_enabled: reader.switch(&schema::E2EE_ENABLED)?,
            group_policy: reader.choice(&schema::GROUP_POLICY, GroupPolicy::from_name)?,
            allow_room_mentions: reader.switch(&schema::ALLOW_ROOM_MENTIONS)?,
            sender_trust: reader.choice(&schema::SENDER_TRUST, SenderTrust::from_name)?,
            allow_plaintext_in_encrypted_rooms: reader
                .switch(&schema::ALLOW_PLAINTEXT_IN_ENCRYPTED_ROOMS)?,
            max_media_bytes: reader.count(&schema::MAX_MEDIA_BYTES)?,
            max_concurrent_media_downloads: reader.downloads()?,
            sync_stop_grace: Duration::from_secs(reader.count(&schema::SYNC_STOP_GRACE_SECONDS)?),
            sas_verification: reader.switch(&schema::SAS_VERIFICATION)?,
            streaming: reader.switch(&schema::STREAMING)?,
            path: self.path().to_owned(),
            settings,
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
        more => error.hint(format!(
            "{}; {more} more {} wrong",
            setting.fix(problem),
            if more == 1 { "value is" } else { "values are" }
        )),
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
            .ok_or_else(|| self.missing(&schema::HOMESERVER, Kind::Config))
    }

    /// The homeserver's base URL, if there is one.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`] when it needs a variable that cannot be had.
    pub fn homeserver_if_set(&self) -> Result<Option<Url>> {
        let Some(text) = self.text(&schema::HOMESERVER)? else {
            return Ok(None);
        };
        let url = Url::parse(text).map_err(|_| mismatch(&schema::HOMESERVER))?;
        Ok(Some(url))
    }

    /// The bot's user id.
    ///
    /// # Errors
    ///
    /// [`Kind::NotLoggedIn`] when it is missing, [`Kind::Config`] when it cannot be had.
    pub fn user_id(&self) -> Result<&str> {
        self.user_id_if_set()?
            .ok_or_else(|| self.missing(&schema::USER_ID, Kind::NotLoggedIn))
    }

    /// The bot's user id, if there is one.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`] when it needs a variable that cannot be had.
    pub fn user_id_if_set(&self) -> Result<Option<&str>> {
        self.text(&schema::USER_ID)
    }

    /// The bot's own device.
    ///
    /// # Errors
    ///
    /// [`Kind::NotLoggedIn`] when it is missing, [`Kind::Config`] when it cannot be had.
    pub fn device_id(&self) -> Result<&str> {
        self.device_id_if_set()?
            .ok_or_else(|| self.missing(&schema::DEVICE_ID, Kind::NotLoggedIn))
    }

    /// The bot's own device, if there is one.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`] when it needs a variable that cannot be had.
    pub fn device_id_if_set(&self) -> Result<Option<&str>> {
        self.text(&schema::DEVICE_ID)
    }

    /// The access token of the bot's own device. Where it is in the keyring, that is asked now,
    /// which takes up to 3 s.
    ///
    /// # Errors
    ///
    /// [`Kind::NotLoggedIn`] when it is missing, [`Kind::Config`] when it cannot be had,
    /// [`Kind::Failure`] when the keyring cannot be read.
    pub fn access_token(&self) -> Result<Secret> {
        let key = &schema::ACCESS_TOKEN;
        let Origin::Keyring { entry } = self.origin(key) else {
            let token = self.secret(key)?.cloned();
            return token.ok_or_else(|| self.missing(key, Kind::NotLoggedIn));
        };
        Keyring::system().read(&entry)?.ok_or_else(|| {
            Error::not_logged_in(format!(
                "the access token is not in the {}",
                self.origin(key)
            ))
            .hint("run `nanobot login`")
        })
    }

    /// The keyring's entry for the access token, where the configuration says that it is there,
    /// even if another source goes before it.
    #[must_use]
    pub fn keyring_entry(&self) -> Option<Entry> {
        let mut settings = self.settings.iter();
        let token = settings.find(|setting| setting.key.name == schema::ACCESS_TOKEN.name)?;
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
        self.secret(&schema::PASSWORD)
    }

    /// The URL of the proxy to the homeserver; it may hold a password.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`] when it needs a variable that cannot be had.
    pub fn proxy(&self) -> Result<Option<&Secret>> {
        self.secret(&schema::PROXY)
    }

    /// Who may talk to the bot. An empty list means everyone, and so does `*` in it.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`] when it needs a variable that cannot be had.
    pub fn allow_from(&self) -> Result<&[String]> {
        self.list(&schema::ALLOW_FROM)
    }

    /// The rooms of [`GroupPolicy::Allowlist`].
    ///
    /// # Errors
    ///
    /// [`Kind::Config`] when it needs a variable that cannot be had.
    pub fn group_allow_from(&self) -> Result<&[String]> {
        self.list(&schema::GROUP_ALLOW_FROM)
    }

    /// The settings of the agent, as a JSON object.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`] when it needs a variable that cannot be had.
    pub fn agent(&self) -> Result<Option<&Secret>> {
        self.secret(&schema::AGENT)
    }

    /// Where the value of a key came from.
    #[must_use]
    pub fn origin(&self, key: &Key) -> Origin {
        let mut settings = self.settings.iter();
        let setting = settings.find(|setting| setting.key.name == key.name);
        setting.map_or(Origin::Default, |setting| setting.origin.clone())
    }

    /// The other sources that also have a value for a key, which does not count.
    #[must_use]
    pub fn shadowed(&self, key: &Key) -> &[Origin] {
        let mut settings = self.settings.iter();
        let setting = settings.find(|setting| setting.key.name == key.name);
        setting.map_or(&[], |setting| &setting.shadowed)
    }

    /// The file it was read from.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn text(&self, key: &Key) -> Result<Option<&str>> {
        match Reader(&self.settings).value(key)? {
            None => Ok(None),
            Some(Typed::Text(text)) => Ok(Some(text)),
            Some(_) => Err(mismatch(key)),
        }
    }

    fn secret(&self, key: &Key) -> Result<Option<&Secret>> {
        match Reader(&self.settings).value(key)? {
            None => Ok(None),
            Some(Typed::Secret(secret) | Typed::Section(secret)) => Ok(Some(secret)),
            Some(_) => Err(mismatch(key)),
        }
    }

    fn list(&self, key: &Key) -> Result<&[String]> {
        match Reader(&self.settings).value(key)? {
            Some(Typed::List(list)) => Ok(list),
            _ => Err(mismatch(key)),
        }
    }

    fn missing(&self, key: &Key, kind: Kind) -> Error {
        let message = format!("{} is missing in {}", key.path(), self.path.display());
        Error::new(kind, message).hint("run `nanobot login`")
    }
}

/// Takes values out of settings that hold no invalid ones.
struct Reader<'a>(&'a [Setting]);

impl<'a> Reader<'a> {
    fn value(&self, key: &Key) -> Result<Option<&'a Typed>> {
        let mut settings = self.0.iter();
        let Some(setting) = settings.find(|setting| setting.key.name == key.name) else {
            return Err(mismatch(key));
        };
        match &setting.value {
            Ok(value) => Ok(value.as_ref()),
            Err(problem) => Err(setting.error(problem)),
        }
    }

    fn switch(&self, key: &Key) -> Result<bool> {
        match self.value(key)? {
            Some(Typed::Switch(value)) => Ok(*value),
            _ => Err(mismatch(key)),
        }
    }

    fn count(&self, key: &Key) -> Result<u64> {
        match self.value(key)? {
            Some(Typed::Count(value)) => Ok(*value),
            _ => Err(mismatch(key)),
        }
    }

    /// 0 counts as 1, as in the Python tool.
    fn downloads(&self) -> Result<NonZeroUsize> {
        let key = &schema::MAX_CONCURRENT_MEDIA_DOWNLOADS;
        let count = usize::try_from(self.count(key)?).map_err(|_| mismatch(key))?;
        Ok(NonZeroUsize::new(count).unwrap_or(NonZeroUsize::MIN))
    }

    fn choice<T>(&self, key: &Key, from_name: impl Fn(&str) -> Option<T>) -> Result<T> {
        match self.value(key)? {
            Some(Typed::Text(name)) => from_name(name).ok_or_else(|| mismatch(key)),
            _ => Err(mismatch(key)),
        }
    }
}

/// The schema gives a key another shape than this view takes it for: a mistake in this program,
/// which the tests would show.
fn mismatch(key: &Key) -> Error {
    Error::failure(format!("{} is not what nanobot takes it for", key.path()))
        .hint("this is a bug in nanobot; please report it")
}

#[cfg(test)]
mod tests;
