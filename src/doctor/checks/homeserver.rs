//! `homeserver.*`: the way to the homeserver, and what answers there.

use url::Url;

use crate::{
    doctor::{
        check::{Advice, Check, Explanation, Verdict},
        facts::Facts,
    },
    error::Kind,
    homeserver::{Failure, Reach, WellKnown, travels_in_clear},
    instance::now,
};

/// Slower answers than this make a chat feel slow, in milliseconds.
const SLOW: u128 = 2_000;
/// Milliseconds by which a clock is off enough to be worth a word.
const SKEWED: u64 = 30_000;
/// Milliseconds by which a clock is wrong.
const WRONG: u64 = 300_000;
/// A day in milliseconds.
const DAY: u64 = 86_400_000;
/// Days before its end on which a certificate should have been renewed.
const SOON: u64 = 14;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "homeserver.configured",
        title: "A homeserver is named",
        probe: "config",
        needs: &["config.values"],
        judge: |facts| configured(facts),
        explanation: Explanation {
            meaning: "channels.matrix.homeserver is the base URL of the homeserver's client API.",
            matters: "Without it there is nobody to talk to.",
            causes: &["nobody has logged in yet"],
        },
        remedy: Advice {
            text: "log in, which finds the URL by itself",
            commands: &["nanobot login"],
        },
    },
    Check {
        id: "homeserver.plain-http",
        title: "The token does not travel in the clear",
        probe: "config",
        needs: &["homeserver.configured"],
        judge: |facts| {
            Some(in_clear(
                facts
                    .config
                    .as_ref()?
                    .matrix
                    .as_ref()?
                    .homeserver()
                    .ok()?
                    .as_str(),
            ))
        },
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
        needs: &["homeserver.configured"],
        judge: |facts| {
            stage(facts, "no proxy stands in the way", |failure| {
                matches!(
                    failure,
                    Failure::ProxySetting
                        | Failure::Unreachable {
                            reach: Reach::Proxy(_),
                            ..
                        }
                )
            })
        },
        explanation: Explanation {
            meaning: "channels.matrix.proxy, or HTTPS_PROXY in the environment, names a proxy that \
                      all requests go through. A homeserver on this machine is asked directly.",
            matters: "Nothing reaches the homeserver.",
            causes: &[
                "the proxy's address is wrong or it is down",
                "the proxy wants a user name and password in its URL",
                "the proxy's rules forbid the homeserver's host",
            ],
        },
        remedy: Advice {
            text: "correct the proxy setting, or leave it out",
            commands: &["nanobot config get proxy", "nanobot config unset proxy"],
        },
    },
    Check {
        id: "homeserver.dns",
        title: "The homeserver's name has an address",
        probe: "versions",
        needs: &["homeserver.configured", "homeserver.proxy"],
        judge: |facts| {
            stage(facts, "its name resolves", |failure| {
                matches!(
                    failure,
                    Failure::Unreachable {
                        reach: Reach::Dns,
                        ..
                    }
                )
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
        title: "Its port takes connections",
        probe: "versions",
        needs: &["homeserver.dns"],
        judge: |facts| {
            stage(facts, "it takes connections", |failure| {
                matches!(
                    failure,
                    Failure::Unreachable {
                        reach: Reach::Refused
                            | Reach::NetworkUnreachable
                            | Reach::HostUnreachable
                            | Reach::Timeout(_)
                            | Reach::Broken(_),
                        ..
                    }
                )
            })
        },
        explanation: Explanation {
            meaning: "A TCP connection to the homeserver's port is opened, and an answer awaited.",
            matters: "Nothing reaches the homeserver.",
            causes: &[
                "the homeserver is down or restarting",
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
        probe: "versions",
        needs: &["homeserver.connect"],
        judge: |facts| {
            stage(facts, "the connection can be trusted", |failure| {
                matches!(
                    failure,
                    Failure::Client { .. }
                        | Failure::Unreachable {
                            reach: Reach::Tls(_),
                            ..
                        }
                )
            })
        },
        explanation: Explanation {
            meaning: "The certificate must be for the homeserver's name, not expired, and signed by \
                      an authority that this machine trusts.",
            matters: "nanobot refuses to send the token to a server it cannot be sure of.",
            causes: &[
                "the certificate has expired and was not renewed",
                "the server uses a private CA that this machine does not know",
                "the certificate is for another name, or the URL is",
                "this machine's clock is wrong",
            ],
        },
        remedy: Advice {
            text: "renew the certificate, or name the private CA's file in SSL_CERT_FILE",
            commands: &["date -u"],
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
                Err(failure) => Verdict::failed(failure),
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
        needs: &["homeserver.answers", "config.login"],
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
        needs: &["homeserver.answers"],
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
        needs: &["homeserver.answers"],
        judge: latency,
        explanation: Explanation {
            meaning: "How long a small request takes: the median of three.",
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
        id: "clock.skew",
        title: "This machine's clock is right",
        probe: "timing",
        needs: &["homeserver.answers"],
        judge: clock,
        explanation: Explanation {
            meaning: "The time in the homeserver's answers is compared with this machine's clock.",
            matters: "With a wrong clock certificates look expired or not valid yet, and logs tell \
                      nonsense.",
            causes: &[
                "the machine has no time service (NTP)",
                "a virtual machine was suspended",
            ],
        },
        remedy: Advice {
            text: "set the clock, and let a time service keep it right",
            commands: &["date -u", "timedatectl set-ntp true"],
        },
    },
    Check {
        id: "homeserver.login-flows",
        title: "The bot could log in again",
        probe: "flows",
        needs: &["homeserver.answers"],
        judge: |facts| {
            Some(match facts.flows.as_ref()? {
                Ok(flows) if flows.password => {
                    Verdict::pass(format!("it takes {}", flows.describe()))
                }
                Ok(flows) => Verdict::warn(format!(
                    "it has no login with a password; it offers {}",
                    flows.describe()
                ))
                .evidence("flows", &flows.types),
                Err(failure) => Verdict::unanswered(failure),
            })
        },
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
];

/// What the homeserver tells only to an account of its own.
pub(super) const LIMITS: &[Check] = &[Check {
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
}];

fn configured(facts: &Facts) -> Option<Verdict> {
    let config = facts.config.as_ref()?;
    let is_new = matches!(&config.credentials, Some(Err(error)) if error.kind == Kind::NotLoggedIn);
    Some(match config.matrix.as_ref()?.homeserver() {
        Err(_) if is_new => Verdict::skip("a login finds it"),
        Ok(url) => Verdict::pass(url.as_str().trim_end_matches('/')),
        Err(error) => Verdict::troubled(&error.into()),
    })
}

fn in_clear(url: &str) -> Verdict {
    match url.parse() {
        Ok(parsed) if travels_in_clear(&parsed) => {
            Verdict::warn(format!("{url} is plain HTTP to another machine"))
        }
        _ => Verdict::pass("requests stay on this machine or are encrypted"),
    }
}

/// One stage of the way to the homeserver: it fails with the failures that are its own.
fn stage(facts: &Facts, otherwise: &str, is_own: fn(&Failure) -> bool) -> Option<Verdict> {
    Some(match facts.versions.as_ref()? {
        Err(failure) if is_own(failure) => Verdict::failed(failure),
        _ => Verdict::pass(otherwise),
    })
}

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

fn clock(facts: &Facts) -> Option<Verdict> {
    let clock = facts.timing.as_ref()?.as_ref().ok()?.clock.as_ref()?;
    let off = clock.ahead_ms.unsigned_abs();
    let direction = if clock.ahead_ms > 0 {
        "behind"
    } else {
        "ahead of"
    };
    let seconds = off / 1_000;
    let verdict = match off.saturating_sub(clock.uncertainty_ms) {
        0..SKEWED => Verdict::pass("it agrees with the homeserver's"),
        SKEWED..WRONG => Verdict::warn(format!(
            "this machine's clock is {seconds} s {direction} the homeserver's"
        )),
        _ => Verdict::fail(format!(
            "this machine's clock is {seconds} s {direction} the homeserver's"
        )),
    };
    Some(verdict.evidence("ahead_ms", -clock.ahead_ms))
}

fn certificate(facts: &Facts) -> Option<Verdict> {
    let certificate = match facts.certificate.as_ref()? {
        Ok(Some(certificate)) => certificate,
        Ok(None) => return Some(Verdict::pass("plain HTTP needs no certificate")),
        Err(failure) => return Some(Verdict::unanswered(failure)),
    };
    let days = certificate.not_after.saturating_sub(now()) / DAY;
    let detail = format!("it is valid for another {days} days");
    Some(
        match days {
            0..SOON => Verdict::warn(detail),
            _ => Verdict::pass(detail),
        }
        .evidence("days", days)
        .evidence("issuer", &certificate.issuer),
    )
}

fn well_known(facts: &Facts) -> Option<Verdict> {
    let configured = facts.config.as_ref()?.credentials()?.homeserver.clone();
    Some(match facts.well_known.as_ref()? {
        Ok(WellKnown::Absent) => Verdict::pass("there is no .well-known file, which is fine"),
        Ok(WellKnown::Names(url)) if same_place(url, &configured) => {
            Verdict::pass("its .well-known file names the configured URL")
        }
        Ok(WellKnown::Names(url)) => Verdict::warn(format!(
            "its .well-known file names {}, and {} is configured",
            bare(url),
            bare(&configured)
        ))
        .evidence("named", bare(url)),
        Ok(WellKnown::Broken { url, why }) => Verdict::warn(format!("{url}: {why}")),
        // A server name needs no web server of its own.
        Err(_) => Verdict::pass("there is no web server with a .well-known file, which is fine"),
    })
}

fn same_place(a: &Url, b: &Url) -> bool {
    bare(a) == bare(b)
}

fn bare(url: &Url) -> &str {
    url.as_str().trim_end_matches('/')
}

/// Faults of homeservers: the name that their software begins with, and what goes wrong.
const QUIRKS: [(&str, &str); 2] = [
    (
        "Conduit",
        "its syncs leave out how many one-time keys are left, so they may run out",
    ),
    (
        "Dendrite",
        "its development has ended, and new versions of Matrix will not come to it",
    ),
];

fn software(facts: &Facts) -> Option<Verdict> {
    let software = match facts.software.as_ref()? {
        Ok(Some(software)) => software,
        Ok(None) | Err(_) => return Some(Verdict::pass("it does not say what it is")),
    };
    let name = format!("{} {}", software.name, software.version);
    let quirk = QUIRKS
        .iter()
        .find(|(prefix, _)| software.name.eq_ignore_ascii_case(prefix));
    Some(
        match quirk {
            Some((_, fault)) => Verdict::warn(format!("it is {name}: {fault}")),
            None => Verdict::pass(format!("it is {name}")),
        }
        .evidence("software", &software.name)
        .evidence("version", &software.version),
    )
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
