//! `token.*`: what the access token is, and whether it is accepted.

use crate::{
    doctor::{
        check::{Advice, Check, Explanation, Verdict},
        facts::Facts,
    },
    error::Kind,
    homeserver::{Failure, TokenDoubt, TokenShape},
};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "token.shape",
        title: "The access token is whole",
        probe: "config",
        needs: &["config.login"],
        judge: |facts| {
            shape(facts, "it looks like an access token", |doubt| {
                matches!(
                    doubt,
                    TokenDoubt::Missing
                        | TokenDoubt::Wrapped(_)
                        | TokenDoubt::Damaged
                        | TokenDoubt::Strange
                        | TokenDoubt::Guest
                )
            })
        },
        explanation: Explanation {
            meaning: "The tokens of Synapse and of the Matrix Authentication Service hold a checksum, \
                      so a damaged one is recognised without asking the homeserver.",
            matters: "The homeserver rejects a damaged token like a revoked one.",
            causes: &[
                "it was not copied whole",
                "quotes, a line end or the word Bearer were copied with it",
                "a character was changed by hand",
            ],
        },
        remedy: Advice {
            text: "copy the token whole, or log in",
            commands: &["nanobot login"],
        },
    },
    Check {
        id: "token.refresh",
        title: "It is an access token, not a refresh token",
        probe: "config",
        needs: &["token.shape"],
        judge: |facts| {
            shape(facts, "it is no refresh token", |doubt| {
                matches!(doubt, TokenDoubt::Refresh)
            })
        },
        explanation: Explanation {
            meaning: "A refresh token (syr_…, mar_…) only gets new access tokens. It is told by its \
                      first letters.",
            matters: "The homeserver does not accept it for anything the bot does.",
            causes: &["the wrong one of two tokens was copied"],
        },
        remedy: Advice {
            text: "log in, which writes the right token",
            commands: &["nanobot login"],
        },
    },
    Check {
        id: "token.short-lived",
        title: "The token does not expire within minutes",
        probe: "config",
        needs: &["token.refresh"],
        judge: |facts| {
            shape(facts, "it does not tell that it expires", |doubt| {
                matches!(doubt, TokenDoubt::ShortLived)
            })
        },
        explanation: Explanation {
            meaning: "Access tokens of an OAuth 2.0 service (mat_…) last about five minutes and are \
                      renewed with a refresh token, which nanobot does not do yet.",
            matters: "The bot works for some minutes and is then rejected.",
            causes: &["the token was copied from a client of a homeserver that uses MAS"],
        },
        remedy: Advice {
            text: "log in with a password, or ask the administrator for a personal token (mpt_…)",
            commands: &["nanobot login"],
        },
    },
    Check {
        id: "token.localpart",
        title: "The token was made for the configured user",
        probe: "config",
        needs: &["token.refresh"],
        judge: |facts| {
            shape(facts, "it names no other user", |doubt| {
                matches!(doubt, TokenDoubt::OtherUser { .. })
            })
        },
        explanation: Explanation {
            meaning: "Synapse writes the user's name into the token. It is compared with userId \
                      without asking the homeserver.",
            matters: "The bot would act as somebody else; the gateway refuses to start.",
            causes: &[
                "the token of another account was copied",
                "userId was edited by hand",
            ],
        },
        remedy: Advice {
            text: "log in as the user that is meant",
            commands: &["nanobot login"],
        },
    },
    Check {
        id: "token.soft-logout",
        title: "The session has not ended",
        probe: "whoami",
        needs: &["token.refresh", "token.localpart", "homeserver.account"],
        judge: |facts| {
            Some(match facts.whoami.as_ref()? {
                Err(failure @ Failure::TokenRejected { soft_logout: true }) => {
                    rejected(facts, failure)
                }
                _ => Verdict::pass("the homeserver has not ended the session"),
            })
        },
        explanation: Explanation {
            meaning: "A homeserver may end a session and keep its device (soft logout). Logging in \
                      again with the same device continues it, encryption included.",
            matters: "The bot can do nothing until it is logged in again.",
            causes: &["the homeserver gives sessions a limited lifetime"],
        },
        remedy: Advice {
            text: "log in again: the device and its keys are kept",
            commands: &["nanobot login"],
        },
    },
    Check {
        id: "token.valid",
        title: "The homeserver accepts the access token",
        probe: "whoami",
        needs: &["token.soft-logout"],
        judge: |facts| {
            Some(match facts.whoami.as_ref()? {
                Ok(_) => Verdict::pass("the access token is accepted"),
                Err(failure) => rejected(facts, failure),
            })
        },
        explanation: Explanation {
            meaning: "The homeserver is asked whose token it is (whoami).",
            matters: "Without a valid token the bot can neither read nor answer.",
            causes: &[
                "the session was ended in another client or by an administrator",
                "the password was changed, which ends all sessions",
                "the token was copied incompletely, or is another server's",
            ],
        },
        remedy: Advice {
            text: "log in again",
            commands: &["nanobot login"],
        },
    },
    Check {
        id: "token.user",
        title: "The token is the configured user's",
        probe: "whoami",
        needs: &["token.valid"],
        judge: |facts| {
            let configured = &facts.config.as_ref()?.credentials()?.user_id;
            let actual = &facts.whoami.as_ref()?.as_ref().ok()?.user_id;
            Some(matches(
                actual == configured,
                format!("the access token belongs to {actual}, but userId is {configured}"),
                actual,
            ))
        },
        explanation: Explanation {
            meaning: "The user that the homeserver names for the token is compared with userId.",
            matters: "The gateway refuses to start: it would mix two accounts in one store.",
            causes: &[
                "the token was copied from another account",
                "userId was edited by hand",
            ],
        },
        remedy: Advice {
            text: "log in as the user that is meant",
            commands: &["nanobot login"],
        },
    },
    Check {
        id: "token.device",
        title: "The token is the configured device's",
        probe: "whoami",
        needs: &["token.user"],
        judge: |facts| {
            let configured = &facts.config.as_ref()?.credentials()?.device_id;
            let Some(actual) = &facts.whoami.as_ref()?.as_ref().ok()?.device_id else {
                return Some(
                    Verdict::fail("the access token belongs to no device, so it cannot encrypt")
                        .kind(Kind::Failure),
                );
            };
            Some(matches(
                actual == configured,
                format!(
                    "the access token belongs to device {actual}, but deviceId is {configured}"
                ),
                actual,
            ))
        },
        explanation: Explanation {
            meaning: "The device that the homeserver names for the token is compared with deviceId. \
                      Encryption keys belong to a device, not to an account.",
            matters: "The gateway refuses to start: keys published under another device's name \
                      are of no use to anyone.",
            causes: &[
                "deviceId was invented or edited by hand",
                "the token was renewed and deviceId was not",
                "the token is an application service's, which has no device",
            ],
        },
        remedy: Advice {
            text: "log in, which writes token and device together",
            commands: &["nanobot login"],
        },
    },
];

