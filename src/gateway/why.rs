//! Why a message was or was not answered, for whoever asks the running gateway.

use serde_json::Value;

use super::settings::Current;
use crate::{
    error::Result,
    homeserver::Account,
    ipc::{Fate, FateState},
    journal::Journal,
    policy::{Policy, Rule},
    session::{Session, is_said, reaction_relation},
    text::excerpt,
};

/// Whoever tells.
#[derive(Clone, Debug)]
pub struct Why {
    journal: Journal,
    account: Account,
    settings: Current,
    user_id: String,
}

impl Why {
    pub fn new(session: &Session, settings: &Current) -> Self {
        Self {
            journal: session.journal.clone(),
            account: session.account.clone(),
            settings: settings.clone(),
            user_id: session.credentials.user_id.clone(),
        }
    }

    /// What became of this message. Of one that was not kept, the homeserver is asked what it was.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn tell(&self, event_id: &str) -> Result<Fate> {
        let mut fate = self.journal.fate(event_id).await?;
        let Some(room_id) = fate
            .room_id
            .as_ref()
            .filter(|_| fate.state == FateState::Ignored)
        else {
            return Ok(fate);
        };
        match self.account.event(room_id, event_id).await {
            Ok(event) => {
                let policy = &self.settings.get().policy;
                (fate.state, fate.verdict, fate.reason) = judge(&event, policy, &self.user_id);
                fate.sender = event["sender"].as_str().map(excerpt);
            }
            Err(error) => tracing::debug!("cannot look at the event: {error}"),
        }
        Ok(fate)
    }
}

/// Why an event was not kept, by what can be seen of it now.
fn judge(
    event: &Value,
    policy: &Policy,
    own_id: &str,
) -> (FateState, Option<String>, Option<String>) {
    let sender = event["sender"].as_str().unwrap_or_default();
    let kind = event["type"].as_str().unwrap_or_default();
    let relation = event["content"]["m.relates_to"]["rel_type"].as_str();
    let why = if sender == own_id {
        "the bot's own account sent it".to_owned()
    } else if event.get("state_key").is_some() {
        format!(
            "it is no message, but state of the room ({})",
            excerpt(kind)
        )
    } else if !policy.allow_from.allows(sender) {
        let rule = Rule::SenderNotAllowed.name().to_owned();
        return (FateState::Refused, Some(rule), None);
    } else if relation == Some("m.replace") {
        "it is an edit, which counts for the message that it edits".to_owned()
    } else if reaction_relation(kind).is_some() && !policy.answer_reactions {
        format!(
            "it is no message ({}), and answerReactions is not true",
            excerpt(kind)
        )
    } else if kind != "m.room.encrypted" && !is_said(kind, &event["content"]) {
        format!("it is no message ({})", excerpt(kind))
    } else {
        "it is older than the bot's invitation to the room or its device, or its sender was not in \
         allowFrom then"
            .to_owned()
    };
    (FateState::Ignored, None, Some(why))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{gateway::Settings, policy::AllowFrom};

    #[test]
    fn what_was_not_kept_is_explained_by_what_it_is() {
        let policy = Settings::of(AllowFrom::Users(vec!["@ann:h".into()])).policy;
        for (event, state, words) in [
            (
                json!({"sender": "@bot:h"}),
                FateState::Ignored,
                "own account",
            ),
            (
                json!({"sender": "@eve:h", "type": "m.room.message"}),
                FateState::Refused,
                "sender-not-allowed",
            ),
            (
                json!({"sender": "@ann:h", "type": "m.room.topic", "state_key": ""}),
                FateState::Ignored,
                "state of the room (m.room.topic)",
            ),
            (
                json!({"sender": "@ann:h", "type": "m.reaction"}),
                FateState::Ignored,
                "no message (m.reaction)",
            ),
            (
                json!({"sender": "@ann:h", "type": "m.room.message",
                       "content": {"m.relates_to": {"rel_type": "m.replace"}}}),
                FateState::Ignored,
                "an edit",
            ),
            (
                json!({"sender": "@ann:h", "type": "m.sticker", "content": {"body": "cat"}}),
                FateState::Ignored,
                "older than the bot's invitation",
            ),
            (
                json!({"sender": "@ann:h", "type": "org.example.new", "content": {"x": 1}}),
                FateState::Ignored,
                "older than the bot's invitation",
            ),
            (
                json!({"sender": "@ann:h", "type": "m.room.encrypted"}),
                FateState::Ignored,
                "older than the bot's invitation",
            ),
        ] {
            let (found, verdict, reason) = judge(&event, &policy, "@bot:h");
            let told = verdict.or(reason).unwrap();
            assert!(found == state && told.contains(words), "{event}: {told}");
        }
    }
}
