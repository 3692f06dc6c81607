//! The files of an answer: uploaded, and made events that go out before its words.

use std::{collections::HashSet, sync::Arc};

use super::filter::Admitted;
use crate::{
    agent::{Answer, Outgoing},
    gateway::{
        media::Media,
        permits::Undone,
        render::{append, caption},
        settings::Settings,
    },
    ipc::crash_point,
    journal::{FIRST_FILE, Part},
    session::{RoomFailure, Rooms},
};

/// The most files of one answer.
const MOST_FILES: usize = 20;

/// Sends up the files of answers.
pub struct Attachments {
    pub rooms: Rooms,
    pub media: Arc<Media>,
    pub settings: Arc<Settings>,
}

impl Attachments {
    /// Uploads the files of an answer to this message and returns the events that show them. For
    /// each that is not sent, the answer's words get a line, and for a caption that is too long.
    ///
    /// # Errors
    ///
    /// When the homeserver rejects the token, or the room's state cannot be read.
    pub async fn upload(&self, asked: &Admitted, answer: &mut Answer) -> Result<Vec<Part>, Undone> {
        let files = once_each(&answer.attachments);
        if files.is_empty() {
            return Ok(Vec::new());
        }
        // It may have become so while the agent took its time, and never ceases to be.
        let encrypted = asked.encrypted || self.rooms.is_encrypted(&asked.waiting.room_id).await?;
        let directories = self.settings.agent.agent.attachments_from();
        let (mut parts, mut lost) = (Vec::new(), Vec::new());
        for (file, part) in files.iter().take(MOST_FILES).zip(FIRST_FILE..) {
            let uploaded = self.media.upload(file, directories, encrypted).await;
            match uploaded.map_err(RoomFailure::Later)? {
                Ok(mut content) => {
                    if let Some(words) = &file.shown.caption
                        && !caption(&mut content, words)
                    {
                        lost.push(words.clone());
                    }
                    // It mentions nobody: the words do.
                    asked.address().refer(&mut content, false);
                    let content = content.to_string();
                    parts.push(Part { part, content });
                }
                Err(label) => {
                    lost.push(label);
                    lost.extend(file.shown.caption.clone());
                }
            }
        }
        if let Some(more @ 1..) = files.len().checked_sub(MOST_FILES) {
            tracing::error!(more, "too many files in one answer; the rest is not sent");
            lost.push(format!("[attachments: {more} more - too many]"));
        }
        if !lost.is_empty() {
            answer.text = append(&answer.text, &lost.join("\n"));
        }
        crash_point("upload");
        Ok(parts)
    }
}

/// Each file once.
fn once_each(files: &[Outgoing]) -> Vec<&Outgoing> {
    let mut seen = HashSet::new();
    let is_new = |file: &&Outgoing| {
        let path = &file.path;
        seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone()))
    };
    files.iter().filter(is_new).collect()
}
