//! The numbers of the system's errors, which mean nothing to people.

use std::borrow::Cow;

/// The text without the numbers that the system's errors end with, such as ` (os error 2)`.
pub fn without_error_numbers(text: &str) -> Cow<'_, str> {
    const BEFORE: &str = " (os error ";
    if !text.contains(BEFORE) {
        return Cow::Borrowed(text);
    }
    let mut pieces = text.split(BEFORE);
    let mut kept = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        match piece.split_once(')') {
            Some((number, rest)) if number.parse::<i32>().is_ok() => kept.push_str(rest),
            _ => kept.extend([BEFORE, piece]),
        }
    }
    Cow::Owned(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_of_an_error_is_shown() {
        let missing = std::fs::read("/nowhere").unwrap_err().to_string();
        assert!(missing.contains("(os error 2)"), "{missing}");
        let twice = format!("cannot read it: {missing}; {missing}");
        let words = "No such file or directory";
        assert_eq!(
            without_error_numbers(&twice),
            format!("cannot read it: {words}; {words}")
        );
        for other in ["plain (os error x)", "it ends (os error 2", "nothing"] {
            assert_eq!(without_error_numbers(other), other);
        }
    }
}
