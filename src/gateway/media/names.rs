//! Names of files: what a sender calls them made harmless, and what they are called on disk.

use crate::text::is_hostile;

/// The most characters of a name before its extension.
const LONGEST_STEM: usize = 72;
/// The most characters of an extension, its dot among them.
const LONGEST_SUFFIX: usize = 16;
/// The most characters of the event ID in a name on disk.
const LONGEST_ID: usize = 24;
/// The most bytes of a file name that Linux and macOS file systems take.
const LONGEST_NAME: usize = 255;

/// A file name that is no path, has no hidden meaning, and is not too long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileName {
    stem: String,
    /// With its dot; empty where there is no extension.
    suffix: String,
}

impl FileName {
    /// Makes a sender's name for a file harmless; `None` where nothing is left of it.
    pub fn clean(name: &str) -> Option<Self> {
        // Of a path, on any system, the last part is the name.
        let name = name.rsplit(['/', '\\']).find_map(clean_part)?;
        let (stem, suffix) = match name.rsplit_once('.') {
            Some((stem, extension)) if !stem.is_empty() && !extension.is_empty() => {
                (stem, format!(".{extension}"))
            }
            _ => (name.as_str(), String::new()),
        };
        Some(Self {
            stem: trimmed(&first(stem, LONGEST_STEM)),
            suffix: trimmed(&first(&suffix, LONGEST_SUFFIX)),
        })
    }

    /// A name that this program gives itself.
    pub fn plain(stem: &str) -> Self {
        Self {
            stem: stem.to_owned(),
            suffix: String::new(),
        }
    }

    /// The name as people read it.
    pub fn shown(&self) -> String {
        format!("{}{}", self.stem, self.suffix)
    }

    /// The name on disk: the same for the same event, however often it is stored. Where there is
    /// no extension, it gets that of its MIME type.
    pub fn stored(&self, event_id: &str, mimetype: &str) -> String {
        let suffix = if self.suffix.is_empty() {
            extension(mimetype).map_or_else(String::new, |guess| format!(".{guess}"))
        } else {
            self.suffix.clone()
        };
        let start = event_part(event_id);
        let room = LONGEST_NAME.saturating_sub(start.len() + suffix.len());
        let stem = trimmed(&self.stem[..self.stem.floor_char_boundary(room)]);
        format!("{start}{stem}{suffix}")
    }
}

/// How the names on disk of an event's files begin.
pub fn event_part(event_id: &str) -> String {
    let id = event_id.strip_prefix('$').unwrap_or(event_id);
    let id: String = id.chars().take(LONGEST_ID).map(harmless).collect();
    // Event IDs of some room versions may begin with anything, and a dot would hide the file.
    format!("{}_", id.trim_start_matches('.'))
}

/// The usual extension of a MIME type.
fn extension(mimetype: &str) -> Option<&'static str> {
    match mimetype {
        // The registry's first choices for these (mpga, oga, qt) are known to few programs.
        "audio/mpeg" => Some("mp3"),
        "audio/ogg" => Some("ogg"),
        "video/quicktime" => Some("mov"),
        _ => mime2ext::mime2ext(mimetype),
    }
}

/// A part of a path without what is not good in a name; `None` where nothing is left.
fn clean_part(part: &str) -> Option<String> {
    let mut clean = String::with_capacity(part.len());
    for character in part.chars().map(harmless) {
        if !(character == '.' && clean.ends_with('.')) {
            clean.push(character);
        }
    }
    let clean = trimmed(clean.trim_start_matches(['.', ' ']));
    (!clean.is_empty()).then_some(clean)
}

/// Some systems drop dots and spaces at the end of a name: two names would become one.
fn trimmed(text: &str) -> String {
    text.trim_end_matches(['.', ' ']).to_owned()
}

/// The character, or `_` for one that is not good in a name.
fn harmless(character: char) -> char {
    let reserved = "<>:\"/\\|?*".contains(character);
    // Joiners make one sign of several, such as a family.
    let is_joiner = matches!(character, '\u{200c}' | '\u{200d}');
    if reserved || (is_hostile(character) && !is_joiner) {
        '_'
    } else {
        character
    }
}

