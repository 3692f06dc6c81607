//! Answers as servers and services really send them: framed in every way, ended in every way, and
//! with what is odd in them.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::*;

/// How the bytes of an answer are framed, and how they end.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Framing {
    /// In chunks, to the last one.
    Chunked,
    /// In chunks, and the connection ends before the last.
    ChunkedCut,
    /// In chunks, and then nothing, with the connection left open.
    ChunkedOpen,
    /// In chunks, and then comments for ever.
    ChunkedPings,
    Length,
    /// With a length that is not reached.
    LengthCut,
    /// By the end of the connection, as in HTTP/1.0.
    Close,
    /// By the end of the connection, which does not come.
    CloseOpen,
    /// Compressed.
    Gzip,
}

use Framing::*;

async fn write(stream: &mut TcpStream, framing: Framing, body: &[u8]) -> std::io::Result<()> {
    let length = body.len() + if framing == LengthCut { 100 } else { 0 };
    let (version, head) = match framing {
        Chunked | ChunkedCut | ChunkedOpen | ChunkedPings => {
            ("1.1", "transfer-encoding: chunked\r\n".to_owned())
        }
        Length | LengthCut => ("1.1", format!("content-length: {length}\r\n")),
        Gzip => {
            let head = format!("content-length: {length}\r\ncontent-encoding: gzip\r\n");
            ("1.1", head)
        }
        Close | CloseOpen => ("1.0", String::new()),
    };
    let head = format!("HTTP/{version} 200 OK\r\ncontent-type: text/plain\r\n{head}\r\n");
    stream.write_all(head.as_bytes()).await?;
    if !head.contains("chunked") {
        return stream.write_all(body).await;
    }
    // In the middle of a line and of a character.
    for piece in body.chunks(11) {
        let size = format!("{:x}\r\n", piece.len());
        let chunk = [size.as_bytes(), piece, b"\r\n"].concat();
        stream.write_all(&chunk).await?;
    }
    if framing == Chunked {
        stream.write_all(b"0\r\n\r\n").await?;
    }
    if framing == ChunkedPings {
        let mut pause = tokio::time::interval(Duration::from_millis(20));
        loop {
            pause.tick().await;
            stream.write_all(b"8\r\n: ping\n\n\r\n").await?;
        }
    }
    Ok(())
}

/// Serves this to everybody; returns the address.
async fn serve(framing: Framing, body: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let body = body.clone();
            tokio::spawn(async move {
                let mut request = vec![0; 64 * 1024];
                let _ = stream.read(&mut request).await;
                // Whoever asked may be gone.
                let _ = write(&mut stream, framing, &body).await;
                if matches!(framing, ChunkedOpen | CloseOpen) {
                    std::future::pending::<()>().await;
                }
                // What was not read would reset the connection, and what was sent be lost.
                let _ = stream.shutdown().await;
                let _ = stream.read_to_end(&mut request).await;
            });
        }
    });
    url
}

/// What comes of an answer of these bytes: the words, or those of the failure and its story.
async fn said(framing: Framing, body: impl Into<Vec<u8>>) -> String {
    let url = serve(framing, body.into()).await;
    let mut told = Vec::new();
    for stream in [true, false] {
        let bot = Bot::with_agent(&json!({
            "type": "openai", "model": "tiny", "apiBase": url, "stream": stream, "idleSeconds": 30
        }));
        told.push(match bot.ask(&question("", "Hi")).await {
            Ok(answer) => answer,
            Err(failure) => format!("{} | {}", failure.words, failure.error),
        });
    }
    assert_eq!(told[0], told[1]);
    told.remove(0)
}

const CUT: &str = "Hé\n\n*(The answer is cut off here: the connection to my model broke.)*";

fn event(choice: &Value) -> String {
    format!("data: {}\n\n", json!({"choices": [choice]}))
}

fn piece(text: &str) -> String {
    event(&json!({"delta": {"content": text}, "finish_reason": null}))
}

fn finished() -> String {
    event(&json!({"delta": {}, "finish_reason": "stop"}))
}

