//! `token.*`: what the access token is, and whether it is accepted.

use crate::{
    doctor::check::{Advice, Check, Explanation, Verdict},
    error::Kind,
    homeserver::Failure,
};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "token.soft-logout",
        title: "The session has not ended",
        probe: "whoami",
        needs: &["config.login", "homeserver.answers"],
        judge: |facts| {
            Some(match facts.whoami.as_ref()? {
                Err(failure @ Failure::TokenRejected { soft_logout: true }) => {
                    Verdict::failed(failure)
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
                Err(failure) => Verdict::failed(failure),
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

fn matches(same: bool, otherwise: String, actual: &str) -> Verdict {
    if same {
        Verdict::pass(format!("it is {actual}'s"))
    } else {
        Verdict::fail(otherwise).evidence("actual", actual)
    }
}
