//! What the homeserver can do, and how well it does it.

use time::OffsetDateTime;
use url::{Host, Url};

use crate::{
    doctor::checks::prelude::*,
    homeserver::{Certificate, Failure},
    ipc::now,
};

/// Slower answers than this make a chat feel slow, in milliseconds.
const SLOW: u128 = 1_000;
/// A day in milliseconds.
const DAY: u64 = 86_400_000;
/// The time before its end, in milliseconds, when a certificate should have been renewed.
const SOON: u64 = 14 * DAY;
/// The same as a part of its life: those that live for days only are renewed shortly before.
const PART: u64 = 6;
/// Servers whose syncs leave a count of one-time keys out when it is zero, which clients then take
/// for "as before".
const FORGETS_KEYS: &str = "its syncs may not report that all one-time keys are used, so the bot \
                            uploads no new ones";
/// Faults of homeservers: the name of their software, and what goes wrong.
const QUIRKS: [(&str, &str); 2] = [("Conduit", FORGETS_KEYS), ("conduwuit", FORGETS_KEYS)];

pub fn checks() -> Vec<Check> {
    vec![
        Check::new("homeserver.versions", "versions", &["homeserver.answers"]).judge(versions),
        Check::new(
            "homeserver.certificate",
            "certificate",
            &["homeserver.answers"],
        )
        .judge(certificate),
        Check::new(
            "homeserver.well-known",
            "well_known",
            &["homeserver.account"],
        )
        .judge(well_known),
        Check::new("homeserver.software", "software", &["homeserver.account"]).judge(software),
        Check::new("homeserver.media", "versions", &["homeserver.versions"]).judge(media),
        Check::new("homeserver.latency", "timing", &["homeserver.account"]).judge(latency),
        Check::new("homeserver.login-flows", "flows", &["homeserver.account"]).judge(flows),
        Check::new("homeserver.upload-limit", "upload_limit", &["token.valid"]).judge(upload_limit),
    ]
}

fn versions(facts: &Facts) -> Judgement {
    let versions = known(facts.versions.as_ref())?;
    let newest = match versions.newest() {
        Some((0, _)) | None => "a version before 1.1".to_owned(),
        Some((major, minor)) => format!("version {major}.{minor}"),
    };
    let detail = format!("it supports {newest} of the Matrix API");
    let verdict = if versions.at_least(1, 1) {
        Verdict::pass(detail)
    } else {
        Verdict::fail(detail)
    };
    Ok(verdict.evidence("versions", &versions.versions))
}

fn latency(facts: &Facts) -> Judgement {
    let took = answer(facts.timing.as_ref())?.latency.as_millis();
    let detail = format!("a small request takes {took} ms");
    Ok(Verdict::warn_if(took > SLOW, detail).evidence("milliseconds", took))
}

fn certificate(facts: &Facts) -> Judgement {
    let Some(certificate) = answer(facts.certificate.as_ref())? else {
        let is_plain = facts.credentials()?.homeserver.scheme() == "http";
        return Ok(if is_plain {
            Verdict::pass("plain HTTP needs no certificate")
        } else {
            Verdict::skip("it cannot be checked through a proxy")
        });
    };
    let left = certificate.not_after.saturating_sub(now());
    let end = day(certificate.not_after).unwrap_or_else(|| "an unknown day".to_owned());
    let detail = match left / DAY {
        0 => "it expires within a day".to_owned(),
        days => format!("it expires on {end}, in {days} days"),
    };
    Ok(Verdict::warn_if(left < soon(certificate), detail)
        .evidence("days", left / DAY)
        .evidence("issuer", &certificate.issuer))
}

/// With less than this left, in milliseconds, a certificate should have been renewed.
fn soon(certificate: &Certificate) -> u64 {
    let life = certificate.not_after.saturating_sub(certificate.not_before);
    SOON.min(life / PART)
}

