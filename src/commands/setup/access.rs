//! Who may talk to the bot.

use super::{
    Run,
    ledger::{Status, Step},
};
use crate::{
    cli::setup::SenderTrust as Level,
    commands::login::wishes::{ask_allow_from, given_allow_from},
    config::{Origin, SenderTrust, schema},
    error::Result,
    instance::Lock,
    policy::Policy,
    terminal::Question,
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
        let trust = self.sender_trust().await?;
        let is_there = wanted == configured && matrix.enabled && trust.is_none();
        if !is_there {
            self.document.matrix_set("enabled", true)?;
            self.document.matrix_set("allowFrom", wanted)?;
            if let Some(trust) = trust {
                self.document
                    .matrix_set(schema::SENDER_TRUST.name, trust.name())?;
            }
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

    /// How far senders' devices must be trusted; `None` where the configuration says so already,
    /// or nobody is there to say.
    async fn sender_trust(&self) -> Result<Option<SenderTrust>> {
        let matrix = self.matrix()?;
        let is_said = matrix.origin(&schema::SENDER_TRUST) != Origin::Default;
        if let Some(level) = self.args.sender_trust {
            let given = match level {
                Level::Any => SenderTrust::Any,
                Level::Signed => SenderTrust::Signed,
                Level::Verified => SenderTrust::Verified,
            };
            return Ok((!is_said || given != matrix.sender_trust).then_some(given));
        }
        if is_said || !matrix.e2ee_enabled || !self.terminal.is_interactive() {
            return Ok(None);
        }
        let question = Question {
            default: Some(SenderTrust::Signed.name()),
            why: "An encrypted message comes from one of its sender's devices. signed: the bot \
                  answers only devices that their owner has verified, as Element asks everyone \
                  to do. verified: only people whom the bot has verified too. any: every device, \
                  also one that an intruder has added to the account.",
            ..Question::new("Which devices may talk to it?", "--sender-trust")
        };
        let read = |typed: &str| {
            SenderTrust::from_name(typed)
                .ok_or_else(|| format!("type {}", SenderTrust::NAMES.join(", ")))
        };
        self.terminal.ask(question, read).await.map(Some)
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
