//! The person in front of the program, if there is one: questions, progress, and plain lines.

mod choice;
mod guard;
mod link;
mod list;
mod progress;
mod prompts;
mod signals;

use std::{
    borrow::Cow,
    io::{self, IsTerminal, Write},
};

use crate::{
    error::{Error, Kind, Result},
    text::{in_ascii, is_unicode_locale, wrap},
};

pub use choice::Choice;
pub use link::{link, qr_code};
pub use progress::Progress;
pub use signals::{Order, Orders, or_stop, stop_signal};

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
    pub fn new(may_ask: bool) -> Self {
        Self {
            interactive: may_ask
                && io::stdin().is_terminal()
                && io::stderr().is_terminal()
                && !is_dumb(),
            explaining: false,
        }
    }

    /// The same terminal, for a person who wants to be told why something is asked.
    pub fn explaining(self) -> Self {
        Self {
            explaining: true,
            ..self
        }
    }

    /// Whether there is someone to ask.
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
        let default = question.default.filter(|default| !default.is_empty());
        self.ask_with(question, default, read).await
    }

    /// As [`Terminal::ask`]; this is shown as the default.
    async fn ask_with<T>(
        self,
        question: Question<'_>,
        default: Option<&str>,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T> {
        self.introduce(question)?;
        let prompt = prompt(question.words, default);
        loop {
            let typed = if question.echo {
                prompts::text(prompt.clone()).await?
            } else {
                prompts::hidden(prompt.clone()).await?
            };
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

    /// Says why something is asked, where there is someone to ask.
    fn introduce(self, question: Question<'_>) -> Result<()> {
        if !self.interactive {
            return Err(missing(question.flag));
        }
        if self.explaining && !question.why.is_empty() {
            self.explain(question.why);
        }
        Ok(())
    }

    /// Asks for any text.
    ///
    /// # Errors
    ///
    /// As [`Terminal::ask`].
    pub async fn ask_text(self, question: Question<'_>) -> Result<String> {
        self.ask(question, |text| Ok(text.to_owned())).await
    }

    /// Asks for exactly this text, to confirm what cannot be taken back.
    ///
    /// # Errors
    ///
    /// As [`Terminal::ask`].
    pub async fn confirm(self, words: &str, flag: &str, expected: &str) -> Result<()> {
        let read = |typed: &str| match typed {
            typed if typed == expected => Ok(()),
            _ => Err(format!("that is not {expected}; Ctrl-C leaves it as it is")),
        };
        self.ask(Question::new(words, flag), read).await
    }

    /// Has one of these chosen from a list. Enter alone takes the one that the question's default
    /// names, else the first.
    ///
    /// # Errors
    ///
    /// As [`Terminal::ask`].
    pub async fn choose<T>(
        self,
        question: Question<'_>,
        choices: impl IntoIterator<Item = Choice<T>>,
    ) -> Result<T> {
        self.introduce(question)?;
        let mut choices: Vec<_> = choices.into_iter().collect();
        let default = |choice: &Choice<T>| Some(choice.name.as_str()) == question.default;
        let default = choices.iter().position(default).unwrap_or_default();
        let prompt = prompt(question.words, None);
        let asked = format!("{prompt}(arrow keys, then Enter)");
        let asked = wrap(&asked, 2, &console::Term::stderr());
        let chosen = prompts::list(asked, choice::labels(&choices), default).await?;
        let chosen = choices.swap_remove(chosen);
        self.note(&format!("{prompt}{}", chosen.name));
        Ok(chosen.value)
    }

    /// Asks a question whose answer is yes or no.
    ///
    /// # Errors
    ///
    /// As [`Terminal::ask`].
    pub async fn ask_yes_or_no(self, question: Question<'_>) -> Result<bool> {
        let read = |typed: &str| match typed.to_lowercase().as_str() {
            "y" | "yes" => Ok(true),
            "n" | "no" => Ok(false),
            _ => Err("please type yes or no".to_owned()),
        };
        let letters = match question.default.map(read) {
            Some(Ok(true)) => "Y/n",
            Some(Ok(false)) => "y/N",
            _ => "y/n",
        };
        self.ask_with(question, Some(letters), read).await
    }

    /// Does some work, and shows what it is when it takes time and a person watches.
    pub async fn during<T>(self, doing: &str, work: impl Future<Output = T>) -> T {
        let _progress = Progress::start(doing);
        work.await
    }

    /// Tells the person, in a paragraph of its own, what comes next and why.
    pub fn explain(self, text: &str) {
        tell(&format!("\n{text}"), 0);
    }

    /// Tells the person something beside the result.
    pub fn note(self, text: &str) {
        tell(text, 2);
    }
}

/// Writes to standard error, broken between words; further lines are indented by this.
pub fn tell(text: &str, indent: usize) {
    let text = shown(text, &io::stderr());
    let text = wrap(&text, indent, &console::Term::stderr());
    // Nobody reads it if standard error is gone; the work goes on.
    let _ = writeln!(io::stderr(), "{text}");
}

/// The text in characters that the terminal has, if this is one.
fn shown<'a>(text: &'a str, stream: &impl IsTerminal) -> Cow<'a, str> {
    if stream.is_terminal() && !is_unicode_locale() {
        in_ascii(text)
    } else {
        Cow::Borrowed(text)
    }
}

/// Whether the terminal cannot move its cursor.
fn is_dumb() -> bool {
    std::env::var_os("TERM")
        .is_some_and(|term| ["dumb", "cons25", "emacs"].iter().any(|dumb| term == *dumb))
}

/// The words of a question and what an empty answer means, ready to be answered.
fn prompt(words: &str, default: Option<&str>) -> String {
    let default = default.map_or_else(String::new, |default| format!(" [{default}]"));
    let end = if words.ends_with('?') { " " } else { ": " };
    wrap(
        &format!("{words}{default}{end}"),
        2,
        &console::Term::stderr(),
    )
}

/// The error of a question that nobody is there to answer, in place of this option.
pub fn missing(flag: &str) -> Error {
    let hint = format!("give {flag}, or run this in a terminal to be asked");
    Error::new(Kind::Usage, format!("{flag} is missing")).hint(hint)
}

/// Writes a line of the result to standard output at once, and returns whether there is a reader
/// that it went to. One that went away is no error.
///
/// # Errors
///
/// When standard output cannot be written for another reason.
pub fn print(text: &str) -> io::Result<bool> {
    print_piece(&format!("{text}\n"))
}

/// Writes a part of a line, as [`print()`] does.
///
/// # Errors
///
/// As [`print()`].
pub fn print_piece(text: &str) -> io::Result<bool> {
    let text = shown(text, &io::stdout());
    let mut stdout = io::stdout().lock();
    match write!(stdout, "{text}").and_then(|()| stdout.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(error),
    }
}
