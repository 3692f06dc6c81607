//! Which device the bot logs in as: its own old one where its store is sound, a new one otherwise.
//!
//! A device whose private keys are not in our store can never be repaired, only replaced.

use std::{pin::pin, time::Duration};

use tokio::time::timeout;

use super::{
    context::Context,
    device::{Device, Unfit, forget},
    predecessor::{Predecessor, identity_in},
};
use crate::{
    account::{
        archive::{NewStore, archive, damage},
        identity::Holdings,
        secret_input::MOST_TRIES,
    },
    error::{Error, Kind, Result},
    session::{Chain, StoreAccount, owner_chain},
    terminal::{or_stop, stop_signal},
};

/// How long a login that is interrupted waits to learn whether it has made a device.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Logs in and sees the device's keys published. A wrong user or password is asked for again.
pub(super) async fn obtain(context: &mut Context) -> Result<Device> {
    let mut tries = 1;
    loop {
        match obtain_once(context).await {
            Err(error) if tries < MOST_TRIES => context.correct(error).await?,
            settled => return settled,
        }
        tries += 1;
    }
}

async fn obtain_once(context: &Context) -> Result<Device> {
    if context.options.token_stdin {
        return Box::pin(or_stop(adopt(context))).await;
    }
    match Box::pin(or_stop(keep(context))).await? {
        Ok(device) => Ok(device),
        Err(unfit) => renew(context, &unfit).await,
    }
}

/// Logs in as the device that the store holds, or says why it cannot be the bot's.
async fn keep(context: &Context) -> Result<Result<Device, Unfit>> {
    let is_user = |user_id: &str| context.is_user(user_id);
    let identity = &context.identity;
    identity.check_early(&context.matrix, is_user).await?;
    let owned = match owned_device(context).await {
        Ok(owned) => owned,
        Err(unfit) => return Ok(Err(unfit)),
    };
    let mut device = context.log_in(Some(&owned.device_id)).await?;
    let state = device.state(Some(owned)).await?;
    if let Err(fault) = state.check() {
        // Without published keys nobody else is using this device, and it is of no use to us.
        if state.published.is_none() {
            forget(&device.account).await;
        }
        return Ok(Err(Unfit::Broken(fault.to_string())));
    }
    reuse(context, &mut device).await?;
    Ok(Ok(device))
}

/// The device that the store holds, if it is this user's.
async fn owned_device(context: &Context) -> Result<StoreAccount, Unfit> {
    if let Some(damage) = damage(&context.store).await {
        return Err(Unfit::Broken(damage));
    }
    match StoreAccount::read(&context.store).await {
        Ok(Some(account)) if context.is_user(&account.user_id) => Ok(account),
        Ok(Some(account)) => Err(Unfit::OtherUser(account.user_id)),
        Ok(None) => Err(Unfit::NoStore),
        Err(error) => Err(Unfit::Broken(error.to_string())),
    }
}

/// Keeps the device of the store. An earlier store may have the identity that has not verified it
/// yet.
async fn reuse(context: &Context, device: &mut Device) -> Result<()> {
    let chain = owner_chain(&device.account, device.user_id(), device.device_id()).await?;
    let (earlier, holdings) = match chain {
        Chain::Owner(_) => {
            let earlier = Predecessor::find(context, device, None).await?;
            let has_own = identity_in(device, &context.store).await?.is_some();
            let is_here = has_own || earlier.secrets.is_some();
            (
                earlier,
                if is_here {
                    Holdings::Own
                } else {
                    Holdings::New(None)
                },
            )
        }
        _ => (Predecessor::default(), Holdings::Own),
    };
    device.plan = context.decide(device, holdings).await?;
    context.establish(device, &context.store, &earlier).await
}

