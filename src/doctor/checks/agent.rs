//! `agent.*`: whoever answers.

use crate::doctor::{
    check::{Advice, Check, Explanation, Verdict},
    facts::{AgentCheck, Facts},
};

/// The checks of an agent that have a row of their own; all others are about its being there.
const AUTHORISED: &str = "authorised";
const MODEL: &str = "model";

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "agent.configured",
        title: "Who answers is configured",
        probe: "config",
        needs: &["config.values"],
        judge: configured,
        explanation: Explanation {
            meaning: "channels.matrix.agent names the agent that answers: a model, the Python tool, a \
                      program, or the echo. Where it names none, the model of agents.defaults answers \
                      if it can be asked, and else the echo.",
            matters: "With a section that cannot be used the gateway does not start. With the echo, \
                      people get their own words back.",
            causes: &[
                "a key of channels.matrix.agent is misspelled, or its value is of another kind",
                "the provider has no key, or no address",
                "the provider is not OpenAI-compatible",
            ],
        },
        remedy: Advice {
            text: "correct channels.matrix.agent",
            commands: &["nanobot config get agent", "nanobot config edit"],
        },
    },
    Check {
        id: "agent.reachable",
        title: "The agent is there",
        probe: "agent",
        needs: &["agent.configured"],
        judge: |facts| {
            let checks = facts.agent.as_ref()?.iter();
            worst(checks.filter(|check| ![AUTHORISED, MODEL].contains(&check.id)))
        },
        explanation: Explanation {
            meaning: "The place where the model is, or the Python tool, answers over the network; a \
                      program that answers is there and can be run, and so are the directories it may \
                      send files from. No question is asked.",
            matters: "Everyone who writes to the bot gets a sentence of regret instead of an answer.",
            causes: &[
                "the model's server, or `nanobot serve`, does not run",
                "apiBase has another port or path, or lacks its /v1",
                "a firewall or a proxy stands in between",
            ],
        },
        remedy: Advice {
            text: "start it, or correct its address",
            commands: &["nanobot agent check"],
        },
    },
    Check {
        id: "agent.authorised",
        title: "The agent accepts the bot's key",
        probe: "agent",
        needs: &["agent.reachable"],
        judge: |facts| one(facts, AUTHORISED),
        explanation: Explanation {
            meaning: "The list of models may be read with the key that is configured. Some services \
                      show that list to everyone; there only a question tells.",
            matters: "Without a key that is good, no question is answered.",
            causes: &[
                "the key was revoked, or belongs to another service",
                "the variable that holds it has another value here than where the gateway runs",
            ],
        },
        remedy: Advice {
            text: "set a key that is good",
            commands: &["nanobot agent check"],
        },
    },
    Check {
        id: "agent.model",
        title: "The agent has the model",
        probe: "agent",
        needs: &["agent.authorised"],
        judge: |facts| one(facts, MODEL),
        explanation: Explanation {
            meaning: "The model that is configured is among those that the service lists, or known to \
                      it by this name.",
            matters: "A question to a model that is not there is refused.",
            causes: &[
                "a typing error in the model's name",
                "the model belongs to another provider, or was retired",
                "a local server has not downloaded it",
            ],
        },
        remedy: Advice {
            text: "name a model that is there",
            commands: &["nanobot config set agent.model MODEL"],
        },
    },
];

fn configured(facts: &Facts) -> Option<Verdict> {
    Some(match facts.config.as_ref()?.agent.as_ref()? {
        Err(trouble) => Verdict::troubled(trouble),
        Ok(configured) => {
            let described = format!("answers come from {}", configured.agent.describe());
            match &configured.passed_over {
                None => Verdict::pass(described),
                Some(why) => Verdict::warn(format!(
                    "{described}, because the model of agents.defaults cannot be asked: {why}"
                )),
            }
            .evidence("kind", configured.kind)
        }
    })
}

fn one(facts: &Facts, id: &str) -> Option<Verdict> {
    worst(facts.agent.as_ref()?.iter().filter(|check| check.id == id))
}

/// The first that failed of these, or what the last one found.
fn worst<'a>(checks: impl Iterator<Item = &'a AgentCheck> + Clone) -> Option<Verdict> {
    let failed = checks
        .clone()
        .find_map(|check| check.outcome.as_ref().err());
    match failed {
        Some(trouble) => Some(Verdict::troubled(trouble)),
        None => checks.last()?.outcome.as_ref().ok().map(Verdict::pass),
    }
}
