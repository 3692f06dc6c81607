//! `nanobot access`: who is answered and why, or why a message was not.

use super::{Outcome, paths};
use crate::{
    account::access::{Asked, explain, judge},
    cli::{Global, access::Access},
    error::{Kind, Result},
};

pub async fn run(args: &Access, global: &Global) -> Result<Outcome> {
    let paths = paths(global)?;
    let (outcome, is_answered) = match (&args.why, &args.user) {
        (None, Some(user)) => {
            let access = judge(
                &paths,
                Asked {
                    user: user.clone(),
                    room: args.room.clone(),
                    mention: args.mention,
                    direct: args.direct,
                },
            );
            let access = access.await?;
            (Outcome::of(&access), access.answered)
        }
        (why, _) => {
            // The command line has one of the two.
            let explained = explain(&paths, why.as_deref().unwrap_or_default()).await?;
            (Outcome::of(&explained), explained.answered)
        }
    };
    Ok(Outcome {
        exit_code: if is_answered {
            0
        } else {
            Kind::Failure.exit_code()
        },
        ..outcome
    })
}
