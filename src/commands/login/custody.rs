//! Where the access token is kept.

use crate::{
    cli,
    commands::recovery_key::insist,
    config::{Document, Entry, Keyring, KeyringState, Matrix, Saved, TokenStore},
    error::Result,
    homeserver::Login,
    terminal::Progress,
};

/// Where the access token is kept, chosen before there is one.
pub(in crate::commands) struct Custody {
    keyring: Keyring,
    /// The name of the keyring, where the token goes into it.
    chosen: Option<String>,
    /// Where the configuration says that the token is until now.
    before: Option<Entry>,
    /// What the person should know about the choice.
    pub(in crate::commands) notes: Vec<String>,
    /// The option that chooses the same, where that is not the default.
    pub(in crate::commands) option: Option<&'static str>,
}

impl Custody {
    /// Chooses by the option and the configuration. A keyring has to show that it works, before
    /// anyone logs in.
    pub(in crate::commands) fn choose(
        wish: Option<cli::TokenStore>,
        matrix: &Matrix,
    ) -> Result<Self> {
        let mut custody = Self {
            keyring: Keyring::system(),
            chosen: None,
            before: matrix.keyring_entry(),
            notes: Vec::new(),
            option: None,
        };
        match (wish, matrix.token_store) {
            (Some(cli::TokenStore::File), _) | (None, TokenStore::File) => {}
            (Some(cli::TokenStore::Keyring), _) | (None, TokenStore::Keyring) => {
                custody.option = Some("keyring");
                custody.insist()?;
            }
            (Some(cli::TokenStore::Auto), _) => {
                custody.option = Some("auto");
                custody.prefer();
            }
        }
        Ok(custody)
    }

    fn insist(&mut self) -> Result<()> {
        let otherwise = "keep the token in the configuration: --token-store file";
        let (name, persistent) = insist(&self.keyring, otherwise)?;
        if !persistent {
            self.notes.push(format!(
                "The keyring ({name}) is emptied when the session ends or the machine restarts. \
                 The bot must be logged in again then."
            ));
        }
        self.enter(name);
        Ok(())
    }

    fn prefer(&mut self) {
        let progress = Progress::start("Trying the keyring");
        let state = self.keyring.probe();
        drop(progress);
        let why = match state {
            KeyringState::Works {
                name,
                persistent: true,
            } => return self.enter(name),
            KeyringState::Works { name, .. } => {
                format!("the keyring ({name}) does not outlive the session")
            }
            KeyringState::Unavailable(why) => format!("the keyring cannot be used: {why}"),
        };
        let note = format!("The access token is kept in the configuration, because {why}.");
        self.notes.push(note);
    }

    fn enter(&mut self, name: String) {
        self.chosen = Some(name);
        self.notes.push(
            "Only programs of this session can read the keyring. For a systemd system service: \
             nanobot login --token-store file"
                .to_owned(),
        );
    }

    pub(in crate::commands) fn store(&self) -> TokenStore {
        if self.chosen.is_some() {
            TokenStore::Keyring
        } else {
            TokenStore::File
        }
    }

    /// Where the token is now, for a person.
    pub(in crate::commands) fn describe(&self) -> String {
        match &self.chosen {
            Some(name) => format!("The access token is in the keyring ({name})"),
            None => "The access token is in that file, which only you can read (0600)".to_owned(),
        }
    }

    /// Puts the device's token where it belongs and saves the document, or does neither.
    pub(in crate::commands) fn keep(
        &self,
        document: &mut Document,
        login: &Login,
    ) -> Result<Saved> {
        let token = &login.access_token;
        if self.chosen.is_none() {
            document.matrix_set("accessToken", token.expose())?;
            document.matrix_unset("tokenStore")?;
            return document.save();
        }
        let entry = entry(login);
        document.matrix_unset("accessToken")?;
        document.matrix_set("tokenStore", TokenStore::Keyring.name())?;
        self.keyring.write(&entry, token)?;
        let saved = document.save();
        // The configuration as it is on the disk may look for this very entry.
        if saved.is_err() && self.before.as_ref() != Some(&entry) {
            self.forget(&entry);
        }
        saved
    }

    /// Removes the token of the login before from the keyring. Returns what should be said of it.
    pub(in crate::commands) fn tidy(&self, login: &Login) -> Option<String> {
        let before = self.before.as_ref()?;
        if self.chosen.is_some() && *before == entry(login) {
            return None;
        }
        self.forget(before)
    }

    /// Removes the token of a device that is gone from the keyring, where tokens are kept there.
    /// Returns what should be said of it.
    pub(in crate::commands) fn retire(&self, user_id: &str, device_id: &str) -> Option<String> {
        self.chosen.as_ref()?;
        self.forget(&Entry::of(user_id, device_id))
    }

    fn forget(&self, entry: &Entry) -> Option<String> {
        match self.keyring.remove(entry) {
            Ok(true) => Some(format!("Removed the old {entry} from the keyring.")),
            Ok(false) => None,
            Err(error) => Some(format!("The {entry} is still in the keyring: {error}.")),
        }
    }
}

fn entry(login: &Login) -> Entry {
    Entry::of(&login.user_id, &login.device_id)
}