fn first(text: &str, characters: usize) -> String {
    text.chars().take(characters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "$0123456789abcdefghijklmnopqrstuvwxyz";

    fn shown(name: &str) -> Option<String> {
        FileName::clean(name).map(|name| name.shown())
    }

    fn stored(name: &str, mimetype: &str) -> String {
        FileName::clean(name).unwrap().stored(ID, mimetype)
    }

    #[test]
    fn usual_names_stay() {
        for name in [
            "photo.png",
            "Übung 1 (2).pdf",
            "写真.jpg",
            "👨‍👩‍👧.webp",
            "README",
            "a.tar.gz",
        ] {
            assert_eq!(shown(name).as_deref(), Some(name));
        }
    }

    #[test]
    fn paths_and_tricks_are_taken_out() {
        for (name, clean) in [
            ("../../x", "x"),
            ("/etc/passwd", "passwd"),
            ("C:\\Users\\me\\a.txt", "a.txt"),
            ("a/..", "a"),
            ("dir/", "dir"),
            (".bashrc", "bashrc"),
            ("...hidden..png", "hidden.png"),
            ("a\0b\nc\u{1b}.txt", "a_b_c_.txt"),
            ("photo\u{202e}gpj.exe", "photo_gpj.exe"),
            ("what?<>|\"*:.md", "what_______.md"),
            ("name. . ", "name"),
        ] {
            assert_eq!(shown(name).as_deref(), Some(clean), "{name:?}");
        }
        for name in ["", ".", "..", "/", "../..", " ", "./ ."] {
            assert_eq!(shown(name), None, "{name:?}");
        }
    }

    #[test]
    fn a_stored_name_begins_with_the_event() {
        assert_eq!(
            stored("photo.png", "image/png"),
            "0123456789abcdefghijklmn_photo.png"
        );
        let old = FileName::plain("image").stored("$1:example.org", "image/jpeg");
        assert_eq!(old, "1_example.org_image.jpg");
        let odd = FileName::plain("image").stored("$../x+/y", "");
        assert_eq!(odd, "_x+_y_image");
    }

    #[test]
    fn a_missing_extension_comes_from_the_type() {
        for (mimetype, extension) in [
            ("image/jpeg", ".jpg"),
            ("text/plain", ".txt"),
            ("audio/mpeg", ".mp3"),
            ("audio/ogg", ".ogg"),
            ("audio/mp4", ".m4a"),
            ("video/quicktime", ".mov"),
            ("application/pdf", ".pdf"),
            ("video/mp4", ".mp4"),
            ("application/x-unheard-of", ""),
        ] {
            let end = format!("_photo{extension}");
            let name = stored("photo", mimetype);
            assert!(name.ends_with(&end), "{mimetype}: {name}");
        }
        assert!(stored("photo.png", "image/jpeg").ends_with("_photo.png"));
    }

    #[test]
    fn any_name_becomes_one_that_every_file_system_takes() {
        arbtest::arbtest(|u| {
            let (name, id): (String, String) = (u.arbitrary()?, u.arbitrary()?);
            let name = name.repeat(u.int_in_range(1..=40)?);
            let Some(name) = FileName::clean(&name) else {
                return Ok(());
            };
            assert!(name.stem.chars().count() <= LONGEST_STEM);
            assert!(name.suffix.chars().count() <= LONGEST_SUFFIX);
            for text in [
                name.shown(),
                name.stored(&id, "image/png"),
                name.stored(&id, ""),
            ] {
                assert!(!text.is_empty() && !text.starts_with('.'), "{text:?}");
                assert!(!text.ends_with(['.', ' ']), "{text:?}");
                assert!(
                    !text.contains(['/', '\\', '\0', '\n', '\u{202e}']),
                    "{text:?}"
                );
            }
            assert!(name.stored(&id, "image/png").len() <= LONGEST_NAME);
            Ok(())
        });
    }
}
