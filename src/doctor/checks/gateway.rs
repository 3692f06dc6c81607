//! `gateway.*`: the running bot, as its status socket reports it.

use std::time::Duration;

use super::prelude::*;
use crate::{
    error::Kind,
    ipc::{Condition, NOT_RUNNING, Pause, Refused, now},
    policy::Rule,
    text::{counted, duration},
};

/// A sync ends within half a minute when all is well.
const LATE: Duration = Duration::from_mins(2);
/// How long an answer may wait without a warning.
const STUCK: Duration = Duration::from_mins(5);
/// How long a past error is a warning.
const RECENT: Duration = Duration::from_mins(15);

/// What helps a gateway that hangs. Its process may be another one seen from here, as in a
/// container, so no command ends it.
const RESTART: &str = "stop the gateway, then start it again";

pub fn checks() -> Vec<Check> {
    vec![
        Check::new("gateway.running", "gateway", &[]).judge(running),
        Check::new("gateway.version", "gateway", &[]).judge(version),
        Check::new("gateway.configuration", "gateway", &["config.login"]).judge(configuration),
        Check::new("gateway.sync", "gateway", &["homeserver.answers"]).judge(sync),
        Check::new("gateway.ready", "gateway", &["gateway.sync"]).judge(ready),
        Check::new("gateway.errors", "gateway", &["gateway.sync"]).judge(errors),
        Check::new("gateway.backlog", "gateway", &[]).judge(backlog),
        Check::new("gateway.sending", "gateway", &[]).judge(sending),
        Check::new("gateway.parked", "gateway", &[]).judge(parked),
        Check::new("gateway.refusals", "gateway", &[]).judge(refusals),
    ]
}

fn running(facts: &Facts) -> Judgement {
    let gateway = match facts.gateway.as_ref().ok_or(Missing)? {
        Ok(gateway) => gateway,
        Err(error) => return Ok(Verdict::error(error)),
    };
    Ok(match gateway {
        Gateway::Stopped => Verdict::warn(NOT_RUNNING),
        Gateway::Running(status) => {
            let time = duration(age(status.started_at));
            Verdict::pass(format!("running for {time} (pid {})", status.pid))
                .evidence("pid", status.pid)
        }
        Gateway::Silent { pid, why, hangs } => {
            let who = pid.map_or_else(String::new, |pid| format!(" (pid {pid})"));
            if *hangs {
                return Ok(Verdict::fail(format!("the gateway{who} hangs: {why}")).advice(RESTART));
            }
            Verdict::warn(format!(
                "another nanobot{who} uses this directory and does not report its status: {why}"
            ))
            // It may be starting.
            .kind(Kind::Unreachable)
            .advice("wait until it has finished, or stop that process")
            .without_commands()
        }
    })
}

fn version(facts: &Facts) -> Judgement {
    let ours = env!("CARGO_PKG_VERSION");
    let theirs = &facts.status()?.version;
    Ok(if theirs == ours {
        Verdict::pass(format!("it runs version {theirs}"))
    } else {
        Verdict::warn(format!(
            "the gateway runs version {theirs}, and {ours} is installed"
        ))
    })
}

fn configuration(facts: &Facts) -> Judgement {
    let (status, configured) = (facts.status()?, facts.credentials()?);
    let same = status.user_id == configured.user_id && status.device_id == configured.device_id;
    Ok(match facts.config()?.changed_at {
        _ if !same => Verdict::warn(format!(
            "the gateway uses device {1} of {0}, but device {3} of {2} is configured",
            status.user_id, status.device_id, configured.user_id, configured.device_id
        ))
        .advice(RESTART)
        .command("nanobot gateway"),
        Some(at) if at > status.configuration_read_at() => Verdict::warn(format!(
            "the configuration was changed {} ago, after the gateway read it",
            duration(age(at))
        )),
        _ if !status.needs_restart.is_empty() => Verdict::warn(format!(
            "changed, but needs a restart: {}",
            status.needs_restart.join(", ")
        ))
        .advice(RESTART)
        .command("nanobot gateway"),
        _ => Verdict::pass("it uses the configured device"),
    })
}

