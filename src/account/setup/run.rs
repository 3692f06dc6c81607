//! The order of the steps, what each works with, and what is told in the end.

use std::{fmt, path::PathBuf};

use console::Term;
use serde::Serialize;

use super::{
    agent_options::AgentOptions,
    steps::{Entry, PARTS, Status, Steps},
};
use crate::{
    account::{Done, options, recovery_key::ShownKey},
    config::{Document, Matrix, Paths, SenderTrust, environment},
    doctor::{Detail, examine},
    error::{Error, Kind, Result},
    ipc::{Lock, refuse_unfinished_reset},
    terminal::{Terminal, link, or_stop, qr_code},
    text::{list_commands, wrap},
};

/// What a set-up is told. What is missing is asked for where a person is there.
pub struct Options {
    /// What it shares with a login.
    pub login: options::Options,
    pub sender_trust: Option<SenderTrust>,
    /// The bot's display name, where it is to have another one.
    pub display_name: Option<String>,
    /// The file with the bot's picture, where it is to have another one.
    pub avatar: Option<PathBuf>,
    pub agent: AgentOptions,
    /// Nobody is invited and greeted.
    pub no_greeting: bool,
    /// Everything is told in one document at the end.
    pub json: bool,
    /// The commands that install the completions of the user's shell, where it is known.
    pub completions: &'static [&'static str],
}

/// One run of the command.
pub struct Run {
    pub options: Options,
    pub terminal: Terminal,
    pub paths: Paths,
    pub document: Document,
    pub steps: Steps,
    /// The agent was configured now.
    pub is_agent_new: bool,
    /// The person goes on although the agent does not answer.
    pub is_agent_open: bool,
    /// What was asked for and could not be done, though the bot works without.
    unmet: Option<Error>,
}

/// What became of a set-up.
#[derive(Serialize)]
pub struct Report {
    steps: Vec<Entry>,
    /// One that was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    recovery_key: Option<ShownKey>,
    /// Where every step is through.
    #[serde(flatten)]
    end: Option<End>,
}

/// What there is to tell when every step is through.
#[derive(Serialize)]
struct End {
    user_id: String,
    device_id: String,
    /// Leads to the bot in any client.
    link: String,
    /// The command line that does the same without questions.
    command: String,
    /// The same on several lines.
    #[serde(skip)]
    folded: String,
    /// How its owner writes to it while the gateway runs.
    #[serde(skip)]
    next: String,
    #[serde(skip)]
    completions: &'static [&'static str],
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(end) = &self.end else {
            // The one that failed is always there.
            return match self.steps.len() {
                0 | 1 => Ok(()),
                _ => f.write_str("\nRun `nanobot setup` again to continue."),
            };
        };
        let terminal = Term::stdout();
        let bot = &end.user_id;
        let link_text = link(&end.link, &end.link, &terminal);
        write!(f, "\nThe bot {bot} is ready.\n\n  {link_text}\n")?;
        if let Some(code) = qr_code(&end.link) {
            write!(f, "\n{}\n", code.trim_end())?;
        }
        let next = format!("2. {}.", end.next);
        let next = wrap(&next, 3, &terminal);
        write!(
            f,
            "\nNext steps:\n1. Start the bot: `nanobot gateway`, or as a service:\n     \
             nanobot service install --now\n{next}\n"
        )?;
        if !end.completions.is_empty() {
            let commands = list_commands(end.completions, 5);
            writeln!(f, "3. Complete commands with the Tab key:\n{commands}")?;
        }
        write!(f, "\nThe same set-up as one command:\n  {}", end.folded)
    }
}

/// Goes through every step. What ends the set-up early is told with the steps that are done: a
/// recovery key may be in them.
pub async fn run(options: Options, paths: &Paths) -> Result<Done<Report>> {
    refuse_unfinished_reset(paths.dir())?;
    let terminal = options.login.terminal;
    let mut run = Run {
        terminal,
        paths: paths.clone(),
        document: Document::load(paths.config_file())?,
        steps: Steps::new(options.json, terminal.is_interactive()),
        options,
        is_agent_new: false,
        is_agent_open: false,
        unmet: None,
    };
    if terminal.is_interactive() {
        terminal.explain(&format!(
            "This sets up a Matrix bot in {} steps. Press Ctrl-C to quit; run `nanobot setup` again \
             to continue.",
            PARTS.len()
        ));
    }
    let (end, error) = match Box::pin(run.every_step()).await {
        Ok(end) => (Some(end), run.unmet.take()),
        Err(error) => {
            run.steps.fail(&error);
            (None, Some(error))
        }
    };
    Ok(Done {
        error,
        afterwards: run.steps.afterwards(),
        result: Report {
            recovery_key: run.steps.recovery_key.map(ShownKey),
            steps: run.steps.entries,
            end,
        },
    })
}

impl Run {
    async fn every_step(&mut self) -> Result<End> {
        let (credentials, is_new) = self.log_in().await?;
        self.access(&credentials, is_new).await?;
        let recoverable = self.identity(&credentials, is_new).await?;
        self.agent().await?;
        Box::pin(or_stop(self.examine())).await?;
        let next = Box::pin(or_stop(self.greet(&credentials))).await?;
        let command = self.command_line(&credentials, recoverable)?;
        Ok(End {
            link: format!("https://matrix.to/#/{}", credentials.user_id),
            completions: self.options.completions,
            user_id: credentials.user_id,
            device_id: credentials.device_id,
            command: command.to_string(),
            folded: command.folded(),
            next,
        })
    }

    /// Has the doctor look at everything once.
    async fn examine(&mut self) -> Result<()> {
        self.steps.begin("doctor");
        // Whether a gateway runs is no part of the set-up, and an agent may be left for later.
        let skipped = if self.is_agent_open {
            &["gateway", "agent"][..]
        } else {
            &["gateway"]
        };
        let examining = examine(self.paths.clone(), skipped);
        let report = self.terminal.during("Checking the bot", examining).await;
        let findings: Vec<_> = report.findings().map(|row| row.id).collect();
        let mut detail = report.summary.to_string();
        if !findings.is_empty() {
            detail = format!("{detail} ({})", findings.join(", "));
        }
        let failure = Kind::ALL
            .into_iter()
            .find(|kind| kind.exit_code() == report.exit_code);
        if let Some(kind) = failure {
            self.steps.tell(&report.to_text(Detail::Quiet))?;
            return Err(
                Error::new(kind, format!("the doctor found problems: {detail}"))
                    .hint("to see how to fix them, run")
                    .command("nanobot doctor"),
            );
        }
        let status = if findings.is_empty() {
            Status::Done
        } else {
            Status::Open
        };
        self.steps.end(status, &detail)?;
        if !findings.is_empty() {
            self.steps.tell(&report.to_text(Detail::Quiet))?;
        }
        Ok(())
    }

    /// Lets the set-up end with this error, once every step is through.
    pub fn unmet(&mut self, error: Error) {
        self.unmet.get_or_insert(error);
    }

    /// The settings as they are written by now.
    pub fn matrix(&self) -> Result<Matrix> {
        self.document.matrix(&environment)
    }

    /// Writes the configuration. A gateway that runs is not told.
    pub fn save(&mut self) -> Result<()> {
        self.document.save()?;
        let holder = Lock::holder(self.paths.dir())?;
        // A step of this very run may hold the lock.
        if holder.is_some_and(|holder| holder.pid != Some(std::process::id())) {
            self.terminal
                .note("Run `nanobot gateway reload` to apply this change.");
        }
        Ok(())
    }
}
