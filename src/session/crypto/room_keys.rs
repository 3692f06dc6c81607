//! Room keys outside of any store, in the format that Element exports and imports.

use std::{collections::BTreeSet, fmt};

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use matrix_sdk_base::crypto::{
    KeyExportError, decrypt_room_key_export, encrypt_room_key_export, olm::ExportedRoomKey,
};

use crate::{
    config::Secret,
    error::{Error, Result},
};

/// How often a passphrase is hashed to become the key of a file; as often as Element does.
const ROUNDS: u32 = 500_000;
/// The most rounds that are gone through for a file: some seconds of work. No client writes more.
const MOST_ROUNDS: u32 = 10_000_000;
/// The bytes of a file before its count of rounds: a version, a salt and an initialization vector.
const BEFORE_ROUNDS: usize = 1 + 16 + 16;

/// Keys that decrypt the messages of rooms. Whoever has them can read those messages.
pub struct RoomKeys(pub Vec<ExportedRoomKey>);

impl fmt::Debug for RoomKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoomKeys")
            .field("count", &self.count())
            .finish_non_exhaustive()
    }
}

impl RoomKeys {
    /// How many there are. A room has a new one every week or hundred messages of each sender.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// How many rooms they are for.
    pub fn rooms(&self) -> usize {
        let rooms: BTreeSet<_> = self.0.iter().map(|key| &key.room_id).collect();
        rooms.len()
    }

    /// Encrypts them with a passphrase, as text that other clients import
    /// (spec, "Key exports"). Takes a while, on purpose: call it where that holds nobody up.
    ///
    /// # Errors
    ///
    /// When they cannot be written as text.
    pub fn seal(&self, passphrase: &Secret) -> Result<String> {
        encrypt_room_key_export(&self.0, passphrase.expose(), ROUNDS).map_err(|error| {
            Error::failure("the room keys cannot be written as text").because(error)
        })
    }

    /// Decrypts what a client exported. Takes as long as [`RoomKeys::seal`].
    ///
    /// # Errors
    ///
    /// When the text is no export, is damaged, or has another passphrase.
    pub fn unseal(text: &str, passphrase: &Secret) -> Result<Self> {
        if rounds(text).is_some_and(|rounds| rounds > MOST_ROUNDS) {
            return Err(Error::failure(
                "it asks for more work than any client's export does, so it is not opened",
            ));
        }
        decrypt_room_key_export(text.as_bytes(), passphrase.expose())
            .map(Self)
            .map_err(|error| explain(&error))
    }
}

/// What is wrong with a file. What the error itself says may quote what is in it.
fn explain(error: &KeyExportError) -> Error {
    match error {
        KeyExportError::InvalidHeaders => Error::failure("it is no file of exported room keys")
            .hint("export one from Element: Settings → Encryption → Export keys"),
        KeyExportError::InvalidMac => {
            Error::failure("the passphrase is wrong, or the file is damaged")
        }
        KeyExportError::UnsupportedVersion => {
            Error::failure("it is of a newer format than this program knows")
        }
        KeyExportError::Json(_) | KeyExportError::InvalidUtf8(_) => {
            Error::failure("it holds something else than room keys")
        }
        KeyExportError::Decode(_) | KeyExportError::Io(_) => Error::failure("it is damaged"),
    }
}

/// How much work a file asks for; `None` where it is too damaged to say.
fn rounds(text: &str) -> Option<u32> {
    let lines = text.lines().filter(|line| !line.starts_with("-----"));
    let start: String = lines
        .flat_map(str::chars)
        .filter(|character| !character.is_whitespace())
        .take((BEFORE_ROUNDS + 4).div_ceil(3) * 4)
        .collect();
    let lenient = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let bytes = GeneralPurpose::new(&alphabet::STANDARD, lenient)
        .decode(start)
        .ok()?;
    let field = bytes.get(BEFORE_ROUNDS..BEFORE_ROUNDS + 4)?;
    field.try_into().ok().map(u32::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> Secret {
        Secret::new("a passphrase")
    }

    fn sealed(rounds: u32) -> String {
        encrypt_room_key_export(&[], "a passphrase", rounds).unwrap()
    }

    fn refusal(text: &str) -> String {
        let refused = RoomKeys::unseal(text, &secret());
        refused.unwrap_err().to_string()
    }

    #[test]
    fn what_was_sealed_is_opened_with_its_passphrase_only() {
        let text = sealed(10);
        assert_eq!(RoomKeys::unseal(&text, &secret()).unwrap().count(), 0);
        let wrapped = text.replace("\n-----END", "=\r\n-----END");
        assert_eq!(RoomKeys::unseal(&wrapped, &secret()).unwrap().count(), 0);
        let error = RoomKeys::unseal(&text, &Secret::new("another")).unwrap_err();
        assert!(error.to_string().contains("passphrase is wrong"), "{error}");
    }

    #[test]
    fn what_is_no_export_is_told_apart() {
        assert!(refusal("{}").contains("no file of exported room keys"));
        let text = sealed(10);
        let (head, tail) = text.split_at(text.len() - 60);
        assert!(refusal(&head.replace('\n', "\n@")).contains("no file"));
        assert!(refusal(&format!("{head}@{tail}")).contains("damaged"));
        let empty = text.lines().next().unwrap().to_owned() + "\n-----END MEGOLM SESSION DATA-----";
        assert!(refusal(&empty).contains("damaged"));
    }

    #[test]
    fn a_file_cannot_ask_for_hours_of_work() {
        assert_eq!(rounds(&sealed(10)), Some(10));
        let text = sealed(10);
        let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
        // The count is bytes 33 to 36: characters 44 to 49.
        lines[1].replace_range(44..49, "/////");
        assert!(rounds(&lines.join("\n")) > Some(MOST_ROUNDS));
        assert!(refusal(&lines.join("\n")).contains("more work"));
    }
}