fn sync(facts: &Facts) -> Judgement {
    let status = facts.status()?;
    if let Some(since) = status.away_since {
        let time = duration(age(since));
        let verdict = Verdict::fail(format!("it has not reached the homeserver for {time}"));
        return Ok(verdict.kind(Kind::Unreachable));
    }
    if status.pauses.iter().any(|pause| pause.of == "sync") {
        let why = "the homeserver asked it to wait before the next sync";
        return Ok(Verdict::warn(why).kind(Kind::Unreachable));
    }
    let Some(at) = status.last_sync_at else {
        let verdict = Verdict::warn("it is waiting for the first sync");
        return Ok(verdict.kind(Kind::Unreachable));
    };
    let time = duration(age(at));
    Ok(match &status.sync_fault {
        _ if age(at) > LATE => Verdict::fail(format!("it has received nothing for {time}"))
            .advice(RESTART)
            .command("nanobot gateway"),
        Some(fault) => Verdict::fail(fault),
        None => match status.lacks(Condition::Sync) {
            Some(why) => Verdict::warn(why).kind(Kind::Unreachable),
            None => Verdict::pass(format!("the last sync was {time} ago")),
        },
    })
}

/// Whether it is ready by its own judgement, which sees what the doctor may not from where it runs.
fn ready(facts: &Facts) -> Judgement {
    let readiness = facts.status()?.readiness.as_ref().ok_or(Missing)?;
    if !readiness.alive {
        return Ok(Verdict::fail("the gateway hangs").advice(RESTART));
    }
    if readiness.ready {
        return Ok(Verdict::pass("it receives messages and can answer them"));
    }
    let reasons = readiness.reasons.iter();
    let reasons: Vec<_> = reasons
        .map(|reason| format!("{}: {}", reason.condition.name(), reason.message))
        .collect();
    let verdict = Verdict::warn(format!("the gateway is not ready: {}", reasons.join("; ")));
    Ok(verdict.evidence("reasons", &readiness.reasons))
}

fn errors(facts: &Facts) -> Judgement {
    Ok(match &facts.status()?.last_error {
        Some(error) if age(error.at) <= RECENT => Verdict::warn(format!(
            "{} ago: {}",
            duration(age(error.at)),
            error.message
        ))
        .evidence("kind", error.kind),
        _ => Verdict::pass("no error in the last 15 minutes"),
    })
}

fn backlog(facts: &Facts) -> Judgement {
    let backlog = facts.status()?.backlog.as_ref().ok_or(Missing)?;
    let detail = match backlog.waiting {
        0 => "no message is waiting".to_owned(),
        1 => "1 message is waiting for an answer".to_owned(),
        waiting => format!("{waiting} messages are waiting for an answer"),
    };
    let verdict = match backlog.oldest_waiting_at.map(age) {
        Some(age) if age > STUCK => {
            Verdict::warn(format!("{detail}, the oldest for {}", duration(age)))
        }
        _ => Verdict::pass(detail),
    };
    Ok(verdict.evidence("waiting", backlog.waiting))
}

/// What helps an account of which nothing is taken.
const DO_WHAT_IT_SAYS: &str =
    "do what the homeserver says, or ask its administrator; the gateway continues by itself";
/// How long a limit may last without a warning, in milliseconds.
const LONG: u64 = 60_000;

fn sending(facts: &Facts) -> Judgement {
    let pauses = &facts.status()?.pauses;
    for pause in pauses {
        let Some(refusal) = &pause.refusal else {
            continue;
        };
        let verdict = Verdict::fail(describe(pause))
            .advice(DO_WHAT_IT_SAYS)
            .evidence("errcode", &refusal.errcode);
        return Ok(match &refusal.link {
            Some(link) => verdict.evidence("link", link),
            None => verdict,
        });
    }
    let length = |pause: &Pause| pause.until.saturating_sub(pause.since);
    Ok(match pauses.iter().max_by_key(|pause| length(pause)) {
        Some(pause) if length(pause) > LONG => Verdict::warn(describe(pause)),
        Some(pause) => Verdict::pass(format!("{}, for a moment", pause.why)),
        None => Verdict::pass("nothing is held back"),
    })
}

