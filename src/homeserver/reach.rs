//! How far a call came before it failed, told from what the HTTP library reports.

use std::{error::Error as StdError, fmt, io, time::Duration};

use super::words::{span, tame};
use crate::error::chain;

/// How far a call came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The host name has no address.
    Dns,
    /// The host is there, but nothing listens on the port.
    Refused,
    /// This machine has no way to any network where the host could be.
    NetworkUnreachable,
    /// The host's network is there, but not the host.
    HostUnreachable,
    /// No answer within this time.
    Timeout(Duration),
    /// Connected, but no secure connection came about.
    Tls(TlsFault),
    /// It ended at the proxy.
    Proxy(ProxyFault),
    /// The connection broke, in the library's words.
    Broken(String),
}

/// Why a proxy did not lead on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyFault {
    /// The proxy's host name has no address.
    Dns,
    /// Nothing listens at the proxy's address.
    Refused,
    /// The proxy is not there, or too slow.
    NoAnswer,
    /// The proxy wants a user name and password, or others.
    WantsLogin,
    /// The proxy answers, and does not make the connection.
    Denied,
}

/// Why no secure connection came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TlsFault {
    /// The certificate's issuer is not trusted here.
    UnknownIssuer,
    /// The certificate has expired.
    Expired,
    /// The certificate is not valid yet, or the clock here is wrong.
    NotYetValid,
    /// The certificate is for another host.
    WrongName,
    /// The server does not speak TLS on this port.
    NotTls,
    /// The certificate is a CA's own, as self-signed ones often are: no server may show it.
    CaCertificate,
    /// Anything else, in the library's words.
    Other(String),
}

/// What the HTTP library's error amounts to.
pub(super) enum Cause {
    /// No HTTP answer came.
    Reach(Reach),
    /// Something answered that is not HTTP.
    NotHttp,
}

/// Reads the HTTP library's error. It has no types for these causes, so their words decide.
pub(super) fn cause(error: &reqwest::Error, patience: Duration) -> Cause {
    let (words, root) = (chain(error), root(error));
    let reach = if error.is_timeout() {
        Reach::Timeout(patience)
    } else if words.contains("dns error") || words.contains("invalid dns name") {
        Reach::Dns
    } else if let Some(reach) = io_kind(error).and_then(no_connection) {
        reach
    } else if words.contains("proxy authorization required") {
        Reach::Proxy(ProxyFault::WantsLogin)
    } else if words.contains("tunnel") || words.contains("proxy") {
        Reach::Proxy(ProxyFault::Denied)
    } else if let Some(fault) = tls_fault(&root) {
        Reach::Tls(fault)
    } else if words.contains("invalid HTTP") {
        return Cause::NotHttp;
    } else {
        Reach::Broken(tame(&root, &[]))
    };
    Cause::Reach(reach)
}

/// The words of the innermost error: those around it name the library's layers only.
pub(super) fn root(error: &reqwest::Error) -> String {
    let mut root = error.source();
    while let Some(cause) = root.and_then(StdError::source) {
        root = Some(cause);
    }
    root.map(ToString::to_string).unwrap_or_default()
}

/// The kind of the innermost I/O error.
fn io_kind(error: &(dyn StdError + 'static)) -> Option<io::ErrorKind> {
    let mut kind = None;
    let mut next = Some(error);
    while let Some(cause) = next {
        if let Some(io) = cause.downcast_ref::<io::Error>() {
            kind = Some(io.kind());
        }
        next = cause.source();
    }
    kind
}

/// How far a call came whose connection the operating system could not make.
fn no_connection(kind: io::ErrorKind) -> Option<Reach> {
    match kind {
        io::ErrorKind::ConnectionRefused => Some(Reach::Refused),
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::NetworkDown => {
            Some(Reach::NetworkUnreachable)
        }
        io::ErrorKind::HostUnreachable => Some(Reach::HostUnreachable),
        _ => None,
    }
}

fn tls_fault(words: &str) -> Option<TlsFault> {
    let has = |part: &str| words.contains(part);
    if has("InvalidContentType") {
        return Some(TlsFault::NotTls);
    }
    // An issuer of a trusted name with another key, as after a private CA was made anew.
    if has("UnknownIssuer") || has("BadSignature") {
        return Some(TlsFault::UnknownIssuer);
    }
    if has("CaUsedAsEndEntity") {
        return Some(TlsFault::CaCertificate);
    }
    if has("NotValidYet") || has("not valid yet") {
        return Some(TlsFault::NotYetValid);
    }
    if has("Expired") || has("certificate expired") {
        return Some(TlsFault::Expired);
    }
    if has("NotValidForName") || has("not valid for name") {
        return Some(TlsFault::WrongName);
    }
    let tls =
        has("certificate") || has("handshake") || has("fatal alert") || has("peer misbehaved");
    tls.then(|| TlsFault::Other(tame(words, &[])))
}

impl Reach {
    /// The same where it was a proxy that we tried to connect to.
    pub(super) fn through_proxy(self) -> Self {
        match self {
            Self::Dns => Self::Proxy(ProxyFault::Dns),
            Self::Refused => Self::Proxy(ProxyFault::Refused),
            Self::HostUnreachable | Self::Timeout(_) => Self::Proxy(ProxyFault::NoAnswer),
            other => other,
        }
    }

    /// Whether the same call may succeed in a moment.
    pub(super) fn may_pass(&self) -> bool {
        !matches!(self, Self::Tls(_) | Self::Proxy(ProxyFault::WantsLogin))
    }

    /// What the person can do about it.
    pub(super) fn hint(&self, server: &str) -> String {
        let curl = format!("curl -v {server}/_matrix/client/versions");
        match self {
            Self::Dns => "check the spelling of the host name, and DNS on this machine".to_owned(),
            Self::Refused => {
                format!("check the port, and that the homeserver runs there: {curl}")
            }
            Self::NetworkUnreachable => {
                "check that this machine is connected: ip route (for an IPv6 address: ip -6 route)"
                    .to_owned()
            }
            Self::HostUnreachable => {
                "check that the host is up, and the firewall and routes on the way to it".to_owned()
            }
            Self::Proxy(fault) => fault.hint().to_owned(),
            Self::Tls(fault) => fault.hint(),
            Self::Timeout(_) | Self::Broken(_) => format!("check the URL and the network: {curl}"),
        }
    }
}

impl ProxyFault {
    fn hint(self) -> &'static str {
        match self {
            Self::WantsLogin => {
                "write its user name and password into the proxy setting \
                 (http://name:password@host:port), or into HTTPS_PROXY"
            }
            Self::Denied => {
                "ask whoever runs the proxy to allow the homeserver, or leave it out with NO_PROXY"
            }
            Self::Dns | Self::Refused | Self::NoAnswer => {
                "check the proxy setting, or HTTPS_PROXY and NO_PROXY in the environment"
            }
        }
    }
}

