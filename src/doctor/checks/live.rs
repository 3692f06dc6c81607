//! `live.*`: the device put to use, under `--live`.

use crate::{
    doctor::{
        check::{Advice, Check, Explanation, Verdict},
        facts::Facts,
    },
    instance::{SelfTest, TestOutcome},
};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "live.one-time-key",
        title: "A new conversation with the bot would be read",
        probe: "self_test",
        needs: &["e2ee.published"],
        judge: |facts| judge(facts, |test| &test.one_time_key),
        explanation: Explanation {
            meaning: "One of the bot's own one-time keys is taken from the homeserver, as a person's \
                      client does. Its signature is verified, a message is encrypted to it, and the \
                      private half in the store decrypts it.",
            matters: "It is the one test that a device cannot pass by talking to itself: where it \
                      fails, first messages of new conversations cannot be read.",
            causes: &[
                "the store was restored from an old copy",
                "another program has published keys for the same device",
            ],
        },
        remedy: Advice {
            text: "log in, which gives the bot a new device; the old store is kept aside",
            commands: &["nanobot login"],
        },
    },
    Check {
        id: "live.round-trip",
        title: "A message goes out and comes back",
        probe: "self_test",
        needs: &["e2ee.published"],
        judge: |facts| judge(facts, |test| &test.round_trip),
        explanation: Explanation {
            meaning: "A message is sent to a private room of the bot's own, read back from a sync, \
                      seen to be encrypted on the homeserver, and redacted.",
            matters: "What fails here fails in every conversation.",
            causes: &[
                "the homeserver is overloaded or limits how fast the bot may send",
                "the account may not make rooms",
            ],
        },
        remedy: Advice {
            text: "look at what failed; ask the homeserver's administrator if it is a limit",
            commands: &["nanobot doctor --live -v"],
        },
    },
    Check {
        id: "live.media",
        title: "A file goes up and comes back",
        probe: "self_test",
        needs: &["e2ee.published"],
        judge: |facts| judge(facts, |test| &test.media),
        explanation: Explanation {
            meaning: "A file of a few hundred bytes is uploaded, downloaded and compared. It stays on \
                      the homeserver.",
            matters: "The bot can neither send files nor fetch those that people send.",
            causes: &[
                "the homeserver's media store is full or broken",
                "a reverse proxy limits the size of requests",
                "the account has used up what it may upload",
            ],
        },
        remedy: Advice {
            text: "ask the homeserver's administrator",
            commands: &[],
        },
    },
];

fn judge(facts: &Facts, part: fn(&SelfTest) -> &TestOutcome) -> Option<Verdict> {
    let test = match facts.self_test.as_ref()? {
        Ok(test) => test,
        Err(trouble) => return Some(Verdict::troubled(trouble)),
    };
    Some(match part(test) {
        TestOutcome::Passed {
            detail,
            warning,
            millis,
        } => match warning {
            Some(warning) => Verdict::warn(warning),
            None => Verdict::pass(format!("{detail} ({millis} ms)")),
        }
        .evidence("milliseconds", millis),
        TestOutcome::Failed {
            kind,
            message,
            hint,
        } => {
            let verdict = Verdict::fail(message).kind(*kind);
            match hint {
                Some(hint) => verdict.advice(hint),
                None => verdict,
            }
        }
        TestOutcome::Skipped { why } => Verdict::skip(why),
    })
}
