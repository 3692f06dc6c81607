//! `nanobot setup`: from nothing to a bot that answers, step by step.
//!
//! Every step looks first whether it is done already, and leaves alone what is. So it can be
//! stopped or killed anywhere and run again.

mod access;
mod agent;
mod doctor;
mod greeting;
mod identity;
mod keepsakes;
mod ledger;
mod line;
mod login;

use console::Term;
use serde_json::json;

use self::ledger::Ledger;
use super::{Outcome, environment, paths, signals::or_stop, store::refuse_unfinished};
use crate::{
    cli::{Global, setup::Setup},
    config::{Document, Matrix, Paths},
    error::{Error, Result},
    session::Credentials,
    terminal::{Terminal, wrap},
};

pub(super) async fn run(args: &Setup, global: &Global) -> Result<Outcome> {
    let paths = paths(global)?;
    refuse_unfinished(paths.dir())?;
    let document = Document::load(paths.config_file())?;
    let terminal = Terminal::new(!args.entry.no_input && !global.json).explaining();
    let mut run = Run {
        args,
        global,
        terminal,
        paths,
        document,
        ledger: Ledger::new(global.json),
    };
    run.introduce();
    let ended = Box::pin(run.through()).await;
    Ok(match ended {
        Ok(finish) => run.finished(&finish),
        Err(error) => run.stopped(error),
    })
}

/// One run of the command.
struct Run<'a> {
    args: &'a Setup,
    global: &'a Global,
    terminal: Terminal,
    paths: Paths,
    document: Document,
    ledger: Ledger,
}

/// What there is to tell when every step is through.
struct Finish {
    credentials: Credentials,
    /// What the owner does while the gateway runs.
    next: String,
    /// The words of the command line that does the same without questions.
    line: Vec<String>,
}

impl Run<'_> {
    async fn through(&mut self) -> Result<Finish> {
        let start = self.log_in().await?;
        self.access(start.is_made()).await?;
        let (credentials, recoverable) = self.identity(start).await?;
        self.agent().await?;
        Box::pin(or_stop(self.examine())).await?;
        let next = Box::pin(or_stop(self.greet(&credentials))).await?;
        let line = self.line(&credentials, recoverable)?;
        Ok(Finish {
            credentials,
            next,
            line,
        })
    }

    fn introduce(&self) {
        if self.terminal.is_interactive() {
            self.terminal.explain(
                "This sets a Matrix bot up: its login, who may talk to it, its identity and how \
                 that is recovered, who answers, a check of it all, and a first message to you. \
                 Ctrl-C leaves at any time; `nanobot setup` then goes on from there.",
            );
        }
    }

    /// What ended the set-up early, with the steps that are done: a recovery key may be in them.
    fn stopped(mut self, error: Error) -> Outcome {
        let text = if self.ledger.is_begun() {
            "\nRun `nanobot setup` again, and it goes on from here.".to_owned()
        } else {
            String::new()
        };
        self.ledger.fail(&error);
        Outcome {
            afterwards: self.ledger.afterwards(),
            text,
            json: self.ledger.into_json(),
            error: Some(error),
            ..Outcome::default()
        }
    }

    fn finished(self, finish: &Finish) -> Outcome {
        let Credentials {
            user_id, device_id, ..
        } = &finish.credentials;
        let next = format!("Next: `nanobot gateway`. While it runs, {}.", finish.next);
        let text = format!(
            "\n{}\n\nThe same without questions:\n  {}",
            wrap(&next, 0, &Term::stdout()),
            line::fold(&finish.line)
        );
        let afterwards = self.ledger.afterwards();
        let mut json = self.ledger.into_json();
        json.insert("user_id".to_owned(), json!(user_id));
        json.insert("device_id".to_owned(), json!(device_id));
        json.insert("command".to_owned(), json!(finish.line.join(" ")));
        Outcome {
            text,
            json,
            afterwards,
            ..Outcome::default()
        }
    }

    /// The settings as they are written by now.
    fn matrix(&self) -> Result<Matrix> {
        self.document.matrix(&environment)
    }
}
