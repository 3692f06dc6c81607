//! What is being done, while it takes time.

use std::{
    io::{self, IsTerminal},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressStyle};

use super::shown;
use crate::text::is_unicode_locale;

/// How often the picture moves.
const TICK: Duration = Duration::from_millis(100);

/// The step of some work that is being done, shown while a person watches. It is cleared away
/// when this is dropped.
#[derive(Debug)]
pub struct Progress {
    spinner: Option<ProgressBar>,
}

impl Progress {
    /// Shows the first step; nothing at all where standard error is no terminal.
    pub fn start(doing: &str) -> Self {
        let spinner = io::stderr().is_terminal().then(|| {
            // Cut off at the terminal's width: a line that breaks could not be cleared away.
            let style = ProgressStyle::with_template("{spinner} {wide_msg}");
            let mut style = style.unwrap_or_else(|_| ProgressStyle::default_spinner());
            if !is_unicode_locale() {
                style = style.tick_chars("-\\|/ ");
            }
            let spinner = ProgressBar::new_spinner().with_message(message(doing));
            spinner.set_style(style);
            spinner.enable_steady_tick(TICK);
            spinner
        });
        Self { spinner }
    }

    /// Says what is done from now on.
    pub fn step(&self, doing: &str) {
        if let Some(spinner) = &self.spinner {
            spinner.set_message(message(doing));
            if spinner.is_finished() {
                spinner.reset();
                spinner.enable_steady_tick(TICK);
            }
        }
    }

    /// Leaves the line to a question until the next step.
    pub fn pause(&self) {
        if let Some(spinner) = &self.spinner {
            spinner.finish_and_clear();
        }
    }
}

fn message(doing: &str) -> String {
    shown(&format!("{doing} …"), &io::stderr()).into_owned()
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(spinner) = &self.spinner {
            spinner.finish_and_clear();
        }
    }
}
