//! The syntax of the homeserver's base URL and of a proxy's.

use std::net::IpAddr;

use url::{Host, Url};

/// Reads the base URL of a homeserver; slashes at its end do not count.
///
/// # Errors
///
/// What is wrong with it, in the words of a predicate.
pub(super) fn read_homeserver(text: &str) -> Result<Url, &'static str> {
    let url = read(text, &["https", "http"])?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("holds a user name or password; leave out everything before the @");
    }
    if url.query().is_some() {
        return Err("has a query; leave out the ? and what follows it");
    }
    if url.fragment().is_some() {
        return Err("has a fragment; leave out the # and what follows it");
    }
    if !url.path().trim_matches('/').is_empty() {
        return Err("has a path; only the server belongs here, such as https://matrix.org");
    }
    let mut url = url;
    url.set_path("/");
    Ok(url)
}

/// Checks the URL of a proxy; unlike a homeserver's it may hold a user name and a password.
///
/// # Errors
///
/// What is wrong with it, in the words of a predicate.
pub(super) fn check_proxy(text: &str) -> Result<(), &'static str> {
    read(text, &["http", "https", "socks4", "socks5", "socks5h"]).map(|_| ())
}

/// Whether what is sent to this URL can be read on the way.
pub(super) fn is_exposed(url: &Url) -> bool {
    let local = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    };
    url.scheme() == "http" && !local
}

fn read(text: &str, schemes: &[&str]) -> Result<Url, &'static str> {
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err("holds white space or a control character");
    }
    // `matrix.org:8448` would parse, as the scheme `matrix.org`.
    let Some((scheme, _)) = text.split_once("://") else {
        return Err(if schemes.contains(&"socks5") {
            "has no scheme; write it like http://proxy.example.org:3128"
        } else {
            "has no scheme; write it like https://matrix.org"
        });
    };
    if !schemes.contains(&scheme.to_ascii_lowercase().as_str()) {
        return Err(if schemes.contains(&"socks5") {
            "must begin with http://, https:// or socks5://"
        } else {
            "must begin with https:// or http://"
        });
    }
    let url = Url::parse(text).map_err(|_| "is not a URL; write it like https://matrix.org")?;
    match url.host_str() {
        Some(host) if !host.is_empty() => Ok(url),
        _ => Err("names no server"),
    }
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
        ] {
            assert_eq!(read_homeserver(text).unwrap().as_str(), url);
        }
        for (text, word) in [
            ("matrix.org", "scheme"),
            ("matrix.org:8448", "scheme"),
            ("//matrix.org", "scheme"),
            ("ftp://matrix.org", "begin"),
            ("https://matrix.org/_matrix", "path"),
            ("https://u:p@matrix.org", "user name"),
            ("https://u@matrix.org", "user name"),
            ("https://matrix.org?x", "query"),
            ("https://matrix.org/#x", "fragment"),
            ("https://", "URL"),
            ("https:// matrix.org", "white space"),
            ("https://matrix.org:99999", "URL"),
        ] {
            let fault = read_homeserver(text).unwrap_err();
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
        let exposed = |text| is_exposed(&Url::parse(text).unwrap());
        assert!(exposed("http://matrix.org"));
        assert!(exposed("http://10.0.0.1"));
        assert!(!exposed("https://matrix.org"));
        for text in [
            "http://localhost",
            "http://hs.localhost:1",
            "http://127.0.0.9",
            "http://[::1]",
        ] {
            assert!(!exposed(text), "{text}");
        }
    }
}
