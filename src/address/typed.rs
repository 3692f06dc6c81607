//! Users as people type and paste them, which is not as the specification writes them.

use percent_encoding::percent_decode_str;

use super::parse_user_id;
use crate::text::is_hostile;

/// What an address, a server name or an id is copied with: white space, quotes, brackets, commas,
/// and what cannot be seen.
fn is_around(c: char) -> bool {
    c.is_whitespace() || is_hostile(c) || "\"'`<>“”„‘’«»,;".contains(c)
}

/// What a person means who types or pastes an address, a server name or an id: without what
/// surrounds it, and instead of a link to a user that user.
pub fn pasted(text: &str) -> String {
    let text = text.trim_matches(is_around);
    linked_user(text).unwrap_or_else(|| text.to_owned())
}

/// Reads a user ID as people type and paste it, also without its @ or as a link.
///
/// # Errors
///
/// What is wrong with it, as a predicate.
pub fn read_user_id(text: &str) -> Result<String, &'static str> {
    let text = pasted(text);
    let is_bare = text.starts_with(|c: char| c.is_alphanumeric())
        && text.contains(':')
        && !(text.contains("://") || text.contains('@'));
    let id = if is_bare { format!("@{text}") } else { text };
    parse_user_id(&id).map(|id| id.to_string())
}

/// Reads a user as people name one to a server: by the user ID, or only by its localpart.
///
/// # Errors
///
/// What is wrong with it, as a predicate.
pub fn read_user(text: &str) -> Result<String, &'static str> {
    let text = pasted(text);
    if text.contains(':') {
        return read_user_id(&text);
    }
    let localpart = text.strip_prefix('@').unwrap_or(&text);
    let is_plain = |c: char| !(c.is_whitespace() || is_hostile(c) || c == '@');
    if localpart.is_empty() || !localpart.chars().all(is_plain) {
        return Err("must be a user ID such as @bot:example.org, or its part before the colon");
    }
    Ok(localpart.to_owned())
}

/// The user whom an address leads to (spec, appendices: "matrix.to navigation", "Matrix URI
/// scheme").
pub fn linked_user(address: &str) -> Option<String> {
    let (address, _) = address.split_once('?').unwrap_or((address, ""));
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    if let Some(id) = address.strip_prefix("https://matrix.to/#/") {
        return Some(decoded(id)).filter(|id| id.starts_with('@'));
    }
    let mut kinds = ["matrix:u/", "matrix:user/"].into_iter();
    let id = kinds.find_map(|kind| address.strip_prefix(kind))?;
    Some(format!("@{}", decoded(id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_understood_however_it_was_copied() {
        for typed in [
            "@bot:example.org",
            "bot:example.org",
            "  @bot:example.org ",
            "@bot:example.org\r\n",
            "\u{feff}@bot:example.org",
            "\"@bot:example.org\",",
            "'bot:example.org'",
            "“@bot:example.org”",
            "<@bot:example.org>",
            "https://matrix.to/#/@bot:example.org",
            "<https://matrix.to/#/%40bot%3aexample.org?via=example.org>",
            "matrix:u/bot:example.org?action=chat",
            "\u{200e}@bot:example.org\u{200b}",
        ] {
            assert_eq!(
                read_user_id(typed).as_deref(),
                Ok("@bot:example.org"),
                "{typed:?}"
            );
            assert_eq!(
                read_user(typed).as_deref(),
                Ok("@bot:example.org"),
                "{typed:?}"
            );
        }
        for (typed, user) in [
            ("bot", "bot"),
            ("@bot", "bot"),
            (" 'bot' ", "bot"),
            ("bot\r", "bot"),
            ("@bot:localhost:8008", "@bot:localhost:8008"),
            ("bot:[::1]:8008", "@bot:[::1]:8008"),
        ] {
            assert_eq!(read_user(typed).as_deref(), Ok(user), "{typed:?}");
        }
    }

    #[test]
    fn what_names_no_user_is_refused() {
        for typed in [
            "",
            "  ",
            "@",
            "bot@example.org",
            "my bot",
            "example.org:8448",
            "127.0.0.1:8008",
            "[::1]:8008",
            "https://example.org",
            "https://matrix.to/#/!room:example.org",
            "!room:example.org",
            "#room:example.org",
            "@bot:exa mple.org",
            "b\u{202e}ot",
        ] {
            assert!(read_user(typed).is_err(), "{typed:?}");
        }
        assert!(read_user_id("bot").is_err());
    }

    #[test]
    fn addresses_and_names_of_servers_stay_what_they_are() {
        for (typed, expected) in [
            (" https://h/matrix/ ", "https://h/matrix/"),
            ("\"example.org:8448\"", "example.org:8448"),
            ("example.org\r", "example.org"),
            ("[::1]:8008", "[::1]:8008"),
        ] {
            assert_eq!(pasted(typed), expected);
        }
    }
}
