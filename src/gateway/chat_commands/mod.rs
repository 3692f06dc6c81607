//! What people tell the bot itself in a chat, with `!` or `/` before it.

mod parse;

pub use parse::is_command;

use std::{sync::Arc, time::Duration};

use self::parse::{Command, Order, help};
use crate::{
    agent,
    error::Result,
    gateway::{
        health::Health, in_flight::InFlight, message::Message, panics::caught, presence::Marker,
        settings::Settings,
    },
    ipc::{Encryption, Status, now},
    journal::{Conversation, Journal, Lane},
    session::Rooms,
    text::duration,
};

/// How long a program that was told to stop may take before its memory is left alone.
const STOP_LIMIT: Duration = Duration::from_secs(5);

/// Obeys commands.
pub struct ChatCommands {
    pub journal: Journal,
    pub rooms: Rooms,
    pub user_id: String,
    pub settings: Arc<Settings>,
    pub in_flight: InFlight,
    pub marker: Marker,
    pub health: Health,
}

/// Whom a message tells what to do.
pub enum Addressee {
    /// The bot itself.
    Bot(Command),
    /// The agent, in these words.
    Agent(String),
    /// It is no command.
    Nobody,
}

impl ChatCommands {
    /// The command that this message is, and for whom.
    pub async fn read(&self, conversation: &Conversation, message: &Message) -> Addressee {
        let name = self.rooms.display_name(&conversation.room, &self.user_id);
        let command = Command::of(message, &self.user_id, name.await.as_deref());
        let Some(Command { sign, order }) = command else {
            return Addressee::Nobody;
        };
        match order {
            Order::OfAgent { word, rest } if self.of_agent().contains(&&*word) => {
                Addressee::Agent(format!("/{word} {rest}").trim_end().to_owned())
            }
            Order::OfAgent { word, rest } if rest.is_empty() => {
                let order = Order::Unknown { word, meant: None };
                Addressee::Bot(Command { sign, order })
            }
            Order::OfAgent { .. } => Addressee::Nobody,
            order if conversation.lane == Lane::Command => Addressee::Bot(Command { sign, order }),
            _ => Addressee::Nobody,
        }
    }

    /// The commands that the agent knows by itself.
    fn of_agent(&self) -> &'static [&'static str] {
        self.settings.agent.agent.commands()
    }

    /// Does what was said here at this place in the journal, and gives the words that answer it.
    /// Doing it again, after a crash, changes nothing more.
    ///
    /// # Errors
    ///
    /// When the journal fails.
    pub async fn obey(
        &self,
        command: &Command,
        conversation: &Conversation,
        seq: i64,
        encrypted: bool,
    ) -> Result<String> {
        let about = conversation.lane(Lane::Message);
        let sign = command.sign;
        Ok(match &command.order {
            Order::Help => help(sign, self.of_agent()),
            Order::Stop => self.stop(&about, seq).await?,
            Order::New => self.forget(&about, seq).await?,
            Order::Status => self.describe(encrypted).await,
            Order::NewWithWords => {
                format!("Nothing was forgotten. To start a new conversation, send only {sign}new.")
            }
            // Those are the agent's, and not obeyed here.
            Order::OfAgent { word, .. } => format!("Unknown command {sign}{word}."),
            Order::Unknown { word, meant } => match meant {
                Some(meant) => {
                    format!("Unknown command {sign}{word}. Did you mean {sign}{meant}?")
                }
                None => format!("Unknown command {sign}{word}. Try {sign}help."),
            },
        })
    }

    async fn stop(&self, about: &Conversation, seq: i64) -> Result<String> {
        let stopped = self.journal.close_before(about, seq).await?;
        // It is dropped before long; the person who is tired of it need not wait for that.
        drop(self.in_flight.cancel(about));
        self.marker.end_all(&stopped);
        Ok(match stopped.len() {
            0 => "Nothing to stop here.".to_owned(),
            1 => "Stopped. One message will not be answered.".to_owned(),
            many => format!("Stopped. {many} messages will not be answered."),
        })
    }

    async fn forget(&self, about: &Conversation, seq: i64) -> Result<String> {
        let stopped = self.journal.close_before(about, seq).await?;
        // What it is at must not be remembered after the rest is forgotten.
        let over = self.in_flight.cancel(about);
        if tokio::time::timeout(STOP_LIMIT, over).await.is_err() {
            tracing::warn!(room_id = about.room, "the agent does not stop");
        }
        self.marker.end_all(&stopped);
        let room = self.journal.names().origin(&about.room);
        let key = agent::conversation(&room, about.thread.as_deref());
        let forgetting = caught("the agent", async {
            self.settings.agent.agent.forget(&key).await
        });
        Ok(match forgetting.await.flatten() {
            Ok(()) => "I have forgotten this conversation.".to_owned(),
            Err(error) => {
                tracing::error!(
                    room_id = about.room,
                    "cannot forget a conversation: {error}"
                );
                self.health.failed(&error);
                "I cannot forget this conversation. See the bot's log for the reason.".to_owned()
            }
        })
    }

    async fn describe(&self, encrypted: bool) -> String {
        let status = self.health.status().await;
        let configured = &self.settings.agent;
        let asked = self.in_flight.asked();
        // Not those that are being answered, nor this one.
        let busy = u64::try_from(asked.iter().sum::<usize>()).unwrap_or(u64::MAX);
        let waiting = status.backlog.as_ref().map_or_else(
            || "unknown".to_owned(),
            |backlog| (backlog.waiting.saturating_sub(busy.saturating_add(1))).to_string(),
        );
        let uptime = now().saturating_sub(status.started_at) / 1000;
        format!(
            "nanobot {}, up for {}\nAgent: {}\n\
             Conversations in progress: {} of {}\nMessages waiting: {waiting}\n\
             This room is {}encrypted. {}{}",
            status.version,
            duration(Duration::from_secs(uptime)),
            configured.kind,
            asked.len(),
            configured.conversations,
            if encrypted { "" } else { "not " },
            device(&status),
            trouble(&status),
        )
    }
}

/// What does not go as it should, a line each.
fn trouble(status: &Status) -> String {
    let pauses = status.pauses.iter().map(|pause| {
        let seconds = pause.until.saturating_sub(now()) / 1000;
        let why = pause.refusal.as_ref();
        let why = why.map_or("rate limit", |refusal| &refusal.errcode);
        format!("\nPaused: {} ({why}), retrying in {seconds} s", pause.of)
    });
    let parked = status.backlog.as_ref().map(|backlog| &backlog.parked);
    let parked = parked.filter(|parked| parked.count > 0).map(|parked| {
        let reason = parked.recent.first().map_or("", |newest| &newest.reason);
        let count = parked.count;
        format!("\nFailed messages in all rooms: {count}. The newest failed: {reason}")
    });
    pauses.chain(parked).collect()
}

fn device(status: &Status) -> &'static str {
    match (&status.encryption, status.verified) {
        (Encryption::Broken { .. }, _) => "Encryption does not work.",
        (_, Some(true)) => "My device is verified.",
        (_, Some(false)) => "My device is not verified.",
        (_, None) => "It is not known yet whether my device is verified.",
    }
}
