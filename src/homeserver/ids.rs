//! User ids and server names (spec, appendices: "Server Name" and "User Identifiers").

use std::{
    fmt,
    net::{Ipv4Addr, Ipv6Addr},
};

/// The most bytes a user id may have (spec, appendices: "User Identifiers").
const LONGEST_USER_ID: usize = 255;
/// The most bytes a server name may have (spec, appendices: "Server Name").
const LONGEST_SERVER_NAME: usize = 230;

/// The name of a homeserver: a host and perhaps a port. It is not an address yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerName {
    host: String,
    port: Option<u16>,
}

impl ServerName {
    /// Reads a server name.
    ///
    /// # Errors
    ///
    /// What is wrong with it, to follow a colon in a sentence.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.is_empty() {
            return Err("the server name is missing");
        }
        if text.len() > LONGEST_SERVER_NAME {
            return Err("a server name has at most 230 bytes");
        }
        let (host, port) = split_port(text)?;
        check_host(host)?;
        Ok(Self {
            host: host.to_owned(),
            port: port.map(read_port).transpose()?,
        })
    }

    /// The host, an IPv6 address in its brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, when the name has one.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.port
    }
}

impl fmt::Display for ServerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.host)?;
        match self.port {
            Some(port) => write!(f, ":{port}"),
            None => Ok(()),
        }
    }
}

fn split_port(text: &str) -> Result<(&str, Option<&str>), &'static str> {
    if !text.starts_with('[') {
        return Ok(match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        });
    }
    let Some(end) = text.find(']') else {
        return Err("an IPv6 address ends with ]");
    };
    let (host, rest) = text.split_at(end + 1);
    match (rest, rest.strip_prefix(':')) {
        ("", _) => Ok((host, None)),
        (_, Some(port)) => Ok((host, Some(port))),
        _ => Err("only a port may follow an IPv6 address"),
    }
}

fn read_port(digits: &str) -> Result<u16, &'static str> {
    let wrong = "a server name is a host and perhaps a port, as in example.org or example.org:8448";
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(wrong);
    }
    match digits.parse() {
        Ok(0) | Err(_) => Err("a port is a number from 1 to 65535"),
        Ok(port) => Ok(port),
    }
}

fn check_host(host: &str) -> Result<(), &'static str> {
    if let Some(address) = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
        return match address.parse::<Ipv6Addr>() {
            Ok(_) => Ok(()),
            Err(_) => Err("this is not an IPv6 address"),
        };
    }
    if host.is_empty() {
        return Err("the host is missing");
    }
    if !host.is_ascii() {
        return Err("a host has ASCII letters only (an international name is written as xn--…)");
    }
    let valid = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
    if !host.bytes().all(valid) {
        return Err("a host has letters, digits, - and . only");
    }
    if host.split('.').any(str::is_empty) {
        return Err("a host has no empty parts between its dots");
    }
    // URL parsers read 1.2.3 or 0x7f.1 as an address; a name that could turn into another host is refused.
    let last = host.rsplit('.').next().unwrap_or(host);
    let numeric = last.starts_with(|c: char| c.is_ascii_digit());
    if numeric && host.parse::<Ipv4Addr>().is_err() {
        return Err("this is neither a host name nor an IPv4 address");
    }
    Ok(())
}

/// A user id: `@localpart:server.name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserId {
    localpart: String,
    server_name: ServerName,
}

impl UserId {
    /// Reads a user id. The localpart may use the historical, wider grammar.
    ///
    /// # Errors
    ///
    /// What is wrong with it, to follow a colon in a sentence.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let Some(rest) = text.strip_prefix('@') else {
            return Err("a user id begins with @");
        };
        if text.len() > LONGEST_USER_ID {
            return Err("a user id has at most 255 bytes");
        }
        let Some((localpart, server)) = rest.split_once(':') else {
            return Err("a user id names its server, as in @bot:example.org");
        };
        if localpart.is_empty() {
            return Err("there is nothing between @ and :");
        }
        if localpart
            .chars()
            .any(|c| c.is_control() || c.is_whitespace())
        {
            return Err("a user id has no spaces");
        }
        Ok(Self {
            localpart: localpart.to_owned(),
            server_name: ServerName::parse(server)?,
        })
    }

    /// The part between `@` and the first colon.
    #[must_use]
    pub fn localpart(&self) -> &str {
        &self.localpart
    }

    /// The part after the first colon.
    #[must_use]
    pub fn server_name(&self) -> &ServerName {
        &self.server_name
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "@{}:{}", self.localpart, self.server_name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valid_names_read_and_print_the_same() {
        for name in [
            "example.org",
            "example.org:8448",
            "localhost:8008",
            "127.0.0.1:8008",
            "[::1]:8008",
            "[2001:db8::1]",
            "xn--mller-kva.de",
        ] {
            assert_eq!(ServerName::parse(name).unwrap().to_string(), name);
        }
    }

    #[test]
    fn invalid_names_are_refused() {
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
        ] {
            assert!(ServerName::parse(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn user_ids_have_a_localpart_and_a_server() {
        let id = UserId::parse("@bot/1:example.org:8448").unwrap();
        assert_eq!(id.localpart(), "bot/1");
        assert_eq!(id.server_name().to_string(), "example.org:8448");
        assert_eq!(id.to_string(), "@bot/1:example.org:8448");
        for id in [
            "bot:example.org",
            "@bot",
            "@:example.org",
            "@b t:example.org",
            "@bot:",
            "@bot:a/b",
        ] {
            assert!(UserId::parse(id).is_err(), "{id}");
        }
    }
}
