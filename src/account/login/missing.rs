//! What a script has not said and nobody can be asked for: all of it at once.

use super::prompts::{account_flag, empty_list, is_e2ee_open};
use crate::{
    account::options::Options,
    config::Matrix,
    error::{Error, Kind, Result},
    terminal::missing,
};

/// The options that are missing, each with the reason where that is not plain.
#[derive(Debug, Default)]
pub(crate) struct Missing(Vec<(String, Option<String>)>);

impl Missing {
    /// What a login lacks.
    pub(crate) fn of_login(options: &Options, matrix: &Matrix) -> Result<Self> {
        let mut missing = Self::default();
        if let Some(flag) = account_flag(options, matrix)? {
            missing.add(flag);
        }
        let has_secret = options.token_stdin || options.password.is_some();
        if !has_secret && matrix.password()?.is_none() {
            missing.add("--password-stdin or --password-file");
        }
        Ok(missing)
    }

    pub(crate) fn add(&mut self, flag: &str) {
        self.0.push((flag.to_owned(), None));
    }

    /// Adds who may talk to the bot, where nothing says so.
    pub(crate) fn add_access(&mut self, options: &Options, matrix: &Matrix) -> Result<()> {
        if options.allow_from.is_empty() && matrix.allow_from()?.is_empty() {
            let why = empty_list(matrix);
            self.0.push(("--allow-from".to_owned(), why));
        }
        Ok(())
    }

    /// Adds whether the bot reads encrypted rooms, where the file says no and nobody has said that
    /// it is meant.
    pub(crate) fn add_e2ee(&mut self, options: &Options, matrix: &Matrix) {
        if is_e2ee_open(options, matrix) {
            let why = format!(
                "e2eeEnabled is false ({}), and most clients encrypt every chat",
                matrix.origin("e2eeEnabled")
            );
            self.0
                .push((super::prompts::E2EE_OPTIONS.to_owned(), Some(why)));
        }
    }

    /// Fails if anything is missing, and names all of it.
    pub(crate) fn refuse(self) -> Result<()> {
        let named = |(flag, why): &(String, Option<String>)| match why {
            Some(why) => format!("{flag} ({why})"),
            None => flag.clone(),
        };
        match self.0.as_slice() {
            [] => Ok(()),
            [(flag, None)] => Err(missing(flag)),
            [(flag, Some(why))] => {
                Err(
                    Error::new(Kind::Usage, format!("{flag} is missing: {why}")).hint(format!(
                        "give {flag}, or run this in a terminal to be asked"
                    )),
                )
            }
            several => {
                let flags: Vec<_> = several.iter().map(named).collect();
                let message = format!("these options are missing: {}", flags.join(", "));
                Err(Error::new(Kind::Usage, message)
                    .hint("give all of them, or run this in a terminal to be asked"))
            }
        }
    }
}
