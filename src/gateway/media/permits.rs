//! How many files are under way at once, so that slow ones do not keep others waiting.

use std::{num::NonZeroUsize, time::Duration};

use tokio::{sync::Semaphore, time::timeout};

/// Files under way that have turned out to be slow. Each takes a thread and a connection.
const SLOW: usize = 32;
/// When a file is slow.
const QUICK: Duration = Duration::from_secs(5);

/// Who may download and upload now.
#[derive(Debug)]
pub(super) struct Permits {
    downloads: Semaphore,
    slow_downloads: Semaphore,
    /// Of their own: an answer waits for nobody's file.
    pub(super) uploads: Semaphore,
    /// When a download is slow.
    pub(super) quick: Duration,
}

impl Permits {
    /// For so many downloads at once, and as many uploads.
    pub(super) fn new(at_once: NonZeroUsize) -> Self {
        let at_once = at_once.get().min(Semaphore::MAX_PERMITS);
        Self {
            downloads: Semaphore::new(at_once),
            slow_downloads: Semaphore::new(SLOW),
            uploads: Semaphore::new(at_once),
            quick: QUICK,
        }
    }

    /// Downloads a file when it is its turn. A download that turns out to be
    /// slow goes on beside the others, and lets the next one begin.
    pub(super) async fn download<T>(&self, work: impl Future<Output = T>) -> T {
        // The semaphores are never closed.
        let permit = self.downloads.acquire().await;
        tokio::pin!(work);
        if let Ok(done) = timeout(self.quick, &mut work).await {
            return done;
        }
        tokio::select! {
            biased;
            done = &mut work => done,
            _slow = self.slow_downloads.acquire() => {
                drop(permit);
                work.await
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use futures_util::{FutureExt, future::join_all};
    use tokio::time::sleep;

    use super::*;

    const SHORT: Duration = Duration::from_millis(20);
    /// How long what should end soon may take.
    const LIMIT: Duration = Duration::from_secs(10);

    fn permits() -> Permits {
        let mut permits = Permits::new(NonZeroUsize::MIN);
        permits.quick = SHORT;
        permits
    }

    #[tokio::test]
    async fn a_slow_download_lets_others_begin() {
        let permits = permits();
        let mut slow = Box::pin(permits.download(pending::<()>()));
        assert!((&mut slow).now_or_never().is_none());
        assert_eq!(permits.download(ready(())).now_or_never(), None);
        let five = tokio::select! {
            () = slow => panic!("it never ends"),
            five = timeout(LIMIT, permits.download(ready(5))) => five,
        };
        assert_eq!(five.unwrap(), 5);
    }

    #[tokio::test]
    async fn when_too_many_are_slow_the_next_waits_for_one_to_end() {
        let permits = permits();
        let (end, _) = tokio::sync::broadcast::channel::<()>(1);
        let slow = (0..=SLOW).map(|_| {
            let mut end = end.subscribe();
            let permits = &permits;
            let slow = async move { end.recv().await.unwrap() };
            async move { permits.download(slow).await }
        });
        let mut slow = Box::pin(join_all(slow));
        let mut waits = Box::pin(permits.download(ready(5)));
        tokio::select! {
            biased;
            _ = &mut slow => panic!("nobody has ended them"),
            _ = &mut waits => panic!("it did not wait"),
            // Long enough for all to turn out to be slow.
            () = sleep(SHORT * 3 * u32::try_from(SLOW).unwrap()) => {}
        }
        end.send(()).unwrap();
        let (ended, five) = timeout(LIMIT, async { tokio::join!(slow, waits) })
            .await
            .unwrap();
        assert_eq!((ended.len(), five), (SLOW + 1, 5));
    }
}
