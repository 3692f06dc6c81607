//! `token.*`: the access token, and whether the homeserver accepts it.

use super::prelude::*;
use crate::{
    error::Kind,
    homeserver::{Failure, TokenFault, token_faults},
    session::refuse_token,
};

pub fn checks() -> Vec<Check> {
    vec![
        Check::new("token.shape", "config", &["config.login"])
            .judge(shape("it looks like an access token", is_damage)),
        Check::new("token.refresh", "config", &["token.shape"])
            .judge(shape("it is no refresh token", |fault| {
                matches!(fault, TokenFault::Refresh)
            })),
        Check::new("token.short-lived", "config", &["token.refresh"])
            .judge(shape("nothing shows that it expires", |fault| {
                matches!(fault, TokenFault::ShortLived)
            })),
        Check::new("token.localpart", "config", &["token.refresh"])
            .judge(shape("it names no other user", |fault| {
                matches!(fault, TokenFault::OtherUser { .. })
            })),
        Check::new(
            "token.soft-logout",
            "whoami",
            &["token.refresh", "token.localpart", "homeserver.account"],
        )
        .judge(soft_logout),
        Check::new("token.valid", "whoami", &["token.soft-logout"]).judge(valid),
        Check::new("token.guest", "whoami", &["token.valid"]).judge(guest),
        Check::new("token.user", "whoami", &["token.guest"]).judge(user),
        Check::new("token.device", "whoami", &["token.user"]).judge(device),
    ]
}

/// One kind of fault of the token's form; a token that the homeserver accepts has none.
fn shape(well: &'static str, is_own: fn(&TokenFault) -> bool) -> impl Fn(&Facts) -> Judgement {
    move |facts| {
        let credentials = facts.credentials()?;
        let faults = token_faults(&credentials.access_token, &credentials.user_id);
        let is_accepted = known(facts.whoami.as_ref()).is_ok();
        Ok(match faults.iter().find(|fault| is_own(fault)) {
            None => Verdict::pass(well),
            Some(fault @ TokenFault::ShortLived) => Verdict::warn(fault.to_string()),
            Some(_) if is_accepted => Verdict::pass("the homeserver accepts it"),
            Some(fault) => Verdict::fail(fault.to_string()).kind(Kind::NotLoggedIn),
        })
    }
}

fn is_damage(fault: &TokenFault) -> bool {
    !matches!(
        fault,
        TokenFault::Refresh | TokenFault::ShortLived | TokenFault::OtherUser { .. }
    )
}

fn soft_logout(facts: &Facts) -> Judgement {
    Ok(match facts.whoami.as_ref().ok_or(Missing)? {
        Err(failure @ Failure::TokenRejected { soft_logout: true }) => rejected(facts, failure),
        _ => Verdict::pass("the homeserver has not ended the session"),
    })
}

fn valid(facts: &Facts) -> Judgement {
    Ok(match facts.whoami.as_ref().ok_or(Missing)? {
        Ok(_) => Verdict::pass("the access token is accepted"),
        Err(failure) => rejected(facts, failure),
    })
}

/// The homeserver does not let this token act.
fn rejected(facts: &Facts, failure: &Failure) -> Verdict {
    let verdict = Verdict::failed(failure);
    match (failure, &facts.flows) {
        // A login would meet the same refusal.
        (Failure::Blocked(_) | Failure::Refused { .. }, _) => verdict.without_commands(),
        (_, Some(Ok(flows))) if !flows.password => verdict
            .remedy(
                "get an access token for the bot from the homeserver, which has no password login"
                    .into(),
            )
            .command("nanobot login --token-stdin"),
        _ => verdict.command("nanobot login"),
    }
}

fn guest(facts: &Facts) -> Judgement {
    let whoami = known(facts.whoami.as_ref())?;
    Ok(match refuse_token(whoami) {
        Err(error) if whoami.is_guest => Verdict::error(&error),
        _ => Verdict::pass("the account is registered"),
    })
}

fn user(facts: &Facts) -> Judgement {
    let configured = &facts.credentials()?.user_id;
    let actual = &known(facts.whoami.as_ref())?.user_id;
    Ok(compared(actual == configured, actual, || {
        format!("the access token belongs to {actual}, but userId is {configured}")
    }))
}

fn device(facts: &Facts) -> Judgement {
    let configured = &facts.credentials()?.device_id;
    let whoami = known(facts.whoami.as_ref())?;
    if let Err(error) = refuse_token(whoami) {
        return Ok(Verdict::error(&error));
    }
    let actual = whoami.device_id.as_ref().ok_or(Missing)?;
    Ok(compared(actual == configured, actual, || {
        format!("the access token belongs to device {actual}, but deviceId is {configured}")
    }))
}

fn compared(same: bool, actual: &str, otherwise: impl FnOnce() -> String) -> Verdict {
    if same {
        Verdict::pass(format!("it belongs to {actual}"))
    } else {
        Verdict::fail(otherwise()).evidence("actual", actual)
    }
}
