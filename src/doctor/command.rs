//! Commands in advice: told apart from its words, so that they can be copied.

/// The programs that advice may name besides `nanobot` itself.
const PROGRAMS: [&str; 12] = [
    "chmod",
    "chown",
    "curl",
    "date",
    "df",
    "du",
    "journalctl",
    "ls",
    "mkdir",
    "mv",
    "systemctl",
    "timedatectl",
];

/// Whether a line is a command that a person can copy.
#[must_use]
pub fn is_command(line: &str) -> bool {
    let program = line.split(' ').next().unwrap_or_default();
    program == "nanobot" || PROGRAMS.contains(&program)
}

/// Advice without the command at its end, and that command: hints of errors end with one.
pub(super) fn apart(advice: &str) -> (&str, Option<&str>) {
    let (words, command) = advice.rsplit_once(": ").unwrap_or(("", advice));
    // What follows a command in a sentence is not a part of it.
    if is_command(command) && !command.contains(['(', ';', ',']) {
        (words, Some(command))
    } else {
        (advice, None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_at_the_end_is_taken_out() {
        for (advice, words, command) in [
            ("chmod 600 /x", "", Some("chmod 600 /x")),
            ("run: nanobot login", "run", Some("nanobot login")),
            (
                "check the port: curl -v http://a:1/b",
                "check the port",
                Some("curl -v http://a:1/b"),
            ),
            ("ask: the owner", "ask: the owner", None),
            (
                "run: nanobot login (behind a proxy, look there)",
                "run: nanobot login (behind a proxy, look there)",
                None,
            ),
        ] {
            assert_eq!(apart(advice), (words, command));
        }
    }
}
