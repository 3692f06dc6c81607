//! `nanobot verify`: verifying the bot's device, by its account and by those it talks to.

use super::{Outcome, paths};
use crate::{
    account::{
        secret_input::SecretSource,
        verification::{compare, decide, list, recovery, start},
    },
    cli::{
        Global,
        verify::{Verify, VerifyCommand},
    },
    error::{Error, Kind, Result},
    terminal::Terminal,
};

pub async fn run(args: &Verify, global: &Global) -> Result<Outcome> {
    let paths = paths(global)?;
    let directory = paths.dir();
    let terminal = Terminal::new(!global.json);
    let device = args.device.as_deref();
    let step = match (&args.command, &args.user) {
        (Some(VerifyCommand::Recovery(args)), _) => {
            let file = args.recovery_key_file.as_ref();
            let source = SecretSource::of(args.recovery_key_stdin, file);
            let save = args.save_recovery_key_keyring;
            let done = recovery::recover(source.as_ref(), save, &paths, terminal);
            return Ok(done.await?.into());
        }
        (Some(VerifyCommand::List), _) => return Ok(Outcome::of(&list(directory).await?)),
        (Some(VerifyCommand::Confirm(args)), _) => {
            decide(directory, args.id.as_deref(), true).await?
        }
        (Some(VerifyCommand::Deny(args)), _) => {
            decide(directory, args.id.as_deref(), false).await?
        }
        (None, user) if terminal.is_interactive() => {
            Box::pin(compare(user.as_deref(), device, &paths, terminal)).await?
        }
        // A script gets a verification that is begun, or a list.
        (None, Some(user)) => start(directory, user, device).await?,
        (None, None) if global.json => return Ok(Outcome::of(&list(directory).await?)),
        (None, None) => {
            let message = "there is no terminal to compare emoji in";
            return Err(Error::new(Kind::Usage, message).hint(
                "see them with `nanobot verify list`, then run `nanobot verify confirm` or \
                 `nanobot verify deny`",
            ));
        }
    };
    Ok(Outcome::of(&step))
}
