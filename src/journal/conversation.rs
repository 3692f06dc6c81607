//! What is answered in order: a room's main timeline or one of its threads, and there messages and
//! commands each by themselves.

use rusqlite::{
    Row, ToSql,
    types::{ToSqlOutput, Value},
};
use serde::{Deserialize, Serialize};

/// What the conversation column of commands begins with. Room IDs begin with `!`.
const COMMAND: &str = "urgent ";
/// The same of reactions.
const REACTION: &str = "reaction ";

/// Events that are answered one after the other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Conversation {
    /// The room's id.
    pub room: String,
    /// The event that the thread begins with; `None` for the room's main timeline.
    pub thread: Option<String>,
    /// Which of its events.
    pub lane: Lane,
}

/// The events of a timeline or a thread that are answered in order among each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Lane {
    /// Those for the agent. They wait for commands that came before them.
    Message,
    /// Those for the bot itself, such as `!stop`. They do not wait for messages before them.
    Command,
    /// Reactions and votes of a room, until it is known what they are about.
    Reaction,
}

impl Conversation {
    /// The messages of a room's main timeline, or of one of its threads.
    pub fn new(room: &str, thread: Option<&str>) -> Self {
        Self {
            room: room.to_owned(),
            thread: thread.map(str::to_owned),
            lane: Lane::Message,
        }
    }

    /// The same timeline or thread, and there this lane.
    pub fn lane(&self, lane: Lane) -> Self {
        Self {
            lane,
            ..self.clone()
        }
    }

    /// Reads the columns `room_id` and `conversation`; `None` for an event without one.
    pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Option<Self>> {
        let room: String = row.get("room_id")?;
        let Some(column) = row.get::<_, Option<String>>("conversation")? else {
            return Ok(None);
        };
        let lanes = [(Lane::Command, COMMAND), (Lane::Reaction, REACTION)];
        let key = |(lane, prefix)| Some((lane, column.strip_prefix(prefix)?));
        let found = lanes.into_iter().find_map(key);
        let (lane, key) = found.unwrap_or((Lane::Message, &column));
        let thread = key.strip_prefix(&*room).unwrap_or(key).strip_prefix(' ');
        Ok(Some(Self::new(&room, thread).lane(lane)))
    }

    fn column(&self) -> String {
        let lane = match self.lane {
            Lane::Message => "",
            Lane::Command => COMMAND,
            Lane::Reaction => REACTION,
        };
        match &self.thread {
            Some(thread) => format!("{lane}{} {thread}", self.room),
            None => format!("{lane}{}", self.room),
        }
    }
}

impl ToSql for Conversation {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Owned(Value::Text(self.column())))
    }
}
