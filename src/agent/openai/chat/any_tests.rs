//! Whatever a service sends: nothing breaks, and how it is cut into pieces on its way does not
//! matter. `ARBTEST_BUDGET_MS` says how long it is tried.

use arbtest::arbitrary::{Result as Drawn, Unstructured};
use serde_json::json;

use super::{
    answer::PartialAnswer,
    fault::{Fault, Why},
};
use crate::agent::Draft;

/// What streams are made of, well or badly.
const PARTS: [&str; 34] = [
    "data: ",
    "data:",
    "event: error\n",
    "event: x\n",
    "id: 1\n",
    ": comment\n",
    "\n",
    "\r\n",
    "\r",
    "\u{feff}",
    "{\"choices\":[{\"delta\":{\"content\":\"",
    "\"},\"finish_reason\":",
    "null}]}",
    "\"\"}]}",
    "\"stop\"}]}",
    "\"length\"}]}",
    "{\"choices\":[{\"message\":{\"content\":\"",
    "{\"choices\":[{\"delta\":{\"content\":[{\"text\":\"",
    "\"}]}}]}",
    "{\"error\":",
    "{\"detail\":[{\"msg\":\"no\"}]}",
    "{\"choices\":null}",
    "\\ud83d",
    "\\ude00",
    "\\",
    "é",
    " word",
    "<think>",
    "</think>",
    "[THINK]",
    "[DONE]",
    "null",
    "[",
    "}",
];

/// Tries a property for some seconds, or as long as the environment says.
fn try_out(property: impl FnMut(&mut Unstructured<'_>) -> Drawn<()>) {
    let test = arbtest::arbtest(property);
    if std::env::var_os("ARBTEST_BUDGET_MS").is_some() {
        test.run();
    } else {
        test.budget_ms(3_000).run();
    }
}

/// What comes of these pieces, and what the draft has at the end.
fn read<'a>(
    pieces: impl IntoIterator<Item = &'a [u8]>,
    is_framed: bool,
) -> (Result<String, Fault>, String) {
    let (draft, shown) = Draft::new();
    let mut answer = PartialAnswer::new(&draft, &[], &[]);
    for piece in pieces {
        if let Err(fault) = answer.take(piece) {
            return (Err(fault), shown.borrow().clone());
        }
        if answer.is_done() {
            break;
        }
    }
    let ended = if is_framed {
        Ok(())
    } else {
        Err(Fault::new(Why::Dropped, "ended"))
    };
    (answer.end(ended), shown.borrow().clone())
}

fn bytes(u: &mut Unstructured<'_>) -> Drawn<Vec<u8>> {
    let mut bytes = Vec::new();
    while !u.is_empty() {
        if u.ratio(1, 16)? {
            bytes.push(u.arbitrary()?);
        } else {
            bytes.extend(u.choose(&PARTS)?.as_bytes());
        }
    }
    Ok(bytes)
}

#[test]
fn any_bytes_are_an_answer_or_a_fault() {
    try_out(|u| {
        let is_framed = u.arbitrary()?;
        let size = u.int_in_range(1..=40)?;
        let bytes = bytes(u)?;
        let (answer, shown) = read(bytes.chunks(size), is_framed);
        if let Ok(answer) = answer {
            assert!(!answer.trim().is_empty());
            assert!(answer.starts_with(shown.trim_end()), "{answer:?} {shown:?}");
        }
        Ok(())
    });
}

#[test]
fn how_events_are_cut_does_not_matter() {
    try_out(|u| {
        let is_framed = u.arbitrary()?;
        let sizes = [u.int_in_range(1..=7)?, u.int_in_range(8..=100)?];
        let stream = [b"data: \n\n", &bytes(u)?[..]].concat();
        let whole = read([&stream[..]], is_framed);
        for size in sizes {
            assert_eq!(read(stream.chunks(size), is_framed), whole, "{size}");
        }
        Ok(())
    });
}

#[test]
fn the_words_that_were_said_are_the_answer() {
    try_out(|u| {
        let is_framed = u.arbitrary()?;
        let is_finished = is_framed || u.arbitrary()?;
        let size = u.int_in_range(1..=40)?;
        let words = [
            "a",
            "é",
            "😀",
            "\u{1f468}\u{200d}\u{1f469}",
            "\n",
            " ",
            "\"",
            "\\ud83d",
            "`",
        ];
        let mut text = "Well".to_owned();
        let mut stream = String::new();
        let mut units: Vec<u16> = text.encode_utf16().collect();
        while !u.is_empty() {
            let word = u.choose(&words)?;
            text.push_str(word);
            units.extend(word.encode_utf16());
            // Anywhere, also in the middle of a character.
            if u.ratio(1, 3)? {
                let held = usize::from(u.arbitrary::<bool>()?);
                let piece = units.drain(..units.len() - held);
                stream.push_str(&event(piece));
            }
        }
        stream.push_str(&event(units.into_iter()));
        if is_finished {
            let end = json!({"choices": [{"delta": {}, "finish_reason": "stop"}]});
            stream.extend(["data: ", &end.to_string(), "\n\n"]);
        }
        let (answer, shown) = read(stream.as_bytes().chunks(size), is_framed);
        let answer = answer.unwrap();
        assert_eq!(shown, text);
        let is_whole = answer == text.trim_end();
        assert!(
            is_whole == is_finished && answer.starts_with(text.trim_end()),
            "{answer:?}"
        );
        Ok(())
    });
}

/// A piece of these UTF-16 units, each escaped.
fn event(units: impl Iterator<Item = u16>) -> String {
    let escaped: Vec<_> = units.map(|unit| format!("\\u{unit:04x}")).collect();
    let escaped = escaped.concat();
    format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{escaped}\"}}}}]}}\n\n")
}
