//! Whether the agent that is configured could answer: its own checks.

use std::sync::Arc;

use crate::{
    agent::Check,
    doctor::{
        engine::{Probe, ask},
        facts::{AgentCheck, Trouble},
    },
};

pub(super) const PROBES: &[Probe] = &[Probe::online("agent", &["config"], |_, facts| {
    let configured = facts.config.as_ref()?.agent.as_ref()?.as_ref().ok()?;
    let agent = Arc::clone(&configured.agent);
    ask(
        async move {
            agent
                .check()
                .await
                .into_iter()
                .map(AgentCheck::from)
                .collect()
        },
        |facts, checks| facts.agent = Some(checks),
    )
})];

impl From<Check> for AgentCheck {
    fn from(check: Check) -> Self {
        Self {
            id: check.id,
            outcome: check.outcome.map_err(Trouble::from),
        }
    }
}