impl TlsFault {
    fn hint(&self) -> String {
        match self {
            Self::UnknownIssuer => {
                "for a private CA, name its certificate file in SSL_CERT_FILE".to_owned()
            }
            Self::NotYetValid => "check this machine's clock: date -u".to_owned(),
            Self::Expired => {
                "renew the certificate, or check this machine's clock: date -u".to_owned()
            }
            Self::WrongName => "use the host name that the certificate is for".to_owned(),
            Self::NotTls => {
                "check the port, or use http:// for a homeserver on this machine".to_owned()
            }
            Self::CaCertificate => {
                "give the server a certificate of its own, signed by that CA (CA:FALSE)".to_owned()
            }
            Self::Other(_) => "check the server's TLS set-up and what stands in between".to_owned(),
        }
    }
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns => f.write_str("its host name does not resolve (DNS)"),
            Self::Refused => f.write_str("the connection was refused"),
            Self::Timeout(patience) => write!(f, "no answer within {}", span(*patience)),
            Self::Tls(fault) => write!(f, "no secure connection (TLS): {fault}"),
            Self::NetworkUnreachable => {
                f.write_str("this machine has no way into its network (network unreachable)")
            }
            Self::HostUnreachable => {
                f.write_str("there is no such host in its network (host unreachable)")
            }
            Self::Proxy(fault) => fault.fmt(f),
            Self::Broken(words) if words.is_empty() => f.write_str("the connection broke"),
            Self::Broken(words) => write!(f, "the connection broke: {words}"),
        }
    }
}

impl fmt::Display for ProxyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dns => "the proxy's host name does not resolve (DNS)",
            Self::Refused => "the proxy refused the connection: nothing listens there",
            Self::NoAnswer => "no answer through the proxy",
            Self::WantsLogin => "the proxy asks for a user name and password",
            Self::Denied => "the proxy did not let the connection through",
        })
    }
}

impl fmt::Display for TlsFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownIssuer => "the issuer of its certificate is not trusted here",
            Self::Expired => "its certificate has expired",
            Self::NotYetValid => "its certificate is not valid yet",
            Self::WrongName => "its certificate is for another host",
            Self::NotTls => "it does not speak TLS on this port",
            Self::CaCertificate => "its certificate is that of a CA, not of a server",
            Self::Other(words) => words,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_connections_are_told_apart() {
        let told = |kind| no_connection(kind).map(|reach| reach.to_string());
        let all = [
            io::ErrorKind::ConnectionRefused,
            io::ErrorKind::NetworkUnreachable,
            io::ErrorKind::HostUnreachable,
        ];
        let words: std::collections::BTreeSet<_> = all.into_iter().filter_map(told).collect();
        assert_eq!(words.len(), all.len(), "{words:?}");
        assert_eq!(no_connection(io::ErrorKind::ConnectionReset), None);
    }

    #[test]
    fn what_fails_at_the_proxy_is_said_of_the_proxy() {
        for (reach, fault) in [
            (Reach::Dns, ProxyFault::Dns),
            (Reach::Refused, ProxyFault::Refused),
            (Reach::Timeout(Duration::from_secs(1)), ProxyFault::NoAnswer),
            (Reach::HostUnreachable, ProxyFault::NoAnswer),
        ] {
            assert_eq!(reach.through_proxy(), Reach::Proxy(fault));
        }
        let tls = Reach::Tls(TlsFault::Expired);
        assert_eq!(tls.clone().through_proxy(), tls);
    }

    #[test]
    fn tls_words_are_understood() {
        for (words, fault) in [
            (
                "invalid peer certificate: UnknownIssuer",
                TlsFault::UnknownIssuer,
            ),
            ("invalid peer certificate: Expired", TlsFault::Expired),
            (
                "invalid peer certificate: certificate expired: verification time 1 (UNIX), …",
                TlsFault::Expired,
            ),
            (
                "invalid peer certificate: NotValidYet",
                TlsFault::NotYetValid,
            ),
            (
                "invalid peer certificate: certificate not valid for name \"a\"",
                TlsFault::WrongName,
            ),
            (
                "received corrupt message of type InvalidContentType",
                TlsFault::NotTls,
            ),
            (
                "received fatal alert: InternalError",
                TlsFault::Other("received fatal alert: InternalError".to_owned()),
            ),
        ] {
            assert_eq!(tls_fault(words), Some(fault), "{words}");
        }
        assert_eq!(tls_fault("connection reset by peer"), None);
    }
}
