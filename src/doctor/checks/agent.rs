//! `agent.*`: whoever answers.

use super::prelude::*;
use crate::agent;

/// The checks of an agent that have a row of their own; all others are about its being there.
const AUTHORISED: &str = "authorised";
const MODEL: &str = "model";

pub fn checks() -> Vec<Check> {
    vec![
        Check::new("agent.configured", "config", &["config.values"]).judge(configured),
        Check::new("agent.reachable", "agent", &["agent.configured"])
            .judge(worst(|check| ![AUTHORISED, MODEL].contains(&check))),
        Check::new("agent.authorised", "agent", &["agent.reachable"])
            .judge(worst(|check| check == AUTHORISED)),
        Check::new("agent.model", "agent", &["agent.authorised"])
            .judge(worst(|check| check == MODEL)),
    ]
}

fn configured(facts: &Facts) -> Judgement {
    let configured = match facts.config()?.agent.as_ref().ok_or(Missing)? {
        Ok(configured) => configured,
        Err(error) => return Ok(Verdict::error(error)),
    };
    let described = format!("agent: {}", configured.describe());
    let verdict = match &configured.passed_over {
        None => Verdict::pass(described),
        Some(why) => Verdict::warn(format!(
            "{described}, because the model configured in agents.defaults cannot be used: {why}"
        )),
    };
    Ok(verdict.evidence("kind", configured.kind))
}

/// The first that failed of these checks of the agent, or what the last one found.
fn worst(wanted: fn(&str) -> bool) -> impl Fn(&Facts) -> Judgement {
    move |facts| {
        let checks = facts.agent.as_ref().ok_or(Missing)?.iter();
        let mut verdict = Err(Missing.into());
        for check in checks.filter(|check: &&agent::Check| wanted(check.id)) {
            match &check.outcome {
                Ok(found) => verdict = Ok(Verdict::pass(found)),
                Err(error) => return Ok(Verdict::error(error)),
            }
        }
        verdict
    }
}
