//! What names look like, wherever they stand.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::doctor::checks::catalogue;

/// Ends of names of files, which look like those of domains.
const FILE_ENDS: [&str; 18] = [
    "conf", "crt", "db", "gz", "json", "lock", "log", "md", "pem", "py", "rs", "service", "sh",
    "sock", "sqlite", "toml", "txt", "xml",
];
/// First parts of dotted names of the Matrix specification and of the configuration.
const NAMESPACES: [&str; 3] = ["m", "channels", "nanobot"];

/// A server's name at the beginning of a text.
pub(super) struct Server<'a> {
    /// Its host, without brackets.
    pub(super) host: &'a str,
    /// What follows the host: a port with its colon, or nothing.
    pub(super) port: &'a str,
    /// How long both are, in bytes.
    pub(super) length: usize,
}

/// The server's name that a text begins with.
pub(super) fn server(text: &str) -> Option<Server<'_>> {
    let (host, host_length) = if let Some(rest) = text.strip_prefix('[') {
        let (address, _) = rest.split_once(']')?;
        address.parse::<Ipv6Addr>().ok()?;
        (address, address.len() + 2)
    } else {
        let host = host(text);
        (host, host.len())
    };
    if host.is_empty() {
        return None;
    }
    let port = port(&text[host_length..]);
    Some(Server {
        host,
        port,
        length: host_length + port.len(),
    })
}

/// The letters, digits, hyphens and dots that a text begins with.
pub(super) fn host(text: &str) -> &str {
    let run = run(text, |c| c.is_alphanumeric() || c == '-' || c == '.');
    run.trim_end_matches(['.', '-'])
}

fn port(text: &str) -> &str {
    let Some(rest) = colon(text).map(|length| &text[length..]) else {
        return "";
    };
    let digits = run(rest, |c| c.is_ascii_digit());
    let ends = !rest[digits.len()..].starts_with(char::is_alphanumeric);
    if (1..=5).contains(&digits.len()) && ends {
        &text[..text.len() - rest.len() + digits.len()]
    } else {
        ""
    }
}

/// The length of a colon at the beginning of a text, as it is or as URLs write it.
pub(super) fn colon(text: &str) -> Option<usize> {
    ["%3A", "%3a", ":"]
        .into_iter()
        .find(|colon| text.starts_with(colon))
        .map(str::len)
}

/// The beginning of a text that consists of such characters.
pub(super) fn run(text: &str, belongs: impl Fn(char) -> bool) -> &str {
    &text[..text.find(|c| !belongs(c)).unwrap_or(text.len())]
}

/// Whether dotted words are the name or address of a machine, not of a file, a check or a key.
pub(super) fn is_host(name: &str) -> bool {
    if name.parse::<Ipv4Addr>().is_ok() {
        return true;
    }
    let labels: Vec<_> = name.split('.').collect();
    let [first, .., last] = labels.as_slice() else {
        return false;
    };
    let is_top = last.starts_with("xn--")
        || (last.chars().count() > 1 && last.chars().all(char::is_alphabetic));
    let is_file = FILE_ENDS.contains(last) || last.starts_with("sqlite");
    is_top
        && !is_file
        && !labels.contains(&"")
        && !NAMESPACES.contains(first)
        && !catalogue().any(|check| check.category() == *first)
}

/// An IPv6 address at the beginning of a text, without brackets.
pub(super) fn ipv6(text: &str) -> Option<&str> {
    let run = run(text, |c| c.is_ascii_hexdigit() || c == ':' || c == '.');
    // A sentence may go on after it.
    let whole = run.trim_end_matches('.');
    [whole, whole.trim_end_matches(':')]
        .into_iter()
        .find(|text| text.len() > 2 && text.parse::<Ipv6Addr>().is_ok())
}

/// Whether a word is a public key: 32 bytes in base 64.
pub(super) fn is_key(word: &str) -> bool {
    let bare = word.trim_end_matches('=');
    bare.len() == 43
        && bare.contains(|c: char| c.is_ascii_lowercase())
        && bare.contains(|c: char| c.is_ascii_uppercase())
}

/// Whether a word is a device id as homeservers make them.
pub(super) fn is_device(word: &str) -> bool {
    let belongs = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    word.len() == 10 && word.bytes().all(belongs) && word.contains(|c: char| c.is_ascii_uppercase())
}
