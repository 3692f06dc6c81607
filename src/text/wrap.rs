//! Lines that fit the terminal.

use console::{Term, measure_text_width};

/// Breaks a text between its words where it is wider than this terminal; the further lines are
/// indented by this many columns. What is no terminal gets the text as it is.
pub fn wrap(text: &str, indent: usize, terminal: &Term) -> String {
    match terminal.size_checked() {
        Some((_, columns)) if terminal.is_term() => break_lines(text, indent, columns.into()),
        _ => text.to_owned(),
    }
}

/// How wide the lines on standard output may be: as wide as the terminal, or 80 columns.
pub fn columns() -> usize {
    let size = Term::stdout().size_checked();
    size.map_or(80, |(_, columns)| usize::from(columns).max(20))
}

/// Breaks a shell command between its words where it is wider than this, so that it can still be
/// copied whole; each line is indented by this many columns.
pub fn break_command(command: &str, indent: usize, columns: usize) -> String {
    let margin = " ".repeat(indent);
    let mut lines = vec![margin.clone()];
    for word in shell_words(command) {
        let line = lines.last().map_or(0, |line| measure_text_width(line));
        let is_first = line == indent && lines.len() == 1;
        // Room for the backslash that continues the line.
        if !is_first && line + 1 + measure_text_width(word) + 2 > columns {
            if let Some(line) = lines.last_mut() {
                line.push_str(" \\");
            }
            lines.push(format!("{margin}  {word}"));
        } else if let Some(line) = lines.last_mut() {
            line.push_str(if is_first { "" } else { " " });
            line.push_str(word);
        }
    }
    lines.join("\n")
}

/// These commands, one a line, as [`break_command`] breaks them for standard output.
pub fn list_commands(commands: &[&str], indent: usize) -> String {
    let lines = commands
        .iter()
        .map(|command| break_command(command, indent, columns()));
    lines.collect::<Vec<_>>().join("\n")
}

/// The words of a command, with the quotes around them.
fn shell_words(command: &str) -> Vec<&str> {
    let mut quote = None;
    let ends_word = move |c: char| {
        match (c, quote) {
            ('\'' | '"', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            _ => {}
        }
        c == ' ' && quote.is_none()
    };
    command.split(ends_word).collect()
}

/// As [`wrap`], at a fixed width. A command between backticks is never broken.
pub fn break_lines(text: &str, indent: usize, columns: usize) -> String {
    let mut lines = Vec::new();
    for line in text.split('\n') {
        let mut width = 0;
        let mut wrapped = String::new();
        for (index, word) in words(line).into_iter().enumerate() {
            let word_width = measure_text_width(word);
            if index > 0 && width + 1 + word_width > columns {
                wrapped.push('\n');
                wrapped.push_str(&" ".repeat(indent));
                width = indent;
            } else if index > 0 {
                wrapped.push(' ');
                width += 1;
            }
            wrapped.push_str(word);
            width += word_width;
        }
        lines.push(wrapped);
    }
    lines.join("\n")
}

/// What stands between spaces, outside of backticks.
fn words(line: &str) -> Vec<&str> {
    let mut quoted = false;
    // Without its partner a backtick is a character like others.
    let pairs = line.matches('`').count() / 2 * 2;
    let mut seen = 0;
    let ends_word = move |c: char| {
        if c == '`' && seen < pairs {
            seen += 1;
            quoted = !quoted;
        }
        c == ' ' && !quoted
    };
    line.split(ends_word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_command_is_continued_between_its_words() {
        let command = "nanobot config set a 'b c'  --d";
        for columns in [9, 12, 20, 24, 40] {
            let broken = break_command(command, 2, columns);
            let typed = broken.replace("\\\n", "");
            assert_eq!(shlex::split(&typed), shlex::split(command), "{broken}");
            assert!(broken.contains("'b c'"), "{broken}");
        }
        assert_eq!(break_command("a b", 2, 40), "  a b");
        assert_eq!(break_command("aaaa bbbb", 2, 9), "  aaaa \\\n    bbbb");
    }

    #[test]
    fn a_long_line_is_broken_between_words() {
        assert_eq!(break_lines("aa bb cc", 2, 5), "aa bb\n  cc");
        assert_eq!(break_lines("  aa bb", 2, 5), "  aa\n  bb");
        assert_eq!(break_lines("a\nbb", 2, 5), "a\nbb");
        assert_eq!(break_lines("aaaaaaaaaa b", 0, 5), "aaaaaaaaaa\nb");
        assert_eq!(break_lines("a `b c` d", 0, 5), "a\n`b c`\nd");
        assert_eq!(break_lines("a `b c d", 0, 5), "a `b\nc d");
        let coloured = "\x1b[1maa\x1b[0m bb";
        assert_eq!(break_lines(coloured, 0, 5), coloured);
    }
}
