//! Files that the agent sends: opened, measured, encrypted where the room is, uploaded.

use std::{
    fs::File,
    io::{Read, Seek},
    path::{Path, PathBuf},
};

use backon::{BackoffBuilder, Retryable};
use serde_json::{Value, json};

use super::{Media, Trouble, UNKNOWN, blocking, facts::Facts, names::FileName};
use crate::{
    agent::Outgoing,
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
    facts: Facts,
}

/// A file that is there.
struct Uploaded {
    mimetype: &'static str,
    size: u64,
    facts: Facts,
    /// Where it is: the key and the value of a content.
    source: (&'static str, Value),
}

impl Media {
    /// Uploads a file out of one of these directories. Gives the content of the event that shows
    /// it, without its caption and its relations; or, where it is not sent, what is said of it in
    /// the room, in the Python tool's words.
    ///
    /// # Errors
    ///
    /// When the homeserver rejects the token.
    pub async fn upload(
        &self,
        file: &Outgoing,
        directories: &[PathBuf],
        encrypted: bool,
    ) -> Result<Result<Value, String>> {
        let name = file.path.file_name().unwrap_or_default().to_string_lossy();
        let name = FileName::clean(&name).unwrap_or_else(|| FileName::plain("attachment"));
        let name = name.shown();
        let mut content = match self.one(&file.path, directories, encrypted, &name).await {
            Ok(uploaded) => content(&uploaded, &name, file.shown.voice),
            Err(Trouble::Away(failure)) => return Err(failure.into()),
            Err(why) => {
                let path = file.path.display();
                tracing::error!(%path, "cannot send a file of the answer: {why}");
                let why = match why {
                    Trouble::TooLarge(_) => "too large",
                    Trouble::Blocked => "files are disabled",
                    _ => "upload failed",
                };
                return Ok(Err(format!("[attachment: {name} - {why}]")));
            }
        };
        if let Some(path) = &file.thumbnail {
            match self.one(path, directories, encrypted, "thumbnail").await {
                Ok(uploaded) => show_thumbnail(&mut content, uploaded),
                Err(Trouble::Away(failure)) => return Err(failure.into()),
                Err(why) => {
                    tracing::error!(path = %path.display(), "cannot send a thumbnail: {why}");
                }
            }
        }
        Ok(Ok(content))
    }

    /// Uploads one file, whose name says its type, or its path does.
    async fn one(
        &self,
        path: &Path,
        directories: &[PathBuf],
        encrypted: bool,
        name: &str,
    ) -> Result<Uploaded, Trouble> {
        // The semaphore is never closed.
        let _permit = self.uploads.acquire().await;
        let types = mime_guess::from_path(name).first_raw();
        let types = types.or_else(|| mime_guess::from_path(path).first_raw());
        let mimetype = types.unwrap_or(UNKNOWN);
        let (path, directories) = (path.to_owned(), directories.to_owned());
        let (file, size) = blocking(move || {
            let file = pick(&path, &directories)?;
            let size = file.metadata()?.len();
            Ok((file, size))
        })
        .await?;
        self.limit(Some(size)).await?;
        let prepared = blocking(move || prepare(file, size, mimetype, encrypted)).await?;
        let uri = self.send_up(&prepared.body).await?.to_string();
        tracing::debug!(size, encrypted, "file uploaded");
        let source = match prepared.key {
            Some(mut key) => {
                key["url"] = uri.into();
                ("file", key)
            }
            None => ("url", uri.into()),
        };
        Ok(Uploaded {
            mimetype,
            size,
            facts: prepared.facts,
            source,
        })
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

/// The content of the event that shows a file: as a voice message (MSC3245) where that is wanted,
/// or not said and it is speech.
fn content(uploaded: &Uploaded, name: &str, voice: Option<bool>) -> Value {
    let msgtype = msgtype(uploaded.mimetype);
    let mut content = json!({
        "msgtype": msgtype, "body": name, "filename": name, "info": info(uploaded),
    });
    let (key, source) = &uploaded.source;
    content[key] = source.clone();
    if msgtype == "m.audio" && voice.unwrap_or(uploaded.facts.is_speech) {
        content["org.matrix.msc3245.voice"] = json!({});
        let duration = uploaded.facts.duration.unwrap_or_default();
        content["org.matrix.msc1767.audio"] = json!({"duration": duration});
    }
    content
}

fn info(uploaded: &Uploaded) -> Value {
    let mut info = json!({"mimetype": uploaded.mimetype, "size": uploaded.size});
    if let Some((width, height)) = uploaded.facts.dimensions {
        info["w"] = width.into();
        info["h"] = height.into();
    }
    if let Some(duration) = uploaded.facts.duration {
        info["duration"] = duration.into();
    }
    info
}

/// Puts a smaller picture of it into the content of a file. A recording has none.
fn show_thumbnail(content: &mut Value, thumbnail: Uploaded) {
    if content["msgtype"] == "m.audio" || msgtype(thumbnail.mimetype) != "m.image" {
        return;
    }
    content["info"]["thumbnail_info"] = info(&thumbnail);
    let (key, source) = thumbnail.source;
    content["info"][format!("thumbnail_{key}")] = source;
}

/// Reads what is told of a file, and encrypts it into one without a name.
fn prepare(
    mut file: File,
    size: u64,
    mimetype: &'static str,
    encrypted: bool,
) -> Result<Prepared, Trouble> {
    let facts = Facts::of(&mut file, mimetype);
    file.rewind()?;
    if !encrypted {
        return Ok(Prepared {
            body: Upload::new(file, size, mimetype)?,
            key: None,
            facts,
        });
    }
    let mut ciphertext = tempfile::tempfile()?;
    let key = encrypt(&mut file.take(size), &mut ciphertext)?;
    let length = ciphertext.metadata()?.len();
    Ok(Prepared {
        body: Upload::new(ciphertext, length, UNKNOWN)?,
        key: Some(key),
        facts,
    })
}
