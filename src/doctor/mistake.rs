//! Mistakes of this program while it examines: caught, and told in the report like any finding.

use std::{
    any::Any,
    panic::{self, AssertUnwindSafe},
    sync::Once,
};

use crate::homeserver::tame;

tokio::task_local! {
    /// Set while a question is asked.
    static ASKING: ();
}

/// Keeps the panic of a question from being printed: it is in the report, and nothing crashed.
/// Every other panic is printed as before.
pub(super) fn keep_quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if ASKING.try_with(|()| ()).is_err() {
                usual(panic);
            } else if let Some(place) = panic.location() {
                // Its words are in the report, cleaned.
                tracing::debug!(%place, "a question ended in a panic");
            }
        }));
    });
}

/// Work whose panic is caught by whoever waits for it.
pub(super) async fn asking<T>(work: impl Future<Output = T>) -> T {
    ASKING.scope((), work).await
}

/// As [`asking`], for work on a thread of its own.
pub(super) fn asking_here<T>(work: impl FnOnce() -> T) -> T {
    ASKING.sync_scope((), work)
}

/// What work returns, or the words of its panic. What it changed before is kept.
pub(super) fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    panic::catch_unwind(AssertUnwindSafe(|| asking_here(work))).map_err(|panic| words(&*panic))
}

/// What a panic said, which may hold words from outside.
pub(super) fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&'static str>().copied());
    tame(text.unwrap_or("it did not say what happened"), &[])
}