/// Takes the device that a token belongs to, if nobody has its keys but us.
///
/// Its store is in its final place before its keys are published, and stays there whatever
/// happens then: published keys without their private halves would be the end of the device.
async fn adopt(context: &Context) -> Result<Device> {
    let store = &context.store;
    let mut device = context.log_in(None).await?;
    let owned = StoreAccount::read(store)
        .await?
        .filter(|owned| owned.user_id == device.user_id() && owned.device_id == device.device_id());
    let is_ours = owned.is_some();
    device.state(owned).await?.check().map_err(|error| {
        error
            .hint("log in with the password to create a device for the bot")
            .command("nanobot login")
    })?;
    if is_ours {
        reuse(context, &mut device).await?;
        return Ok(device);
    }
    let mut before = Predecessor::find(context, &device, Some(store)).await?;
    let holdings = Holdings::New(before.secrets.as_ref());
    device.plan = context.decide(&device, holdings).await?;
    device.archived = archive(store)?;
    before.was_archived(store, device.archived.as_deref());
    context.establish(&mut device, store, &before).await?;
    context.take_over(&mut device, before, store).await;
    Ok(device)
}

/// Logs in as a new device with a new store, which is made beside the one in use and takes over what
/// the device before it had; and archives the old store.
async fn renew(context: &Context, unfit: &Unfit) -> Result<Device> {
    let is_user = |user_id: &str| context.is_user(user_id);
    let mut new_store = NewStore::beside(&context.store, is_user).await?;
    // From before there is a device, so that it is never left behind.
    let mut stop = pin!(stop_signal()?);
    let interrupted = || Error::new(Kind::Interrupted, "interrupted");
    let (device, is_stopped) = {
        let mut making = pin!(make(context, &mut new_store));
        tokio::select! {
            made = &mut making => (made?, false),
            () = &mut stop => match timeout(LAST_WORDS, making).await {
                Ok(Ok(device)) => (device, true),
                // There may be a device. The next login goes on with it.
                _ => return Err(interrupted()),
            },
        }
    };
    let account = device.account.clone();
    let settled = if is_stopped {
        Err(interrupted())
    } else {
        tokio::select! {
            settled = settle(context, device, &new_store, unfit) => settled,
            () = stop => Err(interrupted()),
        }
    };
    // While there is such a device, its store is kept for the next login.
    if settled.is_err() && forget(&account).await {
        new_store.discard();
    }
    settled
}

/// Makes the device of a new store, which may be one that a login has left.
async fn make(context: &Context, new_store: &mut NewStore) -> Result<Device> {
    let device = log_in(context, new_store).await?;
    let stored = StoreAccount::read(&new_store.path).await?;
    if device.state(stored).await?.check().is_ok() {
        return Ok(device);
    }
    // What was left is gone or spoilt by now.
    forget(&device.account).await;
    *new_store = new_store.replace()?;
    log_in(context, new_store).await
}

/// Logs in as the device of a new store.
async fn log_in(context: &Context, new_store: &NewStore) -> Result<Device> {
    let logged_in = context.log_in(Some(&new_store.device_id)).await;
    if let Err(error) = &logged_in
        && error.kind() != Kind::Unreachable
    {
        // Without an answer there may be a device, which the next login goes on with.
        new_store.discard_unused().await;
    }
    logged_in
}

/// Gives the device what the one before it had, and puts its store in place.
async fn settle(
    context: &Context,
    mut device: Device,
    new_store: &NewStore,
    unfit: &Unfit,
) -> Result<Device> {
    let (store, place) = (&context.store, &new_store.path);
    let whoami = device.account.whoami().await?;
    if whoami.user_id != device.user_id() || whoami.device_id.as_deref() != Some(device.device_id())
    {
        return Err(Error::failure(
            "the homeserver returned an access token of another user or device",
        ));
    }
    let is_own = !matches!(unfit, Unfit::OtherUser(_));
    let own = is_own.then_some(store.as_path());
    let mut before = Predecessor::find(context, &device, own).await?;
    before.resume(&device, place).await?;
    let holdings = Holdings::New(before.secrets.as_ref());
    device.plan = context.decide(&device, holdings).await?;
    context.establish(&mut device, place, &before).await?;
    // What cannot be read was not a device.
    let configured = context.matrix.device_id_if_set().ok().flatten();
    device.notes.extend(unfit.explain(configured));
    context.take_over(&mut device, before, place).await;
    device.archived = new_store.install(store)?;
    if device.identity_store.as_deref() == Some(store) {
        device.identity_store.clone_from(&device.archived);
    }
    device.is_made = true;
    Ok(device)
}
