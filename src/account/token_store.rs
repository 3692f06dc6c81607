//! Where the access token is stored.

use super::{options::TokenStoreChoice as Choice, recovery_key::probe};
use crate::{
    config::{Document, Entry, Keyring, Matrix, Origin, Saved, Secret, TokenStore, environment},
    error::{Error, Result},
    session::Credentials,
};

/// Where the access token is stored, chosen before there is one.
pub(crate) struct AccessTokenStore {
    /// The name of the keyring, where the token goes into it.
    chosen: Option<String>,
    /// Where the configuration says that the token is until now.
    before: Option<Entry>,
    /// What the person should know about the choice.
    pub(crate) notes: Vec<String>,
    /// The option that chooses the same, where that is not the default.
    pub(crate) option: Option<&'static str>,
}

impl AccessTokenStore {
    /// Chooses by the option and the configuration. A keyring has to show that it works, before
    /// anyone logs in.
    pub(crate) fn choose(choice: Option<Choice>, matrix: &Matrix) -> Result<Self> {
        let mut store = Self {
            chosen: None,
            before: matrix.keyring_entry(),
            notes: Vec::new(),
            option: None,
        };
        let is_demanded = match (choice, matrix.token_store) {
            (Some(Choice::File), _) | (None, TokenStore::File) => return Ok(store),
            (Some(Choice::Keyring), _) | (None, TokenStore::Keyring) => true,
            (Some(Choice::Auto), _) => false,
        };
        store.option = Some(if is_demanded { "keyring" } else { "auto" });
        let otherwise = "store the token in the configuration: --token-store file";
        let why_not = match probe(otherwise) {
            Ok((name, persistent)) if persistent || is_demanded => {
                if !persistent {
                    store.notes.push(format!(
                        "The keyring ({name}) is emptied when the session ends or the machine \
                         restarts. The bot must be logged in again then."
                    ));
                }
                store.notes.push(
                    "Only programs in this session can read the keyring. For a systemd system \
                     service: nanobot login --token-store file"
                        .to_owned(),
                );
                store.chosen = Some(name);
                return Ok(store);
            }
            Ok((name, _)) => format!("the keyring ({name}) does not outlive the session"),
            Err(error) if is_demanded => return Err(error),
            Err(error) => error.to_string(),
        };
        let note = format!("Stored the access token in the configuration: {why_not}.");
        store.notes.push(note);
        Ok(store)
    }

    pub(crate) fn kind(&self) -> TokenStore {
        match self.chosen {
            Some(_) => TokenStore::Keyring,
            None => TokenStore::File,
        }
    }

    /// Where the token is now, for a person.
    pub(crate) fn describe(&self) -> String {
        match &self.chosen {
            Some(name) => format!("Access token stored in the keyring ({name})"),
            None => "Access token stored in that file, readable only by you (0600)".to_owned(),
        }
    }

    /// Puts a device's token where it belongs and saves the document, if that reads as this login
    /// to the gateway; or does neither.
    pub(crate) fn keep(
        &self,
        document: &mut Document,
        (user_id, device_id): (&str, &str),
        token: &Secret,
    ) -> Result<Saved> {
        if self.chosen.is_none() {
            document.matrix_set("accessToken", token.expose())?;
            document.matrix_unset("tokenStore")?;
            read_back(document, (user_id, device_id), token)?;
            return document.save();
        }
        let entry = Entry::of(user_id, device_id);
        document.matrix_unset("accessToken")?;
        document.matrix_set("tokenStore", TokenStore::Keyring.name())?;
        Keyring::system().write(&entry, token)?;
        let saved = read_back(document, (user_id, device_id), token).and_then(|()| document.save());
        // The configuration as it is on the disk may look for this very entry.
        if saved.is_err() && self.before.as_ref() != Some(&entry) {
            forget(&entry);
        }
        saved
    }

    /// Removes the token of the login before this device's from the keyring. Returns what should
    /// be said of it.
    pub(crate) fn forget_before(&self, user_id: &str, device_id: &str) -> Option<String> {
        let before = self.before.as_ref()?;
        if self.chosen.is_some() && *before == Entry::of(user_id, device_id) {
            return None;
        }
        forget(before)
    }

