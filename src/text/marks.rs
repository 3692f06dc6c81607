//! Characters that a terminal may not have.

use std::{borrow::Cow, env};

/// What is written in place of characters outside of ASCII.
const IN_ASCII: &[(char, &str)] = &[
    ('✓', "+"),
    ('✗', "x"),
    ('→', "->"),
    ('…', "..."),
    ('–', "-"),
    ('×', "x"),
    ('“', "\""),
    ('”', "\""),
    ('„', "\""),
    ('‘', "'"),
    ('’', "'"),
];

/// Whether the person's locale has all of Unicode, as its variables say.
pub fn is_unicode_locale() -> bool {
    is_unicode(|name| env::var(name).ok())
}

/// The program's marks and punctuation in ASCII; other characters stay.
pub fn in_ascii(text: &str) -> Cow<'_, str> {
    let stand_in = |c: char| IN_ASCII.iter().find(|(mark, _)| *mark == c);
    if !text.contains(|c| stand_in(c).is_some()) {
        return Cow::Borrowed(text);
    }
    let mut ascii = String::with_capacity(text.len());
    for c in text.chars() {
        match stand_in(c) {
            Some((_, words)) => ascii.push_str(words),
            None => ascii.push(c),
        }
    }
    Cow::Owned(ascii)
}

/// POSIX: the first of these variables that says something counts.
fn is_unicode(variable: impl Fn(&str) -> Option<String>) -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|name| variable(name).filter(|value| !value.is_empty()));
    match locale {
        Some(locale) => {
            let locale = locale.to_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        }
        None => cfg!(target_os = "macos"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_have_stand_ins() {
        assert_eq!(in_ascii("✗ é “a” … → b"), "x é \"a\" ... -> b");
        assert!(matches!(in_ascii("é"), Cow::Borrowed("é")));
    }

    #[test]
    fn the_first_variable_that_says_something_counts() {
        for (all, ctype, lang, expected) in [
            ("", "", "en_GB.UTF-8", true),
            ("", "C.utf8", "C", true),
            ("C", "", "en_GB.UTF-8", false),
            ("", "", "de_DE.ISO-8859-1", false),
            ("", "POSIX", "", false),
        ] {
            let variable = |name: &str| {
                let value = match name {
                    "LC_ALL" => all,
                    "LC_CTYPE" => ctype,
                    _ => lang,
                };
                Some(value.to_owned())
            };
            assert_eq!(is_unicode(variable), expected, "{all} {ctype} {lang}");
        }
    }
}
