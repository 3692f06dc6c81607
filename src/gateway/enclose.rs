//! The files of an answer: uploaded, and made events that go out before its words.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use super::{media::Media, message::Message};
use crate::{
    agent::Answer,
    error::Error,
    inbox::{FIRST_FILE, Part},
};

/// The most files of one answer.
const MOST_FILES: usize = 20;

/// Uploads the files of an answer to this message, those out of these directories. Returns the
/// events that show them, and the answer's words with a line for each file that is not sent.
///
/// # Errors
///
/// When the homeserver rejects the token.
pub(super) async fn enclose(
    media: &Media,
    answer: &Answer,
    directories: &[PathBuf],
    message: &Message,
    encrypted: bool,
) -> Result<(Vec<Part>, String), Error> {
    let mut parts = Vec::new();
    let mut text = answer.text.clone();
    let paths = once_each(&answer.attachments);
    for (path, part) in paths.iter().take(MOST_FILES).zip(FIRST_FILE..) {
        match media.upload(path, directories, encrypted).await? {
            Ok(uploaded) => parts.push(Part {
                part,
                content: related(uploaded.content(), message).to_string(),
            }),
            Err(lost) => append_line(&mut text, &lost.label()),
        }
    }
    if let Some(more) = paths.len().checked_sub(MOST_FILES).filter(|more| *more > 0) {
        tracing::error!(
            more,
            "files of the agent's are not sent: there are too many"
        );
        append_line(&mut text, &format!("[attachments: {more} more - too many]"));
    }
    Ok((parts, text))
}

/// The paths, each file once.
fn once_each(paths: &[PathBuf]) -> Vec<&Path> {
    let mut seen = HashSet::new();
    let is_new = |path: &&PathBuf| seen.insert(path.canonicalize().unwrap_or((*path).clone()));
    paths.iter().filter(is_new).map(PathBuf::as_path).collect()
}

fn append_line(text: &mut String, line: &str) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(line);
}

/// The content as a reply to this message, in its thread. It mentions nobody: the words do.
fn related(mut content: Value, message: &Message) -> Value {
    let mut relation = json!({"m.in_reply_to": {"event_id": message.event_id()}});
    if let Some(root) = message.thread() {
        relation["rel_type"] = "m.thread".into();
        relation["event_id"] = root.into();
        relation["is_falling_back"] = true.into();
    }
    content["m.mentions"] = json!({});
    content["m.relates_to"] = relation;
    content
}
