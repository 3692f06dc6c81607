//! `config.*`: the configuration file and the variables over it.

use crate::{
    config::{Finding, Severity},
    doctor::{
        check::{Advice, Check, Explanation, Verdict},
        facts::{ConfigFacts, Facts},
    },
    error::Kind,
};

/// What `config.syntax` tells; every other kind of finding is about a file that can be read.
const UNREADABLE: &[&str] = &["syntax", "too-large"];
const VALUES: &[&str] = &["invalid-value", "zero-downloads"];
const VARIABLES: &[&str] = &["unset-variable", "unknown-variable"];
pub(in crate::doctor) const UNKNOWN_KEYS: &[&str] =
    &["unknown-key", "unknown-root-key", "unknown-section"];
pub(in crate::doctor) const SPELLINGS: &[&str] = &["old-spelling", "two-spellings"];

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "config.present",
        title: "There is a configuration",
        probe: "config",
        needs: &[],
        judge: |facts| Some(present(facts.config.as_ref()?)),
        explanation: Explanation {
            meaning: "nanobot reads one configuration file: ~/.nanobot/config.json, or the one that \
                      --config, NANOBOT_CONFIG or NANOBOT_HOME names.",
            matters: "Without it there is no account to run.",
            causes: &[
                "nobody has logged in yet",
                "a service runs as another user, whose home has no .nanobot",
                "--config or NANOBOT_HOME names another directory",
            ],
        },
        remedy: Advice {
            text: "log in, or name the file",
            commands: &["nanobot login"],
        },
    },
    Check {
        id: "config.syntax",
        title: "The configuration is JSON",
        probe: "config",
        needs: &["config.present"],
        judge: |facts| Some(readable(facts.config.as_ref()?)),
        explanation: Explanation {
            meaning: "The file must be one JSON object in UTF-8. Comments are allowed here; the \
                      Python tool refuses them.",
            matters: "No command works with a file that cannot be read.",
            causes: &[
                "a comma is missing or left over after an edit by hand",
                "a key is there twice",
                "the file was cut off by a full disk, or saved by an editor in another encoding",
            ],
        },
        remedy: Advice {
            text: "correct the file at the place that is named",
            commands: &["nanobot config edit"],
        },
    },
    Check {
        id: "config.values",
        title: "Every value is of its key's kind",
        probe: "config",
        needs: &["config.syntax"],
        judge: |facts| found(facts, VALUES, "every value can be used"),
        explanation: Explanation {
            meaning: "Each key of channels.matrix takes one kind of value: a URL, a user id, a list \
                      of them, a number within limits, true or false.",
            matters: "The gateway refuses to start with a value it cannot use, instead of guessing.",
            causes: &[
                "an id without its @ or without its server",
                "a number or a switch written in quotes",
                "a homeserver written without https:// or with a path",
            ],
        },
        remedy: Advice {
            text: "correct the value",
            commands: &["nanobot config validate", "nanobot config edit"],
        },
    },
    Check {
        id: "config.variables",
        title: "The variables it names are set",
        probe: "config",
        needs: &["config.syntax"],
        judge: |facts| found(facts, VARIABLES, "no variable is missing or misspelled"),
        explanation: Explanation {
            meaning: "${NAME} in the file takes the value of an environment variable, and \
                      NANOBOT_MATRIX_… goes before the file. This looks for names that are unset or \
                      that set nothing.",
            matters: "A value that needs a missing variable cannot be had; a misspelled variable is \
                      silently without effect.",
            causes: &[
                "the variable is set in the service's unit and not in this shell",
                "a typing error in the name",
            ],
        },
        remedy: Advice {
            text: "set the variable, or correct its name",
            commands: &["nanobot config list"],
        },
    },
    Check {
        id: "config.unknown-keys",
        title: "Every key is known",
        probe: "config",
        needs: &["config.syntax"],
        judge: |facts| found(facts, UNKNOWN_KEYS, "every key is known"),
        explanation: Explanation {
            meaning: "A key that nanobot does not know is kept in the file and does nothing. Unknown \
                      keys at the root of the file make the Python tool refuse it.",
            matters: "A misspelled allowFrom leaves the bot open to everyone without a word.",
            causes: &[
                "a typing error",
                "a setting of another program, or of a later version",
            ],
        },
        remedy: Advice {
            text: "correct or remove the key",
            commands: &["nanobot doctor --fix", "nanobot config edit"],
        },
    },
    Check {
        id: "config.spelling",
        title: "Every key is there once, in its own spelling",
        probe: "config",
        needs: &["config.syntax"],
        judge: |facts| found(facts, SPELLINGS, "every key is spelled as documented"),
        explanation: Explanation {
            meaning: "Old spellings of keys (e2EeEnabled, allow_from) are read too. Where both \
                      spellings are there, one of them wins and the other does nothing.",
            matters: "Editing the one that does nothing changes nothing.",
            causes: &["a file that several versions or programs have written"],
        },
        remedy: Advice {
            text: "keep one spelling",
            commands: &["nanobot doctor --fix"],
        },
    },
    Check {
        id: "config.permissions",
        title: "Only its owner can read the configuration",
        probe: "config",
        needs: &["config.present"],
        judge: |facts| found(facts, &["permissions"], "the file is private"),
        explanation: Explanation {
            meaning: "The file holds the access token, so its mode should be 0600.",
            matters: "Whoever can read the token can act as the bot and read its rooms.",
            causes: &["the file was copied, or made by hand or by another program"],
        },
        remedy: Advice {
            text: "take the others' permissions away",
            commands: &["nanobot doctor --fix"],
        },
    },
    Check {
        id: "config.password",
        title: "The password is not left in the file",
        probe: "config",
        needs: &["config.syntax"],
        judge: |facts| {
            found(
                facts,
                &["password-in-file"],
                "there is no password in the file",
            )
        },
        explanation: Explanation {
            meaning: "Only a login uses the password; the bot runs on its access token.",
            matters: "A token can be revoked alone. A password that leaks gives the account away.",
            causes: &["channels.matrix.password was written for a login and left there"],
        },
        remedy: Advice {
            text: "remove it; a login asks for it, or reads it from a file",
            commands: &["nanobot config unset password"],
        },
    },
    Check {
        id: "config.comments",
        title: "The Python tool can read the file too",
        probe: "config",
        needs: &["config.syntax"],
        judge: |facts| found(facts, &["comments"], "there are no comments in the file"),
        explanation: Explanation {
            meaning: "nanobot keeps comments in the file and never writes any. The Python tool \
                      refuses a file that has them.",
            matters: "Only those who run both tools on one file notice.",
            causes: &["comments were written by hand"],
        },
        remedy: Advice {
            text: "take the comments out if the Python tool is to read this file too",
            commands: &["nanobot config edit"],
        },
    },
];

