//! Can files be sent and fetched?

use std::io::{self, Read};

use matrix_sdk::ruma::TransactionId;
use tokio::time::Instant;

use super::{Deadline, passed};
use crate::{
    error::{Error, Result},
    homeserver::{Account, Failure, MediaUri, Upload},
    ipc::TestOutcome,
    session::crypto::file_key::{FileKey, encrypt},
};

/// Lines of the file: a few hundred bytes in all, since it stays on the homeserver.
const LINES: usize = 5;

pub async fn test(
    account: &Account,
    e2ee_enabled: bool,
    deadline: Deadline,
) -> Result<TestOutcome> {
    let started = Instant::now();
    let file = format!("nanobot self test {}\n", TransactionId::new()).repeat(LINES);
    let (upload, key) = if e2ee_enabled {
        let mut encrypted = Vec::new();
        let key = encrypt(&mut file.as_bytes(), &mut encrypted)
            .map_err(|error| Error::failure("cannot encrypt a file").because(error))?;
        (encrypted, Some(key))
    } else {
        (file.clone().into_bytes(), None)
    };
    let body = Upload::of_bytes(&upload)
        .map_err(|error| Error::failure("cannot make a temporary file").because(error))?;
    let uri = deadline.call("upload a file", account.upload(body)).await?;
    let download = fetch(account, &uri, upload.len());
    let download = deadline
        .call("download the file just uploaded", download)
        .await?;
    let is_same = download == upload
        && match key {
            Some(mut key) => {
                key["url"] = uri.to_string().into();
                decrypt(&download, &key).is_ok_and(|plain| plain == file.as_bytes())
            }
            None => true,
        };
    if !is_same {
        return Err(Error::failure(
            "a file came back from the homeserver other than it was uploaded",
        ));
    }
    let detail = if e2ee_enabled {
        "an encrypted file was uploaded, downloaded and decrypted"
    } else {
        "a file was uploaded and downloaded"
    };
    Ok(passed(detail, None, started.elapsed()))
}

/// A file, or as much of it as shows that it is too long.
async fn fetch(account: &Account, uri: &MediaUri, expected: usize) -> Result<Vec<u8>, Failure> {
    let mut download = account.download(uri).await?;
    let mut bytes = Vec::new();
    while bytes.len() <= expected
        && let Some(chunk) = download.chunk().await?
    {
        bytes.extend(chunk);
    }
    Ok(bytes)
}

fn decrypt(mut encrypted: &[u8], key: &serde_json::Value) -> io::Result<Vec<u8>> {
    let key = FileKey::read(key).ok_or(io::ErrorKind::InvalidData)?;
    let mut plain = Vec::new();
    key.decrypt(&mut encrypted)?.read_to_end(&mut plain)?;
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{Arc, Mutex},
        time::Duration,
    };

    use serde_json::json;

    use super::*;
    use crate::{
        config::Secret,
        error::Kind,
        homeserver::{
            Homeserver, Options,
            fake::{Fake, ok, text},
        },
    };

    /// Tests a homeserver that changes what it keeps.
    async fn test_with(change: fn(&str) -> String) -> Result<TestOutcome> {
        let kept = Arc::new(Mutex::new(String::new()));
        let fake = Fake::new(move |seen| {
            let mut kept = kept.lock().unwrap();
            if seen.path.ends_with("/upload") {
                kept.clone_from(&seen.body);
                return Some(ok(&json!({ "content_uri": "mxc://example.org/abc" })));
            }
            Some(text(200, &change(&kept)))
        })
        .await;
        let server = Homeserver::new(&fake.url, &Options::default()).unwrap();
        let account = server.with_token(&Secret::new("token".to_owned()));
        test(&account, false, Deadline::new(Duration::from_secs(10))).await
    }

    #[tokio::test]
    async fn a_file_must_come_back_as_it_was() {
        let passed = test_with(str::to_owned).await.unwrap();
        assert!(matches!(passed, TestOutcome::Passed { .. }));
        let changes: [fn(&str) -> String; 3] = [
            |file| file[1..].to_owned(),
            |file| file.repeat(9),
            |file| file.replace("test", "text"),
        ];
        for change in changes {
            let error = test_with(change).await.unwrap_err();
            assert_eq!(error.kind(), Kind::Failure);
            assert!(error.to_string().contains("other than"), "{error}");
        }
    }
}
