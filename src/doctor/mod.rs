//! What is wrong with the bot, and what mends it.
//!
//! Probes gather `Facts` concurrently, each under a deadline; checks are rows of
//! one table, whose judgements are pure functions over the facts; one [`Report`] is rendered in
//! several formats. Adding a check is adding a row, and a probe where its question is new.

mod check;
mod checks;
mod command;
mod engine;
mod evaluate;
mod facts;
pub mod manual;
mod mistake;
mod probes;
mod redact;
mod render;
mod repair;
mod report;
mod selection;
mod subject;
mod wait;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

pub use check::{Advice, Check, Explanation};
pub use checks::catalogue;
pub use command::is_command;
pub use render::{Detail, Format};
pub use repair::{Effect, Obstacle, Plan, Repaired};
pub use report::{Remedy, Report, Row, SCHEMA, Status, Summary};
pub use selection::Selection;
pub use subject::Subject;

use self::{
    engine::{Patience, Probe},
    evaluate::{COMPLETE, completeness, evaluate},
    selection::{probes_of, with_needs},
};

/// The category of the checks that use the device.
pub const LIVE: &str = "live";

/// How an examination is made.
#[derive(Clone, Debug)]
pub struct Examination {
    /// What is examined.
    pub subject: Subject,
    /// Which checks are made.
    pub selection: Selection,
    /// Whether the homeserver is left alone.
    pub offline: bool,
    /// Whether warnings count as failures.
    pub strict: bool,
    /// The longest everything may take.
    pub limit: Duration,
}

impl Examination {
    /// The longest one question may take.
    const EACH: Duration = Duration::from_secs(10);

    /// The longest a probe may take: a test of the device takes as long as many questions.
    fn each(&self) -> Duration {
        if self.subject.live {
            Self::EACH * 6
        } else {
            Self::EACH
        }
    }

    /// Makes the examination. It changes nothing and never opens the store of a running gateway.
    pub async fn run(&self) -> Report {
        let catalogue: Vec<_> = catalogue().collect();
        self.run_over(&catalogue, &probes::all()).await
    }

    async fn run_over(&self, catalogue: &[&'static Check], probes: &[Probe]) -> Report {
        let start = Instant::now();
        let mut checks = with_needs(&self.selection, catalogue);
        checks.retain(|check| self.subject.live || check.category() != LIVE);
        let probes = probes_of(&checks, probes);
        let patience = Patience {
            each: self.each().min(self.limit),
            all: self.limit,
        };
        // A call gives up before its probe does: it can tell how far it came.
        let subject = Arc::new(Subject {
            patience: Self::EACH.min(self.limit).mul_f32(0.9),
            ..self.subject.clone()
        });
        let (facts, endings) = engine::gather(&probes, subject, self.offline, patience).await;
        let mut rows = evaluate(&checks, &facts, &endings);
        let complete = checks::find(COMPLETE);
        rows.extend(complete.map(|check| completeness(check, &probes, &endings, start.elapsed())));
        let roots: Vec<_> = rows.iter().flat_map(|row| row.because.clone()).collect();
        rows.retain(|row| {
            let mut made = catalogue.iter().chain(&complete);
            let wanted = made.any(|check| check.id == row.id && self.selection.wants(check));
            wanted || roots.contains(&row.id)
        });
        group(&mut rows);
        Report::new(rows, self.strict).knowing(redact::Known::of(&self.subject, &facts))
    }
}

/// Brings the rows of a category together, in the order in which the categories begin: a check
/// stands in the catalogue after those it needs, which may be of another one.
fn group(rows: &mut [Row]) {
    let mut categories: Vec<_> = rows.iter().map(|row| row.category).collect();
    let mut seen = std::collections::BTreeSet::new();
    categories.retain(|category| seen.insert(*category));
    rows.sort_by_key(|row| {
        categories
            .iter()
            .position(|category| *category == row.category)
    });
}
