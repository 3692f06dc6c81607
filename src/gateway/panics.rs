//! Panics, which must not end the bot: the next start would take up the same message, and end in
//! the same way.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;

use crate::{
    error::{Error, Result},
    threads::panic_words,
};

/// What this work gives, or an error that says how it panicked.
pub async fn caught<T>(who: &str, work: impl Future<Output = T>) -> Result<T> {
    AssertUnwindSafe(work)
        .catch_unwind()
        .await
        .map_err(|panic| Error::failure(format!("{who} broke down: {}", panic_words(&*panic))))
}
