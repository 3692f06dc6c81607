//! What the homeserver can do, and how well it does it.

use url::{Host, Url};

use crate::{
    doctor::{
        check::{Advice, Check, Explanation, Verdict},
        facts::{ConfigFacts, Facts},
    },
    homeserver::{Certificate, LoginFlows, WellKnown},
    instance::now,
};

use super::{day, moving_to};

/// Slower answers than this make a chat feel slow, in milliseconds.
const SLOW: u128 = 1_000;
/// A day in milliseconds.
const DAY: u64 = 86_400_000;
/// The time before its end, in milliseconds, when a certificate should have been renewed.
const SOON: u64 = 14 * DAY;
/// The same as a part of its life: those that live for days only are renewed shortly before.
const PART: u64 = 6;

pub(in crate::doctor::checks) const CHECKS: &[Check] = &[
    Check {
        id: "homeserver.versions",
        title: "It speaks a version of Matrix that we need",
        probe: "versions",
        needs: &["homeserver.answers"],
        judge: versions,
        explanation: Explanation {
            meaning: "nanobot needs version 1.1 of the client-server API (2021); with 1.11 files are \
                      downloaded with the bot's token.",
            matters: "Requests that an old server does not know fail.",
            causes: &["the homeserver has not been updated for years"],
        },
        remedy: Advice {
            text: "ask the homeserver's administrator to update it",
            commands: &[],
        },
    },
    Check {
        id: "homeserver.certificate",
        title: "Its certificate does not expire soon",
        probe: "certificate",
        needs: &["homeserver.answers"],
        judge: certificate,
        explanation: Explanation {
            meaning: "The day on which the homeserver's certificate ends. Most are renewed by a \
                      program, a month before.",
            matters: "On that day the bot and everybody else lose the homeserver.",
            causes: &["the program that renews it has stopped working"],
        },
        remedy: Advice {
            text: "tell the homeserver's administrator to renew the certificate",
            commands: &[],
        },
    },
    Check {
        id: "homeserver.well-known",
        title: "The server's name leads to the same homeserver",
        probe: "well_known",
        needs: &["homeserver.account"],
        judge: well_known,
        explanation: Explanation {
            meaning: "https://SERVER/.well-known/matrix/client tells clients where the homeserver of \
                      a user id is. It is compared with the configured URL.",
            matters: "Where they differ, people and the bot may talk to different servers, or the \
                      configured address is an old one.",
            causes: &[
                "the homeserver has moved to another address",
                "the configured URL is an inner one, which is fine",
                "the file is broken",
            ],
        },
        remedy: Advice {
            text: "log in again with the user id, which follows the file; or leave it, if the \
                   configured address is meant",
            commands: &["nanobot config get homeserver"],
        },
    },
    Check {
        id: "homeserver.software",
        title: "Its software has no fault that we know of",
        probe: "software",
        needs: &["homeserver.account"],
        judge: software,
        explanation: Explanation {
            meaning: "The name and version of the homeserver's software, where it tells them, \
                      compared with a list of known faults.",
            matters: "Some faults of servers look like faults of the bot.",
            causes: &["an old version of the homeserver's software"],
        },
        remedy: Advice {
            text: "ask the homeserver's administrator to update it",
            commands: &[],
        },
    },
    Check {
        id: "homeserver.media",
        title: "Files can be fetched with the bot's token",
        probe: "versions",
        needs: &["homeserver.versions"],
        judge: media,
        explanation: Explanation {
            meaning: "Since version 1.11 of Matrix files are fetched with a token; before, anyone \
                      could fetch them.",
            matters: "Files that people send to the bot are open to everyone who knows their address.",
            causes: &["the homeserver has not been updated since 2024"],
        },
        remedy: Advice {
            text: "ask the homeserver's administrator to update it",
            commands: &[],
        },
    },
    Check {
        id: "homeserver.latency",
        title: "It answers quickly",
        probe: "timing",
        needs: &["homeserver.account"],
        judge: latency,
        explanation: Explanation {
            meaning: "How long a small request takes on an open connection: the median of three. More \
                      than a second is worth a warning.",
            matters: "Every answer of the bot takes a few requests.",
            causes: &[
                "the homeserver is overloaded (public ones are at times)",
                "it is far away, or behind a slow proxy",
            ],
        },
        remedy: Advice {
            text: "look at the homeserver's load, or choose one nearer to the bot",
            commands: &[],
        },
    },
    Check {
        id: "homeserver.login-flows",
        title: "The bot could log in again",
        probe: "flows",
        needs: &["homeserver.account"],
        judge: |facts| flows(facts),
        explanation: Explanation {
            meaning: "nanobot logs in with a user name and a password.",
            matters: "The bot runs as it is, but when its token ends, `nanobot login` cannot give it \
                      another.",
            causes: &[
                "logins are delegated to an OAuth 2.0 service (MAS)",
                "the server only allows single sign-on",
            ],
        },
        remedy: Advice {
            text: "ask the homeserver's administrator to allow passwords for the bot, or for a token \
                   of its own to use with --token-stdin",
            commands: &["nanobot login --token-stdin"],
        },
    },
    Check {
        id: "homeserver.upload-limit",
        title: "It takes files as large as the bot may send",
        probe: "upload_limit",
        needs: &["token.valid"],
        judge: upload_limit,
        explanation: Explanation {
            meaning: "The homeserver's limit on uploads is compared with maxMediaBytes.",
            matters: "Files between the two limits are refused when the bot sends them.",
            causes: &["maxMediaBytes was raised beyond what the server allows"],
        },
        remedy: Advice {
            text: "lower maxMediaBytes, or ask for a higher limit on the server",
            commands: &["nanobot config get maxMediaBytes"],
        },
    },
];

