//! A file that came with a message.

use std::{fmt, path::PathBuf};

/// A file that came with a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// What its sender's client says it is.
    pub sort: Sort,
    /// Its sender's name for it, made harmless: no path, one line.
    pub name: String,
    /// Its MIME type: its sender's word, or guessed from the name.
    pub mimetype: String,
    /// The file itself, or why there is none.
    pub content: Content,
}

/// What its sender's client says a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    #[must_use]
    pub fn marker(&self) -> String {
        match &self.content {
            Content::Kept { path, .. } => format!("[attachment: {}]", path.display()),
            _ => self.label(),
        }
    }

    /// What may be said of it in the chat: everything but where it lies on this machine.
    #[must_use]
    pub fn label(&self) -> String {
        let Self {
            sort,
            name,
            mimetype,
            ..
        } = self;
        match self.content {
            Content::Kept { size, .. } => {
                format!("[attachment: {name} - {sort}, {mimetype}, {size} bytes]")
            }
            Content::TooLarge | Content::Blocked => format!("[attachment: {name} - too large]"),
            Content::Failed => format!("[attachment: {name} - download failed]"),
        }
    }
}

impl Sort {
    /// The sort of a message's `msgtype`; `None` for messages without a file.
    #[must_use]
    pub fn of(msgtype: &str) -> Option<Self> {
        match msgtype {
            "m.image" => Some(Self::Image),
            "m.audio" => Some(Self::Audio),
            "m.video" => Some(Self::Video),
            "m.file" => Some(Self::File),
            _ => None,
        }
    }
}

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Image => "image",
            Self::Audio => "audio",
            Self::Video => "video",
            Self::File => "file",
        })
    }
}
