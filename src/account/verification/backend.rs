//! Where the verifications are: in the running gateway, or in this process.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::time::{Instant, sleep, timeout};

use crate::{
    config::{Document, Paths, environment},
    error::{Error, Kind, Result},
    ipc::{
        Answer, Lock, Request, Stage, Verification, VerifyRequest, ask_for, refuse_unfinished_reset,
    },
    policy::{AllowFrom, Policy},
    session::{Session, VerificationHost, Verifications, credentials},
    terminal::Progress,
};

/// How long a gateway may take to answer. Asking somebody may mean to make a room.
const ANSWER_LIMIT: Duration = Duration::from_mins(2);
/// How long the other side may take to compare too, and its signatures to be shown.
const END_LIMIT: Duration = Duration::from_mins(2);
/// How often it is looked whether a verification has gone on.
const POLL: Duration = Duration::from_millis(250);
/// How long a sync waits for something to happen.
const SYNC_POLL: Duration = Duration::from_secs(30);
/// The pause after a sync that failed.
const SYNC_PAUSE: Duration = Duration::from_secs(1);
/// How long those on the other side may be waited for to hear of the end.
const FAREWELL: Duration = Duration::from_secs(5);

/// Whoever keeps the verifications.
pub enum Backend {
    Gateway(PathBuf),
    /// This process is the bot meanwhile.
    Own(Verifications),
}

impl Backend {
    /// The gateway of this data directory, if one runs.
    pub async fn running(directory: &Path) -> Result<Option<Self>> {
        let asked = ask(directory, VerifyRequest::List).await?;
        Ok(asked.map(|_| Self::Gateway(directory.to_owned())))
    }

    /// The gateway of this data directory, which has to run.
    pub async fn gateway(directory: &Path) -> Result<Self> {
        Self::running(directory).await?.ok_or_else(|| {
            Error::failure("cannot reach verifications: the gateway is not running")
                .hint("start the gateway, or run `nanobot verify` in a terminal")
                .command("nanobot gateway")
        })
    }

    pub async fn list(&self) -> Result<Vec<Verification>> {
        self.request(VerifyRequest::List).await
    }

    pub async fn start(&self, user_id: &str, device_id: Option<&str>) -> Result<Verification> {
        let request = VerifyRequest::Start {
            user_id: user_id.to_owned(),
            device_id: device_id.map(str::to_owned),
        };
        only(self.request(request).await?)
    }

    pub async fn decide(&self, id: &str, matches: bool) -> Result<Verification> {
        let id = id.to_owned();
        only(self.request(VerifyRequest::Decide { id, matches }).await?)
    }

    async fn request(&self, request: VerifyRequest) -> Result<Vec<Verification>> {
        match self {
            Self::Own(verifications) => verifications.perform(request).await,
            Self::Gateway(directory) => ask(directory, request).await?.ok_or_else(|| {
                Error::failure("the gateway stopped, and the verification with it")
                    .hint("run it again")
                    .command("nanobot verify")
            }),
        }
    }

    /// How a verification ended, once it has.
    pub async fn until_over(&self, id: &str) -> Result<Verification> {
        let is_over = |one: &Verification| one.id == id && one.stage.is_over();
        self.until(END_LIMIT, is_over).await
    }

    /// Looks again and again, until there is one like this. Of several, one that can be compared
    /// now goes first.
    ///
    /// # Errors
    ///
    /// When that takes longer than `limit`.
    pub async fn until(
        &self,
        limit: Duration,
        is_meant: impl Fn(&Verification) -> bool,
    ) -> Result<Verification> {
        let end = Instant::now() + limit;
        loop {
            let meant = self.list().await?.into_iter().filter(&is_meant);
            if let Some(found) = meant.min_by_key(|one| !matches!(one.stage, Stage::Compare(_))) {
                return Ok(found);
            }
            if Instant::now() >= end {
                let limit = limit.as_secs();
                return Err(Error::failure(format!("no answer within {limit} s")));
            }
            sleep(POLL).await;
        }
    }
}

fn only(verifications: Vec<Verification>) -> Result<Verification> {
    let mut all = verifications.into_iter();
    all.next()
        .ok_or_else(|| Error::failure("the gateway did not return the verification"))
}

async fn ask(directory: &Path, request: VerifyRequest) -> Result<Option<Vec<Verification>>> {
    let read = |answer| match answer {
        Answer::Verifications { verifications } => Some(verifications),
        _ => None,
    };
    ask_for(directory, Request::Verify(request), ANSWER_LIMIT, read).await
}

/// Accepts those who may talk to the bot; the person at the terminal compares.
struct Host(AllowFrom);

impl VerificationHost for Host {
    fn admits(&self, user_id: &str) -> bool {
        self.0.allows(user_id)
    }
}

/// Does something with verifications while no gateway runs: this process is the bot meanwhile.
pub async fn with_own<T>(
    paths: &Paths,
    work: impl AsyncFnOnce(&Backend) -> Result<T>,
) -> Result<T> {
    let matrix = Document::load(paths.config_file())?.matrix(&environment)?;
    let credentials = credentials(&matrix)?;
    let policy = Policy::new(&matrix)?;
    if !policy.e2ee_enabled {
        return Err(Error::failure(
            "cannot verify the bot: encryption is disabled (e2eeEnabled)",
        ));
    }
    let _lock = Lock::acquire(paths.dir())?;
    refuse_unfinished_reset(paths.dir())?;
    let progress = Progress::start("Connecting");
    let account = credentials.account()?;
    let state = credentials.device_state(&account, &paths.store()).await?;
    state.check()?;

    let mut session = Session::open(&credentials, &paths.store()).await?;
    let verifications = session.verifications(Host(policy.allow_from));
    session.step(Duration::ZERO).await?;
    drop(progress);
    let backend = Backend::Own(verifications.clone());
    let done = tokio::select! {
        done = work(&backend) => done,
        error = sync(&mut session) => return Err(error),
    };
    // Whoever is left waiting need not wait for nothing.
    if timeout(FAREWELL, verifications.give_up()).await.is_err() {
        tracing::debug!("the other sides do not hear of the end");
    }
    session.settle().await;
    done
}

/// Syncs until that fails for good.
async fn sync(session: &mut Session) -> Error {
    loop {
        match session.step(SYNC_POLL).await {
            Ok(_) => {}
            Err(error) if error.kind() == Kind::Unreachable => {
                tracing::warn!(%error, "homeserver unreachable; retrying");
                sleep(SYNC_PAUSE).await;
            }
            Err(error) => return error,
        }
    }
}