    /// Removes the token of a device that is gone from the keyring, where tokens are kept there.
    /// Returns what should be said of it.
    pub(crate) fn retire(&self, user_id: &str, device_id: &str) -> Option<String> {
        self.chosen.as_ref()?;
        forget(&Entry::of(user_id, device_id))
    }
}

/// Removes an entry from the keyring. Returns what should be said of it.
fn forget(entry: &Entry) -> Option<String> {
    match Keyring::system().remove(entry) {
        Ok(true) => Some(format!("Removed the old {entry} from the keyring.")),
        Ok(false) => None,
        Err(error) => Some(format!(
            "Cannot remove the {entry} from the keyring: {error}."
        )),
    }
}

/// Reads a login as the gateway will, before anything of it is on the disk. What goes before the
/// file is none of it.
fn read_back(
    document: &Document,
    (user_id, device_id): (&str, &str),
    token: &Secret,
) -> Result<()> {
    let unreadable = |why: &str| {
        Error::failure(format!("cannot save this login: {why}")).hint(
            "the configuration is unchanged; the homeserver returned unusable values, so tell its \
             administrator",
        )
    };
    let matrix = document.matrix(&environment);
    let matrix = matrix.map_err(|error| unreadable(&error.to_string()))?;
    let is_ours = |name| {
        let origin = matrix.origin(name);
        matches!(origin, Origin::File { .. } | Origin::Keyring { .. })
    };
    // A variable that goes before the file is told of elsewhere, and may name another entry of the
    // keyring.
    if !["userId", "deviceId", "accessToken"]
        .into_iter()
        .all(is_ours)
    {
        return Ok(());
    }
    let read = Credentials::new(&matrix).map_err(|error| match matrix.origin("accessToken") {
        Origin::Keyring { .. } => error,
        _ => unreadable(&error.to_string()),
    })?;
    let values = [
        ("userId", read.user_id == user_id),
        ("deviceId", read.device_id == device_id),
        ("accessToken", read.access_token == *token),
    ];
    match values.iter().find(|(_, same)| !same) {
        None => Ok(()),
        Some((name, _)) => Err(unreadable(&format!("its {name} would be read as another"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_gateway_would_not_read_is_not_written() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("config.json");
        let before = "{\"channels\": {\"matrix\": {\"homeserver\": \"https://h\"}}}\n";
        let keep = |homeserver: &str, user_id: &str, device_id: &str, token: &str| {
            std::fs::write(&path, before).unwrap();
            let mut document = Document::load(&path).unwrap();
            document.matrix_set("homeserver", homeserver).unwrap();
            document.matrix_set("userId", user_id).unwrap();
            document.matrix_set("deviceId", device_id).unwrap();
            let matrix = document.matrix(&environment).unwrap_or_else(|_| {
                let empty = Document::load(&home.path().join("none.json")).unwrap();
                empty.matrix(&environment).unwrap()
            });
            let store = AccessTokenStore::choose(Some(Choice::File), &matrix).unwrap();
            let kept = store.keep(&mut document, (user_id, device_id), &Secret::new(token));
            kept.map(drop).map_err(|error| error.to_string())
        };
        for (homeserver, user_id, device_id, token, word) in [
            (
                "https://h/_matrix/x",
                "@b:h",
                "DEVICE",
                "token",
                "homeserver",
            ),
            ("https://h", "@b:h", "D${HOME}", "token", "deviceId"),
            (
                "https://h",
                "@b:h",
                "D${NOT_SET_ANYWHERE}",
                "token",
                "deviceId",
            ),
            ("https://h", "@b:h", "DEVICE", "t${HOME}", "accessToken"),
            ("https://h", "b:h", "DEVICE", "token", "userId"),
        ] {
            let error = keep(homeserver, user_id, device_id, token).unwrap_err();
            assert!(error.contains(word), "{word}: {error}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), before, "{word}");
        }
        keep("https://h/matrix", "@b:h", "DEVICE", "token").unwrap();
        let written = Document::load(&path).unwrap();
        let written = written.matrix(&environment).unwrap();
        assert_eq!(written.device_id().unwrap(), "DEVICE");
    }
}