fn versions(facts: &Facts) -> Option<Verdict> {
    let versions = facts.versions.as_ref()?.as_ref().ok()?;
    let newest = match versions.newest() {
        Some((0, _)) | None => "a version before 1.1".to_owned(),
        Some((major, minor)) => format!("version {major}.{minor}"),
    };
    Some(
        if versions.at_least(1, 1) {
            Verdict::pass(format!("it speaks {newest} of the Matrix API"))
        } else {
            Verdict::fail(format!("it speaks {newest} of the Matrix API"))
        }
        .evidence("versions", &versions.versions),
    )
}

fn latency(facts: &Facts) -> Option<Verdict> {
    let took = match facts.timing.as_ref()? {
        Ok(timing) => timing.latency.as_millis(),
        Err(failure) => return Some(Verdict::unanswered(failure)),
    };
    let detail = format!("a small request takes {took} ms");
    Some(
        if took > SLOW {
            Verdict::warn(detail)
        } else {
            Verdict::pass(detail)
        }
        .evidence("milliseconds", took),
    )
}

fn certificate(facts: &Facts) -> Option<Verdict> {
    let certificate = match facts.certificate.as_ref()? {
        Ok(Some(certificate)) => certificate,
        Ok(None) => return Some(none_shown(facts)),
        Err(failure) => return Some(Verdict::unanswered(failure)),
    };
    let left = certificate.not_after.saturating_sub(now());
    let end = day(certificate.not_after).unwrap_or_else(|| "a day beyond all calendars".to_owned());
    let detail = match left / DAY {
        0 => "it ends within a day".to_owned(),
        days => format!("it ends on {end}, in {days} days"),
    };
    Some(
        if left < soon(certificate) {
            Verdict::warn(detail)
        } else {
            Verdict::pass(detail)
        }
        .evidence("days", left / DAY)
        .evidence("issuer", &certificate.issuer),
    )
}

fn none_shown(facts: &Facts) -> Verdict {
    let is_plain = |config: &ConfigFacts| Some(config.credentials()?.homeserver.scheme() == "http");
    if facts.config.as_ref().and_then(is_plain) == Some(true) {
        Verdict::pass("plain HTTP needs no certificate")
    } else {
        Verdict::skip("it cannot be looked at through a proxy")
    }
}

/// With less than this left, in milliseconds, a certificate should have been renewed.
fn soon(certificate: &Certificate) -> u64 {
    let life = certificate.not_after.saturating_sub(certificate.not_before);
    SOON.min(life / PART)
}

fn well_known(facts: &Facts) -> Option<Verdict> {
    let configured = facts.config.as_ref()?.credentials()?.homeserver.clone();
    let named = match facts.well_known.as_ref()? {
        Ok(WellKnown::Names(url)) => url,
        Ok(WellKnown::Absent) => {
            return Some(Verdict::pass("there is no .well-known file, which is fine"));
        }
        Ok(WellKnown::Broken { url, why }) => {
            return Some(Verdict::warn(format!("{url}: {why}")).advice(
                "tell whoever runs that web server: people who log in with their user id look there",
            ));
        }
        // The bot knows its homeserver already, and a server name needs no web server of its own.
        Err(failure) => {
            return Some(Verdict::pass(format!(
                "its .well-known file cannot be asked for, which is fine: {failure}"
            )));
        }
    };
    let (named, ours) = (bare(named), bare(&configured));
    Some(if named == ours {
        Verdict::pass("its .well-known file names the configured URL")
    } else if is_inner(&configured) {
        Verdict::pass(format!(
            "its .well-known file names {named}; {ours} is an inner address"
        ))
    } else {
        Verdict::warn(format!(
            "its .well-known file names {named}, and {ours} is configured"
        ))
        .command(moving_to(named))
        .evidence("named", named)
    })
}

