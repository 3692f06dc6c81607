//! Files that a worker's agent sends: only those that it may send, and only whole.

use std::{
    io::Read,
    path::{Path, PathBuf},
};

use crate::{
    agent::remote::inbox::plain_name,
    error::Error,
    files::{pick, read_failed},
    threads::aside,
};

/// Reads a file out of one of these directories, of at most so many bytes, and its name; or, where
/// it is not sent, what is said of it.
pub async fn read(
    path: &Path,
    directories: &[PathBuf],
    largest: u64,
) -> Result<(String, Vec<u8>), String> {
    let name = plain_name(&path.file_name().unwrap_or_default().to_string_lossy());
    let (path, directories) = (path.to_owned(), directories.to_owned());
    let shown = path.display().to_string();
    let reading = aside(move || {
        let mut bytes = Vec::new();
        let file = pick(&path, &directories).map_err(|why| Error::failure(why.to_string()))?;
        let read = file.take(largest.saturating_add(1)).read_to_end(&mut bytes);
        read.map_err(|error| read_failed(&path, error))?;
        Ok(bytes)
    });
    let why = match reading.await {
        Ok(_) if largest == 0 => "files are disabled",
        Ok(bytes) if bytes.len() as u64 > largest => "too large",
        Ok(bytes) => return Ok((name, bytes)),
        Err(error) => {
            tracing::error!("cannot send {shown}: {error}");
            "upload failed"
        }
    };
    Err(format!("[attachment: {name} - {why}]"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_what_may_be_sent_is_read_and_not_too_much() {
        let home = tempfile::tempdir().unwrap();
        let out = home.path().join("out");
        std::fs::create_dir(&out).unwrap();
        std::fs::write(out.join("a.txt"), "abc").unwrap();
        std::fs::write(home.path().join("secret.txt"), "canary").unwrap();
        let directories = [out.clone()];
        let read = async |path: &Path, largest| read(path, &directories, largest).await;
        let (name, bytes) = read(&out.join("a.txt"), 3).await.unwrap();
        assert_eq!((name.as_str(), bytes.as_slice()), ("a.txt", &b"abc"[..]));
        for (path, largest, why) in [
            (out.join("a.txt"), 2, "too large"),
            (out.join("a.txt"), 0, "files are disabled"),
            (home.path().join("secret.txt"), 100, "upload failed"),
            (out.join("nothing"), 100, "upload failed"),
        ] {
            let said = read(&path, largest).await.unwrap_err();
            assert!(said.ends_with(&format!("{why}]")), "{said}");
        }
    }
}
