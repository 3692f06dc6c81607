//! Paths and words as systemd reads them in a unit file (`systemd.syntax(7)`, `systemd.service(5)`).

/// A word of a setting that takes several: in double quotes where it needs them, and without
/// meaning for `%` specifiers.
pub fn word(text: &str) -> String {
    let text = whole(text);
    let is_plain = |c: char| !c.is_whitespace() && !c.is_control() && !"\"'\\;#".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text;
    }
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// An argument of a command line: variables are put in there, too. Not so in its program.
pub fn argument(text: &str) -> String {
    word(&text.replace('$', "$$"))
}

/// The value of a setting that takes one: nothing is quoted there.
pub fn whole(text: &str) -> String {
    text.replace('%', "%%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_systemd_would_read_more_into_is_quoted() {
        for (text, quoted) in [
            ("/usr/bin/nanobot", "/usr/bin/nanobot"),
            ("/home/a b/x", "\"/home/a b/x\""),
            ("50%/x", "50%%/x"),
            ("$HOME/x", "$$HOME/x"),
            ("say \"x\" \\", "\"say \\\"x\\\" \\\\\""),
            ("it's", "\"it's\""),
            ("", "\"\""),
            ("a;b", "\"a;b\""),
            ("a\nb", "\"a\\nb\""),
            ("häuschen", "häuschen"),
        ] {
            assert_eq!(argument(text), quoted, "{text}");
        }
        assert_eq!(word("$x"), "$x");
        assert_eq!(whole("/a b/50%"), "/a b/50%%");
    }
}
