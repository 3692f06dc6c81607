//! `live.*`: the device put to use, under `--live`.

use super::prelude::*;
use crate::{
    error::Kind,
    ipc::{SelfTest, TestOutcome},
    session::Readiness,
};

pub fn checks() -> Vec<Check> {
    vec![
        Check::new(
            "live.run",
            "self_test",
            &["e2ee.published", "homeserver.answers"],
        )
        .judge(run),
        Check::new("live.one-time-key", "self_test", &["live.run"])
            .judge(part(|test| &test.one_time_key)),
        Check::new("live.round-trip", "self_test", &["live.run"])
            .judge(part(|test| &test.round_trip)),
        Check::new("live.media", "self_test", &["live.run"]).judge(part(|test| &test.media)),
    ]
}

fn run(facts: &Facts) -> Judgement {
    if let Ok(Readiness::New | Readiness::Unpublished) = facts.preflight()? {
        let why =
            "the device keys are not published yet; the gateway publishes them when it starts";
        return Ok(Verdict::skip(why));
    }
    let test = match facts.self_test.as_ref().ok_or(Missing)? {
        Ok(test) => test,
        Err(error) => return Ok(Verdict::error(error)),
    };
    let parts = [&test.one_time_key, &test.round_trip, &test.media];
    let mut cut_off = parts.into_iter().filter_map(|part| match part {
        TestOutcome::Failed(failed) if failed.kind == Kind::Unreachable => Some(&failed.message),
        _ => None,
    });
    Ok(match (cut_off.next(), cut_off.next()) {
        // One part alone may fail so by itself: of files, say, another server may take care.
        (Some(why), Some(_)) => {
            Verdict::fail(format!("the test was interrupted: {why}")).kind(Kind::Unreachable)
        }
        _ => Verdict::pass("the test has finished"),
    })
}

/// The result of one part; without a test there is none.
fn part(part: fn(&SelfTest) -> &TestOutcome) -> impl Fn(&Facts) -> Judgement {
    move |facts| {
        Ok(match part(known(facts.self_test.as_ref())?) {
            TestOutcome::Passed {
                detail,
                warning,
                millis,
            } => match warning {
                Some(warning) => Verdict::warn(warning),
                None => Verdict::pass(format!("{detail} ({millis} ms)")),
            }
            .evidence("milliseconds", millis),
            TestOutcome::Failed(failed) => Verdict::error(&failed.clone().into()),
            TestOutcome::Skipped { why } => Verdict::skip(why),
        })
    }
}
