//! From the start of the process until the bot is connected.

use std::time::Duration;

use crate::{
    Result,
    harness::shared,
    program::{Gateway, Program},
    proxy::Proxy,
};

/// One start of a bot that is logged in.
#[derive(Clone, Copy, Debug)]
pub struct Start {
    /// From the start of the process until it said that it is connected.
    pub whole: Duration,
    /// How long of that it waited for the homeserver.
    pub answers: Duration,
}

impl Start {
    /// How long of that was its own.
    pub fn own(&self) -> Duration {
        self.whole.saturating_sub(self.answers)
    }
}

/// Starts the bot this many times, behind a proxy that times the homeserver.
///
/// # Errors
///
/// When it does not connect, or does not end well.
pub async fn measure(program: &Program, homeserver: &str, count: usize) -> Result<Vec<Start>> {
    let proxy = Proxy::start(homeserver).await?;
    let environment = [("NANOBOT_MATRIX_HOMESERVER", proxy.url.clone().into())];
    let mut starts = Vec::with_capacity(count);
    for _ in 0..count {
        let mut gateway = Gateway::start(shared::python(), program, &environment)?;
        let connected = gateway.wait_for("Matrix channel connected").await?;
        gateway.wait_for("E2EE enabled").await?;
        starts.push(Start {
            whole: connected.saturating_duration_since(gateway.started),
            answers: proxy.busy(gateway.started, connected),
        });
        gateway.stop()?;
    }
    Ok(starts)
}
