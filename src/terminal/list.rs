//! A list, one of whose lines is chosen with the arrow keys.
//!
//! The guard alone sets the terminal's modes, once: a library that sets them anew for each key
//! takes Ctrl-Z for a key of the list, or leaves a shell without echo.

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard},
};

use console::{Term, style};
use rustix::io::{read, retry_on_intr};

use super::guard::{CTRL_D, write};

use crate::threads::lock;

/// The key that begins the sequences of the others.
const ESCAPE: u8 = 0x1b;

/// A list as it is shown.
#[derive(Clone)]
pub(super) struct List(Arc<Mutex<State>>);

struct State {
    prompt: String,
    lines: Vec<String>,
    /// Which of them is chosen.
    active: usize,
    /// How many rows of the terminal it takes.
    rows: usize,
}

/// What a key does in a list.
enum Key {
    Up,
    Down,
    Choose,
    Leave,
}

impl List {
    pub(super) fn new(prompt: String, lines: Vec<String>, active: usize) -> Self {
        Self(Arc::new(Mutex::new(State {
            prompt,
            lines,
            active,
            rows: 0,
        })))
    }

    /// Shows it below what is on the terminal.
    pub(super) fn show(&self) {
        let mut state = self.state();
        state.rows = 0;
        state.draw();
    }

    /// Has a line chosen, and returns which; `None` when the person leaves.
    pub(super) fn choose(&self) -> io::Result<Option<usize>> {
        self.show();
        loop {
            let key = next_key()?;
            let mut state = self.state();
            let count = state.lines.len();
            state.active = match key {
                Key::Up => (state.active + count - 1) % count,
                Key::Down => (state.active + 1) % count,
                Key::Choose => {
                    write(&state.erased());
                    return Ok(Some(state.active));
                }
                Key::Leave => return Ok(None),
            };
            state.draw();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0)
    }
}

impl State {
    fn draw(&mut self) {
        let rows = usize::from(Term::stderr().size().0);
        write(&self.drawn(rows));
    }

    /// What draws it in place of what is shown of it, as much as so many rows have room for.
    fn drawn(&mut self, rows: usize) -> String {
        let mut text = self.erased();
        let mut prompt: Vec<_> = self.prompt.lines().map(str::to_owned).collect();
        let room = rows.saturating_sub(prompt.len() + 1).max(1);
        let count = self.lines.len();
        if let Some(last) = prompt.last_mut().filter(|_| count > room) {
            *last = format!("{last} {}/{count}", self.active + 1);
        }
        let lines = self.lines.iter().enumerate();
        let shown = lines.skip(self.active / room * room).take(room);
        let shown = shown.map(|(index, line)| item(line, index == self.active));
        self.rows = 0;
        for line in prompt.into_iter().chain(shown) {
            text.extend([&*line, "\r\n"]);
            self.rows += 1;
        }
        text
    }

    /// What erases that which is shown of it; from the first time on there is no cursor.
    fn erased(&self) -> String {
        match self.rows {
            0 => "\x1b[?25l".to_owned(),
            rows => format!("\x1b[{rows}F\x1b[J"),
        }
    }
}

fn item(text: &str, is_active: bool) -> String {
    if is_active {
        style(format!("> {text}")).for_stderr().cyan().to_string()
    } else {
        format!("  {text}")
    }
}

/// The next key that does something.
fn next_key() -> io::Result<Key> {
    loop {
        let mut byte = next_byte()?;
        // Escape alone is no key, and the next one is another.
        while byte == Some(ESCAPE) {
            byte = match next_byte()? {
                Some(b'[' | b'O') => match end_of_sequence()? {
                    Some(b'A' | b'Z') => return Ok(Key::Up),
                    Some(b'B') => return Ok(Key::Down),
                    _ => next_byte()?,
                },
                other => other,
            };
        }
        match byte {
            Some(b'k') => return Ok(Key::Up),
            Some(b'j' | b'\t') => return Ok(Key::Down),
            Some(b'\r' | b'\n' | b' ') => return Ok(Key::Choose),
            Some(CTRL_D) | None => return Ok(Key::Leave),
            Some(_) => {}
        }
    }
}

/// The last byte of a key's sequence.
fn end_of_sequence() -> io::Result<Option<u8>> {
    loop {
        match next_byte()? {
            Some(b' '..=b'?') => {}
            last => return Ok(last),
        }
    }
}

/// The next byte that is typed; `None` where the terminal is gone.
///
/// Nothing is read ahead: the rest is for the prompt after this one.
fn next_byte() -> io::Result<Option<u8>> {
    let mut byte = [0];
    let count = retry_on_intr(|| read(io::stdin(), &mut byte))?;
    Ok((count > 0).then_some(byte[0]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_much_is_shown_as_there_is_room_for() {
        let mut state = State {
            prompt: "Which?".to_owned(),
            lines: ["one", "two", "three"].map(str::to_owned).to_vec(),
            active: 2,
            rows: 0,
        };
        let mut seen = |rows| {
            let drawn = state.drawn(rows);
            let seen = console::strip_ansi_codes(&drawn).replace("\r\n", "|");
            (seen, state.rows)
        };
        assert_eq!(seen(10), ("Which?|  one|  two|> three|".to_owned(), 4));
        assert_eq!(seen(4), ("Which? 3/3|> three|".to_owned(), 2));
        assert_eq!(seen(1), ("Which? 3/3|> three|".to_owned(), 2));
        assert_eq!(state.erased(), "\x1b[2F\x1b[J");
    }
}
