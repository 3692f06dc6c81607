//! "Did you mean …?"

/// Below this likeness (0 to 1) a suggestion would be noise.
const LIKENESS: f64 = 0.75;

/// The known word that a person most likely meant.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let fold = |word: &str| word.to_lowercase().replace(['_', '-'], "");
    let folded = fold(word);
    known
        .into_iter()
        .map(|known| (strsim::jaro_winkler(&folded, &fold(known)), known))
        .filter(|(likeness, _)| *likeness >= LIKENESS)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, known)| known)
}

/// `; did you mean "x"?`, or nothing.
#[must_use]
pub fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    match nearest(word, known) {
        Some(known) => format!("; did you mean {known:?}?"),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_word_that_was_meant() {
        let known = ["homeserver", "userId", "allowFrom"];
        assert_eq!(nearest("homserver", known), Some("homeserver"));
        assert_eq!(nearest("user-id", known), Some("userId"));
        assert_eq!(nearest("allowform", known), Some("allowFrom"));
        assert_eq!(nearest("colour", known), None);
        assert_eq!(did_you_mean("UserID", known), "; did you mean \"userId\"?");
    }
}
