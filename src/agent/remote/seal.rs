//! Sealing what travels, so that the broker sees no text: authenticated encryption with a key that
//! the gateway and its workers share.

use std::fmt;

use base64::{Engine, prelude::BASE64_STANDARD};
use chacha20poly1305::{
    AeadInPlace, KeyInit, XChaCha20Poly1305, XNonce, aead::Error as Unsealable,
};
use sha2::{Digest, Sha256};

use crate::{
    config::Secret,
    error::{Error, Result},
};

/// What sealed bytes begin with.
const MARK: &[u8] = b"nanobot-sealed/1\n";
const NONCE: usize = 24;
const KEY: usize = 32;

/// The key, or that there is none.
#[derive(Clone, Default)]
pub struct Seal(Option<XChaCha20Poly1305>, String);

/// Why bytes cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    #[error("it is sealed, and no sealingKey is configured here")]
    NoKey,
    #[error("it is not sealed, and a sealingKey is configured here")]
    NotSealed,
    #[error("it was sealed with another key, or changed on its way")]
    OtherKey,
}

impl Seal {
    /// With this key: 32 bytes in base64. `None` where it is none.
    pub fn new(key: &Secret) -> Option<Self> {
        let bytes = BASE64_STANDARD.decode(key.expose().trim()).ok()?;
        let key: [u8; KEY] = bytes.try_into().ok()?;
        let mut hash = Sha256::new();
        hash.update(b"nanobot sealing key");
        hash.update(key);
        let fingerprint = format!("{:.16x}", hash.finalize());
        Some(Self(Some(XChaCha20Poly1305::new(&key.into())), fingerprint))
    }

    /// What the key can be told from others by; tells nothing of it. Empty where there is none.
    pub fn fingerprint(&self) -> &str {
        &self.1
    }

    /// Seals bytes, bound to where they belong: they open nowhere else.
    ///
    /// # Errors
    ///
    /// When the system has no random numbers.
    pub fn seal(&self, place: &str, bytes: Vec<u8>) -> Result<Vec<u8>> {
        let Some(cipher) = &self.0 else {
            return Ok(bytes);
        };
        let mut nonce = [0; NONCE];
        let failed = |why: &dyn fmt::Display| Error::failure(format!("cannot seal it: {why}"));
        getrandom::fill(&mut nonce).map_err(|error| failed(&error))?;
        let mut text = bytes;
        let tag = cipher
            .encrypt_in_place_detached(XNonce::from_slice(&nonce), place.as_bytes(), &mut text)
            .map_err(|error| failed(&error))?;
        Ok([MARK, &nonce, &tag, &text].concat())
    }

    /// Opens bytes that belong there.
    pub fn open(&self, place: &str, bytes: &[u8]) -> Result<Vec<u8>, Broken> {
        let sealed = bytes.strip_prefix(MARK);
        let (cipher, sealed) = match (&self.0, sealed) {
            (None, None) => return Ok(bytes.to_vec()),
            (None, Some(_)) => return Err(Broken::NoKey),
            (Some(_), None) => return Err(Broken::NotSealed),
            (Some(cipher), Some(sealed)) => (cipher, sealed),
        };
        let (nonce, rest) = sealed.split_at_checked(NONCE).ok_or(Broken::OtherKey)?;
        let (tag, text) = rest.split_at_checked(16).ok_or(Broken::OtherKey)?;
        let mut text = text.to_vec();
        let (nonce, tag) = (XNonce::from_slice(nonce), tag.into());
        cipher
            .decrypt_in_place_detached(nonce, place.as_bytes(), &mut text, tag)
            .map_err(|Unsealable| Broken::OtherKey)?;
        Ok(text)
    }
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Seal({:?})", self.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal(byte: u8) -> Seal {
        Seal::new(&Secret::new(BASE64_STANDARD.encode([byte; KEY]))).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_only_with_the_key_and_in_its_place() {
        let ours = seal(1);
        let sealed = ours.seal("job/1", b"canary".to_vec()).unwrap();
        assert!(!String::from_utf8_lossy(&sealed).contains("canary"));
        assert_eq!(ours.open("job/1", &sealed).unwrap(), b"canary");
        assert_eq!(ours.open("job/2", &sealed), Err(Broken::OtherKey));
        assert_eq!(seal(2).open("job/1", &sealed), Err(Broken::OtherKey));
        assert_eq!(Seal::default().open("job/1", &sealed), Err(Broken::NoKey));
        assert_eq!(ours.open("job/1", b"{}"), Err(Broken::NotSealed));
        for end in 0..sealed.len() {
            assert!(ours.open("job/1", &sealed[..end]).is_err());
        }
        assert_ne!(sealed, ours.seal("job/1", b"canary".to_vec()).unwrap());
    }

    #[test]
    fn without_a_key_nothing_is_sealed() {
        let none = Seal::default();
        assert_eq!(none.seal("x", b"{}".to_vec()).unwrap(), b"{}");
        assert_eq!(none.open("x", b"{}").unwrap(), b"{}");
    }

    #[test]
    fn a_key_is_32_bytes_in_base64_and_is_not_shown() {
        for key in ["", "canary", "AAAA"] {
            assert!(Seal::new(&Secret::new(key)).is_none(), "{key}");
        }
        assert!(!format!("{:?}", seal(7)).contains("BwcH"));
        assert_ne!(seal(1).fingerprint(), seal(2).fingerprint());
    }
}
