//! The way to the homeserver, station by station, up to an answer.

use crate::{
    doctor::{
        check::{Advice, Check, Explanation, Verdict},
        facts::Facts,
    },
    error::Kind,
    homeserver::{Certificate, Failure, Reach, TlsFault, travels_in_clear},
};

use super::{day, moving_to};

/// The most names of a certificate that are told.
const MOST_NAMES: usize = 5;

pub(in crate::doctor::checks) const CHECKS: &[Check] = &[
    Check {
        id: "homeserver.plain-http",
        title: "The token does not travel in the clear",
        probe: "config",
        needs: &["config.login"],
        judge: in_clear,
        explanation: Explanation {
            meaning: "A homeserver on another machine should be reached by https://.",
            matters: "Everyone on the way can read the access token and act as the bot.",
            causes: &["the URL was written with http://, or for a test"],
        },
        remedy: Advice {
            text: "use the https:// URL of the homeserver",
            commands: &["nanobot login"],
        },
    },
    Check {
        id: "homeserver.proxy",
        title: "The proxy lets us through",
        probe: "versions",
        needs: &["config.login"],
        judge: proxy,
        explanation: Explanation {
            meaning: "channels.matrix.proxy, or HTTPS_PROXY in the environment, names a proxy that \
                      all requests go through. Without the setting, a homeserver on this machine is \
                      asked directly.",
            matters: "Nothing reaches the homeserver.",
            causes: &[
                "the proxy's address is wrong or it is down",
                "the proxy wants a user name and password in its URL",
                "the proxy's rules forbid the homeserver's host",
            ],
        },
        remedy: Advice {
            text: "correct the proxy setting, or leave it out",
            commands: &["nanobot config get proxy"],
        },
    },
    Check {
        id: "homeserver.dns",
        title: "The homeserver's name has an address",
        probe: "versions",
        needs: &["homeserver.proxy"],
        judge: |facts| {
            stage(facts, "its name resolves", |reach| {
                matches!(reach, Reach::Dns)
            })
        },
        explanation: Explanation {
            meaning: "The host name of the homeserver is looked up as every program on this machine \
                      does.",
            matters: "Nothing reaches the homeserver.",
            causes: &[
                "a typing error in the homeserver's URL",
                "this machine or container has no DNS",
                "the domain has expired",
            ],
        },
        remedy: Advice {
            text: "check the spelling of the host name, and DNS on this machine",
            commands: &["nanobot config get homeserver"],
        },
    },
    Check {
        id: "homeserver.connect",
        title: "Something answers at its address",
        probe: "versions",
        needs: &["homeserver.dns"],
        judge: |facts| {
            stage(facts, "it takes connections", |reach| {
                !matches!(reach, Reach::Dns | Reach::Proxy(_) | Reach::Tls(_))
            })
        },
        explanation: Explanation {
            meaning: "A connection to the homeserver's port is opened, and an answer awaited.",
            matters: "Nothing reaches the homeserver.",
            causes: &[
                "the homeserver is down, restarting or overloaded",
                "the port in the URL is wrong",
                "a firewall forbids outgoing connections, or swallows them",
            ],
        },
        remedy: Advice {
            text: "check that the homeserver runs, its port, and the firewall",
            commands: &["nanobot doctor --wait"],
        },
    },
    Check {
        id: "homeserver.tls",
        title: "The connection is secure",
        probe: "certificate",
        needs: &["homeserver.connect"],
        judge: secure,
        explanation: Explanation {
            meaning: "The certificate must be for the homeserver's name, not expired, and signed by \
                      an authority that this machine trusts.",
            matters: "nanobot refuses to send the token to a server it cannot be sure of.",
            causes: &[
                "the certificate has expired and was not renewed",
                "the server uses a private CA that this machine does not know",
                "the certificate is for another name, or the URL is",
                "this machine's clock is wrong",
                "a sign-in page or a filter of the network answers in the homeserver's place",
            ],
        },
        remedy: Advice {
            text: "renew the certificate, or name the private CA's file in SSL_CERT_FILE",
            commands: &["date -u", "nanobot config get homeserver"],
        },
    },
    Check {
        id: "homeserver.answers",
        title: "A homeserver answers there",
        probe: "versions",
        needs: &["homeserver.tls"],
        judge: |facts| {
            Some(match facts.versions.as_ref()? {
                Ok(_) => Verdict::pass("it answers as a Matrix homeserver"),
                Err(failure) => no_homeserver(failure),
            })
        },
        explanation: Explanation {
            meaning: "A homeserver answers /_matrix/client/versions with JSON.",
            matters: "What answers instead cannot take the bot's messages.",
            causes: &[
                "the URL leads to a web site, a reverse proxy or a captive portal",
                "the homeserver behind the reverse proxy is down (502, 503, 504)",
                "the homeserver refuses more requests for a while (429)",
            ],
        },
        remedy: Advice {
            text: "check the URL, and that the homeserver behind it runs",
            commands: &["nanobot config get homeserver", "nanobot doctor --wait"],
        },
    },
    Check {
        id: "homeserver.account",
        title: "It answers for the bot's account",
        probe: "whoami",
        needs: &["homeserver.answers"],
        judge: for_account,
        explanation: Explanation {
            meaning: "A homeserver tells its versions even when it can do nothing else. This asks \
                      whose the access token is, which needs its database; what it thinks of the \
                      token is another check.",
            matters: "The bot can neither read nor answer until it works again.",
            causes: &[
                "the homeserver is starting, overloaded or out of disk",
                "it refuses more requests for a while (429)",
                "the URL is an old one that only redirects: tokens are not handed on to another \
                 server",
                "a reverse proxy passes only some of the paths below /_matrix on",
            ],
        },
        remedy: Advice {
            text: "wait for the homeserver, or ask its administrator",
            commands: &["nanobot doctor --wait"],
        },
    },
];

