//! Where the verifications are: in the running gateway, or in this process.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::time::{Instant, sleep};

use crate::{
    error::{Error, Result},
    instance::{self, Answer, Request, Verification, VerifyRequest},
    session::Verifications,
};

/// How long a gateway may take to answer. Asking somebody may mean to make a room.
const PATIENCE: Duration = Duration::from_mins(2);
/// How long the other side may take to compare too, and its signatures to be shown.
const LIMIT: Duration = Duration::from_mins(2);
/// How often it is looked whether a verification has gone on.
const POLL: Duration = Duration::from_millis(250);

/// Whoever keeps the verifications.
pub(super) enum Way {
    Gateway(PathBuf),
    Here(Verifications),
}

impl Way {
    /// Through the gateway of this data directory; `None` where none runs.
    pub(super) async fn through_gateway(directory: &Path) -> Result<Option<Self>> {
        let asked = ask(directory, VerifyRequest::List).await?;
        Ok(asked.map(|_| Self::Gateway(directory.to_owned())))
    }

    pub(super) async fn list(&self) -> Result<Vec<Verification>> {
        match self {
            Self::Gateway(directory) => ask_running(directory, VerifyRequest::List).await,
            Self::Here(verifications) => Ok(verifications.list()),
        }
    }

    pub(super) async fn start(
        &self,
        user_id: &str,
        device_id: Option<&str>,
    ) -> Result<Verification> {
        match self {
            Self::Gateway(directory) => {
                let request = VerifyRequest::Start {
                    user_id: user_id.to_owned(),
                    device_id: device_id.map(str::to_owned),
                };
                only(ask_running(directory, request).await?)
            }
            Self::Here(verifications) => verifications.start(user_id, device_id).await,
        }
    }

    pub(super) async fn decide(&self, id: &str, matches: bool) -> Result<Verification> {
        match self {
            Self::Gateway(directory) => {
                let id = id.to_owned();
                only(ask_running(directory, VerifyRequest::Decide { id, matches }).await?)
            }
            Self::Here(verifications) => verifications.decide(id, matches),
        }
    }

    /// How a verification is now.
    pub(super) async fn look_at(&self, id: &str) -> Result<Verification> {
        let mut all = self.list().await?.into_iter();
        all.find(|verification| verification.id == id)
            .ok_or_else(|| Error::failure(format!("verification {id} is gone")))
    }

    /// How a verification ended, once it has.
    pub(super) async fn until_over(&self, id: &str) -> Result<Verification> {
        self.until(LIMIT, |all| {
            let mut all = all.into_iter();
            all.find(|one| one.id == id && one.stage.is_over())
        })
        .await
    }

    /// Looks again and again, until `found` finds what it looks for.
    ///
    /// # Errors
    ///
    /// When that takes longer than `limit`.
    pub(super) async fn until<T>(
        &self,
        limit: Duration,
        found: impl Fn(Vec<Verification>) -> Option<T>,
    ) -> Result<T> {
        let end = Instant::now() + limit;
        loop {
            if let Some(found) = found(self.list().await?) {
                return Ok(found);
            }
            if Instant::now() >= end {
                return Err(Error::failure(format!(
                    "nothing has come within {} s",
                    limit.as_secs()
                )));
            }
            sleep(POLL).await;
        }
    }
}

fn only(verifications: Vec<Verification>) -> Result<Verification> {
    let mut all = verifications.into_iter();
    all.next()
        .ok_or_else(|| Error::failure("the gateway does not say which verification it is"))
}

async fn ask_running(directory: &Path, request: VerifyRequest) -> Result<Vec<Verification>> {
    let asked = ask(directory, request).await?;
    asked.ok_or_else(|| {
        Error::failure("the gateway has ended, and the verification with it")
            .hint("run it again: nanobot verify")
    })
}

async fn ask(directory: &Path, request: VerifyRequest) -> Result<Option<Vec<Verification>>> {
    match instance::ask(directory, Request::Verify(request), PATIENCE).await? {
        None => Ok(None),
        Some(Answer::Verifications { verifications }) => Ok(Some(verifications)),
        Some(Answer::Failed {
            kind,
            message,
            hint,
        }) => {
            let error = Error::new(kind, message);
            Err(match hint {
                Some(hint) => error.hint(hint),
                None => error,
            })
        }
        Some(Answer::Refused { why, .. }) => Err(Error::failure(why)),
        Some(_) => Err(Error::failure("the gateway answered another question")),
    }
}
