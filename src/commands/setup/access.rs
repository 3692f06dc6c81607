//! Who may talk to the bot.

use super::{
    Run,
    ledger::{Status, Step},
};
use crate::{
    commands::login::wishes::{ask_allow_from, given_allow_from},
    error::Result,
    instance::Lock,
    policy::Policy,
};

impl Run<'_> {
    /// Sees that an explicit list is written down, and the channel switched on. A login that was
    /// made now has just written both.
    pub(super) async fn access(&mut self, just_written: bool) -> Result<()> {
        self.ledger.begin(Step::Access);
        let matrix = self.matrix()?;
        let configured = matrix.allow_from()?.to_vec();
        let wanted = if !self.args.entry.allow_from.is_empty() {
            given_allow_from(&self.args.entry)?
        } else if configured.is_empty() {
            ask_allow_from(self.terminal).await?
        } else {
            configured.clone()
        };
        let is_there = wanted == configured && matrix.enabled;
        if !is_there {
            self.document.matrix_set("enabled", true)?;
            self.document.matrix_set("allowFrom", wanted)?;
            self.save()?;
        }
        let audience = Policy::new(&self.matrix()?)?.describe();
        let status = if is_there && !just_written {
            Status::AlreadyDone
        } else {
            Status::Done
        };
        self.ledger.end(status, audience.trim_end_matches('.'))
    }

    /// Writes the configuration. A gateway reads it only when it starts.
    pub(super) fn save(&mut self) -> Result<()> {
        self.document.save()?;
        if Lock::holder(self.paths.dir())?.is_some() {
            self.terminal
                .note("A gateway runs: it reads its settings when it is started again.");
        }
        Ok(())
    }
}