fn in_clear(facts: &Facts) -> Option<Verdict> {
    let url = &facts.config.as_ref()?.credentials()?.homeserver;
    let shown = url.as_str().trim_end_matches('/');
    Some(if travels_in_clear(url) {
        Verdict::warn(format!("{shown} is plain HTTP to another machine"))
    } else {
        Verdict::pass("requests stay on this machine or are encrypted")
    })
}

fn proxy(facts: &Facts) -> Option<Verdict> {
    let failure = match facts.versions.as_ref()? {
        Err(failure @ Failure::ProxySetting) => failure,
        Err(failure) if matches!(reach(failure), Some(Reach::Proxy(_))) => failure,
        _ => return Some(Verdict::pass("no proxy stands in the way")),
    };
    let options = &facts.config.as_ref()?.credentials()?.options;
    let source = if options.proxy.is_some() {
        "channels.matrix.proxy"
    } else {
        "the environment"
    };
    let verdict = Verdict::fail(format!("{failure} (the proxy is named by {source})"));
    Some(
        verdict
            .kind(failure.kind())
            .advice(failure.hint())
            .evidence("source", source),
    )
}

/// How far a call came that got no answer.
fn reach(failure: &Failure) -> Option<&Reach> {
    match failure {
        Failure::Unreachable { reach, .. } => Some(reach),
        _ => None,
    }
}

/// One station on the way to the homeserver: the calls that come so far and no further.
fn stage(facts: &Facts, otherwise: &str, ends_here: fn(&Reach) -> bool) -> Option<Verdict> {
    Some(match facts.versions.as_ref()? {
        Err(failure) if reach(failure).is_some_and(ends_here) => Verdict::failed(failure),
        _ => Verdict::pass(otherwise),
    })
}

fn secure(facts: &Facts) -> Option<Verdict> {
    let Err(failure) = facts.versions.as_ref()? else {
        return Some(Verdict::pass("the connection can be trusted"));
    };
    let fault = match (failure, reach(failure)) {
        (_, Some(Reach::Tls(fault))) => fault,
        (Failure::Client { .. }, _) => return Some(Verdict::failed(failure)),
        _ => return Some(Verdict::pass("the connection can be trusted")),
    };
    let shown = facts.certificate.as_ref();
    let shown = shown.and_then(|certificate| certificate.as_ref().ok()?.as_ref());
    let why = shown.and_then(|certificate| shown_instead(fault, certificate));
    let detail = match why {
        Some(why) => format!("{failure}: {why}"),
        None => failure.to_string(),
    };
    let command = match (fault, failure) {
        (TlsFault::Expired | TlsFault::NotYetValid, _) => "date -u".to_owned(),
        (TlsFault::UnknownIssuer | TlsFault::Other(_), Failure::Unreachable { server, .. }) => {
            look_closer(server)
        }
        _ => "nanobot config get homeserver".to_owned(),
    };
    let verdict = Verdict::fail(detail).kind(failure.kind());
    Some(verdict.advice(failure.hint()).command(command))
}

