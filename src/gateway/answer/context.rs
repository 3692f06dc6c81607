//! What was said in a conversation before a question and not to the bot: the thread that it joins
//! late, the group that it is mentioned in, the messages that are linked to. It is fetched again after
//! a crash.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
};

use super::{filter::Admitted, quotes::Quotes};
use crate::{
    agent::{Attachment, Said},
    config::GroupPolicy,
    gateway::{mentions::linked_events, message::Message},
    journal::{Conversation, PartOf},
    policy::is_direct,
    session::{Earlier, Envelope, RoomFailure},
    threads::lock,
};

/// Messages of a thread that the bot joins late.
const OF_THREAD: usize = 10;
/// The most bytes of one of them that are told, and of all of them.
const LONGEST: usize = 4 * 1024;
const MOST: usize = 32 * 1024;
/// The most threads that are known.
const MOST_THREADS: usize = 10_000;
/// The most messages that one links to.
const MOST_LINKS: usize = 3;

/// Threads that the bot has joined.
pub type Joined = Arc<Mutex<HashSet<Conversation>>>;

/// Looks up what was said before.
pub struct Context {
    pub quotes: Arc<Quotes>,
    pub joined: Joined,
    /// How many messages of a group are told that did not mention the bot.
    pub of_room: usize,
}

/// What was said before a question.
#[derive(Debug, Default)]
pub struct Before {
    /// The oldest first.
    pub said: Vec<Said>,
    /// The file that came with the first message of the thread.
    pub file: Option<Attachment>,
}

/// How much of what was said is wanted.
struct Wanted {
    /// Whether the thread may be new to the bot.
    is_new: bool,
    messages: usize,
}

impl Context {
    /// Whether something has to be fetched for this question.
    pub fn is_needed(&self, asked: &Admitted) -> bool {
        let wanted = self.wanted(asked);
        wanted.is_new || wanted.messages > 0 || !links(asked).is_empty()
    }

    fn wanted(&self, asked: &Admitted) -> Wanted {
        let thread = conversation(asked);
        let is_new = thread.thread.is_some() && !lock(&self.joined).contains(&thread);
        // Elsewhere everything is said to the bot.
        let is_mentioned = self.quotes.policy.group_policy == GroupPolicy::Mention;
        let messages = if is_mentioned && !is_direct(asked.members) {
            self.of_room
        } else {
            0
        };
        Wanted { is_new, messages }
    }

    /// What was said before this question. Whatever cannot be had is left out, and keeps nobody
    /// waiting.
    ///
    /// # Errors
    ///
    /// When a store fails.
    pub async fn before(&self, asked: &Admitted) -> Result<Before, RoomFailure> {
        let mut before = self.conversation(asked).await?;
        for event_id in links(asked) {
            if let Ok(message) = self.quotes.read(asked, &event_id).await? {
                before.said.push(self.said(asked, message).await);
            }
        }
        Ok(before)
    }

    async fn conversation(&self, asked: &Admitted) -> Result<Before, RoomFailure> {
        let wanted = self.wanted(asked);
        if !wanted.is_new && wanted.messages == 0 {
            return Ok(Before::default());
        }
        let conversation = conversation(asked);
        let (room_id, thread) = (&*conversation.room, conversation.thread.as_deref());
        let event_id = &asked.waiting.event_id;
        let rooms = &self.quotes.rooms;
        let looking = rooms.said_before(room_id, thread, event_id, asked.encrypted);
        let events = match looking.await {
            Ok(events) => events,
            Err(RoomFailure::Store(error)) => return Err(RoomFailure::Store(error)),
            Err(failure) => {
                tracing::info!(room_id, event_id, "no context: {failure}");
                return Ok(Before::default());
            }
        };
        let unheard = unheard(&events, &self.quotes.user_id, thread);
        let is_new = wanted.is_new && !unheard.has_spoken;
        let most = if is_new {
            wanted.messages.max(OF_THREAD)
        } else {
            wanted.messages
        };
        let allowed = |(message, came): &(Message, &Earlier)| {
            self.quotes.may_show(&message.sender, &came.protection)
        };
        let newest = unheard.messages.into_iter().filter(allowed).take(most);
        let mut before = Before::default();
        for (message, _) in newest {
            before.said.push(self.said(asked, message).await);
        }
        if let (true, Some(root)) = (is_new, thread) {
            // One that is replied to is told by itself.
            let is_quoted = asked.message.replies_to.as_deref() == Some(root);
            if !is_quoted && let Ok(message) = self.quotes.read(asked, root).await? {
                before.file = self.quotes.file(&message).await;
                before.said.push(self.said(asked, message).await);
            }
        }
        if wanted.is_new {
            let mut joined = lock(&self.joined);
            if joined.len() >= MOST_THREADS {
                joined.clear();
            }
            joined.insert(conversation);
        }
        let mut left = MOST;
        before.said.retain(|said| {
            let rest = left.checked_sub(said.text.len());
            left = rest.unwrap_or_default();
            rest.is_some()
        });
        before.said.reverse();
        Ok(before)
    }

