//! What a new device takes over from the one it replaces: the messages that wait for an answer.

use std::path::Path;

use crate::inbox::{Inheritance, inherit};

/// Takes over the old journal. One that cannot be read is no reason to have no bot.
pub(super) async fn inherited(old: &Path, new: &Path, user_id: &str) -> Inheritance {
    inherit(old, new, user_id).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "unanswered messages of the old device are not taken over");
        Inheritance::default()
    })
}

/// What became of the messages that the old device had not answered, for a person.
pub(super) fn describe(inheritance: Inheritance) -> Vec<String> {
    let Inheritance { taken, left } = inheritance;
    let taken_over = (taken > 0).then(|| {
        format!("Messages that the old device had not answered yet, and the new one will: {taken}.")
    });
    let left_behind = (left > 0).then(|| {
        format!("Messages that the old device could not read, answered if their keys come: {left}.")
    });
    taken_over.into_iter().chain(left_behind).collect()
}
