//! The files of an answer: uploaded, and made events that go out before its words.

use std::{collections::HashSet, path::PathBuf, sync::Arc};

use serde_json::{Value, json};

use super::filter::Admitted;
use crate::{
    agent::Answer,
    gateway::{
        media::Media,
        message::Message,
        permits::Undone,
        render::{append, relation},
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
    /// each that is not sent, the answer's words get a line.
    ///
    /// # Errors
    ///
    /// When the homeserver rejects the token, or the room's state cannot be read.
    pub async fn upload(&self, asked: &Admitted, answer: &mut Answer) -> Result<Vec<Part>, Undone> {
        let paths = once_each(&answer.attachments);
        if paths.is_empty() {
            return Ok(Vec::new());
        }
        // It may have become so while the agent took its time, and never ceases to be.
        let encrypted = asked.encrypted || self.rooms.is_encrypted(&asked.waiting.room_id).await?;
        let directories = self.settings.agent.agent.attachments_from();
        let (mut parts, mut lost) = (Vec::new(), Vec::new());
        for (path, part) in paths.iter().take(MOST_FILES).zip(FIRST_FILE..) {
            let uploaded = self.media.upload(path, directories, encrypted).await;
            match uploaded.map_err(RoomFailure::Later)? {
                Ok(content) => parts.push(Part {
                    part,
                    content: related(content, &asked.message).to_string(),
                }),
                Err(label) => lost.push(label),
            }
        }
        if let Some(more @ 1..) = paths.len().checked_sub(MOST_FILES) {
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

/// The paths, each file once.
fn once_each(paths: &[PathBuf]) -> Vec<PathBuf> {
    let mut seen = HashSet::new();
    let is_new = |path: &&PathBuf| seen.insert(path.canonicalize().unwrap_or((*path).clone()));
    paths.iter().filter(is_new).cloned().collect()
}

/// The content as a reply to this message, in its thread. It mentions nobody: the words do.
fn related(mut content: Value, message: &Message) -> Value {
    content["m.mentions"] = json!({});
    content["m.relates_to"] = relation(message, false);
    content
}
