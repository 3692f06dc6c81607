//! What is said over the socket: one line of JSON asks, one line of JSON answers, and that is all.

use std::{fmt, io};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};

use super::{
    fate::Fate,
    queue::{QueuePage, QueueRequest},
    status::Status,
    verification::{Verification, VerifyRequest},
};
use crate::error::{Error, Kind, Remedy, Result};

/// The most bytes of a request, its line end included.
pub(super) const LONGEST_REQUEST: u64 = 4 << 10;
/// The most bytes of an answer, its line end included.
pub(super) const LONGEST_ANSWER: u64 = 1 << 20;
/// The most characters of an unknown request that are repeated.
const LONGEST_NAME: usize = 40;

/// What a running gateway can be asked. On the wire: `{"ask":"status"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Request {
    /// How it is.
    Status,
    /// To prove that encryption works, end to end.
    SelfTest,
    /// About verifications by comparing emoji.
    Verify(VerifyRequest),
    /// To read its configuration anew.
    Reload,
    /// About the message queue.
    Queue(QueueRequest),
    /// What became of a message.
    Why {
        /// Its event ID.
        event_id: String,
    },
}

/// What it answers. On the wire: `{"answer":"status",…}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// How it is.
    Status(Box<Status>),
    /// What the test found.
    SelfTest(Box<SelfTest>),
    /// The verifications, oldest first; the one that was asked about, where one was.
    Verifications {
        /// All of them.
        verifications: Vec<Verification>,
    },
    /// It has read its configuration anew.
    Reloaded(Reloaded),
    /// Messages of the queue.
    Queue(QueuePage),
    /// What became of a message.
    Fate(Box<Fate>),
    /// It tried what was asked, and failed.
    Failed(Failed),
    /// It does not do what was asked.
    Refused {
        /// The gateway's version.
        version: String,
        /// Why, as a sentence.
        why: String,
    },
}

impl Answer {
    /// A refusal that names this program's version and goes on like this.
    pub fn refused(predicate: &str) -> Self {
        let version = env!("CARGO_PKG_VERSION");
        Self::Refused {
            version: version.to_owned(),
            why: format!("this gateway is version {version} and {predicate}"),
        }
    }
}

impl From<Error> for Answer {
    fn from(error: Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Result<Reloaded>> for Answer {
    fn from(outcome: Result<Reloaded>) -> Self {
        outcome.map_or_else(Self::from, Self::Reloaded)
    }
}

/// What a self test found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelfTest {
    /// A one-time key that the homeserver gives out for this device: signed by it, and a message
    /// encrypted to it decrypted with the private half in the store.
    pub one_time_key: TestOutcome,
    /// A message of the bot to itself: encrypted on the homeserver, synced back, redacted. Its
    /// time is the latency from sending to reading.
    pub round_trip: TestOutcome,
    /// A small file: uploaded, downloaded and compared.
    pub media: TestOutcome,
}

/// What came of reading the configuration anew.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reloaded {
    /// The keys whose new values count from now on.
    pub changed: Vec<String>,
    /// The keys whose new values count when the gateway is started again.
    pub needs_restart: Vec<String>,
}

impl fmt::Display for Reloaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.changed {
            [] => f.write_str("Nothing to reload.")?,
            changed => write!(f, "Reloaded: {}.", changed.join(", "))?,
        }
        match &*self.needs_restart {
            [] => Ok(()),
            keys => write!(f, "\nNeeds a restart: {}.", keys.join(", ")),
        }
    }
}

/// How one part of a self test ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum TestOutcome {
    /// It works.
    Passed {
        /// What was done, in one sentence.
        detail: String,
        /// What is not as it should be all the same.
        warning: Option<String>,
        /// How long it took, in milliseconds.
        millis: u64,
    },
    /// It does not work.
    Failed(Failed),
    /// It was not tried.
    Skipped {
        /// Why, in one sentence.
        why: String,
    },
}

impl From<Error> for TestOutcome {
    fn from(error: Error) -> Self {
        Self::Failed(error.into())
    }
}

/// A failure in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failed {
    /// What sort of failure it is.
    pub kind: Kind,
    /// What failed and why, in one sentence.
    pub message: String,
    /// What the person can do about it.
    pub hint: Option<String>,
    /// Commands that fix it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<String>,
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        let Remedy { text, commands, .. } = error.remedy().clone();
        Self {
            kind: error.kind(),
            message: error.to_string(),
            hint: (!text.is_empty()).then_some(text),
            commands,
        }
    }
}

impl From<Failed> for Error {
    fn from(failed: Failed) -> Self {
        let remedy = Remedy {
            text: failed.hint.unwrap_or_default(),
            commands: failed.commands,
            url: None,
        };
        Self::new(failed.kind, failed.message).with_remedy(remedy)
    }
}

impl Request {
    /// Reads a request; where there is none in this line, the predicate of a refusal.
    pub(super) fn read(line: &str) -> Result<Self, String> {
        let Ok(value) = serde_json::from_str::<Value>(line) else {
            return Err("does not understand what is not JSON".to_owned());
        };
        let name = value["ask"].as_str().map(|name| {
            let start: String = name.chars().take(LONGEST_NAME).collect();
            format!("does not know the request {start:?}")
        });
        serde_json::from_value(value)
            .map_err(|_| name.unwrap_or_else(|| "was asked nothing".to_owned()))
    }
}

/// This as a line.
pub(super) fn line(said: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(said)?;
    line.push(b'\n');
    Ok(line)
}

/// Reads one line, without its end.
pub(super) async fn read_line(from: impl AsyncRead + Unpin, longest: u64) -> io::Result<String> {
    let mut line = Vec::new();
    let mut from = BufReader::new(from.take(longest));
    from.read_until(b'\n', &mut line).await?;
    if line.pop() != Some(b'\n') {
        let (kind, why) = if from.into_inner().limit() == 0 {
            (io::ErrorKind::InvalidData, "the line is too long")
        } else {
            (io::ErrorKind::UnexpectedEof, "the line has no end")
        };
        return Err(io::Error::new(kind, why));
    }
    String::from_utf8(line).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_survives_the_way_between_processes() {
        let test = SelfTest {
            one_time_key: TestOutcome::Skipped {
                why: "encryption is switched off".to_owned(),
            },
            round_trip: TestOutcome::Passed {
                detail: "sent and read".to_owned(),
                warning: None,
                millis: 140,
            },
            media: Error::unreachable("no answer").hint("try again").into(),
        };
        let json = serde_json::to_string(&test).unwrap();
        assert_eq!(serde_json::from_str::<SelfTest>(&json).unwrap(), test);
        let failed = r#""media":{"outcome":"failed","kind":"unreachable","message":"no answer","hint":"try again"}"#;
        assert!(json.contains(failed), "{json}");
    }
}
