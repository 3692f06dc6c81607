//! Pictures that came with a question, as parts of a message.

use std::path::Path;

use base64::{Engine, engine::general_purpose::STANDARD};
use imagesize::ImageType;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

use crate::agent::{Attachment, Content, Question};

/// How many pictures are shown to a model, and how large they may be, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct ImageLimits {
    pub each: u64,
    pub all: u64,
    pub count: usize,
}

/// The pictures of a question as parts, as many as these limits allow.
pub async fn pictures(question: &Question, limits: ImageLimits) -> Vec<Value> {
    let (mut pictures, mut left) = (Vec::new(), limits.all);
    for attachment in &question.attachments {
        if pictures.len() == limits.count {
            break;
        }
        if let Some((mimetype, bytes)) = picture(attachment, limits.each.min(left)).await {
            left = left.saturating_sub(bytes.len() as u64);
            let url = format!("data:{mimetype};base64,{}", STANDARD.encode(&bytes));
            pictures.push(json!({"type": "image_url", "image_url": {"url": url}}));
        }
    }
    pictures
}

/// A message's content: its text, and the pictures where there are some.
pub fn content(text: &str, pictures: &[Value]) -> Value {
    if pictures.is_empty() {
        return json!(text);
    }
    let text = json!({"type": "text", "text": text});
    json!(std::iter::once(&text).chain(pictures).collect::<Vec<_>>())
}

/// The bytes of a kept file that is a picture of a kind that models take, up to this size.
async fn picture(attachment: &Attachment, most: u64) -> Option<(&'static str, Vec<u8>)> {
    let Content::Kept { path, .. } = &attachment.content else {
        return None;
    };
    match read(path, most).await {
        Ok(bytes) => Some((mimetype(&bytes)?, bytes)),
        Err(error) => {
            tracing::warn!("cannot show {} to the model: {error}", path.display());
            None
        }
    }
}

async fn read(path: &Path, most: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = tokio::fs::File::open(path).await?;
    file.take(most + 1).read_to_end(&mut bytes).await?;
    if bytes.len() as u64 > most {
        bytes.clear();
    }
    Ok(bytes)
}

/// What a picture is by its first bytes: its sender's word for it would be refused if wrong.
fn mimetype(bytes: &[u8]) -> Option<&'static str> {
    match imagesize::image_type(bytes).ok()? {
        ImageType::Png => Some("image/png"),
        ImageType::Jpeg => Some("image/jpeg"),
        ImageType::Gif => Some("image/gif"),
        ImageType::Webp => Some("image/webp"),
        _ => None,
    }
}

#[cfg(test)]
mod unit {
    use super::*;
    use crate::agent::Sort;

    const JPEG: &[u8] = b"\xff\xd8\xff\xe0JFIF0123";
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n012345";

    fn attached(directory: &Path, name: &str, bytes: &[u8]) -> Attachment {
        let path = directory.join(name);
        std::fs::write(&path, bytes).unwrap();
        Attachment {
            sort: Sort::File,
            name: name.to_owned(),
            mimetype: "application/octet-stream".to_owned(),
            voice_ms: None,
            quoted: false,
            content: Content::Kept {
                path,
                size: bytes.len() as u64,
            },
        }
    }

    async fn of(attachments: Vec<Attachment>, each: u64, all: u64) -> Vec<String> {
        let question = Question {
            attachments,
            ..Question::default()
        };
        let count = 2;
        let parts = pictures(&question, ImageLimits { each, all, count }).await;
        let urls = parts.iter().map(|part| &part["image_url"]["url"]);
        urls.map(|url| url.as_str().unwrap().to_owned()).collect()
    }

    #[tokio::test]
    async fn pictures_are_told_by_their_bytes_and_limited() {
        let directory = tempfile::tempdir().unwrap();
        let file = |name: &str, bytes: &[u8]| attached(directory.path(), name, bytes);
        let (png, jpeg) = (file("a", PNG), file("c", JPEG));
        let all = vec![png.clone(), file("b.png", b"text"), jpeg, png.clone()];
        let urls = [
            "data:image/png;base64,iVBORw0KGgowMTIzNDU=",
            "data:image/jpeg;base64,/9j/4EpGSUYwMTIz",
        ];
        assert_eq!(of(all.clone(), 100, 100).await, urls);
        assert_eq!(of(all, 12, 100).await, urls[1..]);
        assert_eq!(of(vec![png.clone(), png.clone()], 100, 20).await, urls[..1]);
        let gone = Attachment {
            content: Content::Kept {
                path: "/nowhere".into(),
                size: 1,
            },
            ..png
        };
        assert!(of(vec![gone], 100, 100).await.is_empty());
    }

    #[test]
    fn a_message_without_pictures_is_text() {
        assert_eq!(content("x", &[]), json!("x"));
        let both = json!([{"type": "text", "text": "x"}, {"a": 1}]);
        assert_eq!(content("x", &[json!({"a": 1})]), both);
    }
}
