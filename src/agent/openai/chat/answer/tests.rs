use serde_json::json;

use super::*;

/// What comes of these bytes and this end, and what the draft has.
fn of_bytes(bytes: &[u8], ended: Result<(), Fault>) -> (Result<String, Fault>, String) {
    let (draft, seen) = Draft::new();
    let mut coming = PartialAnswer::new(&draft, &[], &[]);
    for piece in bytes.chunks(7) {
        if let Err(fault) = coming.take(piece) {
            return (Err(fault), seen.borrow().clone());
        }
    }
    (coming.end(ended), seen.borrow().clone())
}

fn answer(pieces: &[Value]) -> (Result<String, Fault>, String) {
    let event = |piece: &Value| {
        let data = piece
            .as_str()
            .map_or_else(|| piece.to_string(), str::to_owned);
        format!("data: {data}\n\n")
    };
    let stream: String = pieces.iter().map(event).collect();
    of_bytes(stream.as_bytes(), Ok(()))
}

fn delta(content: &Value) -> Value {
    json!({"choices": [{"delta": {"content": content}}]})
}

fn finish(reason: &str) -> Value {
    json!({"choices": [{"delta": {}, "finish_reason": reason}]})
}

fn why(pieces: &[Value]) -> Why {
    answer(pieces).0.unwrap_err().why
}

#[test]
fn pieces_become_an_answer_and_a_draft() {
    let role = json!({"choices": [{"delta": {"role": "assistant", "content": null}}]});
    let usage = json!({"choices": [], "usage": {}});
    let pieces = [
        role,
        delta(&json!("He")),
        delta(&json!("llo")),
        finish("stop"),
        usage,
    ];
    let (said, seen) = answer(&pieces);
    assert_eq!((said.unwrap().as_str(), seen.as_str()), ("Hello", "Hello"));
    let done = [delta(&json!("x")), json!("[DONE]")];
    assert_eq!(answer(&done).0.unwrap(), "x");
    let cut = [delta(&json!("x")), finish("length")];
    assert_eq!(answer(&cut).0.unwrap(), format!("x{TOO_LONG}"));
    let parts = json!([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]);
    assert_eq!(answer(&[delta(&parts), finish("stop")]).0.unwrap(), "ab");
}

#[test]
fn a_whole_answer_is_understood_too() {
    let whole = json!({"choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}]});
    let (said, seen) = answer(std::slice::from_ref(&whole));
    assert_eq!((said.unwrap().as_str(), seen.as_str()), ("Hi", "Hi"));
    let (said, _) = of_bytes(whole.to_string().as_bytes(), Ok(()));
    assert_eq!(said.unwrap(), "Hi");
}

#[test]
fn a_large_document_in_small_pieces_is_read_once() {
    let list = vec![json!({"a": "]}\\\"["}); 200_000];
    let whole = json!({"list": list, "choices": [{"message": {"content": "Hi"}}]});
    let start = std::time::Instant::now();
    let (said, _) = of_bytes(whole.to_string().as_bytes(), Ok(()));
    assert_eq!(said.unwrap(), "Hi");
    // Reading it again for each piece would take hours.
    assert!(start.elapsed().as_secs() < 60);
    let open = format!("{}{}", "[{}".repeat(10), "x".repeat(LARGEST_DOCUMENT));
    assert_eq!(
        of_bytes(open.as_bytes(), Ok(())).0.unwrap_err().why,
        Why::Garbage
    );
}

#[test]
fn thoughts_are_in_neither() {
    let pieces = ["<th", "ink>h", "m</thi", "nk>\n", "Yes", "!"].map(|text| delta(&json!(text)));
    let pieces = [&pieces[..], &[finish("stop")]].concat();
    let (said, seen) = answer(&pieces);
    assert_eq!((said.unwrap().as_str(), seen.as_str()), ("Yes!", "Yes!"));
}

#[test]
fn what_is_no_answer_is_told_apart() {
    assert_eq!(why(&[]), Why::Garbage);
    assert_eq!(why(&[json!("<html>")]), Why::Garbage);
    assert_eq!(why(&[json!({"choices": "x"})]), Why::Garbage);
    assert_eq!(why(&[json!({"other": 1})]), Why::Garbage);
    assert_eq!(why(&[json!({"choices": []})]), Why::Empty);
    assert_eq!(why(&[delta(&json!(" \n")), finish("stop")]), Why::Empty);
    assert_eq!(why(&[finish("length")]), Why::UsedUp);
    assert_eq!(why(&[finish("content_filter")]), Why::Declined);
    let refusal = json!({"choices": [{"delta": {"refusal": "no"}, "finish_reason": "stop"}]});
    assert_eq!(why(&[refusal]), Why::Declined);
    let much = vec![delta(&json!("x".repeat(LARGEST / 4))); 5];
    assert_eq!(why(&much), Why::Garbage);
}
