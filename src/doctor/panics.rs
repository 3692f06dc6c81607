//! Panics of this program during the checks: caught, and reported like any finding.

use std::{
    panic::{self, AssertUnwindSafe},
    sync::Once,
};

use crate::threads::panic_words;

tokio::task_local! {
    /// Set while a question is asked.
    static ASKING: ();
}

/// Keeps the panic of a question from being printed: it is in the report, and nothing crashed.
/// Every other panic is printed as before.
pub fn keep_quiet() {
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
pub async fn quietly<T>(work: impl Future<Output = T>) -> T {
    ASKING.scope((), work).await
}

/// As [`quietly`], for work on a thread of its own.
pub fn quietly_here<T>(work: impl FnOnce() -> T) -> T {
    ASKING.sync_scope((), work)
}

/// What work returns, or the words of its panic. What it changed before is kept.
pub fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    panic::catch_unwind(AssertUnwindSafe(|| quietly_here(work)))
        .map_err(|panic| panic_words(&*panic))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_panic_is_caught_with_its_words() {
        assert_eq!(caught(|| 7), Ok(7));
        let said = |work: fn()| caught(work).unwrap_err();
        assert_eq!(said(|| panic!("{} left", 3)), "3 left");
        assert_eq!(said(|| panic!("a\u{1b}b\nc")), "a b c");
        assert!(said(|| panic::panic_any(7)).contains("not say"));
    }

    #[test]
    #[should_panic = "this is seen"]
    fn a_panic_of_something_else() {
        keep_quiet();
        panic!("this is seen");
    }

    /// What one of these tests prints.
    fn printed(test: &str) -> String {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test, "--nocapture"])
            .output()
            .unwrap();
        assert!(output.status.success());
        let stdout = String::from_utf8(output.stdout).unwrap();
        assert!(stdout.contains("1 passed"), "{stdout}");
        let stderr = String::from_utf8(output.stderr).unwrap();
        format!("{stdout}{stderr}")
    }

    #[test]
    fn the_panic_of_a_question_is_not_printed_and_every_other_is() {
        let quiet = printed("doctor::probe::tests::a_panic_is_an_ending_like_others");
        assert!(!quiet.contains("panicked"), "{quiet}");
        let loud = printed("doctor::panics::tests::a_panic_of_something_else");
        assert!(loud.contains("this is seen"), "{loud}");
    }
}
