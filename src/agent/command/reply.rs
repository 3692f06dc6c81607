//! What the program wrote: an answer in words, or as JSON.

use std::path::Path;

use crate::agent::{
    Answer,
    answer::{fit, unmarked},
};

/// The answer in what the program wrote. It is the object only where that is all of it; whatever
/// else it wrote is the words of the answer. Paths in it start at this directory.
pub(super) fn read(output: &[u8], directory: &Path) -> Answer {
    let text = String::from_utf8_lossy(output);
    // A list would be taken for the object's values.
    let object = is_object(output).then(|| Answer::of_object(unmarked(&text), directory));
    object.flatten().unwrap_or_else(|| words(output).into())
}

/// Whether this begins as an answer that is an object.
pub(super) fn is_object(output: &[u8]) -> bool {
    let output = output.trim_ascii_start();
    let output = output.strip_prefix("\u{feff}".as_bytes()).unwrap_or(output);
    output.trim_ascii_start().starts_with(b"{")
}

/// The words in what a program wrote: what is no text in it is replaced, colours and other
/// controls are left out.
pub(super) fn words(output: &[u8]) -> String {
    fit(&String::from_utf8_lossy(output))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn answer(output: &[u8]) -> (String, Vec<PathBuf>) {
        let answer = read(output, Path::new("/srv"));
        let paths = answer.attachments.into_iter();
        (answer.text, paths.map(|file| file.path).collect())
    }

    fn said(output: &[u8]) -> String {
        let (text, attachments) = answer(output);
        assert_eq!(attachments, [""; 0].map(PathBuf::from));
        text
    }

    #[test]
    fn words_are_words() {
        assert_eq!(said(b"  hello\r\n\nyou\n\n"), "  hello\n\nyou");
        assert_eq!(said(b"\n \n"), "");
        assert_eq!(said(b"\x1b[31mred\x07\x00"), "red");
        assert_eq!(said(b"\xef\xbb\xbf  hello"), "  hello");
        assert_eq!(said(b"a\xff\xfeb"), "a\u{fffd}\u{fffd}b");
    }

    #[test]
    fn an_object_with_known_keys_is_an_answer() {
        let (text, attachments) =
            answer(b"\n{\"text\": \"hi\\u0007\\n\", \"attachments\": [\"a\", \"/b\"]}\n");
        assert_eq!(text, "hi");
        assert_eq!(attachments, ["/srv/a", "/b"].map(PathBuf::from));
        let (text, _) = answer("\u{feff}{\"text\": \"\\u001b[31mhi\"}\n".as_bytes());
        assert_eq!(text, "hi");
        let (text, attachments) = answer(b"{\"attachments\": [\"a\"]}");
        assert_eq!((text.as_str(), attachments.len()), ("", 1));
        assert_eq!(said(b"{}"), "");
    }

    #[test]
    fn any_other_json_is_words() {
        for output in [
            "{\"text\": \"hi\", \"more\": 1}",
            "{\"text\": 5}",
            "{\"text\": null}",
            "{\"text\": \"hi\"} and more",
            "[\"hi\"]",
            "\"hi\"",
            "{",
        ] {
            assert_eq!(said(output.as_bytes()), output);
        }
    }

    #[test]
    fn whatever_it_writes_is_an_answer_without_controls() {
        let parts = [
            "\u{1b}[31m",
            "\u{1b}]8;;https://h\u{1b}\\",
            "\u{1b}]8;;\u{7}",
            "\u{1b}",
            "\u{9b}",
            "[0m",
            "[",
            "\u{feff}",
            "{\"text\": \"",
            "\"}",
            "{",
            "\\u001b[1m",
            "\r",
            "\n",
            "\t",
            "é",
            "word ",
        ];
        let test = arbtest::arbtest(|u| {
            let mut output = Vec::new();
            while !u.is_empty() {
                if u.ratio(1, 16)? {
                    output.push(u.arbitrary()?);
                } else {
                    output.extend(u.choose(&parts)?.as_bytes());
                }
            }
            let said = said(&output);
            let is_fit = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
            assert!(
                said.chars().all(is_fit) && !said.contains("https://h"),
                "{said:?}"
            );
            Ok(())
        });
        if std::env::var_os("ARBTEST_BUDGET_MS").is_some() {
            test.run();
        } else {
            test.budget_ms(3_000).run();
        }
    }
}
