//! The prompts themselves: a line of text, one that is hidden, a list.

use std::{fmt, io, thread};

use console::Term;
use dialoguer::{Password, theme::Theme};
use rustyline::{
    Behavior, Config, Editor, ExternalPrinter, config::BellStyle, error::ReadlineError,
    history::MemHistory,
};
use tokio::sync::oneshot;

use super::{
    guard::{Guard, Prompt, write},
    list::List,
    signals::{interrupted, stop_signal},
};
use crate::error::{Error, Result};

/// How long a key that begins with Escape takes to arrive, in milliseconds; Escape alone is no key.
const ESCAPE_TIME: u16 = 50;

/// Reads a line of text that is shown and can be edited.
pub(super) async fn text(prompt: String) -> Result<String> {
    let cannot = |error: ReadlineError| Error::failure("cannot edit a line").because(error);
    let config = Config::builder()
        // Standard output is for the result.
        .behavior(Behavior::PreferTerm)
        .bell_style(BellStyle::None)
        .keyseq_timeout(Some(ESCAPE_TIME))
        // Ctrl-C and Ctrl-Z are the guard's.
        .enable_signals(true)
        .build();
    let mut editor =
        Editor::<(), MemHistory>::with_history(config, MemHistory::new()).map_err(cannot)?;
    // With it the editor also hears at once that the terminal's size is another one.
    let mut printer = editor.create_external_printer().map_err(cannot)?;
    let show = move || {
        // The editor has ended, and there is nothing to show.
        let _ = printer.print(String::new());
    };
    let typed = guarded(Prompt::Text(Box::new(show)), move || {
        match editor.readline(&prompt) {
            Ok(typed) => Ok(Some(typed)),
            Err(ReadlineError::Eof | ReadlineError::Interrupted | ReadlineError::Signal(_)) => {
                Ok(None)
            }
            Err(ReadlineError::Io(error)) => Err(error),
            Err(error) => Err(io::Error::other(error)),
        }
    });
    Ok(on_one_line(&typed.await?))
}

/// Reads a line that is not shown.
pub(super) async fn hidden(prompt: String) -> Result<String> {
    let typed = guarded(Prompt::Hidden(prompt.clone()), || {
        let asking = Password::with_theme(&Plain)
            .with_prompt(prompt)
            .allow_empty_password(true)
            .report(true);
        Ok(Some(asking.interact_on(&Term::stderr())?))
    });
    Ok(on_one_line(&without_keys(&typed.await?)))
}

/// Has one of these lines chosen, and returns which; this one is chosen at first.
pub(super) async fn list(prompt: String, lines: Vec<String>, default: usize) -> Result<usize> {
    let list = List::new(prompt, lines, default);
    let shown = list.clone();
    let show = move || shown.show();
    guarded(Prompt::List(Box::new(show)), move || list.choose()).await
}

/// Has a thread ask a person, until they answer or the process is told to end.
///
/// The thread says `None` when the person leaves. It may go on to wait for a key when this is over.
async fn guarded<T: Send + 'static>(
    prompt: Prompt,
    ask: impl FnOnce() -> io::Result<Option<T>> + Send + 'static,
) -> Result<T> {
    let stop = stop_signal()?;
    let cannot = |error: io::Error| Error::failure("cannot read from the terminal").because(error);
    let is_list = matches!(prompt, Prompt::List(_));
    let _guard = Guard::set(prompt).map_err(cannot)?;
    let (answer, asked) = oneshot::channel();
    // No thread of the runtime: that waits for its threads when it is dropped.
    let thread = thread::Builder::new().name("prompt".to_owned());
    let thread = thread.spawn(move || {
        // Nobody waits for the answer any more.
        let _ = answer.send(ask());
    });
    thread.map_err(cannot)?;
    let asked = tokio::select! {
        asked = asked => asked,
        () = stop => {
            if !is_list {
                write("\r\n");
            }
            return Err(interrupted());
        }
    };
    let answer = asked.map_err(|error| Error::failure("the prompt ended").because(error))?;
    answer.map_err(cannot)?.ok_or_else(interrupted)
}

/// How dialoguer shows its prompts.
struct Plain;

impl Theme for Plain {
    fn format_prompt(&self, f: &mut dyn fmt::Write, prompt: &str) -> fmt::Result {
        f.write_str(prompt)
    }

    fn format_password_prompt(&self, f: &mut dyn fmt::Write, prompt: &str) -> fmt::Result {
        f.write_str(prompt)
    }

    fn format_password_prompt_selection(
        &self,
        f: &mut dyn fmt::Write,
        prompt: &str,
    ) -> fmt::Result {
        write!(f, "{prompt}[hidden]")
    }
}

/// What was typed or pasted, on one line.
fn on_one_line(typed: &str) -> String {
    typed.replace(char::is_control, " ").trim().to_owned()
}

/// The text without the keys that write no character, such as arrows.
fn without_keys(typed: &str) -> String {
    let mut pieces = typed.split('\x1b');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let behind = piece.strip_prefix(['[', 'O']).map(|sequence| {
            let sequence = sequence.trim_start_matches(|c| (' '..='?').contains(&c));
            sequence
                .strip_prefix(|c| ('@'..='~').contains(&c))
                .unwrap_or(sequence)
        });
        text.push_str(behind.unwrap_or(piece));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_one_line_of_characters() {
        for (typed, line) in [
            (" a token\r\n", "a token"),
            ("@a:b\n@c:d\t@e:f", "@a:b @c:d @e:f"),
            ("ボット", "ボット"),
        ] {
            assert_eq!(on_one_line(typed), line);
        }
        // Left, Delete, F1, F5 with Shift, Escape alone.
        let keys = "se\x1b[Dcr\x1b[3~et\x1bOP,\x1b[15;2~ \x1bnot\x1b";
        assert_eq!(without_keys(keys), "secret, not");
    }
}
