//! What threads share, and what becomes of work that panics.

use std::{
    any::Any,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{
    error::{Error, Result},
    text::excerpt,
};

/// Locks a state that is whole after each of its changes, also where a panic came later.
pub fn lock<T>(state: &Mutex<T>) -> MutexGuard<'_, T> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Does this on a thread that may wait, or work for long.
///
/// # Errors
///
/// The work's own, and when it panics.
pub async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Error::failure("an internal task failed").because(error))?
}

/// What a panic says of itself, which may hold words from outside.
pub fn panic_words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&'static str>().copied());
    excerpt(text.unwrap_or("it does not say why"))
}
