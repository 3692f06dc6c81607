//! What a model thinks before it answers, which some put into the answer.

const BEGIN: &str = "<think>";
const END: &str = "</think>";

/// The answer without the thoughts at its beginning. Of thoughts that have not ended, nothing.
pub(super) fn without_thoughts(text: &str) -> &str {
    let start = text.trim_start();
    let Some(thoughts) = start.strip_prefix(BEGIN) else {
        // It may become the beginning of thoughts yet.
        let may_begin = !start.is_empty() && BEGIN.starts_with(start);
        return if may_begin { "" } else { text };
    };
    match thoughts.split_once(END) {
        Some((_, answer)) => answer.trim_start(),
        None => "",
    }
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn thoughts_at_the_beginning_are_left_out() {
        for (text, answer) in [
            ("<think>\nhm\n</think>\n\nYes", "Yes"),
            ("  <think>hm</think>Yes <think>", "Yes <think>"),
            ("<think>hm", ""),
            ("<thi", ""),
            ("<this>", "<this>"),
            ("Yes", "Yes"),
            ("", ""),
        ] {
            assert_eq!(without_thoughts(text), answer, "{text}");
        }
    }
}
