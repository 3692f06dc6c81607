//! Verifications with other people's devices: plain data, which also travels between processes.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What can be asked about verifications. On the wire: `{"ask":"verify","what":"list"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum VerifyRequest {
    /// Those that are under way, and the last that ended.
    List,
    /// To ask somebody for one.
    Start {
        /// Whom.
        user_id: String,
        /// Only this device of theirs; without it a user is asked in a room, and the bot's own
        /// account on all its other devices.
        device_id: Option<String>,
    },
    /// To say how a comparison ended.
    Decide {
        /// Which one.
        id: String,
        /// Whether both sides show the same. Where nothing was compared yet, `false` ends it.
        matches: bool,
    },
}

/// A verification. Words that came from outside hold no control characters and are cut to a
/// readable length.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    /// Its name here, which nobody outside chose.
    pub id: String,
    /// With whom.
    pub user_id: String,
    /// With which of their devices, once that is known.
    pub device_id: Option<String>,
    /// The room it is made in; `None` where the devices write to each other directly.
    pub room_id: Option<String>,
    /// Whether the bot asked for it.
    pub started_by_bot: bool,
    /// Until when something must happen, in milliseconds since the Unix epoch.
    pub expires_at: u64,
    /// How far it is.
    #[serde(flatten)]
    pub stage: Stage,
}

/// How far a verification is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "snake_case")]
pub enum Stage {
    /// It waits for the other side.
    Waiting,
    /// It waits for somebody to compare.
    Compare(Comparison),
    /// Here it was found to match; the other side has not said so yet, or what follows from it is
    /// being signed.
    Confirmed,
    /// Both sides found that it matches.
    Verified {
        /// Whether signatures that others can check came of it.
        signed: bool,
        /// What was gained, in a sentence without its full stop.
        gained: String,
    },
    /// One side said that it does not match.
    Mismatched {
        /// Whether it was this one.
        by_us: bool,
    },
    /// It ended without a result.
    Cancelled {
        /// Whether it was this side that ended it.
        by_us: bool,
        /// The protocol's name of the reason, e.g. `m.timeout`.
        code: String,
        /// The reason in words.
        reason: String,
    },
}

/// What both sides show (spec, "Short Authentication String (SAS) verification").
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// Seven symbols, where the other side can show them.
    pub emoji: Vec<Emoji>,
    /// The same as numbers.
    pub decimals: [u16; 3],
}

/// A symbol of the specification's table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Emoji {
    /// The symbol.
    pub symbol: String,
    /// Its English name.
    pub name: String,
}

impl Stage {
    /// Whether nothing more will happen.
    pub fn is_over(&self) -> bool {
        matches!(
            self,
            Self::Verified { .. } | Self::Mismatched { .. } | Self::Cancelled { .. }
        )
    }
}

impl Verification {
    /// With whom, as words.
    pub fn other(&self) -> String {
        match &self.device_id {
            Some(device_id) => format!("{} (device {device_id})", self.user_id),
            None => self.user_id.clone(),
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Emoji { symbol, name } in &self.emoji {
            write!(f, "{symbol} {name}, ")?;
        }
        let [first, second, third] = self.decimals;
        write!(f, "numbers {first} {second} {third}")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ipc::Request;

    #[test]
    fn a_request_says_what_is_wanted_and_comes_back() {
        for (what, wire) in [
            (
                VerifyRequest::List,
                json!({"ask": "verify", "what": "list"}),
            ),
            (
                VerifyRequest::Decide {
                    id: "ABC".into(),
                    matches: true,
                },
                json!({"ask": "verify", "what": "decide", "id": "ABC", "matches": true}),
            ),
        ] {
            let request = Request::Verify(what);
            assert_eq!(serde_json::to_value(&request).unwrap(), wire);
            assert_eq!(serde_json::from_value::<Request>(wire).unwrap(), request);
        }
    }

    #[test]
    fn a_verification_is_flat_on_the_wire_and_comes_back() {
        let verification = Verification {
            id: "ABC".into(),
            user_id: "@ann:example.org".into(),
            device_id: None,
            room_id: None,
            started_by_bot: false,
            expires_at: 7,
            stage: Stage::Compare(Comparison {
                emoji: vec![Emoji {
                    symbol: "🐶".into(),
                    name: "Dog".into(),
                }],
                decimals: [1234, 5678, 9012],
            }),
        };
        let wire = serde_json::to_value(&verification).unwrap();
        assert_eq!(
            wire,
            json!({
                "id": "ABC", "user_id": "@ann:example.org", "device_id": null, "room_id": null,
                "started_by_bot": false, "expires_at": 7, "stage": "compare",
                "emoji": [{"symbol": "🐶", "name": "Dog"}], "decimals": [1234, 5678, 9012],
            })
        );
        let back: Verification = serde_json::from_value(wire).unwrap();
        assert_eq!(back, verification);
        let Stage::Compare(comparison) = back.stage else {
            panic!("as above");
        };
        assert_eq!(comparison.to_string(), "🐶 Dog, numbers 1234 5678 9012");
    }
}