    async fn said(&self, asked: &Admitted, message: Message) -> Said {
        let mut said = self.quotes.said(&asked.waiting.room_id, message).await;
        if said.text.len() > LONGEST {
            let end = said.text.floor_char_boundary(LONGEST);
            said.text.truncate(end);
            said.text.push('…');
        }
        said
    }
}

fn conversation(asked: &Admitted) -> Conversation {
    Conversation::new(&asked.waiting.room_id, asked.message.thread.as_deref())
}

/// The messages of its room that a message links to.
fn links(asked: &Admitted) -> Vec<String> {
    // What the bot said itself is not looked through again.
    if asked.message.about.is_some() {
        return Vec::new();
    }
    let mut links = linked_events(&asked.message.text(), &asked.waiting.room_id);
    links.retain(|link| asked.message.replies_to.as_ref() != Some(link));
    links.truncate(MOST_LINKS);
    links
}

/// What the bot has not heard yet.
struct Unheard<'a> {
    /// The newest first.
    messages: Vec<(Message, &'a Earlier)>,
    /// Whether the bot has said something there.
    has_spoken: bool,
}

/// Of these events, the newest first, the messages of this thread, or of none, that came after the
/// last question that the bot has answered: the agent knows what was before.
fn unheard<'a>(events: &'a [Earlier], own_id: &str, thread: Option<&str>) -> Unheard<'a> {
    let (mut messages, mut answered) = (Vec::new(), HashSet::new());
    let mut has_spoken = false;
    for earlier in events {
        let Some(event) = Envelope::of(&earlier.payload) else {
            continue;
        };
        if event.replaces().is_some() || event.thread() != thread {
            continue;
        }
        let is_said = matches!(&*event.kind, "m.room.message" | "m.sticker")
            || event.kind.ends_with("poll.start");
        if !is_said {
            continue;
        }
        if event.sender == own_id {
            has_spoken = true;
            match event.content[PartOf::FIELD]["question"].as_str() {
                Some(question) => answered.insert(question.to_owned()),
                // What it said of itself answers nothing.
                None if event.content["msgtype"] == "m.notice" => false,
                None => break,
            };
            continue;
        }
        if answered.contains(&event.event_id) {
            break;
        }
        messages.extend(Message::quoted(&event).map(|message| (message, earlier)));
    }
    Unheard {
        messages,
        has_spoken,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::journal::Protection;

    fn event(id: &str, sender: &str, more: &Value) -> Earlier {
        let mut content = json!({"msgtype": "m.text", "body": id});
        for (key, value) in more.as_object().into_iter().flatten() {
            content[key] = value.clone();
        }
        let event = json!({
            "type": "m.room.message", "sender": sender, "event_id": id, "content": content,
        });
        Earlier {
            payload: event.to_string(),
            protection: Protection::Clear,
        }
    }

    fn heard(events: &[Earlier], thread: Option<&str>) -> (Vec<String>, bool) {
        let unheard = unheard(events, "@bot:h", thread);
        let texts = unheard.messages.iter().map(|(message, _)| message.text());
        (texts.collect(), unheard.has_spoken)
    }

    #[test]
    fn what_came_after_the_last_answered_question_is_new() {
        let in_thread = json!({"m.relates_to": {"rel_type": "m.thread", "event_id": "$root"}});
        let edit = json!({"m.relates_to": {"rel_type": "m.replace", "event_id": "$1"}});
        let answer = json!({"nanobot.answer": {"question": "$question", "part": 0}});
        let events = [
            event("$6", "@ann:h", &Value::Null),
            event("$thread", "@ann:h", &in_thread),
            event("$5", "@ben:h", &edit),
            event("$answer", "@bot:h", &answer),
            event("$4", "@ben:h", &Value::Null),
            event("$question", "@ann:h", &Value::Null),
            event("$3", "@ben:h", &Value::Null),
        ];
        let (texts, has_spoken) = heard(&events, None);
        assert_eq!(texts, ["$6", "$4"]);
        assert!(has_spoken);
        let (texts, has_spoken) = heard(&events, Some("$root"));
        assert_eq!((&*texts, has_spoken), (&["$thread".to_owned()][..], false));
        // Another program of the account answered, or an older version.
        let others = [
            event("$2", "@ann:h", &Value::Null),
            event("$answer", "@bot:h", &Value::Null),
            event("$1", "@ben:h", &Value::Null),
        ];
        assert_eq!(heard(&others, None).0, ["$2"]);
    }
}
