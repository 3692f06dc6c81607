//! The queue in words.

use std::fmt;

use super::{Changed, Done, List, Shown};
use crate::{
    ipc::{QueueState, QueuedMessage, WaitsFor, ago},
    text::counted,
};

/// How far the lines below the first of a message are indented.
pub const INDENT: usize = 9;
/// The most messages of a sort that are listed; JSON has them all.
const MOST: usize = 50;
/// The width of a row's name.
const NAMES: usize = 12;

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.messages.is_empty() {
            return f.write_str("Every message has its answer.");
        }
        let mut is_first = true;
        for (state, title) in [
            (QueueState::Parked, "Failed"),
            (QueueState::Waiting, "Waiting"),
            (QueueState::Undecryptable, "Waiting for a room key"),
            (QueueState::Unknown, "Other"),
        ] {
            let those: Vec<_> = self
                .messages
                .iter()
                .filter(|it| it.state == state)
                .collect();
            if those.is_empty() {
                continue;
            }
            let gap = if is_first { "" } else { "\n\n" };
            is_first = false;
            write!(f, "{gap}{title} ({})", those.len())?;
            for message in those.iter().take(MOST) {
                row(message, f)?;
            }
            if let Some(more @ 1..) = those.len().checked_sub(MOST) {
                write!(f, "\n         and {more} more; --json lists all")?;
            }
        }
        if self.counts.parked > 0 {
            f.write_str(
                "\n\nRun `nanobot queue retry ID` to try a failed message again, or \
                 `nanobot queue drop ID` to discard it; --all means every failed message.",
            )?;
        }
        Ok(())
    }
}

/// A message in a list.
fn row(message: &QueuedMessage, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let sender = message.sender.as_deref().unwrap_or("someone");
    write!(f, "\n{:>7}  {sender} in {}", message.id, message.room_id)?;
    if let Some(at) = message.received_at {
        write!(f, ", received {}", ago(at))?;
    }
    if message.attempts > 0 {
        write!(f, ", {}", attempts(message))?;
    }
    let waits_for = message.waits_for.filter(|it| *it != WaitsFor::RoomKey);
    if let Some(waits_for) = waits_for {
        write!(f, "\n         {}", words(waits_for))?;
    }
    if let Some(reason) = &message.reason {
        let last = if waits_for.is_some() {
            "last error: "
        } else {
            ""
        };
        write!(f, "\n         {last}{reason}")?;
    }
    match &message.text {
        Some(text) => write!(f, "\n         \"{text}\""),
        None => Ok(()),
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = &self.message;
        write!(f, "{:NAMES$}{}", "Message", message.id)?;
        let mut line = |name: &str, value: &dyn fmt::Display| write!(f, "\n{name:NAMES$}{value}");
        let state = match message.state {
            QueueState::Parked => "failed",
            QueueState::Waiting => "waiting",
            QueueState::Undecryptable => "waiting for its room key",
            QueueState::Unknown => "unknown",
        };
        line("State", &state)?;
        if let Some(waits_for) = message.waits_for.filter(|it| *it != WaitsFor::RoomKey) {
            line("Waits for", &words(waits_for))?;
        }
        if message.attempts > 0 {
            line("Tried", &attempts(message))?;
        }
        if let Some(reason) = &message.reason {
            line("Error", reason)?;
        }
        if let Some(at) = message.received_at {
            line("Received", &ago(at))?;
        }
        line("Sender", &message.sender.as_deref().unwrap_or("unknown"))?;
        line("Room", &message.room_id)?;
        if let Some(thread) = &message.thread {
            line("Thread", thread)?;
        }
        line("Event", &message.event_id)?;
        line("Encrypted", &if message.encrypted { "yes" } else { "no" })?;
        line("Answer", &answer(message))?;
        for (name, text) in [("Text", &message.text), ("", &message.answer)] {
            let title = if name.is_empty() { "Answer text" } else { name };
            match text {
                Some(text) => line(title, &text.replace('\n', "\n            "))?,
                None if self.text => line(title, &"none")?,
                None => {}
            }
        }
        if !self.text {
            line("Text", &"hidden; --text shows it")?;
        }
        Ok(())
    }
}

impl fmt::Display for Changed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = counted(self.messages.len() as u64, "message");
        if self.messages.is_empty() {
            return f.write_str("There are no failed messages.");
        }
        match self.done {
            Done::Dropped => write!(f, "Discarded {count}."),
            Done::Retried { runs: true } => write!(f, "Trying {count} again."),
            Done::Retried { runs: false } => {
                write!(f, "The gateway will try {count} again when it starts.")
            }
        }
    }
}

/// How often answering failed, and since when.
fn attempts(message: &QueuedMessage) -> String {
    let count = counted(message.attempts, "time");
    let since = message.failing_since.map(ago);
    let since = since.map_or_else(String::new, |since| format!(", first {since}"));
    format!("failed {count}{since}")
}

/// How far the answer is.
fn answer(message: &QueuedMessage) -> String {
    match (message.answer_parts, message.sent_parts) {
        (0, _) => "none recorded".to_owned(),
        (parts, sent) => format!("recorded, {sent} of {} sent", counted(parts, "event")),
    }
}

/// What a message waits for, in words.
fn words(waits_for: WaitsFor) -> &'static str {
    match waits_for {
        WaitsFor::Gateway => "the gateway, which is not running",
        WaitsFor::Homeserver => "the homeserver, which is unreachable",
        WaitsFor::Disk => "disk space",
        WaitsFor::Agent => "the agent, which is working on it",
        WaitsFor::Sending => "its answer to be sent",
        WaitsFor::EarlierMessage => "an earlier message of its conversation",
        WaitsFor::RoomKey => "its room key",
        WaitsFor::Turn => "its turn",
    }
}
