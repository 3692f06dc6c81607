//! The person in front of the program, if there is one: questions, progress, and plain lines.

mod clean;
mod line_editor;
mod progress;
mod wrap;

use std::io::{self, IsTerminal, Write};

use crate::error::{Error, Kind, Result};

pub use clean::{clean, clean_line, is_hostile};
pub use progress::Progress;
pub use wrap::{break_lines, wrap};

/// Standard input and error, and whether a person watches them.
#[derive(Clone, Copy, Debug)]
pub struct Terminal {
    interactive: bool,
    explaining: bool,
}

/// Something to ask a person.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The words of the question.
    pub words: &'a str,
    /// The option that would have answered it.
    pub flag: &'a str,
    /// What an empty answer means; without it there has to be one.
    pub default: Option<&'a str>,
    /// Whether the answer is shown while it is typed.
    pub echo: bool,
    /// Why it is asked, for those who are led through everything; may be empty.
    pub why: &'a str,
}

impl<'a> Question<'a> {
    /// A question whose answer is shown and has no default.
    #[must_use]
    pub fn new(words: &'a str, flag: &'a str) -> Self {
        Self {
            words,
            flag,
            default: None,
            echo: true,
            why: "",
        }
    }
}

impl Terminal {
    /// The process's terminal. It asks nothing unless `may_ask` and a person is at both ends.
    #[must_use]
    pub fn new(may_ask: bool) -> Self {
        Self {
            interactive: may_ask && io::stdin().is_terminal() && io::stderr().is_terminal(),
            explaining: false,
        }
    }

    /// The same terminal, for a person who wants to be told why something is asked.
    #[must_use]
    pub fn explaining(self) -> Self {
        Self {
            explaining: true,
            ..self
        }
    }

    /// Whether there is someone to ask.
    #[must_use]
    pub fn is_interactive(self) -> bool {
        self.interactive
    }

    /// Asks until the answer is one that `read` takes; what it refuses is said.
    ///
    /// # Errors
    ///
    /// When nobody is there to answer, naming the flag that was missing, or the person leaves.
    pub async fn ask<T>(
        self,
        question: Question<'_>,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T> {
        if !self.interactive {
            return Err(missing(question.flag));
        }
        if self.explaining && !question.why.is_empty() {
            self.explain(question.why);
        }
        loop {
            let typed = self.ask_once(question).await?;
            let answer = match (typed.is_empty(), question.default) {
                (true, None) => continue,
                (true, Some(default)) => default,
                (false, _) => &typed,
            };
            match read(answer) {
                Ok(value) => return Ok(value),
                Err(why) => self.note(&format!("  {why}")),
            }
        }
    }

    async fn ask_once(self, question: Question<'_>) -> Result<String> {
        let prompt = match question.default {
            Some(default) if !default.is_empty() => format!("{} [{default}]: ", question.words),
            _ => format!("{}: ", question.words),
        };
        let echo = question.echo;
        tokio::task::spawn_blocking(move || line_editor::read(&prompt, echo))
            .await
            .map_err(|error| Error::failure("the prompt ended").because(error))?
            .map_err(|error| match error.kind() {
                io::ErrorKind::Interrupted => Error::new(Kind::Interrupted, "interrupted"),
                _ => Error::failure("cannot read from the terminal").because(error),
            })
    }

    /// Does some work, and shows what it is when it takes time and a person watches.
    pub async fn during<T>(self, doing: &str, work: impl Future<Output = T>) -> T {
        let _progress = Progress::start(doing);
        work.await
    }

    /// Tells the person, in a paragraph of its own, what comes next and why.
    pub fn explain(self, text: &str) {
        // As in `note`.
        let _ = writeln!(
            io::stderr(),
            "\n{}",
            wrap(text, 0, &console::Term::stderr())
        );
    }

    /// Tells the person something beside the result.
    pub fn note(self, text: &str) {
        // Nobody reads it if standard error is gone; the work goes on.
        let _ = writeln!(io::stderr(), "{}", wrap(text, 2, &console::Term::stderr()));
    }
}

/// The error of a question that nobody is there to answer, in place of this option.
#[must_use]
pub fn missing(flag: &str) -> Error {
    let hint = format!("give {flag}, or run this in a terminal to be asked");
    Error::new(Kind::Usage, format!("{flag} is missing")).hint(hint)
}

/// Writes a line of the result to standard output at once. A reader that went away is no error.
///
/// # Errors
///
/// When standard output cannot be written for another reason.
pub fn print(text: &str) -> io::Result<()> {
    print_piece(&format!("{text}\n"))
}

/// Writes a part of the result to standard output at once, as [`print()`] does.
///
/// # Errors
///
/// As [`print()`].
pub fn print_piece(text: &str) -> io::Result<()> {
    match write_out(text) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// Writes a line as [`print()`] does, and returns whether there is a reader that it went to.
///
/// # Errors
///
/// As [`print()`].
pub fn print_to_reader(text: &str) -> io::Result<bool> {
    match write_out(&format!("{text}\n")) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(error),
    }
}

fn write_out(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    write!(stdout, "{text}").and_then(|()| stdout.flush())
}
