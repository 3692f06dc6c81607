//! `nanobot login`: a device of the bot's own, and a configuration that uses it.

mod attempt;
pub(super) mod custody;
pub(super) mod device;
pub(super) mod entrance;
pub(super) mod establish;
mod expiry;
pub(super) mod identity;
pub(super) mod keepsake;
pub(super) mod plan;
mod predecessor;
mod renewal;
mod situation;
mod status;
mod target;
pub(super) mod ways;
pub(super) mod wishes;

use std::path::Path;

use serde_json::{Map, json};

use self::{
    custody::Custody,
    device::{Device, History},
    entrance::{Entered, Entrance},
    identity::{IdentityWishes, Recovery, Reset},
    keepsake::Keepsake,
    plan::Settled,
    wishes::{Wishes, is_guided},
};
use super::{
    Outcome, paths,
    recovery_key::{self, Keeper},
};
use crate::{
    cli::{Global, Login},
    config::{Document, Secret},
    error::{Error, Result},
    session::{Chain, Cure, RoomKeyBackup},
    terminal::Terminal,
};

pub(super) async fn run(args: &Login, global: &Global) -> Result<Outcome> {
    if args.status {
        return status::run(global).await;
    }
    let terminal = Terminal::new(!args.entry.no_input && !global.json);
    let guided = is_guided(&args.entry, terminal);
    let paths = paths(global)?;
    let mut document = Document::load(paths.config_file())?;
    let keepsake = args.entry.identity.save_recovery_key.as_deref();
    let mut keepsake = keepsake
        .map(|path| Keepsake::reserve(path, paths.dir()))
        .transpose()?;
    let keeper = Keeper::choose(args.entry.identity.save_recovery_key_keyring, terminal)?;
    let reset = match (args.reset_identity, args.yes) {
        (false, _) => Reset::No,
        (true, false) => Reset::WhenConfirmed,
        (true, true) => Reset::Yes,
    };
    let recovery = if args.entry.identity.recovery {
        Recovery::Demanded
    } else {
        Recovery::Open
    };
    let identity =
        IdentityWishes::collect(&args.entry, reset, recovery, terminal, guided, paths.dir())
            .await?;
    let entrance = Entrance {
        args: &args.entry,
        identity: &identity,
        guided,
        terminal,
        paths: &paths,
    };
    let entered = Box::pin(entrance.enter(&mut document)).await?;
    let settled = entered.settle().await?;
    let Entered {
        device,
        wishes,
        custody,
        ..
    } = &entered;
    let mut outcome = outcome(device, wishes, custody, paths.config_file(), &settled);
    if device.plan.verifies() && !matches!(settled.chain, Ok(Chain::Whole)) {
        let words = "the signatures that the homeserver shows of the device do not hold";
        outcome.fail(Error::failure(words).hint("see what is wrong with: nanobot doctor"));
    }
    let shown = settled.recovery_key.as_ref().map(|key| key.secret());
    let mut is_kept = show_recovery_key(&mut outcome, shown.as_ref(), keepsake.as_mut());
    if let Some(keeper) = keeper {
        let key = shown.as_ref().or(device.plan.recovery_key());
        is_kept &= keeper.keep(&mut outcome, &device.login.user_id, key);
    }
    let expires = entered.expiry.as_ref().map(ToString::to_string);
    outcome.json.insert("expires".to_owned(), json!(expires));
    if guided {
        let line = wishes.equivalent(&entered);
        outcome.text = format!("{}\n\nThe same without questions:\n  {line}", outcome.text);
    }
    // Where it could not be kept as was wished, the next run tries again.
    if let Some(key) = settled.recovery_key.filter(|_| is_kept) {
        outcome.afterwards = Some(key.forget_when_shown(Some(entered.into_lock())));
    }
    Ok(outcome)
}

/// Puts a new recovery key into the result, the only time it is shown, and into the file for it.
/// Returns whether it is where it was wished to be.
fn show_recovery_key(
    outcome: &mut Outcome,
    key: Option<&Secret>,
    keepsake: Option<&mut Keepsake>,
) -> bool {
    let Some(key) = key else {
        return true;
    };
    recovery_key::show(outcome, key);
    let Some(keepsake) = keepsake else {
        return true;
    };
    let file = keepsake.path().display().to_string();
    let kept = keepsake.keep(key);
    let is_kept = kept.is_ok();
    match kept {
        Ok(()) => {
            outcome.text = format!(
                "{}\nIt is also in {file}, which only you can read",
                outcome.text
            );
        }
        Err(error) => outcome.fail(
            Error::failure(format!("cannot keep the recovery key in {file}"))
                .because(error)
                .hint("it is set up, and shown above: note it down from there"),
        ),
    }
    is_kept
}

/// How a device is that its owner does not vouch for, with what heals it in this very case.
pub(super) fn unverified(chain: Chain, cure: Option<Cure>) -> String {
    let advice = cure.map(|cure| format!("; {}", cure.advice()));
    let advice = advice.unwrap_or_default();
    match chain {
        Chain::NoIdentity => format!("not yet verified: {}{advice}", chain.describe()),
        _ => format!("not yet verified by its owner{advice}"),
    }
}

fn outcome(
    device: &Device,
    wishes: &Wishes,
    custody: &Custody,
    config: &Path,
    settled: &Settled,
) -> Outcome {
    let (verified, encryption) = match &settled.chain {
        Ok(Chain::Whole) => (Some(true), "verified by its owner".to_owned()),
        Ok(chain) => (Some(false), unverified(*chain, settled.cure)),
        Err(error) => (
            None,
            format!("whether its owner verified it is not known: {error}"),
        ),
    };
    let backup = settled.backup.map(RoomKeyBackup::describe);
    let backup = backup.map(|words| format!("{words}\n")).unwrap_or_default();
    let (user_id, device_id) = (&device.login.user_id, &device.login.device_id);
    let text = format!(
        "Logged in as {user_id} on {}\n\
         Device {device_id}, {encryption}\n{backup}\
         Configuration written to {}\n\
         {}\n\
         Next: nanobot gateway, then write to {user_id} from your own client",
        device.homeserver(),
        config.display(),
        custody.describe(),
    );
    let fields = [
        ("user_id", json!(user_id)),
        ("device_id", json!(device_id)),
        ("homeserver", json!(device.homeserver())),
        (
            "new_device",
            json!(matches!(device.history, History::New(_))),
        ),
        ("verified", json!(verified)),
        ("backup", json!(settled.backup.map(RoomKeyBackup::name))),
        ("allow_from", json!(wishes.allow_from)),
        ("config", json!(config)),
        ("token_store", json!(custody.store().name())),
    ];
    Outcome {
        text,
        json: Map::from_iter(fields.map(|(name, value)| (name.to_owned(), value))),
        ..Outcome::default()
    }
}
