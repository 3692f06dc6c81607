//! How far a call came before it failed, told from what the HTTP library reports.

use std::{error::Error as StdError, io, iter::successors, time::Duration};

use crate::{
    error::{Remedy, chain},
    text::{duration, excerpt, shell_quote},
};

/// How far a call came.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reach {
    /// The host name has no address.
    #[error("its host name does not resolve (DNS)")]
    Dns,
    /// The host is there, but nothing listens on the port.
    #[error("connection refused")]
    Refused,
    /// This machine has no way to any network where the host could be.
    #[error("this machine has no way into its network (network unreachable)")]
    NetworkUnreachable,
    /// The host's network is there, but not the host.
    #[error("there is no such host in its network (host unreachable)")]
    HostUnreachable,
    /// No answer within this time.
    #[error("no answer within {}", duration(*.0))]
    Timeout(Duration),
    /// Connected, but no secure connection came about.
    #[error("no secure connection (TLS): {0}")]
    Tls(TlsFault),
    /// It ended at the proxy.
    #[error("{0}")]
    Proxy(ProxyFault),
    /// The connection broke, in the library's words.
    #[error("the connection broke: {0}")]
    Broken(String),
}

/// Why a proxy did not lead on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProxyFault {
    /// The proxy's host name has no address.
    #[error("the proxy's host name does not resolve (DNS)")]
    Dns,
    /// Nothing listens at the proxy's address.
    #[error("the proxy refused the connection: nothing listens there")]
    Refused,
    /// The proxy is not there, or too slow.
    #[error("no answer through the proxy")]
    NoAnswer,
    /// The proxy wants a user name and password, or others.
    #[error("the proxy asks for a user name and password")]
    WantsLogin,
    /// The proxy answers, and does not make the connection.
    #[error("the proxy did not let the connection through")]
    Denied,
}

/// Why no secure connection came about.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlsFault {
    /// The certificate's issuer is not trusted here.
    #[error("the issuer of its certificate is not trusted here")]
    UnknownIssuer,
    /// The certificate has expired.
    #[error("its certificate has expired")]
    Expired,
    /// The certificate is not valid yet, or the clock here is wrong.
    #[error("its certificate is not valid yet")]
    NotYetValid,
    /// The certificate is for another host.
    #[error("its certificate is for another host")]
    WrongName,
    /// The server does not speak TLS on this port.
    #[error("it does not speak TLS on this port")]
    NotTls,
    /// The certificate is a CA's own, as self-signed ones often are: no server may show it.
    #[error("its certificate is that of a CA, not of a server")]
    CaCertificate,
    /// Anything else, in the library's words.
    #[error("{0}")]
    Other(String),
}

/// What the TLS library's words mean.
const TLS_WORDS: [(&str, TlsFault); 10] = [
    ("InvalidContentType", TlsFault::NotTls),
    ("UnknownIssuer", TlsFault::UnknownIssuer),
    // An issuer of a trusted name with another key, as after a private CA was made anew.
    ("BadSignature", TlsFault::UnknownIssuer),
    ("CaUsedAsEndEntity", TlsFault::CaCertificate),
    ("NotValidYet", TlsFault::NotYetValid),
    ("not valid yet", TlsFault::NotYetValid),
    ("Expired", TlsFault::Expired),
    ("certificate expired", TlsFault::Expired),
    ("NotValidForName", TlsFault::WrongName),
    ("not valid for name", TlsFault::WrongName),
];

/// Reads the HTTP library's error; `None` when something answered that is not HTTP. It has no types
/// for most causes, so their words decide.
pub fn reach(error: &reqwest::Error, patience: Duration) -> Option<Reach> {
    // The outermost words hold the URL, in which anything may stand.
    let words = error.source().map_or_else(String::new, chain);
    let root = root(error);
    Some(if error.is_timeout() {
        Reach::Timeout(patience)
    } else if words.contains("dns error") || words.contains("invalid dns name") {
        Reach::Dns
    } else if let Some(reach) = no_connection(error) {
        reach
    } else if words.contains("proxy authorization required") {
        Reach::Proxy(ProxyFault::WantsLogin)
    } else if words.contains("tunnel") || words.contains("proxy") {
        Reach::Proxy(ProxyFault::Denied)
    } else if let Some(fault) = tls_fault(&root) {
        Reach::Tls(fault)
    } else if words.contains("invalid HTTP") {
        return None;
    } else {
        Reach::Broken(excerpt(&root))
    })
}

