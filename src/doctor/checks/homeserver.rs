//! `homeserver.*`: the way to the homeserver, and what answers there.

use crate::{
    doctor::{
        check::{Advice, Check, Explanation, Verdict},
        facts::Facts,
    },
    homeserver::{Failure, Reach, travels_in_clear},
};

/// Slower answers than this make a chat feel slow, in milliseconds.
const SLOW: u128 = 2_000;

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
        id: "homeserver.latency",
        title: "It answers quickly",
        probe: "versions",
        needs: &["homeserver.answers"],
        judge: latency,
        explanation: Explanation {
            meaning: "The time of the first small request is taken, connection included.",
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

fn configured(facts: &Facts) -> Option<Verdict> {
    let matrix = facts.config.as_ref()?.matrix.as_ref()?;
    Some(match matrix.homeserver() {
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
    let versions = &facts.versions.as_ref()?.as_ref().ok()?.value;
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
    let took = facts.versions.as_ref()?.as_ref().ok()?.took.as_millis();
    let detail = format!("it answered within {took} ms");
    Some(
        if took > SLOW {
            Verdict::warn(detail)
        } else {
            Verdict::pass(detail)
        }
        .evidence("milliseconds", took),
    )
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
