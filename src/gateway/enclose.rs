//! The files of an answer: uploaded, and made events that go out before its words.

use std::{collections::HashSet, path::PathBuf};

use serde_json::{Value, json};

use super::{
    admission::Asked,
    answer::Answerer,
    message::Message,
    words::{append, relation},
};
use crate::{
    agent::Answer,
    inbox::{FIRST_FILE, Part},
    instance::crash_point,
    session::RoomFailure,
};

/// The most files of one answer.
const MOST_FILES: usize = 20;

impl Answerer {
    /// Uploads the files of an answer to this message and returns the events that show them. For
    /// each that is not sent, the answer's words get a line.
    ///
    /// # Errors
    ///
    /// When the homeserver rejects the token, or the room's state cannot be read.
    pub(super) async fn enclose(
        &self,
        asked: &Asked,
        answer: &mut Answer,
    ) -> Result<Vec<Part>, RoomFailure> {
        let paths = once_each(&answer.attachments);
        if paths.is_empty() {
            return Ok(Vec::new());
        }
        // It may have become so while the agent took its time, and never ceases to be.
        let encrypted = asked.encrypted
            || self.is_secret(&asked.waiting)
            || self.rooms.is_encrypted(&asked.waiting.room_id).await?;
        let from = self.agent.attachments_from();
        let (mut parts, mut lost) = (Vec::new(), Vec::new());
        for (path, part) in paths.iter().take(MOST_FILES).zip(FIRST_FILE..) {
            let uploaded = self.media.upload(path, from, encrypted).await;
            match uploaded.map_err(RoomFailure::Later)? {
                Ok(uploaded) => parts.push(Part {
                    part,
                    content: related(uploaded.content(), &asked.message).to_string(),
                }),
                Err(file) => lost.push(file.label()),
            }
        }
        if let Some(more @ 1..) = paths.len().checked_sub(MOST_FILES) {
            tracing::error!(
                more,
                "files of the agent's are not sent: there are too many"
            );
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
