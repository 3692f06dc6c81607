//! What a model thinks before it answers, where that is put into the answer.

/// How thoughts begin and end, in the words of the models that do so.
const TAGS: [(&str, &str); 8] = [
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
    ("<reasoning>", "</reasoning>"),
    ("<seed:think>", "</seed:think>"),
    ("[THINK]", "[/THINK]"),
    ("◁think▷", "◁/think▷"),
    (
        "<|channel|>analysis<|message|>",
        "<|channel|>final<|message|>",
    ),
];

/// How thoughts end whose beginning is in the template of some models, and how they would begin.
const UNOPENED: [(&str, &str); 4] = [
    ("<think", "</think>"),
    ("<seed:think", "</seed:think>"),
    ("[THINK", "[/THINK]"),
    ("◁think", "◁/think▷"),
];

/// The answer without the thoughts at its beginning. Of thoughts that have not ended, nothing.
pub fn without_thoughts(text: &str) -> &str {
    let mut answer = text;
    loop {
        let start = answer.trim_start();
        // It may become the beginning of thoughts yet.
        if !start.is_empty() && TAGS.iter().any(|(begin, _)| begin.starts_with(start)) {
            return "";
        }
        let opened = TAGS.iter();
        let mut opened = opened.filter_map(|(begin, end)| Some((start.strip_prefix(begin)?, end)));
        let Some((thoughts, end)) = opened.next() else {
            return without_unopened(answer);
        };
        let Some((_, rest)) = thoughts.split_once(end) else {
            return "";
        };
        answer = rest.trim_start();
    }
}

/// The answer without thoughts that only end, unless the answer speaks of the tag itself.
fn without_unopened(text: &str) -> &str {
    for (begin, end) in UNOPENED {
        if let Some((thoughts, answer)) = text.split_once(end)
            && !thoughts.contains(begin)
            && !thoughts.ends_with(['"', '\'', '“', '‘', '(', '«', '„'])
            && thoughts.matches('`').count().is_multiple_of(2)
        {
            return answer.trim_start();
        }
    }
    text
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn thoughts_at_the_beginning_are_left_out() {
        for (text, answer) in [
            ("<think>\nhm\n</think>\n\nYes", "Yes"),
            ("  <think>hm</think>Yes <think>", "Yes <think>"),
            ("<think>a</think>\n<think>b</think>Yes", "Yes"),
            ("<think>hm", ""),
            ("<thi", ""),
            ("<this>", "<this>"),
            ("Yes", "Yes"),
            ("", ""),
            ("hm\n</think>\n\nYes", "Yes"),
            ("hm</think>Yes", "Yes"),
            ("</think>Yes", "Yes"),
            ("[THINK]hm[/THINK]Yes", "Yes"),
            ("<thinking>hm</thinking>Yes", "Yes"),
            ("◁think▷hm◁/think▷Yes", "Yes"),
            ("[1] is a list", "[1] is a list"),
            (
                "Put it into <think> and </think>.",
                "Put it into <think> and </think>.",
            ),
            ("It ends with `</think>`.", "It ends with `</think>`."),
            ("It ends with \"</think>\".", "It ends with \"</think>\"."),
            ("```xml\n</think>\n```", "```xml\n</think>\n```"),
            (
                "Use <reasoning type=\"a\">x</reasoning> here.",
                "Use <reasoning type=\"a\">x</reasoning> here.",
            ),
            (
                "<think id=\"1\">hm</think> is XML",
                "<think id=\"1\">hm</think> is XML",
            ),
            (
                "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>Yes",
                "Yes",
            ),
        ] {
            assert_eq!(without_thoughts(text), answer, "{text}");
        }
    }
    #[test]
    fn however_many_thoughts_there_are_they_are_left_out() {
        let many = "<think></think>".repeat(200_000);
        assert_eq!(without_thoughts(&many), "");
        assert_eq!(without_thoughts(&format!("{many}Yes")), "Yes");
    }
}
