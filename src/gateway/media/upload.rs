//! Files that the agent sends: opened, measured, encrypted where the room is, uploaded.

use std::{
    fs::File,
    io::{BufReader, Read, Seek},
    path::{Path, PathBuf},
};

use backon::{BackoffBuilder, Retryable};
use serde_json::{Value, json};

use super::{Media, Trouble, UNKNOWN, blocking, names::FileName};
use crate::{
    error::{Kind, Result},
    files::pick,
    gateway::{pauses::Endpoint, retry},
    homeserver::{MediaUri, Upload},
    session::encrypt,
};

/// A file ready to be uploaded.
struct Prepared {
    body: Upload,
    /// What it takes to decrypt it, for an encrypted one.
    key: Option<Value>,
    /// Width and height of a picture in pixels.
    dimensions: Option<(usize, usize)>,
}

impl Media {
    /// Uploads a file out of one of these directories. Gives the content of the event that shows
    /// it, without its relations; or, where it is not sent, what is said of it in the room, in the
    /// Python tool's words.
    ///
    /// # Errors
    ///
    /// When the homeserver rejects the token.
    pub async fn upload(
        &self,
        path: &Path,
        directories: &[PathBuf],
        encrypted: bool,
    ) -> Result<Result<Value, String>> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = FileName::clean(&name).unwrap_or_else(|| FileName::plain("attachment"));
        let name = name.shown();
        match self.try_upload(path, directories, encrypted, &name).await {
            Ok(content) => Ok(Ok(content)),
            Err(Trouble::Away(failure)) => Err(failure.into()),
            Err(why) => {
                tracing::error!(path = %path.display(), "cannot send a file of the answer: {why}");
                let why = match why {
                    Trouble::TooLarge(_) => "too large",
                    Trouble::Blocked => "files are disabled",
                    _ => "upload failed",
                };
                Ok(Err(format!("[attachment: {name} - {why}]")))
            }
        }
    }

    async fn try_upload(
        &self,
        path: &Path,
        directories: &[PathBuf],
        encrypted: bool,
        name: &str,
    ) -> Result<Value, Trouble> {
        // The semaphore is never closed.
        let _permit = self.uploads.acquire().await;
        let (path, directories) = (path.to_owned(), directories.to_owned());
        let (file, size) = blocking(move || {
            let file = pick(&path, &directories)?;
            let size = file.metadata()?.len();
            Ok((file, size))
        })
        .await?;
        self.limit(Some(size)).await?;
        let mimetype = mime_guess::from_path(name).first_raw().unwrap_or(UNKNOWN);
        let prepared = blocking(move || prepare(file, size, mimetype, encrypted)).await?;
        let uri = self.send_up(&prepared.body).await?;
        tracing::debug!(size, encrypted, "file uploaded");
        let mut info = json!({"mimetype": mimetype, "size": size});
        if let Some((width, height)) = prepared.dimensions {
            info["w"] = width.into();
            info["h"] = height.into();
        }
        let msgtype = msgtype(mimetype);
        let mut content = json!({"msgtype": msgtype, "body": name, "filename": name, "info": info});
        match prepared.key {
            Some(mut key) => {
                key["url"] = uri.to_string().into();
                content["file"] = key;
            }
            None => content["url"] = uri.to_string().into(),
        }
        Ok(content)
    }

    /// Uploads, again while the homeserver is away: to ask the agent once more would be worse.
    async fn send_up(&self, body: &Upload) -> Result<MediaUri, Trouble> {
        let mut away = retry::WHILE_AWAY.build();
        let mut is_told = false;
        loop {
            let attempt = || self.told_apart(self.attempt_upload(body));
            let attempts = attempt.retry(retry::OF_FILE);
            match attempts.when(Trouble::may_pass).await {
                Err(Trouble::Away(failure)) if failure.kind() != Kind::NotLoggedIn => {
                    let pause = retry::next(&mut away);
                    if !std::mem::replace(&mut is_told, true) {
                        tracing::warn!("cannot upload a file: {failure}; retrying");
                    }
                    tokio::time::sleep(pause).await;
                }
                outcome => return outcome,
            }
        }
    }

    async fn attempt_upload(&self, body: &Upload) -> Result<MediaUri, Trouble> {
        let upload = || self.account.upload(body.clone());
        Ok(self.pauses.patiently(Endpoint::Upload, upload).await?)
    }
}

/// What sort of message shows a file of this type (spec, "m.image", "m.audio", "m.video",
/// "m.file").
fn msgtype(mimetype: &str) -> &'static str {
    match mimetype.split('/').next() {
        Some("image") => "m.image",
        Some("audio") => "m.audio",
        Some("video") => "m.video",
        _ => "m.file",
    }
}

/// Reads what is told of a file, and encrypts it into one without a name.
fn prepare(
    mut file: File,
    size: u64,
    mimetype: &str,
    encrypted: bool,
) -> Result<Prepared, Trouble> {
    let dimensions = mimetype
        .starts_with("image/")
        .then(|| imagesize::reader_size(BufReader::new(&mut file)).ok())
        .flatten()
        .map(|size| (size.width, size.height));
    if !encrypted {
        return Ok(Prepared {
            body: Upload::new(file, size, mimetype)?,
            key: None,
            dimensions,
        });
    }
    file.rewind()?;
    let mut ciphertext = tempfile::tempfile()?;
    let key = encrypt(&mut file.take(size), &mut ciphertext)?;
    let length = ciphertext.metadata()?.len();
    Ok(Prepared {
        body: Upload::new(ciphertext, length, UNKNOWN)?,
        key: Some(key),
        dimensions,
    })
}