#[tokio::test]
async fn a_finished_answer_is_whole_however_the_connection_ends() {
    let whole = [piece("H"), piece("é"), finished()].concat();
    for framing in [
        Chunked,
        ChunkedCut,
        ChunkedOpen,
        ChunkedPings,
        Length,
        LengthCut,
        Close,
        CloseOpen,
    ] {
        assert_eq!(said(framing, whole.as_str()).await, "Hé", "{framing:?}");
    }
    let done = [piece("Hé"), "data: [DONE]\n\n".to_owned()].concat();
    for framing in [Chunked, ChunkedOpen, LengthCut, Close] {
        assert_eq!(said(framing, done.as_str()).await, "Hé", "{framing:?}");
    }
    let document = json!({"choices": [{"message": {"content": "Hé"}}]}).to_string();
    for framing in [
        Chunked,
        ChunkedCut,
        ChunkedOpen,
        Length,
        LengthCut,
        Close,
        CloseOpen,
    ] {
        assert_eq!(said(framing, document.as_str()).await, "Hé", "{framing:?}");
    }
}

#[tokio::test]
async fn an_answer_without_an_end_is_whole_only_where_its_frame_is() {
    let empty = json!({"delta": {"content": "é"}, "finish_reason": ""});
    for stream in [
        [piece("H"), piece("é")].concat(),
        [piece("H"), event(&empty)].concat(),
    ] {
        for framing in [Chunked, Length] {
            assert_eq!(said(framing, stream.as_str()).await, "Hé", "{framing:?}");
        }
        for framing in [ChunkedCut, LengthCut, Close] {
            assert_eq!(said(framing, stream.as_str()).await, CUT, "{framing:?}");
            // Half an event is none.
            let half = format!("{stream}data: {{\"choices\": [{{\"del");
            assert_eq!(said(framing, half).await, CUT, "{framing:?}");
        }
    }
    for framing in [ChunkedCut, LengthCut, Close] {
        let half = said(framing, "{\"choices\": [{\"message\": {\"content\": \"H").await;
        assert!(
            half.starts_with("The connection to my model broke"),
            "{half}"
        );
        let nothing = said(framing, "").await;
        assert!(
            nothing.starts_with("The connection to my model broke"),
            "{nothing}"
        );
    }
}

/// A document with this message.
fn document(message: &Value) -> String {
    json!({"choices": [{"message": message}]}).to_string()
}

#[tokio::test]
async fn what_is_odd_around_an_answer_is_ignored_or_mended() {
    let (whole, document) = (piece("Hé"), document(&json!({"content": "Hé"})));
    let lines = [piece("H"), piece("é")].concat().replace("\n\n", "\n");
    for stream in [
        format!("\u{feff}{whole}"),
        format!("\u{feff}{document}"),
        whole.replace('\n', "\r\n"),
        whole.replace('\n', "\r"),
        whole.replace("data: ", "data:"),
        whole.replace("data: ", ""),
        format!("{lines}data: [DONE]"),
        format!(": hello\n\ndata: : PROCESSING\n\n{whole}"),
        format!("event: ping\ndata: {{\"type\": \"ping\"}}\n\n{whole}"),
        format!("data: keep-alive\n\ndata: null\n\n{whole}"),
        format!("id: 1\nretry: 5\n{whole}"),
        format!("data: {{\"choices\":null}}\n\ndata: {{\"choices\":[]}}\n\n{whole}"),
        format!("{document}\n{{\"usage\": {{}}}}"),
        format!("[{document}]"),
    ] {
        assert_eq!(said(Chunked, stream.as_str()).await, "Hé", "{stream}");
    }
    // One piece, the finish reason and `[DONE]`.
    let gzip = "H4sIAAAAAAACA0tJLEm0UqhWSs7Iz0xOLVayiq5WSknNKUlUsgIK5ueVpOaVKFkpeWQq1dbG1nJxpeBRX6ujl\
                JaZl1mcEV+UmlicnwfUV1ySX6CEpDHaxd/PNZaLCwDTVy3gdwAAAA==";
    let gzip = STANDARD.decode(gzip).unwrap();
    assert_eq!(said(Gzip, gzip).await, "Hi");
    // One piece, and nothing that says that it is the last.
    let gzip = "H4sIAAAAAAACA0tJLEm0UqhWSs7Iz0xOLVayUoiuVkpJzSlJVAIL5+eVpOaVANlKHplKtbWxtVxcAIW6AUQz\
                AAAA";
    let gzip = STANDARD.decode(gzip).unwrap();
    assert_eq!(said(Gzip, gzip).await, "Hi");
}