/// The command that shows what answers, and how.
fn look_closer(server: &str) -> String {
    format!("curl -v {server}/_matrix/client/versions")
}

/// What the certificate says that is not trusted, in its own words.
fn shown_instead(fault: &TlsFault, certificate: &Certificate) -> Option<String> {
    Some(match fault {
        TlsFault::Expired => format!("it was valid until {}", day(certificate.not_after)?),
        TlsFault::NotYetValid => format!("it is valid from {} on", day(certificate.not_before)?),
        TlsFault::WrongName if certificate.names.is_empty() => "it names no host".to_owned(),
        TlsFault::WrongName => {
            let names = &certificate.names;
            let more = if names.len() > MOST_NAMES {
                ", …"
            } else {
                ""
            };
            let names = names[..names.len().min(MOST_NAMES)].join(", ");
            format!("it is for {names}{more}")
        }
        TlsFault::UnknownIssuer if certificate.self_signed => "it is self-signed".to_owned(),
        TlsFault::UnknownIssuer => format!("it was issued by {}", certificate.issuer),
        TlsFault::NotTls | TlsFault::CaCertificate | TlsFault::Other(_) => return None,
    })
}

/// What answers is no homeserver, or none that can answer now.
fn no_homeserver(failure: &Failure) -> Verdict {
    let verdict = Verdict::failed(failure);
    match failure {
        Failure::ServerTrouble {
            status: 502 | 504, ..
        } => verdict
            .advice(
                "its reverse proxy answers, and the homeserver behind it does not: check that it \
                 runs, and the proxy's settings",
            )
            .command("nanobot doctor --wait"),
        Failure::NotMatrix { server, .. } | Failure::TooLarge { server, .. } => verdict
            .advice(
                "correct channels.matrix.homeserver if yours lives elsewhere; a web page may be the \
                 sign-in page of this machine's network",
            )
            .command(look_closer(server))
            .command("nanobot config get homeserver"),
        Failure::Redirect { target, .. } => verdict
            .advice(format!(
                "if {target} is your homeserver, name it in channels.matrix.homeserver; it may also \
                 be the sign-in page of this machine's network"
            ))
            .command(moving_to(target)),
        _ if failure.kind() == Kind::Unreachable => verdict.command("nanobot doctor --wait"),
        _ => verdict.command("nanobot config get homeserver"),
    }
}

fn for_account(facts: &Facts) -> Option<Verdict> {
    Some(match facts.whoami.as_ref()? {
        Ok(_) => Verdict::pass("it knows whose the access token is"),
        // What is said of the token itself is told there.
        Err(Failure::Refused { .. }) => Verdict::pass("it answers"),
        Err(failure) if failure.kind() == Kind::NotLoggedIn => Verdict::pass("it answers"),
        Err(failure) => no_homeserver(failure),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_untrusted_certificate_speaks_for_itself() {
        let certificate = Certificate {
            names: (0..7).map(|i| format!("{i}.example.org")).collect(),
            issuer: "CN=A private CA".to_owned(),
            self_signed: false,
            not_before: 1_577_836_800_000,
            not_after: 1_609_459_200_000,
        };
        let said = |fault| shown_instead(&fault, &certificate);
        assert_eq!(
            said(TlsFault::Expired).unwrap(),
            "it was valid until 2021-01-01"
        );
        assert_eq!(
            said(TlsFault::NotYetValid).unwrap(),
            "it is valid from 2020-01-01 on"
        );
        assert_eq!(
            said(TlsFault::WrongName).unwrap(),
            "it is for 0.example.org, 1.example.org, 2.example.org, 3.example.org, 4.example.org, …"
        );
        assert_eq!(
            said(TlsFault::UnknownIssuer).unwrap(),
            "it was issued by CN=A private CA"
        );
        assert_eq!(said(TlsFault::NotTls), None);
    }
}
