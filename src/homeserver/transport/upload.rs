//! A file on its way to the homeserver, read in pieces while it is sent.

use std::{
    fs::File,
    io::{self, Write},
    os::unix::fs::FileExt,
    sync::Arc,
    time::Duration,
};

use futures_util::stream::{self, Stream};
use reqwest::{
    Body,
    header::{HeaderValue, InvalidHeaderValue},
};
use tokio::task::spawn_blocking;

/// Bytes of a piece.
const PIECE: u64 = 64 * 1024;
/// The slowest connection that is waited for, in bytes a second.
const SLOWEST: u64 = 32 * 1024;

/// A file to upload. Nothing of it is kept in memory.
#[derive(Clone, Debug)]
pub struct Upload {
    file: Arc<File>,
    pub(super) length: u64,
    pub(super) mimetype: HeaderValue,
}

impl Upload {
    /// The first `length` bytes of a file, which has this MIME type.
    ///
    /// # Errors
    ///
    /// For a MIME type that no header can hold.
    pub fn new(file: File, length: u64, mimetype: &str) -> io::Result<Self> {
        let mimetype = HeaderValue::from_str(mimetype)
            .map_err(|error: InvalidHeaderValue| io::Error::other(error))?;
        Ok(Self {
            file: Arc::new(file),
            length,
            mimetype,
        })
    }

    /// These bytes, without a MIME type of their own.
    ///
    /// # Errors
    ///
    /// Where there is no room for a temporary file.
    pub fn of_bytes(bytes: &[u8]) -> io::Result<Self> {
        let mut file = tempfile::tempfile()?;
        file.write_all(bytes)?;
        let length = u64::try_from(bytes.len()).map_err(io::Error::other)?;
        Self::new(file, length, "application/octet-stream")
    }

    /// How long it may take, beyond the time for any call.
    pub fn carrying_time(&self) -> Duration {
        Duration::from_secs(self.length / SLOWEST)
    }

    /// The file from its beginning, as often as it is asked for.
    pub fn body(&self) -> Body {
        Body::wrap_stream(self.pieces())
    }

    /// A file that has become shorter ends with an error, so that its upload fails.
    fn pieces(&self) -> impl Stream<Item = io::Result<Vec<u8>>> + use<> {
        let (file, length) = (Arc::clone(&self.file), self.length);
        stream::try_unfold(0, move |offset| {
            let file = Arc::clone(&file);
            async move {
                let size = PIECE.min(length - offset);
                if size == 0 {
                    return Ok(None);
                }
                let piece = spawn_blocking(move || piece(&file, offset, size));
                let piece = piece.await.map_err(io::Error::other)??;
                Ok(Some((piece, offset + size)))
            }
        })
    }
}

fn piece(file: &File, offset: u64, size: u64) -> io::Result<Vec<u8>> {
    // No more than `PIECE`.
    let mut piece = vec![0; usize::try_from(size).map_err(io::Error::other)?];
    file.read_exact_at(&mut piece, offset)?;
    Ok(piece)
}

#[cfg(test)]
mod tests {
    use futures_util::TryStreamExt;

    use super::*;

    async fn read(upload: &Upload) -> io::Result<Vec<u8>> {
        upload.pieces().try_concat().await
    }

    #[tokio::test]
    async fn a_file_is_read_whole_as_often_as_it_is_sent() {
        for length in [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE] {
            let bytes: Vec<_> = (0..length).map(|index| index.to_le_bytes()[0]).collect();
            let upload = Upload::of_bytes(&bytes).unwrap();
            for _ in 0..2 {
                assert_eq!(read(&upload).await.unwrap(), bytes);
            }
        }
    }

    #[tokio::test]
    async fn a_file_is_sent_as_long_as_it_was_said_to_be() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"the file").unwrap();
        let upload = Upload::new(file.try_clone().unwrap(), 3, "text/plain").unwrap();
        assert_eq!(read(&upload).await.unwrap(), b"the");
        file.set_len(2).unwrap();
        let error = read(&upload).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn a_mimetype_is_no_second_header() {
        let file = tempfile::tempfile().unwrap();
        assert!(Upload::new(file, 0, "text/plain\r\nX: y").is_err());
    }
}
