//! What a new device takes over from the one it replaces: the messages that wait for an answer.

use std::path::Path;

use crate::{
    error::{Kind, Result},
    homeserver::Account,
    inbox::{Inheritance, begun, inherit},
};

/// Takes over what waits in the old journal. A journal that cannot be read is no reason to have no
/// bot.
pub(super) async fn inherited(
    account: &Account,
    old: &Path,
    new: &Path,
    user_id: &str,
) -> Inheritance {
    take_over(account, old, new, user_id)
        .await
        .unwrap_or_else(|error| {
            tracing::warn!(%error, "unanswered messages of the old device are not taken over");
            Inheritance::default()
        })
}

/// Copies what waits in the old journal into the new one. What was already said of an answer that
/// was begun is looked up in its room: the homeserver knows a repetition only by the device that
/// sent it.
///
/// # Errors
///
/// When the homeserver is away, or a journal cannot be read or written.
pub(super) async fn take_over(
    account: &Account,
    old: &Path,
    new: &Path,
    user_id: &str,
) -> Result<Inheritance> {
    let mut looked_up = Vec::new();
    for mut answer in begun(old, user_id).await? {
        match account
            .count_replies(&answer.room_id, &answer.event_id, user_id)
            .await
        {
            Ok(said) => {
                answer.said = answer.said.max(said);
                looked_up.push(answer);
            }
            // The bot is not in that room any more: nobody waits there.
            Err(failure) if failure.kind() == Kind::Failure => {
                tracing::warn!(room = %answer.room_id, %failure, "a begun answer is given up");
            }
            Err(failure) => return Err(failure.into()),
        }
    }
    inherit(old, new, user_id, looked_up).await
}

/// What became of the messages that the old device had not answered, for a person.
pub(super) fn describe(inheritance: Inheritance) -> Vec<String> {
    let Inheritance { taken, left } = inheritance;
    let taken_over = (taken > 0).then(|| {
        format!("Messages that the old device had not answered yet, and the new one will: {taken}.")
    });
    let left_behind = (left > 0)
        .then(|| format!("Messages of the old device that the new one cannot answer: {left}."));
    taken_over.into_iter().chain(left_behind).collect()
}
