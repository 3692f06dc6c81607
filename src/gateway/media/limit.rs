//! How large a file may be.

use tokio::sync::OnceCell;

use crate::{
    error::Kind,
    homeserver::{Account, Failure},
};

/// The smaller of our own limit and the homeserver's, which is asked for once.
#[derive(Debug)]
pub(super) struct Limit {
    own: u64,
    /// `None` in it where the homeserver has no limit, or does not tell.
    server: OnceCell<Option<u64>>,
}

impl Limit {
    /// Our own limit in bytes; 0 means that there are no files.
    pub(super) fn new(own: u64) -> Self {
        Self {
            own,
            server: OnceCell::new(),
        }
    }

    /// Whether there are no files at all.
    pub(super) fn blocks_all(&self) -> bool {
        self.own == 0
    }

    /// The limit in bytes. Where our own already decides over a file of this size, the homeserver
    /// is not asked.
    ///
    /// # Errors
    ///
    /// When the homeserver rejects the token.
    pub(super) async fn for_size(
        &self,
        size: Option<u64>,
        account: &Account,
    ) -> Result<u64, Failure> {
        if size.is_some_and(|size| size > self.own) {
            return Ok(self.own);
        }
        let asked = self
            .server
            .get_or_try_init(|| async { told(account.upload_limit().await) })
            .await;
        match asked {
            Ok(server) => Ok(server.unwrap_or(u64::MAX).min(self.own)),
            Err(failure) if failure.kind() == Kind::NotLoggedIn => Err(failure),
            // It is away: the download will show, and the next file asks again.
            Err(_) => Ok(self.own),
        }
    }
}

/// A homeserver that cannot be asked may be asked again; one that does not tell is not.
fn told(answer: Result<Option<u64>, Failure>) -> Result<Option<u64>, Failure> {
    match answer {
        Err(failure) if !matches!(failure.kind(), Kind::Unreachable | Kind::NotLoggedIn) => {
            tracing::warn!(%failure, "the homeserver's limit on files is unknown");
            Ok(None)
        }
        answer => answer,
    }
}
