//! What is in the store, or what the gateway that has it open tells.

use std::time::Duration;

use crate::{
    config::Paths,
    error::{Error, Result},
    inbox::{Stored, Summary},
    instance::{self, Answer, Backlog, Lock, Request},
    session::{DeviceKeyPair, KeyStore},
};

/// How long a running gateway may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is known without a homeserver.
#[derive(Debug, Default)]
pub(super) struct Local {
    /// The process id of the gateway that runs, as it sees it itself.
    pub(super) gateway: Option<u32>,
    /// The device's public keys.
    pub(super) keys: Option<DeviceKeyPair>,
    /// How many room keys there are; not known while a gateway runs.
    pub(super) room_keys: Option<usize>,
    /// What the journal holds that is not done.
    pub(super) backlog: Option<Backlog>,
    /// What could not be looked at, and why.
    pub(super) troubles: Vec<String>,
}

impl Local {
    pub(super) async fn look(paths: &Paths) -> Self {
        let mut local = Self::default();
        let looked = match local.ask_gateway(paths).await {
            Ok(false) => local.read(paths).await,
            asked => asked.map(drop),
        };
        if let Err(error) = looked {
            local.troubles.push(error.to_string());
        }
        local
    }

    /// Whether a gateway runs. A store that is in use is not opened.
    async fn ask_gateway(&mut self, paths: &Paths) -> Result<bool> {
        let answer = instance::ask(paths.dir(), Request::Status, PATIENCE).await?;
        let status = match answer {
            Some(Answer::Status(status)) => status,
            Some(_) => return Err(Error::failure("the gateway does not say how it is")),
            None => return Ok(false),
        };
        self.gateway = Some(status.pid);
        self.keys = status.keys.map(|keys| DeviceKeyPair {
            ed25519: keys.ed25519,
            curve25519: keys.curve25519,
        });
        self.backlog = status.backlog;
        Ok(true)
    }

    async fn read(&mut self, paths: &Paths) -> Result<()> {
        let store = paths.store();
        if !store.is_dir() {
            return Err(Error::failure(format!("there is no {}", store.display())));
        }
        let _lock = Lock::acquire(paths.dir())?;
        match Summary::read(&store).await {
            Ok(Some(Stored::Sound { summary, .. })) => self.backlog = Some(summary.backlog),
            Ok(Some(Stored::Damaged { why })) => {
                self.troubles.push(format!("the journal is damaged: {why}"));
            }
            Ok(Some(Stored::Newer { .. })) => {
                let words = "the journal was written by a newer nanobot";
                self.troubles.push(words.to_owned());
            }
            Ok(None) => {}
            Err(error) => self.troubles.push(error.to_string()),
        }
        let Some(keys) = KeyStore::open(&store).await? else {
            return Err(Error::failure(format!(
                "there are no encryption keys in {}",
                store.display()
            )));
        };
        self.keys = Some(keys.account().keys.clone());
        self.room_keys = Some(keys.count().await?);
        Ok(())
    }
}
