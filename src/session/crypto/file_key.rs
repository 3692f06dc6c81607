//! Encrypting files, and decrypting those that were sent with end-to-end encryption
//! (spec, "Sending encrypted attachments").

use std::io::{self, Read, Write};

use matrix_sdk::ruma::events::room::EncryptedFile;
use matrix_sdk_base::crypto::{AttachmentDecryptor, AttachmentEncryptor};
use serde_json::Value;

/// The key of an encrypted file, and the hash that it must have.
#[derive(Clone, Debug)]
pub struct FileKey(EncryptedFile);

impl FileKey {
    /// Reads the `file` of a message; `None` where it cannot be used.
    pub fn read(file: &Value) -> Option<Self> {
        let key = Self(serde_json::from_value(file.clone()).ok()?);
        // The version and the hash are looked at only here.
        let usable = key.decrypt(&mut io::empty()).is_ok();
        usable.then_some(key)
    }

    /// Decrypts while reading. What was read is the file only once the end is reached: there the
    /// hash is checked, and [`io::ErrorKind::InvalidData`] says that it is wrong.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::InvalidData`] for a key that cannot be used.
    pub fn decrypt<'a, R: Read>(&self, input: &'a mut R) -> io::Result<impl Read + use<'a, R>> {
        AttachmentDecryptor::new(input, self.0.clone().into())
            .map(Checked)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }
}

/// Encrypts a file with a new key, and gives what the `file` of a message says of it, its `url`
/// left out.
///
/// # Errors
///
/// When one cannot be read or the other not be written.
pub fn encrypt(plain: &mut impl Read, encrypted: &mut impl Write) -> io::Result<Value> {
    let mut encryptor = AttachmentEncryptor::new(plain);
    io::copy(&mut encryptor, encrypted)?;
    Ok(serde_json::to_value(encryptor.finish())?)
}

/// Gives a wrong hash an error kind of its own.
struct Checked<R>(R);

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::Other => io::Error::new(io::ErrorKind::InvalidData, error),
            _ => error,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn encrypt(mut plain: &[u8]) -> (Vec<u8>, Value) {
        let mut encrypted = Vec::new();
        let mut file = super::encrypt(&mut plain, &mut encrypted).unwrap();
        file["url"] = json!("mxc://example.org/abc");
        (encrypted, file)
    }

    fn decrypt(mut encrypted: &[u8], file: &Value) -> io::Result<Vec<u8>> {
        let mut plain = Vec::new();
        let key = FileKey::read(file).unwrap();
        key.decrypt(&mut encrypted)?.read_to_end(&mut plain)?;
        Ok(plain)
    }

    #[test]
    fn what_was_encrypted_is_decrypted() {
        for plain in [&b""[..], b"a picture"] {
            let (encrypted, file) = encrypt(plain);
            assert_eq!(decrypt(&encrypted, &file).unwrap(), plain);
        }
    }

    #[test]
    fn a_changed_or_shortened_file_is_told_at_its_end() {
        let (mut encrypted, file) = encrypt(b"a picture");
        let error = decrypt(&encrypted[..5], &file).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        encrypted[3] ^= 1;
        let error = decrypt(&encrypted, &file).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn a_key_without_hash_or_of_an_unknown_version_is_none() {
        let (_, good) = encrypt(b"x");
        for (name, value) in [
            ("hashes", json!({})),
            ("v", json!("v3")),
            ("iv", json!("short")),
            ("key", json!(null)),
            ("url", json!(null)),
        ] {
            let mut file = good.clone();
            file[name] = value;
            assert!(FileKey::read(&file).is_none(), "{name}");
        }
    }

    #[test]
    fn a_key_is_not_printed() {
        let (_, file) = encrypt(b"x");
        let shown = format!("{:?}", FileKey::read(&file).unwrap());
        assert!(!shown.contains(file["key"]["k"].as_str().unwrap()));
    }
}
