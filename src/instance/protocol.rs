//! What is said over the socket: one line of JSON asks, one line of JSON answers, and that is all.

use std::io;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};

use super::{
    self_test::SelfTest,
    status::Status,
    verification::{Verification, VerifyRequest},
};
use crate::error::{Error, Kind};

/// The most bytes of a request, its line end included.
pub(super) const LONGEST_REQUEST: u16 = 4 << 10;
/// The most bytes of an answer, its line end included.
pub(super) const LONGEST_ANSWER: u32 = 1 << 20;
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
    /// It tried what was asked, and failed.
    Failed {
        /// What sort of failure it is.
        kind: Kind,
        /// What failed and why, in one sentence.
        message: String,
        /// What the person can do about it.
        hint: Option<String>,
    },
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
    #[must_use]
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
        Self::Failed {
            kind: error.kind(),
            message: error.to_string(),
            hint: error.hint_text().map(str::to_owned),
        }
    }
}

impl Request {
    /// Reads a request; where there is none in this line, the answer to it.
    pub(super) fn read(line: &str) -> Result<Self, Answer> {
        let Ok(value) = serde_json::from_str::<Value>(line) else {
            return Err(Answer::refused("does not understand what is not JSON"));
        };
        let name = value["ask"].as_str().map(|name| {
            let start: String = name.chars().take(LONGEST_NAME).collect();
            format!("does not know the request {start:?}")
        });
        let unknown = name.unwrap_or_else(|| "was asked nothing".to_owned());
        serde_json::from_value(value).map_err(|_| Answer::refused(&unknown))
    }
}

/// This as a line.
pub(super) fn line(said: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(said)?;
    line.push(b'\n');
    Ok(line)
}

/// Reads one line, without its end.
pub(super) async fn read_line(from: impl AsyncRead + Unpin, longest: u32) -> io::Result<String> {
    let mut line = Vec::new();
    let mut from = BufReader::new(from.take(longest.into()));
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
