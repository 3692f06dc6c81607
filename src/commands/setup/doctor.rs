//! The doctor looks at everything once.

use super::{
    Run,
    ledger::{Status, Step},
};
use crate::{
    commands::doctor::examine,
    doctor::{Detail, Format},
    error::{Error, Kind, Result},
};

/// Whether a gateway runs is no part of the set-up.
const SKIPPED: [&str; 1] = ["gateway"];

impl Run<'_> {
    pub(super) async fn examine(&mut self) -> Result<()> {
        self.ledger.begin(Step::Doctor);
        let examining = examine(self.paths.clone(), &SKIPPED);
        let report = self.terminal.during("Examining the bot", examining).await;
        let findings: Vec<_> = report
            .checks()
            .iter()
            .filter(|row| row.is_finding())
            .map(|row| row.id)
            .collect();
        let mut detail = report.sentence();
        if !findings.is_empty() {
            detail = format!("{detail} ({})", findings.join(", "));
        }
        let failure = Kind::ALL
            .into_iter()
            .find(|kind| kind.exit_code() == report.exit_code());
        if let Some(kind) = failure {
            self.ledger
                .tell(&report.render(Format::Text, Detail::Quiet)?)?;
            return Err(Error::new(
                kind,
                format!("the doctor found what has to be mended: {detail}"),
            )
            .hint("what mends it is told by: nanobot doctor"));
        }
        let status = if findings.is_empty() {
            Status::Done
        } else {
            Status::Open
        };
        self.ledger.end(status, &detail)?;
        if !findings.is_empty() {
            self.ledger
                .tell(&report.render(Format::Text, Detail::Quiet)?)?;
        }
        Ok(())
    }
}
