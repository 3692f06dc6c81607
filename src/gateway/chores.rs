//! What the bot does beside answering, each by itself and as long as it runs.

use std::convert::Infallible;

use super::{aliases::Aliases, housekeeping::Housekeeping, profile::Profile, vacancies::Vacancies};

/// Whoever does it.
#[derive(Clone)]
pub struct Chores {
    pub housekeeping: Housekeeping,
    pub aliases: Aliases,
    pub profile: Profile,
    pub vacancies: Vacancies,
}

impl Chores {
    /// Does all of it at the same time.
    pub async fn run(self) -> Infallible {
        let (never, ..) = tokio::join!(
            self.housekeeping.run(),
            self.aliases.run(),
            self.profile.run(),
            self.vacancies.run()
        );
        never
    }
}
