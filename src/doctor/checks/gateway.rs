//! `gateway.*`: the running bot, as it tells of itself.

use std::time::Duration;

use crate::{
    doctor::{
        check::{Advice, Check, Explanation, Verdict},
        facts::{Facts, Gateway, Trouble},
    },
    error::Kind,
    instance::{Status, now},
};

/// A sync ends within half a minute when all is well.
const LATE: Duration = Duration::from_mins(2);
/// How long an answer may wait before it is worth a word.
const STUCK: Duration = Duration::from_mins(5);
/// How long a past failure is worth a word.
const RECENT: Duration = Duration::from_mins(15);

/// What helps a gateway that hangs. Its process may be another one seen from here, as in a container,
/// so no command ends it.
const RESTART: &str = "end the gateway, then start it again";

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "gateway.running",
        title: "A gateway runs",
        probe: "gateway",
        needs: &[],
        judge: |facts| Some(running(facts.gateway.as_ref()?)),
        explanation: Explanation {
            meaning: "The gateway is the process that answers. It is asked through a socket in the \
                      bot's directory.",
            matters: "Without it nobody is answered. Messages are not lost: they are answered when \
                      it runs again.",
            causes: &[
                "it was not started, or nothing starts it after a reboot",
                "it ended with an error, which its log tells",
                "it runs with another configuration (--config, NANOBOT_HOME) or as another user",
            ],
        },
        remedy: Advice {
            text: "start it",
            commands: &["nanobot gateway"],
        },
    },
    Check {
        id: "gateway.version",
        title: "The gateway is of this version",
        probe: "gateway",
        needs: &[],
        judge: |facts| {
            let ours = env!("CARGO_PKG_VERSION");
            let theirs = &status(facts)?.version;
            Some(if theirs == ours {
                Verdict::pass(format!("it is version {theirs}"))
            } else {
                Verdict::warn(format!(
                    "the gateway is version {theirs}, and this is {ours}"
                ))
            })
        },
        explanation: Explanation {
            meaning: "The version of the running gateway is compared with this program's.",
            matters: "An update counts only when the gateway has been started again.",
            causes: &["nanobot was updated while the gateway ran"],
        },
        remedy: Advice {
            text: "stop the gateway and start it again",
            commands: &["nanobot gateway"],
        },
    },
    Check {
        id: "gateway.configuration",
        title: "The gateway runs what is configured",
        probe: "gateway",
        needs: &["config.login"],
        judge: configuration,
        explanation: Explanation {
            meaning: "The running gateway read the configuration when it started. Its account and \
                      device are compared with what is configured now, and its start with the last \
                      change of the file.",
            matters: "What was changed has no effect until the gateway is started again.",
            causes: &["the configuration was changed while the gateway ran"],
        },
        remedy: Advice {
            text: "stop the gateway and start it again",
            commands: &["nanobot gateway"],
        },
    },
    Check {
        id: "gateway.sync",
        title: "The gateway hears from its homeserver",
        probe: "gateway",
        needs: &["homeserver.answers"],
        judge: |facts| Some(sync(status(facts)?)),
        explanation: Explanation {
            meaning: "A running gateway always waits for news from its homeserver, and gets an answer \
                      at least every half minute.",
            matters: "While it hears nothing, the bot is silent. It goes on by itself when the \
                      homeserver is back.",
            causes: &[
                "the homeserver is down or restarting",
                "the network between them is gone",
                "the gateway hangs",
                "the homeserver, or a proxy before it, answers syncs with what is old or empty",
            ],
        },
        remedy: Advice {
            text: "look at the homeserver; the gateway goes on by itself",
            commands: &["nanobot doctor --wait"],
        },
    },
    Check {
        id: "gateway.errors",
        title: "Nothing has failed lately",
        probe: "gateway",
        needs: &["gateway.sync"],
        judge: |facts| Some(errors(status(facts)?)),
        explanation: Explanation {
            meaning: "The last failure that the gateway remembers, if it is at most 15 minutes old.",
            matters: "What failed once may fail again.",
            causes: &["a homeserver that was away for a while", "a full disk"],
        },
        remedy: Advice {
            text: "read the gateway's log around that time",
            commands: &[],
        },
    },
    Check {
        id: "gateway.backlog",
        title: "No message waits for long",
        probe: "gateway",
        needs: &[],
        judge: |facts| backlog(status(facts)?),
        explanation: Explanation {
            meaning: "Messages that were taken in and are not answered yet.",
            matters: "People wait for their answers.",
            causes: &[
                "the agent is slow or hangs",
                "a large file is being fetched",
                "the homeserver limits how fast the bot may send",
            ],
        },
        remedy: Advice {
            text: "look at the agent; `nanobot gateway -v` shows what it does",
            commands: &[],
        },
    },
];

