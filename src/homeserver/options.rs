//! How to talk to a homeserver: proxy, plain HTTP, patience.

use std::{fmt, net::IpAddr, time::Duration};

use url::{Host, Url};

use super::failure::{Failure, Result};

/// How to talk to a homeserver.
#[derive(Clone)]
pub struct Options {
    /// The proxy for every request. Without one, the usual environment variables decide, except
    /// that a homeserver on this machine is always asked directly.
    pub proxy: Option<String>,
    /// Allows plain HTTP to other machines too. Tokens and passwords then travel in the clear.
    pub allow_http: bool,
    /// The longest one call may take, its retries and waits included.
    pub timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            proxy: None,
            allow_http: false,
            timeout: Duration::from_secs(30),
        }
    }
}

impl fmt::Debug for Options {
    /// A proxy URL may hold a password, so only its presence is shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("proxy", &self.proxy.as_ref().map(|_| "…"))
            .field("allow_http", &self.allow_http)
            .field("timeout", &self.timeout)
            .finish()
    }
}

impl Options {
    /// Refuses plain HTTP to another machine, unless it was asked for.
    pub(super) fn permit(&self, url: &Url) -> Result<()> {
        if self.allow_http || !travels_in_clear(url) {
            return Ok(());
        }
        Err(Failure::PlainHttp {
            url: super::endpoint::base_of(url),
        })
    }
}

/// Whether what is sent to this URL can be read on the way: plain HTTP to another machine.
#[must_use]
pub fn travels_in_clear(url: &Url) -> bool {
    url.scheme() != "https" && !is_loopback(url)
}

/// Whether a URL leads to this very machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => is_localhost(name),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).to_canonical().is_loopback(),
        None => false,
    }
}

/// Whether a host name is `localhost` or below it (RFC 6761, section 6.3).
fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name.eq_ignore_ascii_case("localhost") || name.to_ascii_lowercase().ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loopback(url: &str) -> bool {
        is_loopback(&Url::parse(url).unwrap())
    }

    #[test]
    fn only_this_machine_is_loopback() {
        for url in [
            "http://localhost:8008",
            "http://127.0.0.1",
            "http://127.9.9.9:1",
            "http://[::1]:8008",
            "http://[::ffff:127.0.0.1]",
            "http://a.localhost",
        ] {
            assert!(loopback(url), "{url}");
        }
        for url in [
            "http://localhost.example.org",
            "http://notlocalhost",
            "http://10.0.0.1",
            "http://[::2]",
            "http://127.0.0.1.example.org",
        ] {
            assert!(!loopback(url), "{url}");
        }
    }

    #[test]
    fn plain_http_needs_loopback_or_permission() {
        let url = Url::parse("http://matrix.example.org/x").unwrap();
        let mut options = Options::default();
        let failure = options.permit(&url).unwrap_err();
        assert_eq!(
            failure,
            Failure::PlainHttp {
                url: "http://matrix.example.org/x".to_owned()
            }
        );
        options.allow_http = true;
        assert_eq!(options.permit(&url), Ok(()));
    }

    #[test]
    fn a_proxy_password_is_never_printed() {
        let options = Options {
            proxy: Some("http://me:canary@proxy:3128".to_owned()),
            ..Options::default()
        };
        assert!(!format!("{options:?}").contains("canary"));
    }
}