/// One sort of doubts about the token's looks. What the homeserver accepts is beyond them.
fn shape(facts: &Facts, otherwise: &str, is_own: fn(&TokenDoubt) -> bool) -> Option<Verdict> {
    let credentials = facts.config.as_ref()?.credentials()?;
    let shape = TokenShape::of(&credentials.access_token);
    let doubts = shape.doubts(&credentials.user_id);
    let Some(doubt) = doubts.iter().find(|doubt| is_own(doubt)) else {
        return Some(Verdict::pass(otherwise));
    };
    let accepted = facts.whoami.as_ref().is_some_and(Result::is_ok);
    let short_lived = *doubt == TokenDoubt::ShortLived;
    Some(match (accepted, short_lived) {
        (_, true) => Verdict::warn(doubt.to_string()),
        (true, false) => Verdict::pass("the homeserver accepts it"),
        (false, false) => Verdict::fail(doubt.to_string()).kind(Kind::NotLoggedIn),
    })
}

/// The homeserver does not let this token act.
fn rejected(facts: &Facts, failure: &Failure) -> Verdict {
    let has_passwords = match &facts.flows {
        Some(Ok(flows)) => flows.password,
        _ => true,
    };
    let verdict = Verdict::failed(failure);
    match failure {
        // A login would meet the same refusal.
        Failure::Blocked(_) | Failure::Refused { .. } => {
            verdict.command("nanobot doctor --only token")
        }
        _ if has_passwords => verdict.command("nanobot login"),
        _ => verdict
            .advice("get a token for the bot from the homeserver, which takes no passwords")
            .command("nanobot login --token-stdin"),
    }
}

fn matches(same: bool, otherwise: String, actual: &str) -> Verdict {
    if same {
        Verdict::pass(format!("it is {actual}'s"))
    } else {
        Verdict::fail(otherwise).evidence("actual", actual)
    }
}