pub(super) fn status(facts: &Facts) -> Option<&Status> {
    facts.gateway.as_ref()?.as_ref().ok()?.status()
}

fn running(gateway: &Result<Gateway, Trouble>) -> Verdict {
    match gateway {
        Err(trouble) => Verdict::troubled(trouble),
        Ok(Gateway::Stopped) => Verdict::warn("no gateway runs, so nobody is answered"),
        Ok(Gateway::Running(status)) => Verdict::pass(format!(
            "it has run for {} (pid {})",
            ago(status.started_at),
            status.pid
        ))
        .evidence("pid", status.pid),
        Ok(Gateway::Silent { pid, why, hangs }) => {
            let who = pid.map_or_else(String::new, |pid| format!(" (pid {pid})"));
            if *hangs {
                return Verdict::fail(format!("the gateway{who} hangs: {why}")).advice(RESTART);
            }
            Verdict::warn(format!(
                "another nanobot{who} uses this directory and does not say how it is: {why}"
            ))
            // It may be starting.
            .kind(Kind::Unreachable)
            .advice("wait until it is done, or end that process")
            .without_commands()
        }
    }
}

fn configuration(facts: &Facts) -> Option<Verdict> {
    let status = status(facts)?;
    let configured = facts.config.as_ref()?.credentials()?;
    let same = status.user_id == configured.user_id && status.device_id == configured.device_id;
    Some(if same {
        match facts.config.as_ref()?.changed_at {
            Some(at) if at > status.started_at => Verdict::warn(format!(
                "the configuration was changed {} ago, after the gateway had read it",
                ago(at)
            )),
            _ => Verdict::pass("it runs the configured device"),
        }
    } else {
        Verdict::warn(format!(
            "the gateway runs {}'s device {}, and {}'s device {} is configured",
            status.user_id, status.device_id, configured.user_id, configured.device_id
        ))
    })
}

fn sync(status: &Status) -> Verdict {
    if let Some(since) = status.away_since {
        return Verdict::fail(format!(
            "it has not reached its homeserver for {}",
            ago(since)
        ))
        .kind(Kind::Unreachable);
    }
    if status.pauses.iter().any(|pause| pause.of == "sync") {
        return Verdict::warn("it waits before it asks again, because the homeserver wants it to")
            .kind(Kind::Unreachable);
    }
    match status.last_sync_at {
        None => Verdict::warn("it waits for its first answer from the homeserver")
            .kind(Kind::Unreachable),
        Some(at) if age(at) > LATE => {
            Verdict::fail(format!("it has heard nothing for {}", ago(at)))
                .advice(RESTART)
                .command("nanobot gateway")
        }
        Some(at) => match &status.sync_fault {
            Some(fault) => Verdict::fail(fault.clone()),
            None => Verdict::pass(format!("it last heard from it {} ago", ago(at))),
        },
    }
}

fn errors(status: &Status) -> Verdict {
    match &status.last_error {
        Some(error) if age(error.at) <= RECENT => {
            Verdict::warn(format!("{} ago: {}", ago(error.at), error.message))
                .evidence("kind", &error.kind)
        }
        _ => Verdict::pass("nothing has failed in the last 15 minutes"),
    }
}

fn backlog(status: &Status) -> Option<Verdict> {
    let backlog = status.backlog.as_ref()?;
    let waiting = backlog.waiting;
    let late = backlog.oldest_waiting_at.filter(|at| age(*at) > STUCK);
    let detail = match waiting {
        0 => "no message waits".to_owned(),
        1 => "1 message waits to be answered".to_owned(),
        _ => format!("{waiting} messages wait to be answered"),
    };
    Some(
        match late {
            Some(at) => Verdict::warn(format!("{detail}, the oldest for {}", ago(at))),
            None => Verdict::pass(detail),
        }
        .evidence("waiting", waiting),
    )
}

fn age(at: u64) -> Duration {
    Duration::from_millis(now().saturating_sub(at))
}

/// How long ago, in words of one unit.
pub(super) fn ago(at: u64) -> String {
    let seconds = age(at).as_secs();
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}