/// Whether a URL is of use in its own network only, so that no public file would name it.
fn is_inner(url: &Url) -> bool {
    const ENDINGS: [&str; 4] = [".internal", ".local", ".lan", ".localhost"];
    match url.host() {
        Some(Host::Domain(name)) => {
            !name.contains('.') || ENDINGS.iter().any(|ending| name.ends_with(ending))
        }
        Some(Host::Ipv4(address)) => address.is_loopback() || address.is_private(),
        Some(Host::Ipv6(address)) => address.is_loopback() || address.is_unique_local(),
        None => false,
    }
}

fn bare(url: &Url) -> &str {
    url.as_str().trim_end_matches('/')
}

/// Servers whose syncs leave a count of one-time keys out when it is zero, which clients then take
/// for "as before".
const FORGETS_KEYS: &str = "its syncs may leave out that all one-time keys are used up, so that no \
                            new ones are made";
/// Faults of homeservers: the name of their software, and what goes wrong.
const QUIRKS: [(&str, &str); 2] = [("Conduit", FORGETS_KEYS), ("conduwuit", FORGETS_KEYS)];

fn software(facts: &Facts) -> Option<Verdict> {
    let Ok(Some(software)) = facts.software.as_ref()? else {
        return Some(Verdict::pass("it does not say what it is"));
    };
    let name = format!("{} {}", software.name, software.version);
    let quirk = QUIRKS
        .iter()
        .find(|(name, _)| software.name.eq_ignore_ascii_case(name));
    Some(
        match quirk {
            Some((_, fault)) => Verdict::warn(format!("it is {name}: {fault}")),
            None => Verdict::pass(format!("it is {name}")),
        }
        .evidence("software", &software.name)
        .evidence("version", &software.version),
    )
}

fn flows(facts: &Facts) -> Option<Verdict> {
    Some(match facts.flows.as_ref()? {
        Ok(flows @ LoginFlows { password: true, .. }) => {
            Verdict::pass(format!("it takes {}", flows.describe()))
        }
        Ok(flows) => Verdict::warn(format!(
            "it has no login with a password; it offers {}",
            flows.describe()
        ))
        .evidence("flows", &flows.types),
        Err(failure) => Verdict::unanswered(failure),
    })
}

fn media(facts: &Facts) -> Option<Verdict> {
    let versions = facts.versions.as_ref()?.as_ref().ok()?;
    Some(if versions.authenticated_media() {
        Verdict::pass("files are fetched with the bot's token")
    } else {
        Verdict::warn("the homeserver hands files to everyone who knows their address")
    })
}

fn upload_limit(facts: &Facts) -> Option<Verdict> {
    let ours = facts.config.as_ref()?.matrix.as_ref()?.max_media_bytes;
    Some(match facts.upload_limit.as_ref()? {
        Err(failure) => Verdict::unanswered(failure),
        Ok(None) => Verdict::pass("it names no limit"),
        Ok(Some(limit)) if *limit < ours => Verdict::warn(format!(
            "it takes files up to {limit} bytes, and maxMediaBytes is {ours}"
        ))
        .command(format!("nanobot config set maxMediaBytes {limit}")),
        Ok(Some(limit)) => Verdict::pass(format!("it takes files up to {limit} bytes")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_late_after_most_of_its_life() {
        let lasting = |days: u64| Certificate {
            names: Vec::new(),
            issuer: String::new(),
            self_signed: false,
            not_before: 0,
            not_after: days * DAY,
        };
        for (days, soon_days) in [(6, 1), (42, 7), (90, 14), (3_650, 14)] {
            assert_eq!(soon(&lasting(days)), soon_days * DAY, "{days}");
        }
    }

    #[test]
    fn inner_addresses_are_those_that_mean_nothing_elsewhere() {
        for url in [
            "http://127.0.0.1:8008",
            "http://[::1]:8008",
            "http://10.1.2.3",
            "http://[fd00::1]",
            "http://synapse:8008",
            "http://matrix.lan",
            "http://localhost",
        ] {
            assert!(is_inner(&url.parse().unwrap()), "{url}");
        }
        for url in [
            "https://matrix.example.org",
            "https://192.0.2.1",
            "https://[2001:db8::1]",
            "https://lan.example.org",
        ] {
            assert!(!is_inner(&url.parse().unwrap()), "{url}");
        }
    }
}
