//! User IDs, room IDs and server names.
//!
//! <https://spec.matrix.org/v1.16/appendices/#common-identifier-format>

use ruma_common::{OwnedServerName, OwnedUserId, ServerName, UserId};
use url::Host;

use crate::text::is_hostile;

/// The most bytes an id may have (spec, appendices: "Common Namespaced Identifier Grammar" and
/// "Room IDs").
const LONGEST_ID: usize = 255;
/// The most bytes a server name may have (spec, appendices: "Server Name").
const LONGEST_SERVER_NAME: usize = 230;

/// Reads a user ID such as `@bot:example.org`. Its localpart may use the historical grammar.
///
/// # Errors
///
/// What is wrong with it, as a predicate.
pub fn parse_user_id(text: &str) -> Result<OwnedUserId, &'static str> {
    let Some(rest) = text.strip_prefix('@') else {
        return Err(match text.chars().next() {
            None => "is empty; it must be a user ID such as @bot:example.org",
            Some('!' | '#') => "is a room; it must be a user ID such as @bot:example.org",
            Some(_) => "must be a user ID that begins with @, such as @bot:example.org",
        });
    };
    let Some((localpart, server)) = rest.split_once(':') else {
        return Err("has no server part; a user ID looks like @bot:example.org");
    };
    if localpart.is_empty() {
        return Err("has no name before the colon; a user ID looks like @bot:example.org");
    }
    check_characters(text)?;
    parse_server_name(server)?;
    UserId::parse(text).map_err(|_| "must be a user ID such as @bot:example.org")
}

/// Checks a room ID such as `!abc:example.org`. From room version 12 on it has no server part.
///
/// # Errors
///
/// What is wrong with it, as a predicate.
pub fn check_room(text: &str) -> Result<(), &'static str> {
    const FORM: &str = "must be a room ID such as !abc:example.org, or an alias such as \
                        #room:example.org";
    if text.is_empty() {
        return Err("is empty; it must be a room ID such as !abc:example.org, or an alias");
    }
    if let Some(rest) = text.strip_prefix('#') {
        check_characters(text)?;
        let (_, server) = rest
            .split_once(':')
            .filter(|(name, _)| !name.is_empty())
            .ok_or(FORM)?;
        return parse_server_name(server).map(drop);
    }
    let rest = text.strip_prefix('!').ok_or(FORM)?;
    check_characters(text)?;
    let is_url_safe_base64 = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    match rest.split_once(':') {
        _ if rest.is_empty() || rest.starts_with(':') => {
            Err("must be a room ID such as !abc:example.org")
        }
        Some((_, server)) => parse_server_name(server).map(drop),
        None if rest.chars().all(is_url_safe_base64) => Ok(()),
        None => Err("has no server part; a room ID looks like !abc:example.org"),
    }
}

/// Whether a room ID without a server part is as long as those of room version 12: a SHA-256 hash
/// in unpadded URL-safe base 64.
pub fn has_hash_length(room_id: &str) -> bool {
    room_id.contains(':') || room_id.len() == 1 + 43
}

/// Reads the name of a homeserver: a host and perhaps a port. It is not an address yet.
///
/// # Errors
///
/// What is wrong with it, as a predicate.
pub fn parse_server_name(text: &str) -> Result<OwnedServerName, &'static str> {
    if text.is_empty() {
        return Err("has no server name");
    }
    if text.len() > LONGEST_SERVER_NAME {
        return Err("has a server name of more than 230 bytes");
    }
    let form = "has no valid server name: that is a host and perhaps a port, as in example.org or \
                example.org:8448";
    let name = ServerName::parse(text).map_err(|_| form)?;
    // The parser takes a sign for a digit, and 0 for a port.
    if text.contains('+') || name.port() == Some(0) {
        return Err(form);
    }
    let host = name.host();
    if host.starts_with('[') {
        return Ok(name);
    }
    if host.split('.').any(str::is_empty) {
        return Err(form);
    }
    // URL parsers read 1.2.3 or 0x7f.1 as another address.
    match Host::parse(host) {
        Ok(read) if read.to_string().eq_ignore_ascii_case(host) => Ok(name),
        _ => Err("has an invalid server name: neither a host name nor an IP address"),
    }
}

