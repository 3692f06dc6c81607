//! Doing what a command says.

use std::time::Duration;

use super::{Command, Order, help};
use crate::{
    agent,
    gateway::{admission::Asked, answer::Answerer, ask::unbroken},
    instance::{Encryption, Status, now},
    session::RoomFailure,
};

/// How long a program that was told to stop may take before its memory is left alone.
const STOP_LIMIT: Duration = Duration::from_secs(5);

impl Answerer {
    /// Does what was said in this conversation, and gives the words that answer it. Doing it
    /// again, after a crash, changes nothing more.
    pub(in crate::gateway) async fn obey(
        &self,
        command: &Command,
        conversation: &str,
        asked: &Asked,
    ) -> Result<String, RoomFailure> {
        let sign = command.sign;
        Ok(match &command.order {
            Order::Help => help(sign),
            Order::Stop => self.stop(conversation, asked).await?,
            Order::New => self.forget(conversation, asked).await?,
            Order::Status => self.describe(asked).await,
            Order::NewWithWords => format!(
                "Nothing is forgotten. To begin a new conversation, send {sign}new and nothing else."
            ),
            Order::Unknown { word, meant } => match meant {
                Some(meant) => {
                    format!("There is no {sign}{word}. Did you mean {sign}{meant}?")
                }
                None => format!("There is no {sign}{word}. {sign}help says what there is."),
            },
        })
    }

    async fn stop(&self, conversation: &str, asked: &Asked) -> Result<String, RoomFailure> {
        let stopped = self.close_earlier(conversation, asked).await?;
        // It is dropped before long; the person who is tired of it need not wait for that.
        drop(self.turns.cancel(conversation));
        Ok(match stopped {
            0 => "There is nothing to stop here.".to_owned(),
            1 => "Stopped. One message stays without an answer.".to_owned(),
            many => format!("Stopped. {many} messages stay without an answer."),
        })
    }

    async fn forget(&self, conversation: &str, asked: &Asked) -> Result<String, RoomFailure> {
        self.close_earlier(conversation, asked).await?;
        // What it is at must not be remembered after the rest is forgotten.
        let over = self.turns.cancel(conversation);
        if tokio::time::timeout(STOP_LIMIT, over).await.is_err() {
            tracing::warn!(room = %asked.waiting.room_id, "the agent does not stop");
        }
        let key = agent::conversation(&asked.waiting.room_id, asked.message.thread());
        let forgotten = unbroken(async { self.agent.forget(&key).await }).await;
        Ok(match forgotten.flatten() {
            Ok(()) => "I have forgotten this conversation.".to_owned(),
            Err(error) => {
                tracing::error!(room = %asked.waiting.room_id, %error, "cannot forget a conversation");
                self.health.failed(&error);
                "I cannot forget this conversation. The reason is in my log.".to_owned()
            }
        })
    }

    /// Closes what was said in a conversation before this.
    async fn close_earlier(&self, conversation: &str, asked: &Asked) -> Result<usize, RoomFailure> {
        let closed = self
            .inbox
            .close_before(conversation, asked.waiting.seq)
            .await;
        closed.map_err(RoomFailure::Store)
    }

    async fn describe(&self, asked: &Asked) -> String {
        let status = self.health.status().await;
        let busy = self.turns.busy();
        // Not those that are being answered, nor this one.
        let unanswered = status.backlog.as_ref().map(|backlog| backlog.waiting);
        let waiting = unanswered.map_or_else(
            || "an unknown number".to_owned(),
            |all| {
                let busy = u64::try_from(busy.messages).unwrap_or(u64::MAX);
                all.saturating_sub(busy.saturating_add(1)).to_string()
            },
        );
        format!(
            "nanobot {}, up for {}\nAnswers come from: {}\n\
             Conversations being answered: {} of at most {}\nMessages waiting: {waiting}\n\
             This room is {}. {}{}",
            status.version,
            duration(now().saturating_sub(status.started_at)),
            self.agent_kind,
            busy.conversations,
            self.most,
            if asked.encrypted || self.is_secret(&asked.waiting) {
                "encrypted"
            } else {
                "not encrypted"
            },
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
        let why = why.map_or("too many at once", |refusal| &refusal.errcode);
        format!("\nWaiting for {seconds} s more: {} ({why})", pause.of)
    });
    let parked = status.backlog.as_ref().map(|backlog| &backlog.parked);
    let parked = parked.filter(|parked| parked.count > 0).map(|parked| {
        let reason = parked.recent.first().map_or("", |newest| &newest.reason);
        let count = parked.count;
        format!("\nMessages given up, in all rooms: {count}. The newest reason: {reason}")
    });
    pauses.chain(parked).collect()
}

fn device(status: &Status) -> &'static str {
    match (&status.encryption, status.verified) {
        (Encryption::Broken { .. }, _) => "Encryption does not work.",
        (_, Some(true)) => "My device is verified by its owner.",
        (_, Some(false)) => "My device is not verified by its owner.",
        (_, None) => "Whether my device is verified is not known yet.",
    }
}

/// A time in milliseconds as people say it.
fn duration(milliseconds: u64) -> String {
    let minutes = milliseconds / 60_000;
    match (minutes / 1440, minutes / 60 % 24, minutes % 60) {
        (0, 0, 0) => format!("{} s", milliseconds / 1000),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_said_briefly() {
        for (milliseconds, said) in [
            (59_999, "59 s"),
            (60_000, "1 min"),
            (3_600_000 * 5 + 60_000, "5 h 1 min"),
            (86_400_000 * 2 + 3_600_000, "2 d 1 h"),
        ] {
            assert_eq!(duration(milliseconds), said);
        }
    }
}