/// The words of the innermost error: those around it name the library's layers only.
pub(super) fn root(error: &reqwest::Error) -> String {
    let root = successors(error.source(), |error| StdError::source(*error)).last();
    root.map_or_else(|| "it is not said why".to_owned(), ToString::to_string)
}

/// How far a call came whose connection the operating system could not make.
fn no_connection(error: &(dyn StdError + 'static)) -> Option<Reach> {
    let io = successors(Some(error), |error| StdError::source(*error))
        .filter_map(|error| error.downcast_ref::<io::Error>())
        .last()?;
    match io.kind() {
        io::ErrorKind::ConnectionRefused => Some(Reach::Refused),
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::NetworkDown => {
            Some(Reach::NetworkUnreachable)
        }
        io::ErrorKind::HostUnreachable => Some(Reach::HostUnreachable),
        _ => None,
    }
}

fn tls_fault(words: &str) -> Option<TlsFault> {
    if let Some((_, fault)) = TLS_WORDS.iter().find(|(part, _)| words.contains(part)) {
        return Some(fault.clone());
    }
    let of_tls = ["certificate", "handshake", "fatal alert", "peer misbehaved"];
    let is_tls = of_tls.iter().any(|part| words.contains(part));
    is_tls.then(|| TlsFault::Other(excerpt(words)))
}

/// The command that shows what answers, and how.
pub fn look_closer(server: &str) -> String {
    // The server may be one that a stranger's file or redirect names.
    let url = format!("{server}/_matrix/client/versions");
    format!("curl -v {}", shell_quote(&url))
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
    pub(super) fn remedy(&self, server: &str) -> Remedy {
        let closer = |text: &str| Remedy::from(text).and_command(look_closer(server));
        match self {
            Self::Dns => "check the spelling of the host name, and DNS on this machine".into(),
            Self::Refused => closer("check the port, and that the homeserver runs there"),
            Self::NetworkUnreachable => Remedy::from("check that this machine is connected")
                .and_command("ip route")
                .and_command("ip -6 route"),
            Self::HostUnreachable => {
                "check that the host is up, and the firewall and routes on the way to it".into()
            }
            Self::Proxy(fault) => fault.advice().into(),
            Self::Tls(fault) => fault.remedy(),
            Self::Timeout(_) | Self::Broken(_) => closer("check the URL and the network"),
        }
    }
}

impl ProxyFault {
    fn advice(self) -> &'static str {
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
    fn remedy(&self) -> Remedy {
        let clock = |text: &str| Remedy::from(text).and_command("date -u");
        match self {
            Self::UnknownIssuer => {
                "for a private CA, name its certificate file in SSL_CERT_FILE".into()
            }
            Self::NotYetValid => clock("check this machine's clock"),
            Self::Expired => clock("renew the certificate, or check this machine's clock"),
            Self::WrongName => "use the host name that the certificate is for".into(),
            Self::NotTls => {
                "check the port, or use http:// for a homeserver on this machine".into()
            }
            Self::CaCertificate => {
                "give the server a certificate of its own, signed by that CA (CA:FALSE)".into()
            }
            Self::Other(_) => "check the server's TLS set-up and what stands in between".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_to_copy_runs_nothing_of_a_strangers() {
        let usual = "curl -v https://h:8448/_matrix/client/versions";
        assert_eq!(look_closer("https://h:8448"), usual);
        let command = look_closer("https://h/$(id);id'");
        let words = shlex::split(&command).unwrap();
        let url = "https://h/$(id);id'/_matrix/client/versions";
        assert_eq!(words, ["curl", "-v", url]);
    }

    #[test]
    fn missing_connections_are_told_apart() {
        let told = |kind: io::ErrorKind| no_connection(&io::Error::from(kind));
        let all = [
            io::ErrorKind::ConnectionRefused,
            io::ErrorKind::NetworkUnreachable,
            io::ErrorKind::HostUnreachable,
        ];
        let words = all.map(|kind| told(kind).unwrap().to_string());
        let words = std::collections::BTreeSet::from(words);
        assert_eq!(words.len(), all.len(), "{words:?}");
        assert_eq!(told(io::ErrorKind::ConnectionReset), None);
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