/// What needs the token, wherever it is kept.
pub(super) const LOGIN: &[Check] = &[
    Check {
        id: "config.login",
        title: "The bot is logged in",
        probe: "config",
        needs: &["config.values", "secrets.keyring"],
        judge: |facts| logged_in(facts.config.as_ref()?),
        explanation: Explanation {
            meaning: "The bot needs homeserver, userId, accessToken and deviceId. A login writes \
                      all four; they belong together.",
            matters: "Without one of them nothing can be started.",
            causes: &[
                "nobody has logged in yet, or the bot was logged out",
                "the token comes from a credential or a variable that is not there in this shell",
            ],
        },
        remedy: Advice {
            text: "log in",
            commands: &["nanobot login"],
        },
    },
    Check {
        id: "config.enabled",
        title: "The Matrix channel is switched on",
        probe: "config",
        needs: &["config.login"],
        judge: |facts| enabled(facts.config.as_ref()?),
        explanation: Explanation {
            meaning: "channels.matrix.enabled must be true for the gateway to run.",
            matters: "The gateway refuses to start.",
            causes: &["it was switched off, or the section was copied from an example"],
        },
        remedy: Advice {
            text: "switch it on",
            commands: &["nanobot config set enabled true"],
        },
    },
];

fn present(config: &ConfigFacts) -> Verdict {
    let file = config.path.display();
    if config.exists {
        Verdict::pass(file.to_string())
    } else {
        Verdict::fail(format!("there is no configuration at {file}")).kind(Kind::NotLoggedIn)
    }
}

fn readable(config: &ConfigFacts) -> Verdict {
    let findings = match &config.findings {
        Ok(findings) => findings,
        // An editor cannot open it either.
        Err(trouble) => return Verdict::troubled(trouble).without_commands(),
    };
    let faults: Vec<_> = of_kinds(findings, UNREADABLE).collect();
    if faults.is_empty() {
        Verdict::pass("the file can be read")
    } else {
        told(&faults)
    }
}

/// The findings of these kinds as one verdict.
pub(super) fn found(facts: &Facts, kinds: &[&str], otherwise: &str) -> Option<Verdict> {
    let findings = facts.config.as_ref()?.findings.as_ref().ok()?;
    let findings: Vec<_> = of_kinds(findings, kinds).collect();
    Some(if findings.is_empty() {
        Verdict::pass(otherwise)
    } else {
        told(&findings)
    })
}

fn of_kinds<'a>(findings: &'a [Finding], kinds: &[&str]) -> impl Iterator<Item = &'a Finding> {
    findings
        .iter()
        .filter(move |finding| kinds.contains(&finding.id))
}

fn told(findings: &[&Finding]) -> Verdict {
    let sentence = |finding: &&Finding| match finding.position {
        Some(position) => format!("{position}: {}", finding.message),
        None => finding.message.clone(),
    };
    let sentences: Vec<_> = findings.iter().map(sentence).collect();
    let keys: Vec<_> = findings
        .iter()
        .filter_map(|finding| finding.key.as_ref())
        .collect();
    let refused = findings
        .iter()
        .any(|finding| finding.severity == Severity::Error);
    let detail = sentences.join("\n");
    let verdict = if refused {
        Verdict::fail(detail).kind(Kind::Config)
    } else {
        Verdict::warn(detail)
    };
    match findings {
        [finding] => verdict.advice(&finding.fix),
        _ => verdict,
    }
    .evidence("keys", keys)
}

fn enabled(config: &ConfigFacts) -> Option<Verdict> {
    Some(if config.matrix.as_ref()?.enabled {
        Verdict::pass("channels.matrix.enabled is true")
    } else {
        Verdict::fail("channels.matrix.enabled is not true, so the gateway does not run")
            .kind(Kind::Config)
    })
}

fn logged_in(config: &ConfigFacts) -> Option<Verdict> {
    Some(match config.credentials.as_ref()? {
        Ok(credentials) => Verdict::pass(format!(
            "{}, device {}",
            credentials.user_id, credentials.device_id
        )),
        // A variable of the environment is missing, and a login would not set it.
        Err(trouble) if trouble.kind == Kind::Config => {
            Verdict::troubled(trouble).without_commands()
        }
        Err(trouble) => Verdict::troubled(trouble),
    })
}