/// Whether an id from outside can be shown and compared as it is.
pub fn is_plain_id(id: &str) -> bool {
    !id.is_empty() && check_characters(id).is_ok()
}

fn check_characters(id: &str) -> Result<(), &'static str> {
    if id.len() > LONGEST_ID {
        return Err("is longer than the 255 bytes that a Matrix ID may have");
    }
    if id.contains(|c: char| is_hostile(c) || c.is_whitespace()) {
        return Err("contains whitespace or a control character");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valid_names_read_and_print_the_same() {
        for name in [
            "example.org",
            "Example.org:8448",
            "localhost:8008",
            "127.0.0.1:8008",
            "[::1]:8008",
            "[2001:db8::1]",
            "xn--mller-kva.de",
        ] {
            assert_eq!(parse_server_name(name).unwrap(), name);
        }
    }

    #[test]
    fn invalid_names_are_refused() {
        let long = format!("{}.org", "a".repeat(230));
        for name in [
            "",
            "exa mple.org",
            "example.org/path",
            "example.org:",
            "example.org:http",
            "example.org:0",
            "example.org:70000",
            "example.org:+80",
            "me@example.org",
            "example..org",
            "müller.de",
            "[::1",
            "[::1]8008",
            "[zz]",
            "1.2.3",
            "0x7f.1",
            "a:b:c",
            "example.org?x",
            "example.org#x",
            "exa\nmple.org",
            &long,
        ] {
            assert!(parse_server_name(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn user_ids() {
        for id in [
            "@a:b",
            "@Bot_1.x=y/z+:example.org",
            "@ünï:matrix.org",
            "@a:1.2.3.4:8448",
            "@a:[::1]:8448",
            "@a:localhost:1",
        ] {
            assert_eq!(parse_user_id(id).unwrap(), id);
        }
        let id = parse_user_id("@bot/1:example.org:8448").unwrap();
        assert_eq!(id.localpart(), "bot/1");
        assert_eq!(id.server_name(), "example.org:8448");
        let long = format!("@{}:b.org", "a".repeat(255));
        for id in [
            "",
            "a",
            "a:b",
            "@a",
            "@:b",
            "@a:",
            "@a b:c",
            "@a:b c",
            "@a:b:c",
            "@a:b:123456",
            "@a:1.2.3",
            "!a:b",
            "#a:b",
            "@a:[::1",
            "@a:https://b",
            "@a:b/",
            "*",
            " @a:b",
            "@a:b\n",
            "@a\u{202e}:b",
            &long,
        ] {
            assert!(parse_user_id(id).is_err(), "{id}");
        }
    }

    #[test]
    fn room_ids() {
        let hash = format!("!{}", "aZ09-_x".repeat(7).get(..43).unwrap());
        for id in [
            "!a:b",
            "!abc123:matrix.org",
            "!a.b=c/d:1.2.3.4:80",
            "#a:b",
            "#straße/x:example.org:8448",
            hash.as_str(),
        ] {
            assert_eq!(check_room(id), Ok(()), "{id}");
            assert!(has_hash_length(id), "{id}");
        }
        assert!(!has_hash_length("!abc"));
        for id in [
            "", "!", "!:b", "a:b", "#a", "#:b", "#a:", "#a b:c", "@a:b", "!a:", "!a b:c", "!a.b",
            "*", "!a:b:c",
        ] {
            assert!(check_room(id).is_err(), "{id}");
        }
    }

    #[test]
    fn a_plain_id_has_nothing_to_hide() {
        for id in ["!a:example.org", "!opaque", "$x"] {
            assert!(is_plain_id(id), "{id}");
        }
        for id in ["", "!a b", "!a\u{1b}", "!a\u{202e}b", &"x".repeat(256)] {
            assert!(!is_plain_id(id), "{id:?}");
        }
    }
}
