//! Annotations of GitHub Actions: a workflow command for each finding, and one for the whole.
//!
//! <https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands>

use super::document::{Detail, Report, Row};

impl Report {
    /// The report as annotations of GitHub Actions.
    pub fn to_github(&self, detail: Detail) -> String {
        let level = |row| {
            if self.counts_as_failure(row) {
                "error"
            } else {
                "warning"
            }
        };
        let findings = self.findings();
        let lines = findings.map(|row| command(level(row), row.id, &message(row)));
        let mut lines: Vec<_> = lines.collect();
        if detail != Detail::Quiet {
            lines.push(command("notice", "doctor", &self.summary.to_string()));
        }
        lines.join("\n")
    }
}

fn message(row: &Row) -> String {
    let mut lines = vec![row.detail.clone()];
    if let Some(remedy) = &row.remedy {
        lines.push(format!("fix: {}", remedy.text));
        lines.extend(remedy.commands.iter().map(|line| format!("  {line}")));
    }
    lines.join("\n")
}

fn command(level: &str, about: &str, message: &str) -> String {
    let title = property(&format!("nanobot: {about}"));
    format!("::{level} title={title}::{}", data(message))
}

/// The escapes of a message.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The escapes of a value before the message.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::report::tests::report;

    #[test]
    fn each_finding_is_one_line_with_its_remedy() {
        let text = report(false).to_github(Detail::Normal);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 3);
        let start = "::error title=nanobot%3A config.broken::100%25 of it:%0A<b>broken</b> & gone\
                     %0Afix: do this, and that: \"now\" & <here>%0A  nanobot config get aaa";
        assert!(lines[0].starts_with(start), "{text}");
        assert!(lines[1].starts_with("::warning title=nanobot%3A net.slow::it is slow"));
        assert!(lines[2].starts_with("::notice title=nanobot%3A doctor::1 failure, 1 warning"));
    }

    #[test]
    fn strict_makes_errors_of_warnings_and_quiet_leaves_the_sum_out() {
        let text = report(true).to_github(Detail::Quiet);
        let errors = text.lines().filter(|line| line.starts_with("::error "));
        assert_eq!(errors.count(), 2);
        assert_eq!(text.lines().count(), 2);
    }
}
