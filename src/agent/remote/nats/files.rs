//! Files in the broker's store, and messages that are too large for one.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tokio::io::AsyncReadExt;

use async_nats::jetstream::object_store::{GetErrorKind, ObjectStore};

use super::link::{Link, refused, to_bytes};
use crate::{
    agent::remote::{document::StoredFile, seal::Broken},
    error::{Error, Result},
};

/// What a message is at most that is sent as it is, in bytes, before it is sealed.
const INLINE: usize = 512 * 1024;
/// What a message is at most at all, in bytes.
const LARGEST: u64 = 16 * 1024 * 1024;

/// A message that is in a file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Elsewhere {
    stored: StoredFile,
}

/// Why a file cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum Missing {
    /// It may be had later.
    #[error("{0}")]
    Later(#[from] Error),
    #[error("it is not there")]
    Gone,
    #[error(transparent)]
    Sealed(#[from] Broken),
    #[error("it is larger than {0} bytes")]
    TooLarge(u64),
    #[error("it is not what was sent")]
    Changed,
}

impl Link {
    async fn store(&self) -> Result<ObjectStore> {
        Ok(self.context.get_object_store(self.names.bucket()).await?)
    }

    /// Stores a file under this name.
    ///
    /// # Errors
    ///
    /// When the broker does not take it.
    pub async fn put(&self, object: &str, bytes: Vec<u8>) -> Result<StoredFile> {
        let stored = StoredFile::of(object.to_owned(), &bytes);
        let sealed = self.seal.seal(object, bytes)?;
        let store = self.store().await?;
        store.put(object, &mut sealed.as_slice()).await?;
        Ok(stored)
    }

    /// The file, of at most so many bytes.
    ///
    /// # Errors
    ///
    /// Why it cannot be had.
    pub async fn get(&self, file: &StoredFile, largest: u64) -> Result<Vec<u8>, Missing> {
        // What sealing adds.
        const MORE: u64 = 1024;
        if file.size > largest {
            return Err(Missing::TooLarge(largest));
        }
        let object = match self.store().await?.get(&file.object).await {
            Err(error) if error.kind() == GetErrorKind::NotFound => return Err(Missing::Gone),
            found => found.map_err(Error::from)?,
        };
        let mut bytes = Vec::new();
        let read = object.take(file.size + MORE).read_to_end(&mut bytes).await;
        read.map_err(|error| refused(&error))?;
        let opened = self.seal.open(&file.object, &bytes)?;
        let is_it = file.holds(&opened);
        is_it.then_some(opened).ok_or(Missing::Changed)
    }

    /// Removes a file. Where that fails, it is removed when it is old.
    pub async fn remove(&self, object: &str) {
        if let Ok(store) = self.store().await
            && let Err(error) = store.delete(object).await
        {
            tracing::debug!("cannot remove {object} from the broker's store: {error}");
        }
    }

    /// A message to this subject, sealed; one that is too large goes into this file.
    ///
    /// # Errors
    ///
    /// When the broker does not take the file.
    pub async fn pack(
        &self,
        subject: &str,
        file: &str,
        message: &impl Serialize,
    ) -> Result<Vec<u8>> {
        let mut bytes = to_bytes(message)?;
        if bytes.len() > INLINE {
            let stored = self.put(file, bytes).await?;
            bytes = to_bytes(&Elsewhere { stored })?;
        }
        self.seal.seal(subject, bytes)
    }

    /// What was packed for this subject.
    ///
    /// # Errors
    ///
    /// Why it cannot be read; where that may change, as [`Missing::Later`].
    pub async fn unpack<T: DeserializeOwned>(
        &self,
        subject: &str,
        bytes: &[u8],
    ) -> Result<T, Missing> {
        let mut opened = self.seal.open(subject, bytes)?;
        if let Ok(Elsewhere { stored }) = serde_json::from_slice(&opened) {
            opened = self.get(&stored, LARGEST).await?;
        }
        serde_json::from_slice(&opened).map_err(|_| Missing::Changed)
    }
}