fn describe(pause: &Pause) -> String {
    format!(
        "{}; {} has been waiting for {}, retrying in {} s",
        pause.why,
        pause.of,
        duration(age(pause.since)),
        pause.until.saturating_sub(now()) / 1000
    )
}

fn parked(facts: &Facts) -> Judgement {
    let parked = &facts.status()?.backlog.as_ref().ok_or(Missing)?.parked;
    let Some(newest) = parked.recent.first() else {
        return Ok(Verdict::pass("none failed"));
    };
    let verdict = Verdict::warn(format!(
        "{} without an answer; the newest, in {}: {}",
        counted(parked.count, "message"),
        newest.room_id,
        newest.reason
    ));
    Ok(verdict.evidence("parked", parked.count))
}

/// How long a refusal is worth a warning.
const DAY: Duration = Duration::from_hours(24);

/// How to have such messages answered.
fn command(rule: Rule) -> Option<&'static str> {
    match rule {
        Rule::Plaintext => Some("nanobot config set allowPlaintextInEncryptedRooms true"),
        Rule::DeviceUnknown | Rule::DeviceNotSigned => Some("nanobot config set senderTrust any"),
        Rule::SenderNotVerified => Some("nanobot config set senderTrust signed"),
        Rule::EncryptionDisabled => Some("nanobot config set e2eeEnabled true"),
        _ => None,
    }
}

fn refusals(facts: &Facts) -> Judgement {
    let status = facts.status()?;
    let refused = status.refused.iter();
    let refused: Vec<(Rule, &Refused)> = refused
        .filter_map(|(name, refused)| Some((Rule::from_name(name)?, refused)))
        .filter(|(rule, _)| rule.is_about_protection())
        .collect();
    let all: u64 = refused.iter().map(|(_, refused)| refused.count).sum();
    let recent = refused
        .iter()
        .filter(|(_, refused)| age(refused.last_at) <= DAY);
    let recent: Vec<_> = recent.collect();
    let verdict = if let Some(ignored) = ignored(facts).filter(|_| recent.is_empty()) {
        Verdict::note(ignored)
    } else if all == 0 {
        Verdict::pass("none rejected since the gateway started")
    } else if recent.is_empty() {
        Verdict::pass(format!(
            "{} rejected since the gateway started, none in the last 24 hours",
            counted(all, "message")
        ))
    } else {
        let lines = recent.iter().map(|(rule, refused)| {
            format!("{} rejected: {rule}", counted(refused.count, "message"))
        });
        let lines: Vec<_> = lines.collect();
        let commands = recent.iter().filter_map(|(rule, _)| command(*rule));
        commands.fold(Verdict::warn(lines.join("\n")), Verdict::command)
    };
    Ok(verdict.evidence("refused", &status.refused))
}

/// What the settings let the bot ignore in the last hour: that is no fault, and explains a bot that
/// stays silent.
fn ignored(facts: &Facts) -> Option<String> {
    let refused = &facts.status().ok()?.refused;
    let last_hour = |rule: Rule| refused.get(rule.name()).map_or(0, |it| it.last_hour);
    let lines = [
        (
            Rule::NotMentioned,
            "not mentioned (with groupPolicy \"open\" the bot answers without a mention)",
        ),
        (Rule::SenderNotAllowed, "the sender is not in allowFrom"),
        (Rule::RoomNotAllowed, "the room is not in groupAllowFrom"),
    ]
    .into_iter()
    .filter(|(rule, _)| last_hour(*rule) > 0)
    .map(|(rule, why)| {
        let messages = counted(last_hour(rule), "message");
        format!("{messages} ignored in the last hour: {why}")
    });
    Some(lines.collect::<Vec<_>>().join("\n")).filter(|lines| !lines.is_empty())
}
