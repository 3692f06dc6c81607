//! Examining again and again, until what passes by itself has passed.

use std::time::{Duration, Instant};

use super::{
    Examination,
    report::{Report, Row},
};

/// The first pause between two examinations; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// What the last examination gets at least.
const LAST: Duration = Duration::from_secs(1);

impl Examination {
    /// Examines the bot until nothing is left that may pass by itself, for this long at most.
    ///
    /// It ends at once with anything that somebody has to mend. `tell` hears what is waited for.
    /// What has not come in time is a failure of the report.
    pub async fn wait(&self, limit: Duration, mut tell: impl FnMut(&Row)) -> Report {
        let end = Instant::now() + limit;
        let left = || end.saturating_duration_since(Instant::now());
        let mut pause = FIRST_PAUSE;
        loop {
            let examination = Self {
                limit: self.limit.min(left()),
                ..self.clone()
            };
            let report = examination.run().await;
            let Some(awaited) = report.awaited(self.strict) else {
                return report;
            };
            tell(awaited);
            let spare = left().saturating_sub(LAST);
            if spare.is_zero() {
                return report.overdue(limit, self.strict);
            }
            tokio::time::sleep(pause.min(spare)).await;
            pause = LONGEST_PAUSE.min(pause * 2);
        }
    }
}
