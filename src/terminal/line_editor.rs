//! Reading one line from the terminal, with or without showing it.
//!
//! The libraries leave the terminal without echo when a hidden prompt is ended by Ctrl-C; this
//! takes the key itself, and puts the terminal back whatever way it ends.

use std::io::{self, BufRead, Write};

use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
};

const CTRL_C: u8 = 0x03;
const CTRL_D: u8 = 0x04;
const BACKSPACE: u8 = 0x08;
const CTRL_U: u8 = 0x15;
const DELETE: u8 = 0x7f;
const ESCAPE: u8 = 0x1b;
const LONGEST_LINE: usize = 4096;

/// Prompts on standard error and reads a line from standard input, both terminals.
///
/// [`io::ErrorKind::Interrupted`] is Ctrl-C, or Ctrl-D on an empty line.
pub(super) fn read(prompt: &str, echo: bool) -> io::Result<String> {
    let _raw = RawMode::enter()?;
    let mut screen = io::stderr().lock();
    write!(screen, "{prompt}")?;
    screen.flush()?;
    let mut line = Vec::new();
    let ended = edit(&mut io::stdin().lock(), &mut screen, &mut line, echo);
    writeln!(screen)?;
    ended?;
    String::from_utf8(line)
        .map(|line| line.trim().to_owned())
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "that is not UTF-8 text"))
}

fn edit(
    keys: &mut impl BufRead,
    screen: &mut impl Write,
    line: &mut Vec<u8>,
    echo: bool,
) -> io::Result<()> {
    let interrupted = || io::Error::from(io::ErrorKind::Interrupted);
    let mut bytes = io::Read::bytes(keys);
    while let Some(byte) = bytes.next().transpose()? {
        match byte {
            b'\r' | b'\n' => return Ok(()),
            CTRL_C => return Err(interrupted()),
            CTRL_D if line.is_empty() => return Err(interrupted()),
            BACKSPACE | DELETE => {
                if erase_character(line) && echo {
                    write!(screen, "\x08 \x08")?;
                }
            }
            CTRL_U => {
                while erase_character(line) {
                    if echo {
                        write!(screen, "\x08 \x08")?;
                    }
                }
            }
            ESCAPE => skip_sequence(&mut bytes)?,
            0x00..=0x1f => {}
            _ if line.len() >= LONGEST_LINE => {}
            _ => {
                line.push(byte);
                if echo {
                    screen.write_all(&[byte])?;
                }
            }
        }
        screen.flush()?;
    }
    Err(interrupted())
}

/// Drops an arrow key or its like: `ESC [ … letter`.
fn skip_sequence(bytes: &mut impl Iterator<Item = io::Result<u8>>) -> io::Result<()> {
    if bytes.next().transpose()? != Some(b'[') {
        return Ok(());
    }
    while let Some(byte) = bytes.next().transpose()? {
        if (0x40..=0x7e).contains(&byte) {
            break;
        }
    }
    Ok(())
}

/// Removes the last character, all of its bytes.
fn erase_character(line: &mut Vec<u8>) -> bool {
    while let Some(byte) = line.pop() {
        let continues = byte & 0b1100_0000 == 0b1000_0000;
        if !continues {
            return true;
        }
    }
    false
}

/// The terminal giving every key as it is pressed and showing none, until dropped.
struct RawMode {
    before: Termios,
}

impl RawMode {
    fn enter() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut raw = before.clone();
        raw.local_modes
            .remove(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG | LocalModes::IEXTEN);
        raw.special_codes[SpecialCodeIndex::VMIN] = 1;
        raw.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(io::stdin(), OptionalActions::Flush, &raw)?;
        Ok(Self { before })
    }
}

impl Drop for RawMode {
    fn drop(&mut self) {
        // There is no one left to tell: the terminal itself is gone if this fails.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(keys: &[u8], echo: bool) -> (io::Result<()>, String, String) {
        let (mut screen, mut line) = (Vec::new(), Vec::new());
        let ended = edit(&mut &*keys, &mut screen, &mut line, echo);
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (ended, text(line), text(screen))
    }

    #[test]
    fn a_line_can_be_corrected() {
        let (ended, line, screen) = typed("hä\x7fallo\x08\x08o\x1b[D\r".as_bytes(), true);
        ended.unwrap();
        assert_eq!(line, "halo");
        assert!(screen.starts_with("hä\x08 \x08"));
        assert_eq!(typed(b"wrong\x15right\n", true).1, "right");
    }

    #[test]
    fn a_secret_is_not_shown() {
        let (ended, line, screen) = typed(b"secret\x7f\n", false);
        ended.unwrap();
        assert_eq!((line.as_str(), screen.as_str()), ("secre", ""));
    }

    #[test]
    fn leaving_is_an_interruption() {
        for keys in [&b"abc\x03"[..], b"\x04", b"abc"] {
            let error = typed(keys, true).0.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::Interrupted);
        }
    }
}
