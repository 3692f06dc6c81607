//! The URLs of homeservers and proxies.

use std::net::IpAddr;

use url::{Host, Url};

/// Reads the base URL of a homeserver, strictly: it becomes the beginning of every other URL.
/// Slashes at its end do not count.
///
/// # Errors
///
/// What is wrong with it, as a predicate.
pub fn parse_homeserver(text: &str) -> Result<Url, &'static str> {
    let mut url = parse(text, &["https", "http"])?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("contains a user name or password; remove everything before the @");
    }
    if url.query().is_some() {
        return Err("has a query; remove the ? and everything after it");
    }
    if url.fragment().is_some() {
        return Err("has a fragment; remove the # and everything after it");
    }
    let path = format!("{}/", url.path().trim_end_matches('/'));
    if path.contains("/_matrix/") {
        return Err("includes an API path; remove everything from /_matrix on");
    }
    url.set_path(path.trim_end_matches('/'));
    Ok(url)
}

/// Checks the URL of a proxy; unlike a homeserver's it may hold a user name and a password.
///
/// # Errors
///
/// What is wrong with it, as a predicate.
pub fn check_proxy(text: &str) -> Result<(), &'static str> {
    parse(text, &["http", "https", "socks4", "socks5", "socks5h"]).map(drop)
}

fn parse(text: &str, schemes: &[&str]) -> Result<Url, &'static str> {
    let of_proxy = schemes.contains(&"socks5");
    if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err("contains whitespace or a control character");
    }
    // `matrix.org:8448` would parse, as the scheme `matrix.org`.
    let Some((scheme, _)) = text.split_once("://") else {
        return Err(if of_proxy {
            "has no scheme; write it like http://proxy.example.org:3128"
        } else {
            "has no scheme; write it like https://matrix.org"
        });
    };
    if !schemes.contains(&scheme.to_ascii_lowercase().as_str()) {
        return Err(if of_proxy {
            "must begin with http://, https:// or socks5://"
        } else {
            "must begin with https:// or http://"
        });
    }
    let url = Url::parse(text).map_err(|_| "is not a URL; write it like https://matrix.org")?;
    match url.host_str() {
        Some(host) if !host.is_empty() => Ok(url),
        _ => Err("has no server name"),
    }
}

/// Whether what is sent to this URL can be read on the way: plain HTTP to another machine.
pub fn travels_in_clear(url: &Url) -> bool {
    url.scheme() != "https" && !is_loopback(url)
}

/// Whether a URL leads to this very machine.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => is_localhost(name),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).to_canonical().is_loopback(),
        None => false,
    }
}

/// Whether a host name is `localhost` or below it (RFC 6761, section 6.3). Domains of a [`Url`]
/// are in lower case.
fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn homeservers() {
        for (text, url) in [
            ("https://matrix.org", "https://matrix.org/"),
            ("https://matrix.org/", "https://matrix.org/"),
            ("https://matrix.org//", "https://matrix.org/"),
            ("HTTPS://Matrix.org:8448", "https://matrix.org:8448/"),
            ("http://127.0.0.1:8008", "http://127.0.0.1:8008/"),
            ("http://[::1]:8008/", "http://[::1]:8008/"),
            ("https://h/matrix/", "https://h/matrix"),
            ("https://h/a/b//", "https://h/a/b"),
        ] {
            assert_eq!(parse_homeserver(text).unwrap().as_str(), url);
        }
        for (text, word) in [
            ("matrix.org", "scheme"),
            ("matrix.org:8448", "scheme"),
            ("//matrix.org", "scheme"),
            ("ftp://matrix.org", "begin"),
            ("https://matrix.org/_matrix", "path"),
            ("https://h/matrix/_matrix/client/versions", "path"),
            ("https://u:p@matrix.org", "user name"),
            ("https://u@matrix.org", "user name"),
            ("https://matrix.org?x", "query"),
            ("https://matrix.org/#x", "fragment"),
            ("https://", "URL"),
            ("https:// matrix.org", "whitespace"),
            ("https://matrix.org:99999", "URL"),
        ] {
            let fault = parse_homeserver(text).unwrap_err();
            assert!(fault.contains(word), "{text}: {fault}");
        }
    }

    #[test]
    fn proxies() {
        for text in ["http://u:p@proxy:3128", "socks5://127.0.0.1:9050"] {
            assert_eq!(check_proxy(text), Ok(()));
        }
        for text in ["proxy:3128", "gopher://x", "http://"] {
            assert!(check_proxy(text).is_err(), "{text}");
        }
    }

    #[test]
    fn plain_http_is_exposed_unless_it_stays_here() {
        let exposed = |text| travels_in_clear(&Url::parse(text).unwrap());
        for text in [
            "http://matrix.org",
            "http://localhost.example.org",
            "http://notlocalhost",
            "http://10.0.0.1",
            "http://[::2]",
            "http://127.0.0.1.example.org",
        ] {
            assert!(exposed(text), "{text}");
        }
        for text in [
            "https://matrix.org",
            "http://localhost:8008",
            "http://LocalHost.",
            "http://hs.localhost:1",
            "http://127.9.9.9:1",
            "http://[::1]:8008",
            "http://[::ffff:127.0.0.1]",
        ] {
            assert!(!exposed(text), "{text}");
        }
    }
}
