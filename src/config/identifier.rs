//! The syntax of Matrix user and room ids.
//!
//! <https://spec.matrix.org/v1.16/appendices/#common-identifier-format>

use std::net::{Ipv4Addr, Ipv6Addr};

/// No Matrix id may be longer, in bytes.
const LONGEST: usize = 255;

/// Says what is wrong with a user id such as `@bot:example.org`, in the words of a predicate.
///
/// The local part may hold what historical user ids hold; only white space, control characters
/// and colons cannot be in it.
pub(super) fn check_user_id(id: &str) -> Result<(), &'static str> {
    let form = "must be a user id such as @bot:example.org";
    if id.is_empty() {
        return Err("is empty; it must be a user id such as @bot:example.org");
    }
    let Some(rest) = id.strip_prefix('@') else {
        return Err(if id.starts_with(['!', '#']) {
            "names a room; it must be a user id such as @bot:example.org"
        } else {
            "must be a user id that begins with @, such as @bot:example.org"
        });
    };
    let Some((local, server)) = rest.split_once(':') else {
        return Err("has no server part; a user id looks like @bot:example.org");
    };
    if local.is_empty() {
        return Err("has no name before the colon; a user id looks like @bot:example.org");
    }
    check_common(id, local)?;
    if is_server_name(server) {
        Ok(())
    } else {
        Err(form)
    }
}

/// Says what is wrong with a room id such as `!abc:example.org`, in the words of a predicate.
///
/// From room version 12 on a room id has no server part.
pub(super) fn check_room_id(id: &str) -> Result<(), &'static str> {
    let form = "must be a room id such as !abc:example.org";
    let Some(rest) = id.strip_prefix('!') else {
        return Err(match id.chars().next() {
            None => "is empty; it must be a room id such as !abc:example.org",
            Some('#') => "is a room's alias; its id is needed, which begins with !",
            Some(_) => "must be a room id that begins with !, such as !abc:example.org",
        });
    };
    let (opaque, server) = match rest.split_once(':') {
        Some((opaque, server)) => (opaque, Some(server)),
        None => (rest, None),
    };
    if opaque.is_empty() {
        return Err(form);
    }
    check_common(id, opaque)?;
    match server {
        Some(server) if is_server_name(server) => Ok(()),
        Some(_) => Err(form),
        None if opaque.chars().all(is_url_safe_base64) => Ok(()),
        None => Err("has no server part; a room id looks like !abc:example.org"),
    }
}

/// Whether a room id without a server part is as long as those of room version 12: a SHA-256 hash
/// in unpadded URL-safe base 64.
pub(super) fn has_hash_length(id: &str) -> bool {
    id.contains(':') || id.len() == 1 + 43
}

fn check_common(id: &str, name: &str) -> Result<(), &'static str> {
    if id.len() > LONGEST {
        return Err("is longer than the 255 bytes a Matrix id may have");
    }
    if name.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err("holds white space or a control character");
    }
    Ok(())
}

fn is_url_safe_base64(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '_')
}

/// Whether this is a server name: a DNS name or an IP address, and perhaps a port.
///
/// <https://spec.matrix.org/v1.16/appendices/#server-name>
pub(super) fn is_server_name(name: &str) -> bool {
    let (host, port) = match name.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, rest)) => {
            if address.parse::<Ipv6Addr>().is_err() {
                return false;
            }
            return rest.is_empty() || rest.strip_prefix(':').is_some_and(is_port);
        }
        None => match name.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (name, None),
        },
    };
    port.is_none_or(is_port) && (host.parse::<Ipv4Addr>().is_ok() || is_dns_name(host))
}

fn is_port(text: &str) -> bool {
    (1..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_dns_name(host: &str) -> bool {
    !host.is_empty()
        && host
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

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
            assert_eq!(check_user_id(id), Ok(()), "{id}");
        }
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
            "!a:b",
            "#a:b",
            "@a:[::1",
            "@a:https://b",
            "@a:b/",
            "*",
            " @a:b",
            "@a:b\n",
            &long,
        ] {
            assert!(check_user_id(id).is_err(), "{id}");
        }
    }

    #[test]
    fn room_ids() {
        let hash = format!("!{}", "aZ09-_x".repeat(7).get(..43).unwrap());
        for id in [
            "!a:b",
            "!abc123:matrix.org",
            "!a.b=c/d:1.2.3.4:80",
            hash.as_str(),
        ] {
            assert_eq!(check_room_id(id), Ok(()), "{id}");
            assert!(has_hash_length(id), "{id}");
        }
        assert!(!has_hash_length("!abc"));
        for id in [
            "", "!", "!:b", "a:b", "#a:b", "@a:b", "!a:", "!a b:c", "!a.b", "*", "!a:b:c",
        ] {
            assert!(check_room_id(id).is_err(), "{id}");
        }
    }
}
