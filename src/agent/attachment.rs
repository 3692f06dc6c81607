//! A file that came with a message.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize, Serializer};
use serde_json::json;
use tokio::io::AsyncReadExt;

/// A file that came with a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attachment {
    /// What its sender's client says it is.
    #[serde(rename = "kind")]
    pub sort: Sort,
    /// Its sender's name for it, made harmless: no path, one line.
    pub name: String,
    /// Its MIME type: its sender's word, or guessed from the name.
    pub mimetype: String,
    /// Of a voice message, its length in milliseconds, 0 where that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voice_ms: Option<u64>,
    /// Whether it came with the message that was replied to ([`Quote`](super::Quote)).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub quoted: bool,
    /// The file itself, or why there is none.
    #[serde(flatten)]
    pub content: Content,
}

/// What its sender's client says a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sort {
    /// A picture (`m.image`).
    Image,
    /// A recording (`m.audio`).
    Audio,
    /// A film (`m.video`).
    Video,
    /// Anything (`m.file`).
    File,
}

/// The file itself, or why there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// It was kept.
    Kept {
        /// Where; absolute.
        path: PathBuf,
        /// Its true size in bytes.
        size: u64,
    },
    /// It is larger than `maxMediaBytes` or the homeserver's own limit.
    TooLarge,
    /// `maxMediaBytes` is 0: there are no files.
    Blocked,
    /// It could not be downloaded, decrypted or kept.
    Failed,
}

impl Attachment {
    /// What an agent that takes only text is told, in the Python tool's words: the path of the
    /// file, or why there is none.
    pub fn marker(&self) -> String {
        match &self.content {
            Content::Kept { path, .. } => {
                let voice = self.voice().map(|voice| format!(" - {voice}"));
                let voice = voice.unwrap_or_default();
                format!("[{}: {}{voice}]", self.noun(), path.display())
            }
            _ => self.label(),
        }
    }

    /// What may be said of it in the chat: everything but where it lies on this machine.
    pub fn label(&self) -> String {
        let said = match self.content {
            Content::Kept { size, .. } => {
                let sort = self.voice().unwrap_or_else(|| self.sort.to_string());
                format!("{sort}, {}, {size} bytes", self.mimetype)
            }
            Content::TooLarge => "too large".to_owned(),
            Content::Blocked => "files are disabled".to_owned(),
            Content::Failed => "download failed".to_owned(),
        };
        format!("[{}: {} - {said}]", self.noun(), self.name)
    }

    /// That it is a voice message, and how long.
    fn voice(&self) -> Option<String> {
        Some(match self.voice_ms? / 1000 {
            0 => "voice message".to_owned(),
            seconds => format!("voice message of {}:{:02}", seconds / 60, seconds % 60),
        })
    }

    fn noun(&self) -> &'static str {
        if self.quoted {
            "attachment of the quoted message"
        } else {
            "attachment"
        }
    }
}

/// The first so many bytes of a file.
pub(super) async fn beginning(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = tokio::fs::File::open(path).await?;
    file.take(most).read_to_end(&mut bytes).await?;
    Ok(bytes)
}

impl Serialize for Content {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let fields = match self {
            // The gateway named it itself; only its directory may be spelled strangely.
            Self::Kept { path, size } => json!({"path": path.to_string_lossy(), "size": size}),
            Self::Blocked => json!({"missing": "blocked"}),
            Self::TooLarge => json!({"missing": "too large"}),
            Self::Failed => json!({"missing": "download failed"}),
        };
        fields.serialize(serializer)
    }
}

impl Sort {
    /// The sort of a message's `msgtype`; `None` for messages without a file.
    pub fn of(msgtype: &str) -> Option<Self> {
        serde_json::from_value(msgtype.strip_prefix("m.")?.into()).ok()
    }
}

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

#[cfg(test)]
impl Attachment {
    /// A file with these bytes, kept in this directory.
    ///
    /// # Panics
    ///
    /// When it cannot be written.
    pub fn in_directory(directory: &std::path::Path, name: &str, bytes: &[u8]) -> Self {
        let path = directory.join(name);
        std::fs::write(&path, bytes).unwrap();
        Self {
            sort: Sort::File,
            name: name.to_owned(),
            mimetype: "application/octet-stream".to_owned(),
            voice_ms: None,
            quoted: false,
            content: Content::Kept {
                path,
                size: bytes.len() as u64,
            },
        }
    }
}
