//! `live.*`: the device put to use, under `--live`.

use crate::{
    doctor::{
        check::{Advice, Check, Explanation, Verdict},
        checks::FRESH_DEVICE,
        facts::Facts,
    },
    error::Kind,
    instance::{SelfTest, TestOutcome},
    session::Readiness,
};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "live.run",
        title: "The device could be tested",
        probe: "self_test",
        needs: &["e2ee.published", "homeserver.answers"],
        judge: run,
        explanation: Explanation {
            meaning: "A test of the device was begun, through the running gateway or by opening the \
                      store, and was not cut off. It is begun only for a device that the gateway \
                      would start with.",
            matters: "Without it nothing is proved: neither that encryption works nor that it does \
                      not.",
            causes: &[
                "the homeserver went away during the test, or is very slow",
                "the gateway was stopped or started at that moment",
            ],
        },
        remedy: Advice {
            text: "try again when the homeserver is well",
            commands: &["nanobot doctor --live"],
        },
    },
    Check {
        id: "live.one-time-key",
        title: "A new conversation with the bot would be read",
        probe: "self_test",
        needs: &["live.run"],
        judge: |facts| part(facts, |test| &test.one_time_key),
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
        remedy: FRESH_DEVICE,
    },
    Check {
        id: "live.round-trip",
        title: "A message goes out and comes back",
        probe: "self_test",
        needs: &["live.run"],
        judge: |facts| part(facts, |test| &test.round_trip),
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
        needs: &["live.run"],
        judge: |facts| part(facts, |test| &test.media),
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

fn run(facts: &Facts) -> Option<Verdict> {
    if let Ok(Readiness::New | Readiness::Unpublished) = facts.preflight()? {
        let why = "the device's keys are not published yet: the gateway does that when it starts";
        return Some(Verdict::skip(why));
    }
    let test = match facts.self_test.as_ref()? {
        Ok(test) => test,
        Err(trouble) => return Some(Verdict::troubled(trouble)),
    };
    let parts = [&test.one_time_key, &test.round_trip, &test.media];
    let mut cut_off = parts.into_iter().filter_map(cut_off_because);
    Some(match (cut_off.next(), cut_off.next()) {
        // One part alone may fail so by itself: of files, say, another server may take care.
        (Some(why), Some(_)) => {
            Verdict::fail(format!("the test was cut off: {why}")).kind(Kind::Unreachable)
        }
        _ => Verdict::pass("the test ran to its end"),
    })
}

/// Why a part has no result, if the homeserver did not answer.
fn cut_off_because(outcome: &TestOutcome) -> Option<&str> {
    match outcome {
        TestOutcome::Failed {
            kind: Kind::Unreachable,
            message,
            ..
        } => Some(message),
        _ => None,
    }
}

/// The result of one part; without a test there is none.
fn part(facts: &Facts, part: fn(&SelfTest) -> &TestOutcome) -> Option<Verdict> {
    let test = facts.self_test.as_ref()?.as_ref().ok()?;
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
