//! One deadline for a whole test, and an end to every wait in it that names what was waited for.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use crate::{
    error::{Error, Result},
    homeserver::{Failure, Restraint},
    session::sdk,
};

/// The longest limit that is still believed to be meant, and that clocks can add up.
const LONGEST: Duration = Duration::from_hours(1);
/// The pause after a rate limit that does not say how long it lasts.
const PAUSE: Duration = Duration::from_secs(1);

/// When a test must be over.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    at: Instant,
    limit: Duration,
}

impl Deadline {
    pub fn new(limit: Duration) -> Self {
        let limit = limit.min(LONGEST);
        Self {
            at: Instant::now() + limit,
            limit,
        }
    }

    pub fn at(self) -> Instant {
        self.at
    }

    /// Does this much of the test, unless the time is over.
    pub async fn within<T>(self, doing: &str, work: impl Future<Output = Result<T>>) -> Result<T> {
        match timeout_at(self.at, work).await {
            Ok(done) => done,
            Err(_) => Err(Error::unreachable(format!(
                "cannot {doing}: it was not done when the {} s for the test were over",
                self.limit.as_secs_f64()
            ))
            .hint("try again, with a longer --timeout if the homeserver is slow")),
        }
    }

    /// Makes a call over plain HTTPS.
    pub async fn call<T>(
        self,
        doing: &str,
        call: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T> {
        let worded = async {
            call.await.map_err(|failure| {
                Error::new(failure.kind(), format!("cannot {doing}: {failure}"))
                    .with_remedy(failure.remedy())
            })
        };
        self.within(doing, worded).await
    }

    /// Makes a request through the SDK, again and again while the homeserver asks for patience
    /// that there is time for. So it must not matter how often it is made.
    pub async fn request<T, F>(self, doing: &'static str, attempt: impl Fn() -> F) -> Result<T>
    where
        F: Future<Output = matrix_sdk::Result<T>> + Send,
    {
        let patient = async {
            loop {
                let error = match sdk::call(doing, attempt()).await {
                    Ok(answer) => return Ok(answer),
                    Err(error) => Error::from(error),
                };
                let Some(Restraint::RateLimit { after }) = error.cause() else {
                    return Err(error);
                };
                let pause = after.unwrap_or(PAUSE);
                let pause = pause.clamp(Duration::from_millis(100), LONGEST);
                if Instant::now() + pause >= self.at {
                    return Err(error);
                }
                sleep(pause).await;
            }
        };
        self.within(doing, patient).await
    }
}
