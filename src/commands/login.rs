//! `nanobot login` and `nanobot logout`: a device of the bot's own, and the end of its session.

use super::{Outcome, paths};
use crate::{
    account::{
        login::{self, status},
        logout,
        options::{KeySource, Options, Recovery, Reset},
        secret_input::SecretSource,
    },
    cli::{
        Global,
        login::{AccountOptions, Login, Logout},
    },
    error::Result,
    terminal::Terminal,
};

pub(super) async fn run(args: &Login, global: &Global) -> Result<Outcome> {
    let paths = paths(global)?;
    if args.status {
        return Ok(Outcome::of(&status::read(&paths).await?));
    }
    let mut options = options(&args.account, global);
    // Who gave the password or a token as an option wants no conversation.
    options.guided &= options.password.is_none() && !options.token_stdin;
    options.reset_identity = match (args.reset_identity, args.yes) {
        (false, _) => Reset::No,
        (true, false) => Reset::WhenConfirmed,
        (true, true) => Reset::Yes,
    };
    let done = login::run(&options, &paths).await?;
    Ok(done.into())
}

pub(super) async fn logout(args: &Logout, global: &Global) -> Result<Outcome> {
    let key_file = args.recovery_key_file.as_ref();
    let options = logout::Options {
        terminal: Terminal::new(!args.yes && !global.json),
        keep_store: args.keep_store,
        recovery_key: SecretSource::of(args.recovery_key_stdin, key_file),
    };
    let report = logout::log_out(&options, &paths(global)?).await?;
    Ok(Outcome::of(&report))
}

/// What `login` and `setup` tell a login alike.
pub fn options(args: &AccountOptions, global: &Global) -> Options {
    let terminal = Terminal::new(!args.no_input && !global.json);
    let recovery = &args.recovery;
    let key_file = recovery.recovery_key_file.as_ref();
    let key = SecretSource::of(recovery.recovery_key_stdin, key_file).map(KeySource::Given);
    let in_keyring = recovery.recovery_key_keyring;
    Options {
        terminal,
        config: global.config.clone(),
        guided: terminal.is_interactive(),
        stepwise: false,
        homeserver: args.homeserver.clone(),
        user: args.user.clone(),
        password: SecretSource::of(args.password_stdin, args.password_file.as_ref()),
        token_stdin: args.token_stdin,
        device_name: args.device_name.clone(),
        allow_from: args.allow_from.clone(),
        e2ee: (args.e2ee || args.no_e2ee).then_some(args.e2ee),
        token_store: args.token_store,
        allow_http: args.allow_http,
        recovery_key: key.or(in_keyring.then_some(KeySource::Keyring)),
        recovery: if recovery.recovery {
            Recovery::Required
        } else {
            Recovery::Ask
        },
        reset_identity: Reset::No,
        save_recovery_key: recovery.save_recovery_key.clone(),
        save_recovery_key_keyring: recovery.save_recovery_key_keyring,
    }
}
