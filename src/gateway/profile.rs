//! The bot's display name and picture, kept as the configuration says.

use std::{
    convert::Infallible,
    fs::File,
    io::{self, Read, Seek},
    path::Path,
};

use backon::BackoffBuilder;
use sha2::{Digest, Sha256};

use super::{
    health::Health,
    pauses::Endpoint,
    retry,
    settings::{Current, ProfileSettings},
};
use crate::{
    error::{Error, Kind, Result},
    homeserver::{Account, Upload},
    journal::Journal,
    session::Session,
    threads::aside,
};

/// The largest picture, in bytes. Clients show it small.
const LARGEST: u64 = 10 << 20;

/// Whoever keeps it so.
#[derive(Clone)]
pub struct Profile {
    settings: Current,
    journal: Journal,
    account: Account,
    health: Health,
    user_id: String,
}

impl Profile {
    pub fn new(session: &Session, settings: &Current, health: &Health) -> Self {
        Self {
            settings: settings.clone(),
            journal: session.journal.clone(),
            account: session.account.clone(),
            health: health.clone(),
            user_id: session.credentials.user_id.clone(),
        }
    }

    /// Sees to it now, and whenever the settings are replaced.
    pub async fn run(self) -> Infallible {
        let mut changes = self.settings.changes();
        let mut backoff = retry::OF_PROFILE.build();
        loop {
            let wanted = self.settings.get().profile.clone();
            let kept = self.keep(&wanted).await;
            let again = match kept {
                Ok(()) => false,
                Err(error) => {
                    let is_away = error.kind() == Kind::Unreachable;
                    let error = self.health.words(&error);
                    if is_away {
                        tracing::debug!("cannot set the bot's profile yet: {error}");
                    } else {
                        tracing::warn!(
                            event = "profile_failed",
                            error,
                            "cannot set the bot's profile: {error}"
                        );
                    }
                    is_away
                }
            };
            tokio::select! {
                () = retry::wait(&mut backoff), if again => {}
                // The sender is there as long as the settings are.
                _ = changes.changed() => backoff = retry::OF_PROFILE.build(),
            }
        }
    }

    /// Changes what is not as it is wanted, and nothing else: everybody in each room is told of it.
    async fn keep(&self, wanted: &ProfileSettings) -> Result<()> {
        if *wanted == ProfileSettings::default() {
            return Ok(());
        }
        let shown = self.account.profile(&self.user_id).await?;
        if let Some(name) = &wanted.display_name
            && shown.displayname.as_ref() != Some(name)
        {
            self.set("displayname", name).await?;
            tracing::info!(
                event = "profile_set",
                "the bot's display name is now \"{name}\""
            );
        }
        if let Some(path) = &wanted.avatar {
            let url = self.uploaded(path).await?;
            if shown.avatar_url.as_ref() != Some(&url) {
                self.set("avatar_url", &url).await?;
                tracing::info!(
                    event = "profile_set",
                    "the bot's picture is now {}",
                    path.display()
                );
            }
        }
        Ok(())
    }

    async fn set(&self, field: &str, value: &str) -> Result<()> {
        Ok(self
            .account
            .set_profile(&self.user_id, field, value)
            .await?)
    }

    /// Where this picture lies in the content repository. It is uploaded if the last that was is
    /// another one.
    async fn uploaded(&self, path: &Path) -> Result<String> {
        let shown = path.to_owned();
        let picture = aside(move || Ok(picture(&shown))).await?;
        let unusable = |error| unusable(path, error).command("nanobot config get avatar");
        let (upload, hash) = picture.map_err(unusable)?;
        if let Some(url) = self.journal.avatar(&hash).await? {
            return Ok(url);
        }
        let uploading = || self.account.upload(upload.clone());
        let pauses = &self.health.pauses;
        let url = pauses
            .patiently(Endpoint::Upload, uploading)
            .await?
            .to_string();
        self.journal.set_avatar(&hash, &url).await?;
        Ok(url)
    }
}

/// Refuses what cannot be the bot's picture.
///
/// # Errors
///
/// When this file is none, is too large, or cannot be read.
pub fn check_picture(path: &Path) -> Result<()> {
    let picture = picture(path).map(drop);
    picture.map_err(|error| unusable(path, error))
}

fn unusable(path: &Path, error: io::Error) -> Error {
    let words = format!("cannot use {} as the bot's picture", path.display());
    Error::failure(words).because(error)
}

/// A picture ready to be uploaded, and its hash.
fn picture(path: &Path) -> io::Result<(Upload, String)> {
    let mimetype = mime_guess::from_path(path).first_or_octet_stream();
    if mimetype.type_() != mime_guess::mime::IMAGE {
        return Err(io::Error::other("its name does not end as a picture's"));
    }
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    if length > LARGEST {
        return Err(io::Error::other("it is larger than 10 MiB"));
    }
    let mut bytes = Vec::new();
    (&mut file).take(LARGEST).read_to_end(&mut bytes)?;
    if imagesize::blob_size(&bytes).is_err() && mimetype.subtype() != mime_guess::mime::SVG {
        return Err(io::Error::other("it is not a picture"));
    }
    file.rewind()?;
    let hash = format!("{:x}", Sha256::digest(&bytes));
    let length = u64::try_from(bytes.len()).map_err(io::Error::other)?;
    Ok((Upload::new(file, length, mimetype.as_ref())?, hash))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn only_a_picture_is_one() {
        let directory = tempfile::tempdir().unwrap();
        // The smallest GIF there is.
        let gif = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;";
        for (name, bytes, is_picture) in [
            ("a.gif", &gif[..], true),
            ("a.txt", &gif[..], false),
            ("b.gif", b"words", false),
        ] {
            let path = directory.path().join(name);
            fs::write(&path, bytes).unwrap();
            assert_eq!(picture(&path).is_ok(), is_picture, "{name}");
        }
        assert!(picture(&directory.path().join("none.gif")).is_err());
    }
}
