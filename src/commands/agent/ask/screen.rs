//! An answer on a terminal, while it is written.

use std::io;

use crate::{
    error::{Error, Result},
    terminal::{is_hostile, print_piece},
};

/// What a terminal shows of an answer.
#[derive(Debug)]
pub(super) struct Screen<P = fn(&str) -> io::Result<()>> {
    shown: String,
    print: P,
}

impl Default for Screen {
    fn default() -> Self {
        Self {
            shown: String::new(),
            print: print_piece,
        }
    }
}

impl<P: FnMut(&str) -> io::Result<()>> Screen<P> {
    /// Shows this much of the answer: what is new, or all of it on a new line where it has become
    /// another.
    pub(super) fn show(&mut self, text: &str) -> Result<()> {
        let new = match text.strip_prefix(self.shown.as_str()) {
            Some(new) => new.to_owned(),
            None if text.is_empty() => return Ok(()),
            None => format!("\n{text}"),
        };
        text.clone_into(&mut self.shown);
        self.print(&new)
    }

    /// Shows the whole answer, and ends its line.
    pub(super) fn end_with(&mut self, text: &str) -> Result<()> {
        self.show(text)?;
        if self.shown.is_empty() {
            return Ok(());
        }
        self.print("\n")
    }

    /// Ends the line of an answer that does not end.
    pub(super) fn break_off(&mut self) -> Result<()> {
        if self.shown.is_empty() {
            return Ok(());
        }
        self.print("\n")
    }

    fn print(&mut self, text: &str) -> Result<()> {
        (self.print)(text).map_err(|error| Error::failure("cannot write the result").because(error))
    }
}

/// Words from outside, with their lines and tabs and nothing else that moves a cursor.
pub(super) fn fit_to_show(text: &str) -> String {
    let harmless = |c| matches!(c, '\n' | '\t') || !is_hostile(c);
    text.chars()
        .map(|c| if harmless(c) { c } else { ' ' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(draft: &[&str], answer: Option<&str>) -> String {
        let mut text = String::new();
        let mut screen = Screen {
            shown: String::new(),
            print: |piece: &str| {
                text.push_str(piece);
                Ok(())
            },
        };
        for seen in draft {
            screen.show(seen).unwrap();
        }
        match answer {
            Some(answer) => screen.end_with(answer).unwrap(),
            None => screen.break_off().unwrap(),
        }
        text
    }

    #[test]
    fn what_is_new_is_added() {
        assert_eq!(printed(&["a", "ab", "ab"], Some("abc")), "abc\n");
        assert_eq!(printed(&[], Some("abc")), "abc\n");
        assert_eq!(printed(&[], Some("")), "");
        assert_eq!(printed(&["ab"], None), "ab\n");
        assert_eq!(printed(&[], None), "");
        // It was asked again.
        assert_eq!(printed(&["ab", "", "x"], Some("xy")), "ab\nxy\n");
    }

    #[test]
    fn lines_stay_and_nothing_else_moves_the_cursor() {
        assert_eq!(fit_to_show("a\n\tb\u{1b}[2J\rc"), "a\n\tb [2J c");
    }
}
