//! `secrets.*`: where the access token is kept.

use crate::{
    config::{KeyringState, Origin, schema},
    doctor::{
        check::{Advice, Check, Explanation, Verdict},
        facts::{ConfigFacts, Facts},
    },
};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "secrets.source",
        title: "It is clear where the token comes from",
        probe: "config",
        needs: &["config.values"],
        judge: source,
        explanation: Explanation {
            meaning: "The access token is taken from a systemd credential, a variable of the \
                      environment, the configuration or the keyring, in this order.",
            matters: "A token that was changed in the wrong place changes nothing.",
            causes: &[
                "the token is in the file although the keyring is named as its place",
                "a variable or a credential goes before the token that a login wrote",
            ],
        },
        remedy: Advice {
            text: "keep it in one place",
            commands: &["nanobot config list"],
        },
    },
    Check {
        id: "secrets.keyring",
        title: "The keyring can be used",
        probe: "keyring",
        needs: &["config.values"],
        judge: keyring,
        explanation: Explanation {
            meaning: "Where the token is kept in the system's keyring, an entry is written, read and \
                      removed, within three seconds.",
            matters: "Without the keyring there is no token, and the gateway cannot start.",
            causes: &[
                "the keyring is locked, as it is before its owner has logged in to the desktop",
                "there is no desktop session: over SSH, in a container, in a service",
                "no keyring service is installed",
            ],
        },
        remedy: Advice {
            text: "unlock the keyring, or keep the token in the file",
            commands: &["nanobot login --token-store file"],
        },
    },
    Check {
        id: "secrets.reboot",
        title: "The token outlives a reboot",
        probe: "keyring",
        needs: &["secrets.keyring"],
        judge: reboot,
        explanation: Explanation {
            meaning: "Some keyrings forget everything when their session ends.",
            matters: "After a reboot the bot has no token.",
            causes: &["the default collection of the Secret Service is the session's"],
        },
        remedy: Advice {
            text: "keep the token in the file",
            commands: &["nanobot login --token-store file"],
        },
    },
];

fn source(facts: &Facts) -> Option<Verdict> {
    let config = facts.config.as_ref()?;
    let origin = config.token_origin()?;
    if matches!(origin, Origin::Default) {
        return Some(Verdict::skip("there is no token"));
    }
    let otherwise = format!("it comes from {origin}");
    let verdict = match forgotten(config) {
        Some(place) => Verdict::warn(format!(
            "it comes from {origin}, and the one in {place} does nothing"
        ))
        .advice("remove the one that is not meant: a login changes only the one in the file")
        .command("nanobot config unset accessToken"),
        None => super::config::found(facts, &["token-in-file"], &otherwise)?,
    };
    Some(verdict.evidence("origin", origin.name()))
}

/// Where in the file a token stands that does not count. An old spelling of its key has a check
/// of its own.
fn forgotten(config: &ConfigFacts) -> Option<&Origin> {
    let matrix = config.matrix.as_ref()?;
    let is_file = |origin: &&Origin| matches!(origin, Origin::File { .. });
    let counts = matrix.origin(&schema::ACCESS_TOKEN);
    let shadowed = matrix.shadowed(&schema::ACCESS_TOKEN);
    shadowed.iter().find(is_file).filter(|_| !is_file(&&counts))
}

fn keyring(facts: &Facts) -> Option<Verdict> {
    if !is_kept_there(facts)? {
        return Some(Verdict::pass("the token is kept elsewhere"));
    }
    Some(match facts.keyring.as_ref()? {
        KeyringState::Works { name, .. } => Verdict::pass(format!("{name} works")),
        KeyringState::Unavailable(why) => {
            Verdict::fail(format!("the keyring cannot be used: {why}"))
        }
    })
}

fn reboot(facts: &Facts) -> Option<Verdict> {
    if !is_kept_there(facts)? {
        return Some(Verdict::pass("the token is kept elsewhere"));
    }
    Some(match facts.keyring.as_ref()? {
        KeyringState::Works {
            name,
            persistent: false,
        } => Verdict::warn(format!("what {name} holds is gone after a reboot")),
        _ => {
            Verdict::pass("the keyring keeps what it holds; a service of the system cannot read it")
        }
    })
}

fn is_kept_there(facts: &Facts) -> Option<bool> {
    let origin = facts.config.as_ref()?.token_origin()?;
    Some(matches!(origin, Origin::Keyring { .. }))
}
