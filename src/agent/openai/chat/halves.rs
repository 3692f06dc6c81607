//! Halves of characters (surrogates), which JSON may escape one by one and no text can have.
//!
//! Services that cut an answer into pieces between two of them send each half in a piece of its
//! own.

/// What stands for a half meanwhile: the private character of this number and the half's own.
const PRIVATE: u32 = 0x10_0000;

/// The JSON with private characters for the halves that are escaped alone.
pub fn hide(json: &str) -> String {
    let mut hidden = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(start) = rest.find('\\') {
        let (before, escape) = rest.split_at(start);
        hidden.push_str(before);
        let next = escape.get(6..).and_then(half);
        let taken = match (half(escape), next) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(half), _) => {
                hidden.extend(char::from_u32(PRIVATE + u32::from(half)));
                rest = &escape[6..];
                continue;
            }
            // A backslash may escape another.
            (None, _) => escape.chars().take(2).map(char::len_utf8).sum(),
        };
        let (escape, behind) = escape.split_at(taken);
        hidden.push_str(escape);
        rest = behind;
    }
    hidden + rest
}

/// The half that this begins with as an escape.
fn half(escape: &str) -> Option<u16> {
    let digits = escape.strip_prefix("\\u")?.get(..4)?;
    let unit = u16::from_str_radix(digits, 16).ok()?;
    (0xd800..=0xdfff).contains(&unit).then_some(unit)
}

/// Adds a piece to a text, and to the half that the piece before ended with; returns the half that
/// this one ends with.
pub fn join(text: &mut String, before: Option<u16>, piece: &str) -> Option<u16> {
    let units = |c: char| {
        let hidden = u32::from(c).checked_sub(PRIVATE);
        let half = hidden.and_then(|unit| u16::try_from(unit).ok());
        let half = half.filter(|unit| (0xd800..=0xdfff).contains(unit));
        let mut buffer = [0; 2];
        half.map_or_else(|| c.encode_utf16(&mut buffer).to_vec(), |half| vec![half])
    };
    let mut units: Vec<u16> = before
        .into_iter()
        .chain(piece.chars().flat_map(units))
        .collect();
    let last = units.pop_if(|unit| (0xd800..=0xdbff).contains(unit));
    text.push_str(&String::from_utf16_lossy(&units));
    last
}

#[cfg(test)]
mod unit {
    use super::*;

    fn joined(pieces: &[&str]) -> (String, Option<u16>) {
        let (mut text, mut half) = (String::new(), None);
        for json in pieces {
            let piece: String = serde_json::from_str(&hide(json)).unwrap();
            half = join(&mut text, half, &piece);
        }
        (text, half)
    }

    #[test]
    fn halves_find_each_other() {
        let is = |text: &str| (text.to_owned(), None);
        assert_eq!(joined(&[r#""a\ud83d\ude00b""#]), is("a😀b"));
        assert_eq!(joined(&[r#""a\uD83D""#, r#""\uDE00b""#]), is("a😀b"));
        assert_eq!(joined(&[r#""\ud83d""#, r#""""#, r#""\ude00""#]), is("😀"));
        assert_eq!(joined(&[r#""a\ud83dé\ude00""#]), is("a\u{fffd}é\u{fffd}"));
        assert_eq!(joined(&[r#""\\ud83d é\n\u00e9""#]), is("\\ud83d é\né"));
        assert_eq!(joined(&[r#""a\ud83d""#]), ("a".to_owned(), Some(0xd83d)));
        assert_eq!(hide("\\"), "\\");
        assert_eq!(hide("\\é\\u"), "\\é\\u");
    }
}