#[tokio::test]
async fn what_is_odd_in_an_answer_is_ignored_or_mended() {
    let delta = |content: &str| {
        let delta = format!("{{\"delta\": {{\"content\": {content}}}}}");
        format!("data: {{\"choices\": [{delta}]}}\n\n")
    };
    let parts = json!([{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},
        {"type": "reasoning", "text": "hm"}, {"type": "text", "text": "H"}, "é"]);
    let odd =
        json!({"delta": {"content": "Hé", "tool_calls": 1}, "index": "0", "finish_reason": 5});
    let beside = json!({"delta": {"reasoning_content": "hm", "content": null}});
    for (stream, text) in [
        (event(&odd), "Hé"),
        (event(&json!({"message": {"content": "Hé"}})), "Hé"),
        (document(&json!({"content": parts})), "Hé"),
        (event(&json!({"delta": {"content": parts}})), "Hé"),
        ([event(&beside), piece("Hé")].concat(), "Hé"),
        (
            ["<thi", "nk>hm</think", ">\n\nHé"].map(piece).concat(),
            "Hé",
        ),
        (["hm\n</", "think>\nH", "é"].map(piece).concat(), "Hé"),
        (delta("\"H\\u00e9\""), "Hé"),
        (delta("\"<think>\t</think>Hé\""), "Hé"),
        (
            [delta("\"a\\ud83d\""), delta("\"\\ude00b\"")].concat(),
            "a😀b",
        ),
        (
            [delta("\"a\\ud83d\""), delta("\"b\"")].concat(),
            "a\u{fffd}b",
        ),
        (delta("\"a\\ude00\\ud83d\""), "a\u{fffd}\u{fffd}"),
    ] {
        assert_eq!(said(Chunked, stream.as_str()).await, text, "{stream}");
    }
    let not_text = delta("\"a?b\"").replace('?', "\u{1}").into_bytes();
    let not_text = not_text
        .into_iter()
        .map(|byte| if byte == 1 { 255 } else { byte });
    assert_eq!(
        said(Length, not_text.collect::<Vec<u8>>()).await,
        "a\u{fffd}b"
    );
}

#[tokio::test]
async fn errors_within_a_success_are_told() {
    let detail = json!({"detail": [{"loc": ["body"], "msg": "field required"}]});
    let oh = |code: Value| json!({"error": {"message": "oh", "code": code}});
    let of_choice = json!({"error": {"message": "oh"}, "finish_reason": "error"});
    let coded = json!({"object": "error", "message": "oh", "code": 413});
    let told = [
        ("event: error\ndata: oh\n\n".to_owned(), "in trouble", "oh"),
        (format!("error: {coded}\n\n"), "too long", "oh"),
        (format!("event: error\ndata: {coded}\n\n"), "too long", "oh"),
        (
            format!("event: error\ndata: {}\n\n", oh(json!(429))),
            "busy",
            "oh",
        ),
        (format!("data: {}\n\n", oh(json!("401"))), "key", "oh"),
        (
            format!("data: {detail}\n\n"),
            "in trouble",
            "field required",
        ),
        (detail.to_string(), "in trouble", "field required"),
        (json!({"error": "oh"}).to_string(), "in trouble", "oh"),
        (json!([oh(json!(401))]).to_string(), "key", "oh"),
        (coded.to_string(), "too long", "oh"),
        ([piece("H"), event(&of_choice)].concat(), "in trouble", "oh"),
        (
            format!("{}data: {}\n\n", piece("H"), oh(Value::Null)),
            "in trouble",
            "oh",
        ),
    ];
    // Most are asked again after a pause.
    let told = told.map(async |(stream, words, story)| {
        let told = said(Chunked, stream.as_str()).await;
        let (said, why) = told.split_once(" | ").unwrap_or((&told, ""));
        assert!(
            said.contains(words) && why.contains(story),
            "{stream}: {told}"
        );
    });
    futures_util::future::join_all(told).await;
}
