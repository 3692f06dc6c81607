//! The terminal put back as it was, whatever way a prompt ends.
//!
//! The libraries that read the keys leave it without echo, or without a cursor, when a signal ends
//! them. Ctrl-C and Ctrl-Z are signals at every prompt.

use std::{
    io::{self, Write},
    sync::{Mutex, MutexGuard},
};

use rustix::termios::{
    LocalModes, OptionalActions, QueueSelector, SpecialCodeIndex, Termios, tcflush, tcgetattr,
    tcsetattr,
};

use crate::threads::lock;

/// No marks around what is pasted, and a cursor that is seen.
const PUT_BACK: &str = "\x1b[?2004l\x1b[?25h";
/// The key that ends a file, Ctrl-D.
pub(super) const CTRL_D: u8 = 4;
/// Of a special code that no key has.
const NO_KEY: u8 = 0;

/// How a prompt uses the terminal.
pub(super) enum Prompt {
    /// It edits a line; this shows it again.
    Text(Box<dyn FnMut() + Send>),
    /// It reads a line that is not shown, after these words.
    Hidden(String),
    /// It has something chosen from a list; this shows it again.
    List(Box<dyn FnMut() + Send>),
}

/// The prompt that waits for a person, if there is one.
static ASKING: Mutex<Option<Asking>> = Mutex::new(None);

struct Asking {
    before: Termios,
    /// Those of the prompt.
    modes: Termios,
    prompt: Prompt,
}

/// The terminal set for a prompt, until dropped.
pub(super) struct Guard;

impl Guard {
    /// Sets it for this prompt.
    pub(super) fn set(prompt: Prompt) -> io::Result<Self> {
        // Whoever stops the process waits until all is set.
        let mut asking = asking();
        let before = tcgetattr(io::stdin())?;
        // What was typed before the question was there is no answer to it.
        tcflush(io::stdin(), QueueSelector::IFlush)?;
        let mut modes = before.clone();
        match prompt {
            // Between one key and the next, too.
            Prompt::Text(_) | Prompt::List(_) => {
                modes.make_raw();
                modes.output_modes = before.output_modes;
                modes.local_modes.insert(LocalModes::ISIG);
            }
            Prompt::Hidden(_) => {
                // An empty line and the end of a file look the same to who reads lines.
                modes.special_codes[SpecialCodeIndex::VEOF] = NO_KEY;
                modes.special_codes[SpecialCodeIndex::VQUIT] = CTRL_D;
            }
        }
        tcsetattr(io::stdin(), OptionalActions::Now, &modes)?;
        // Only now: the library throws away what was typed before it does the same.
        modes.local_modes.remove(LocalModes::ECHO);
        *asking = Some(Asking {
            before,
            modes,
            prompt,
        });
        Ok(Self)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        put_back();
    }
}

/// Puts the terminal back as it was before the prompt, if there is one.
pub(super) fn put_back() {
    if let Some(asking) = asking().take() {
        restore(&asking.before);
    }
}

/// Lends the terminal, as it was before the prompt, to who stopped the process.
pub(super) fn suspend() {
    if let Some(asking) = asking().as_ref() {
        restore(&asking.before);
    }
}

/// Goes on with the prompt that was suspended.
pub(super) fn resume() {
    let mut asking = asking();
    let Some(asking) = asking.as_mut() else {
        return;
    };
    // It fails when the terminal is gone, which who reads from it finds out.
    let _ = tcsetattr(io::stdin(), OptionalActions::Now, &asking.modes);
    match &mut asking.prompt {
        Prompt::Text(show) => {
            write("\x1b[?2004h");
            show();
        }
        Prompt::Hidden(words) => write(words),
        Prompt::List(show) => show(),
    }
}

fn asking() -> MutexGuard<'static, Option<Asking>> {
    lock(&ASKING)
}

fn restore(modes: &Termios) {
    // The modes come last: who waits for them finds all the rest done.
    write(PUT_BACK);
    // There is no one left to tell: the terminal itself is gone if this fails.
    let _ = tcsetattr(io::stdin(), OptionalActions::Now, modes);
}

/// Writes what moves the cursor.
pub(super) fn write(text: &str) {
    // As in `restore`.
    let _ = io::stderr().write_all(text.as_bytes());
}
