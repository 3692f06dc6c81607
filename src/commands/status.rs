//! `nanobot status`: how the bot is, once or again and again.

use std::{io, time::Duration};

use console::Term;

use super::{Outcome, log::timestamp, output::document, paths};
use crate::{
    account::status::BotStatus,
    cli::{Global, gateway::Status},
    error::{Error, Kind, Result},
    terminal::{print, stop_signal},
    text::wrap,
};

/// How often it is looked.
const EVERY: Duration = Duration::from_secs(1);

pub async fn run(args: &Status, global: &Global) -> Result<Outcome> {
    let paths = paths(global)?;
    if !args.watch {
        let status = BotStatus::gather(&paths).await?;
        let is_enough = !args.ready || status.is_ready();
        return Ok(Outcome {
            exit_code: if is_enough {
                0
            } else {
                Kind::Failure.exit_code()
            },
            ..outcome(&status)
        });
    }
    let stop = stop_signal()?;
    tokio::pin!(stop);
    let mut view = View::new(global.json);
    loop {
        let status = BotStatus::gather(&paths).await?;
        let has_reader = view.show(&status);
        let cannot = |error| Error::failure("cannot write the status").because(error);
        if !has_reader.map_err(cannot)? {
            break;
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = &mut stop => break,
        }
    }
    Ok(Outcome::printed())
}

fn outcome(status: &BotStatus) -> Outcome {
    let text = wrap(&status.to_string(), BotStatus::INDENT, &Term::stdout());
    Outcome::new(text, status)
}

/// Where the status is shown again and again.
struct View {
    json: bool,
    /// What was printed last: on a terminal its lines, else what must differ to be printed.
    last: String,
}

impl View {
    fn new(json: bool) -> Self {
        Self {
            json,
            last: String::new(),
        }
    }

    /// Shows it where it has changed; whether somebody still reads.
    fn show(&mut self, status: &BotStatus) -> io::Result<bool> {
        let terminal = Term::stdout();
        if self.json {
            let settled = document(&outcome(&status.settled()), 0);
            return self.print_new(settled, || document(&outcome(status), 0));
        }
        if !terminal.is_term() {
            let line = status.line();
            return self.print_new(line.clone(), || format!("{} {line}", timestamp()));
        }
        let text = outcome(status).text;
        // What has scrolled away cannot be drawn anew.
        let rows = usize::from(terminal.size().0).saturating_sub(1);
        let lines: Vec<_> = text.lines().take(rows).collect();
        if !self.last.is_empty() {
            terminal.clear_last_lines(self.last.lines().count())?;
        }
        self.last = lines.join("\n");
        print(&self.last)
    }

    fn print_new(&mut self, compared: String, text: impl FnOnce() -> String) -> io::Result<bool> {
        if compared == self.last {
            return Ok(true);
        }
        self.last = compared;
        print(&text())
    }
}
