//! Annotations of GitHub Actions.

use crate::doctor::report::Report;

pub(super) fn render(report: &Report) -> String {
    let _ = report;
    String::new()
}
