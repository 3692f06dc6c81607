//! What a self test of the running device found: plain data, which also travels between
//! processes.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Kind};

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
    Failed {
        /// What sort of failure it is.
        kind: Kind,
        /// What failed and why, in one sentence.
        message: String,
        /// What the person can do about it.
        hint: Option<String>,
    },
    /// It was not tried.
    Skipped {
        /// Why, in one sentence.
        why: String,
    },
}

impl From<Error> for TestOutcome {
    fn from(error: Error) -> Self {
        Self::Failed {
            kind: error.kind(),
            message: error.to_string(),
            hint: error.hint_text().map(str::to_owned),
        }
    }
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
