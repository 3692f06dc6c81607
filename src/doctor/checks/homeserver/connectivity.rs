//! The connection to the homeserver, stage by stage, up to an answer.

use super::service::{day, moving_to};
use crate::{
    address::travels_in_clear,
    doctor::checks::prelude::*,
    error::Kind,
    homeserver::{Certificate, Failure, Reach, TlsFault, look_closer},
};

/// The most names of a certificate that are shown.
const MOST_NAMES: usize = 5;

pub fn checks() -> Vec<Check> {
    vec![
        Check::new("homeserver.plain-http", "config", &["config.login"]).judge(in_clear),
        Check::new("homeserver.proxy", "versions", &["config.login"]).judge(proxy),
        Check::new("homeserver.dns", "versions", &["homeserver.proxy"])
            .judge(stage("its name resolves", |reach| {
                matches!(reach, Reach::Dns)
            })),
        Check::new("homeserver.connect", "versions", &["homeserver.dns"])
            .judge(stage("it accepts connections", |reach| {
                !matches!(reach, Reach::Dns | Reach::Proxy(_) | Reach::Tls(_))
            })),
        Check::new("homeserver.tls", "certificate", &["homeserver.connect"]).judge(secure),
        Check::new("homeserver.answers", "versions", &["homeserver.tls"]).judge(answers),
        Check::new("homeserver.account", "whoami", &["homeserver.answers"]).judge(for_account),
    ]
}

fn in_clear(facts: &Facts) -> Judgement {
    let url = &facts.credentials()?.homeserver;
    let shown = url.as_str().trim_end_matches('/');
    Ok(if travels_in_clear(url) {
        Verdict::warn(format!("{shown} is plain HTTP to another machine"))
    } else {
        Verdict::pass("requests are encrypted, or stay on this machine")
    })
}

fn proxy(facts: &Facts) -> Judgement {
    let failure = match facts.versions.as_ref().ok_or(Missing)? {
        Err(failure @ Failure::ProxySetting) => failure,
        Err(failure) if matches!(reach(failure), Some(Reach::Proxy(_))) => failure,
        _ => return Ok(Verdict::pass("no proxy fails")),
    };
    let source = if facts.credentials()?.options.proxy.is_some() {
        "channels.matrix.proxy"
    } else {
        "the environment"
    };
    let mut verdict = Verdict::failed(failure).evidence("source", source);
    verdict.detail = format!("{failure} (the proxy is set in {source})");
    Ok(verdict)
}

/// How far a call came that got no answer.
fn reach(failure: &Failure) -> Option<&Reach> {
    match failure {
        Failure::Unreachable { reach, .. } => Some(reach),
        _ => None,
    }
}

/// One station on the way to the homeserver: the calls that come so far and no further.
fn stage(well: &'static str, ends_here: fn(&Reach) -> bool) -> impl Fn(&Facts) -> Judgement {
    move |facts| {
        Ok(match facts.versions.as_ref().ok_or(Missing)? {
            Err(failure) if reach(failure).is_some_and(ends_here) => {
                following_well_known(facts, Verdict::failed(failure))
            }
            _ => Verdict::pass(well),
        })
    }
}

fn secure(facts: &Facts) -> Judgement {
    let (failure, server, fault) = match facts.versions.as_ref().ok_or(Missing)? {
        Err(
            failure @ Failure::Unreachable {
                server,
                reach: Reach::Tls(fault),
            },
        ) => (failure, server, fault),
        Err(failure @ Failure::Client { .. }) => return Ok(Verdict::failed(failure)),
        _ => return Ok(Verdict::pass("the connection is secure")),
    };
    let mut verdict = Verdict::failed(failure);
    if let Ok(Some(certificate)) = known(facts.certificate.as_ref())
        && let Some(why) = shown_instead(fault, certificate)
    {
        verdict.detail = format!("{failure}: {why}");
    }
    Ok(verdict.command(match fault {
        TlsFault::Expired | TlsFault::NotYetValid => "date -u".to_owned(),
        TlsFault::UnknownIssuer | TlsFault::Other(_) => look_closer(server),
        _ => "nanobot config get homeserver".to_owned(),
    }))
}

/// What the certificate says that is not trusted, in its own words.
fn shown_instead(fault: &TlsFault, certificate: &Certificate) -> Option<String> {
    let names = &certificate.names;
    Some(match fault {
        TlsFault::Expired => format!("it was valid until {}", day(certificate.not_after)?),
        TlsFault::NotYetValid => format!("it is valid from {} on", day(certificate.not_before)?),
        TlsFault::WrongName if names.is_empty() => "it names no host".to_owned(),
        TlsFault::WrongName => {
            let shown = names[..names.len().min(MOST_NAMES)].join(", ");
            let more = if names.len() > MOST_NAMES {
                ", …"
            } else {
                ""
            };
            format!("it is for {shown}{more}")
        }
        TlsFault::UnknownIssuer if certificate.self_signed => "it is self-signed".to_owned(),
        TlsFault::UnknownIssuer => format!("it was issued by {}", certificate.issuer),
        TlsFault::NotTls | TlsFault::CaCertificate | TlsFault::Other(_) => return None,
    })
}

fn answers(facts: &Facts) -> Judgement {
    Ok(match facts.versions.as_ref().ok_or(Missing)? {
        Ok(_) => Verdict::pass("it answers as a Matrix homeserver"),
        Err(failure) => following_well_known(facts, no_homeserver(failure)),
    })
}

/// Where the server name's .well-known file names another homeserver, that one is likely meant.
fn following_well_known(facts: &Facts, verdict: Verdict) -> Verdict {
    let Ok(Some(named)) = known(facts.well_known.as_ref()) else {
        return verdict;
    };
    let configured = facts
        .credentials()
        .map(|credentials| &credentials.homeserver);
    if configured.is_ok_and(|url| url == named) {
        return verdict;
    }
    let named = named.as_str().trim_end_matches('/');
    verdict
        .remedy(format!("use {named}, which the server's .well-known file names").into())
        .command(moving_to(named))
}

/// What answers is no homeserver, or none that can answer now.
fn no_homeserver(failure: &Failure) -> Verdict {
    let verdict = Verdict::failed(failure);
    match failure {
        Failure::ServerTrouble {
            status: 502 | 504,
            server,
        } => verdict
            .advice(
                "the reverse proxy answers, but the homeserver behind it does not: check that it \
                 runs, and the proxy's settings",
            )
            .command(look_closer(server)),
        Failure::NotMatrix { server, .. } => verdict
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
        Failure::ServerTrouble { server, .. } | Failure::RateLimited { server, .. } => {
            verdict.command(look_closer(server))
        }
        _ => verdict.command("nanobot config get homeserver"),
    }
}

fn for_account(facts: &Facts) -> Judgement {
    Ok(match facts.whoami.as_ref().ok_or(Missing)? {
        Ok(_) => Verdict::pass("it knows the access token"),
        // Another check reports what the token is.
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
