//! The status in one line, as `nanobot status --watch` and a service manager show it.

use super::{Problem, Status};
use crate::text::counted;

impl Status {
    /// Whether a gateway that runs reaches its homeserver, in a few words.
    pub fn connection(&self) -> &'static str {
        match (self.stopping_since, self.away_since, self.connected) {
            (Some(_), _, _) => "stopping",
            (None, Some(_), _) => "homeserver unreachable",
            (None, None, true) => "connected",
            (None, None, false) => "connecting",
        }
    }

    /// What a line can tell of a bot in this state with these problems.
    pub fn line(&self, state: &str, problems: &[Problem]) -> String {
        let backlog = self.backlog.as_ref();
        let counts = backlog.map_or_else(String::new, |backlog| {
            format!(
                ", {} waiting, {} failed",
                backlog.waiting, backlog.parked.count
            )
        });
        let problems = problems.first().map_or_else(String::new, |first| {
            let count = counted(problems.len() as u64, "problem");
            format!(", {count}: {}", first.message)
        });
        format!("{state}, {} answered{counts}{problems}", self.answered)
    }
}
