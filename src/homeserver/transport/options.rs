//! How to talk to a homeserver: proxy, plain HTTP, patience.

use std::time::Duration;

use reqwest::{Client, ClientBuilder, Proxy, redirect::Policy};
use url::Url;

use super::{
    connectivity::root,
    failure::{Failure, Result},
    url::base_of,
};
use crate::{
    address::{is_loopback, travels_in_clear},
    config::Secret,
    text::excerpt,
};

/// How this program names itself to a homeserver.
const USER_AGENT: &str = concat!("nanobot/", env!("CARGO_PKG_VERSION"));
/// The longest a connection may take to come about.
const LONGEST_CONNECT: Duration = Duration::from_secs(10);
/// The longest deadline that is still believed to be meant, and that clocks can add up.
const LONGEST_TIMEOUT: Duration = Duration::from_hours(1);

/// How to talk to a homeserver.
#[derive(Clone, Debug)]
pub struct Options {
    /// The proxy for every request; its URL may hold a password. Without one, the usual environment
    /// variables decide, except that a homeserver on this machine is always asked directly.
    pub proxy: Option<Secret>,
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

impl Options {
    /// Refuses plain HTTP to another machine, unless it was asked for.
    ///
    /// # Errors
    ///
    /// [`Failure::PlainHttp`], where it is refused.
    pub fn permit(&self, url: &Url) -> Result<()> {
        if self.allow_http || !travels_in_clear(url) {
            return Ok(());
        }
        Err(Failure::PlainHttp { url: base_of(url) })
    }

    pub(super) fn patience(&self) -> Duration {
        self.timeout.min(LONGEST_TIMEOUT)
    }

    /// How long a connection may take to come about: not so long that there is no time to find
    /// out why it did not.
    pub(super) fn connect_patience(&self) -> Duration {
        (self.patience() * 2 / 3).min(LONGEST_CONNECT)
    }
}

/// The HTTP client for the server at this URL: the one way this program makes them.
///
/// # Errors
///
/// When the proxy setting is wrong, or the system's certificates cannot be read.
pub fn http_client(options: &Options, url: &Url) -> Result<Client> {
    build(client_builder(options, url)?)
}

pub(super) fn client_builder(options: &Options, url: &Url) -> Result<ClientBuilder> {
    let builder = Client::builder()
        .user_agent(USER_AGENT)
        .connect_timeout(options.connect_patience())
        .redirect(Policy::none())
        .referer(false);
    Ok(match &options.proxy {
        Some(proxy) => builder.proxy(http_proxy(proxy.expose())?),
        // Plain HTTP is allowed here because it stays on this machine; a proxy would break that.
        None if is_loopback(url) => builder.no_proxy(),
        None => builder,
    })
}

pub(super) fn build(builder: ClientBuilder) -> Result<Client> {
    builder.build().map_err(|error| Failure::Client {
        why: excerpt(&root(&error)),
    })
}

/// A proxy of the kinds that are built in; the library would find out about others while connecting.
fn http_proxy(url: &str) -> Result<Proxy> {
    match url.split_once("://") {
        Some((scheme, _)) if !matches!(scheme, "http" | "https") => Err(Failure::ProxySetting),
        _ => Proxy::all(url).map_err(|_| Failure::ProxySetting),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            proxy: Some(Secret::new("http://me:canary@proxy:3128")),
            ..Options::default()
        };
        assert!(!format!("{options:?}").contains("canary"));
    }
}
