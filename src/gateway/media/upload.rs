//! Files that the agent sends: opened, measured, encrypted where the room is, uploaded.

use std::{
    fs::File,
    io::{self, BufReader, Read, Seek},
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use tokio::task::spawn_blocking;

use super::{
    Media, PAUSES,
    names::FileName,
    pick::{Refusal, pick},
};
use crate::{
    error::{Error, Kind},
    gateway::{backoff::Backoff, pauses::Endpoint},
    homeserver::{Failure, MediaUri, Upload},
    session::encrypt,
};

/// A file of this MIME type may hold anything.
const UNKNOWN: &str = "application/octet-stream";

/// A file that lies on the homeserver now.
#[derive(Debug)]
pub(in crate::gateway) struct Uploaded {
    name: String,
    mimetype: &'static str,
    size: u64,
    /// Width and height of a picture in pixels.
    dimensions: Option<(usize, usize)>,
    uri: MediaUri,
    /// What it takes to decrypt it, for an encrypted one.
    key: Option<Value>,
}

/// A file that is not sent.
#[derive(Debug)]
pub(in crate::gateway) struct Lost {
    name: String,
    why: Loss,
}

/// Why a file is not sent.
#[derive(Debug, thiserror::Error)]
enum Loss {
    #[error("it has more than {0} bytes")]
    TooLarge(u64),
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("it cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    #[error(transparent)]
    Server(Failure),
    /// No file will ever be taken with this token.
    #[error(transparent)]
    Token(Failure),
}

/// A file ready to be uploaded.
struct Prepared {
    body: Upload,
    key: Option<Value>,
    dimensions: Option<(usize, usize)>,
}

impl Media {
    /// Uploads a file out of one of these directories.
    ///
    /// # Errors
    ///
    /// The outer one when the homeserver rejects the token; whatever else keeps the file from
    /// being sent is logged and told by [`Lost`].
    pub(in crate::gateway) async fn upload(
        &self,
        path: &Path,
        directories: &[PathBuf],
        encrypted: bool,
    ) -> Result<Result<Uploaded, Lost>, Error> {
        let name = name(path);
        match self.try_upload(path, directories, encrypted, &name).await {
            Ok(uploaded) => {
                tracing::info!(size = uploaded.size, encrypted, "file uploaded");
                Ok(Ok(uploaded))
            }
            Err(Loss::Token(failure)) => Err(failure.into()),
            Err(why) => {
                tracing::error!(path = %path.display(), %why, "a file of the agent's is not sent");
                Ok(Err(Lost { name, why }))
            }
        }
    }

    async fn try_upload(
        &self,
        path: &Path,
        directories: &[PathBuf],
        encrypted: bool,
        name: &str,
    ) -> Result<Uploaded, Loss> {
        if self.limit.blocks_all() {
            return Err(Loss::TooLarge(0));
        }
        // The semaphore is never closed.
        let _permit = self.permits.uploads.acquire().await;
        let (path, directories) = (path.to_owned(), directories.to_owned());
        let (file, size) = blocking(move || {
            let file = pick(&path, &directories)?;
            let size = file.metadata()?.len();
            Ok((file, size))
        })
        .await?;
        let limit = self.limit.for_size(Some(size), &self.account).await;
        let limit = limit.map_err(Loss::Token)?;
        if size > limit {
            return Err(Loss::TooLarge(limit));
        }
        let mimetype = mime_guess::from_path(name).first_raw().unwrap_or(UNKNOWN);
        let prepared = blocking(move || prepare(file, size, mimetype, encrypted)).await?;
        Ok(Uploaded {
            name: name.to_owned(),
            mimetype,
            size,
            dimensions: prepared.dimensions,
            uri: self.send_up(prepared.body).await?,
            key: prepared.key,
        })
    }

    /// Uploads, again while the homeserver is away: to ask the agent once more would be worse.
    async fn send_up(&self, body: Upload) -> Result<MediaUri, Loss> {
        let mut pauses = PAUSES.into_iter();
        let mut backoff = Backoff::default();
        loop {
            let upload = || self.account.upload(body.clone());
            let failure = match self.pauses.patiently(Endpoint::Upload, upload).await {
                Ok(uri) => return Ok(uri),
                Err(failure) => failure,
            };
            if failure.kind() == Kind::NotLoggedIn {
                return Err(Loss::Token(failure));
            }
            if self.is_away(&failure).await {
                tracing::warn!(%failure, "uploading again later");
                backoff.wait().await;
                continue;
            }
            let may_pass = failure.kind() == Kind::Unreachable;
            let Some(pause) = pauses.next().filter(|_| may_pass) else {
                return Err(Loss::Server(failure));
            };
            tokio::time::sleep(pause).await;
        }
    }
}

impl Uploaded {
    /// The content of the event that shows it, without its relations
    /// (spec, "m.image", "m.audio", "m.video", "m.file").
    pub(in crate::gateway) fn content(&self) -> Value {
        let mut info = json!({"mimetype": self.mimetype, "size": self.size});
        if let Some((width, height)) = self.dimensions {
            info["w"] = width.into();
            info["h"] = height.into();
        }
        let mut content = json!({
            "msgtype": self.msgtype(), "body": self.name, "filename": self.name, "info": info,
        });
        let url = self.uri.to_string();
        match &self.key {
            Some(key) => {
                content["file"] = key.clone();
                content["file"]["url"] = url.into();
            }
            None => content["url"] = url.into(),
        }
        content
    }

    fn msgtype(&self) -> &'static str {
        match self.mimetype.split('/').next() {
            Some("image") => "m.image",
            Some("audio") => "m.audio",
            Some("video") => "m.video",
            _ => "m.file",
        }
    }
}

impl Lost {
    /// What is said of it in the room, in the Python tool's words.
    pub(in crate::gateway) fn label(&self) -> String {
        let why = match self.why {
            Loss::TooLarge(_) => "too large",
            _ => "upload failed",
        };
        format!("[attachment: {} - {why}]", self.name)
    }
}

/// The name of a file as others see it.
fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = FileName::clean(&name).unwrap_or_else(|| FileName::plain("attachment"));
    name.shown()
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Loss> + Send + 'static,
) -> Result<T, Loss> {
    let done = spawn_blocking(work).await;
    done.map_err(io::Error::other)?
}

/// Reads what is told of a file, and encrypts it into one without a name.
fn prepare(mut file: File, size: u64, mimetype: &str, encrypted: bool) -> Result<Prepared, Loss> {
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
