//! `nanobot doctor --wait`: until nothing is wrong that passes by itself.

use std::time::Duration;

use crate::{
    commands::signals::stop_signal,
    doctor::{Examination, Report, Row},
    error::{Error, Kind, Result},
    terminal::Progress,
};

/// The longest it is waited, unless it is said.
const LIMIT: Duration = Duration::from_mins(1);

/// Waits this long at most; each examination keeps the limit that it has.
pub(super) async fn run(examination: &Examination, limit: Option<Duration>) -> Result<Report> {
    let stop = stop_signal()?;
    let progress = Progress::start("Examining the bot");
    let tell = |row: &Row| {
        let what = row.detail.lines().next().unwrap_or_default();
        progress.step(&format!("Waiting for {}: {what}", row.id));
    };
    tokio::select! {
        report = examination.wait(limit.unwrap_or(LIMIT), tell) => Ok(report),
        () = stop => Err(Error::new(Kind::Interrupted, "interrupted")),
    }
}