fn well_known(facts: &Facts) -> Judgement {
    let configured = &facts.credentials()?.homeserver;
    let named = match facts.well_known.as_ref().ok_or(Missing)? {
        Ok(Some(url)) => bare(url),
        Ok(None) => {
            return Ok(Verdict::pass("there is no .well-known file, which is fine"));
        }
        Err(Failure::WellKnown { url, why }) => {
            return Ok(Verdict::warn(format!("{url}: {why}")).advice(
                "ask the administrator of that web server to correct the file: clients read it at login",
            ));
        }
        // The bot knows its homeserver already, and a server name needs no web server of its own.
        Err(failure) => {
            return Ok(Verdict::pass(format!(
                "its .well-known file cannot be read, which is fine: {failure}"
            )));
        }
    };
    let ours = bare(configured);
    Ok(if named == ours {
        Verdict::pass("its .well-known file names the configured URL")
    } else if is_inner(configured) {
        Verdict::pass(format!(
            "its .well-known file names {named}; {ours} is an internal address"
        ))
    } else {
        Verdict::warn(format!(
            "its .well-known file names {named}, but {ours} is configured"
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

fn software(facts: &Facts) -> Judgement {
    let Ok(Some(software)) = facts.software.as_ref().ok_or(Missing)? else {
        return Ok(Verdict::pass("it does not publish its name"));
    };
    let name = format!("{} {}", software.name, software.version);
    let mut quirks = QUIRKS.iter();
    let verdict = match quirks.find(|(name, _)| software.name.eq_ignore_ascii_case(name)) {
        Some((_, fault)) => Verdict::warn(format!("it is {name}: {fault}")),
        None => Verdict::pass(format!("it is {name}")),
    };
    Ok(verdict
        .evidence("software", &software.name)
        .evidence("version", &software.version))
}

fn flows(facts: &Facts) -> Judgement {
    let flows = answer(facts.flows.as_ref())?;
    let described = flows.describe();
    Ok(if flows.password {
        Verdict::pass(format!("it supports {described}"))
    } else {
        let detail = format!("it has no password login; it offers {described}");
        Verdict::warn(detail).evidence("flows", &flows.types)
    })
}

fn media(facts: &Facts) -> Judgement {
    Ok(if known(facts.versions.as_ref())?.authenticated_media() {
        Verdict::pass("files are fetched with the bot's token")
    } else {
        Verdict::warn("the homeserver hands files to everyone who knows their address")
    })
}

fn upload_limit(facts: &Facts) -> Judgement {
    let ours = facts.matrix()?.max_media_bytes;
    Ok(match answer(facts.upload_limit.as_ref())? {
        None => Verdict::pass("it names no limit"),
        Some(limit) if *limit < ours => Verdict::warn(format!(
            "it takes files up to {limit} bytes, and maxMediaBytes is {ours}"
        ))
        .command(format!("nanobot config set maxMediaBytes {limit}")),
        Some(limit) => Verdict::pass(format!("it takes files up to {limit} bytes")),
    })
}

/// The day of a moment in milliseconds since the Unix epoch, as in `2027-01-31`.
pub(super) fn day(moment: u64) -> Option<String> {
    let seconds = i64::try_from(moment / 1_000).ok()?;
    let moment = OffsetDateTime::from_unix_timestamp(seconds).ok()?;
    Some(moment.date().to_string())
}

/// The command that makes this the homeserver, if it means nothing else to a shell.
pub(super) fn moving_to(url: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ":/.-_".contains(c);
    if url.chars().all(is_plain) {
        format!("nanobot config set homeserver {url}")
    } else {
        "nanobot config get homeserver".to_owned()
    }
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

    #[test]
    fn a_day_is_written_as_calendars_do() {
        assert_eq!(day(1_609_459_200_000).unwrap(), "2021-01-01");
        assert_eq!(day(u64::MAX), None);
    }

    #[test]
    fn a_url_from_outside_is_no_command_of_its_own() {
        assert_eq!(
            moving_to("https://matrix.example.org:8448/a_b"),
            "nanobot config set homeserver https://matrix.example.org:8448/a_b"
        );
        for url in [
            "https://a/$(id)",
            "https://a/;id",
            "https://a/x'y",
            "https://[::1]",
        ] {
            assert_eq!(moving_to(url), "nanobot config get homeserver");
        }
    }
}
