//! Panics, which must not end the bot: the next start would take up the same message, and end in
//! the same way.

use std::{
    any::Any,
    panic::AssertUnwindSafe,
    sync::{Mutex, MutexGuard, PoisonError},
};

use futures_util::FutureExt;

use crate::error::{Error, Result};

/// What this work gives, or an error that says how it panicked.
pub async fn caught<T>(who: &str, work: impl Future<Output = T>) -> Result<T> {
    AssertUnwindSafe(work)
        .catch_unwind()
        .await
        .map_err(|panic| Error::failure(format!("{who} broke down: {}", words(&*panic))))
}

/// Locks a state that is whole after each of its changes, also where a panic came later.
pub fn lock<T>(state: &Mutex<T>) -> MutexGuard<'_, T> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a panic says of itself.
fn words(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("it does not say why")
}
