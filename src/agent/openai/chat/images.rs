//! Pictures that came with a question, as parts of a message.

use std::path::{Path, PathBuf};

use crate::agent::{Attachment, Content, attachment::beginning};
use base64::{Engine, engine::general_purpose::STANDARD};
use imagesize::ImageType;
use serde_json::{Value, json};

/// How many more pictures are shown to a model, and how large they may be, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct ImageLimits {
    pub each: u64,
    pub all: u64,
    pub count: usize,
}

/// A picture that is shown to a model.
#[derive(Clone, Debug)]
pub struct Picture {
    /// Where it is.
    pub path: PathBuf,
    /// The part of a message.
    part: Value,
}

/// The kept files that came with a question.
pub fn kept(attachments: &[Attachment]) -> impl Iterator<Item = &Path> {
    attachments
        .iter()
        .filter_map(|attachment| match &attachment.content {
            Content::Kept { path, .. } => Some(&**path),
            _ => None,
        })
}

/// Those of these files that are pictures of a kind that models take, as many as these limits allow
/// and use up.
pub async fn pictures(
    paths: impl IntoIterator<Item = &Path>,
    limits: &mut ImageLimits,
) -> Vec<Picture> {
    let mut pictures = Vec::new();
    for path in paths {
        if limits.count == 0 {
            break;
        }
        if let Some((mimetype, bytes)) = picture(path, limits.each.min(limits.all)).await {
            limits.all = limits.all.saturating_sub(bytes.len() as u64);
            limits.count -= 1;
            let url = format!("data:{mimetype};base64,{}", STANDARD.encode(&bytes));
            pictures.push(Picture {
                path: path.to_owned(),
                part: json!({"type": "image_url", "image_url": {"url": url}}),
            });
        }
    }
    pictures
}

/// A message's content: its text, and the pictures where there are some.
pub fn content(text: &str, pictures: &[Picture]) -> Value {
    if pictures.is_empty() {
        return json!(text);
    }
    let text = json!({"type": "text", "text": text});
    let pictures = pictures.iter().map(|picture| &picture.part);
    json!(std::iter::once(&text).chain(pictures).collect::<Vec<_>>())
}

/// The bytes of a file that is a picture of a kind that models take, up to this size.
async fn picture(path: &Path, most: u64) -> Option<(&'static str, Vec<u8>)> {
    let read = beginning(path, most + 1).await.inspect_err(|error| {
        tracing::warn!("cannot show {} to the model: {error}", path.display());
    });
    let bytes = read.ok().filter(|bytes| bytes.len() as u64 <= most)?;
    Some((mimetype(&bytes)?, bytes))
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

    const JPEG: &[u8] = b"\xff\xd8\xff\xe0JFIF0123";
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n012345";

    async fn of(attachments: Vec<Attachment>, each: u64, all: u64) -> Vec<String> {
        let count = 2;
        let limits = &mut ImageLimits { each, all, count };
        let parts = pictures(kept(&attachments), limits).await;
        let urls = parts
            .iter()
            .map(|picture| &picture.part["image_url"]["url"]);
        urls.map(|url| url.as_str().unwrap().to_owned()).collect()
    }

    #[tokio::test]
    async fn pictures_are_told_by_their_bytes_and_limited() {
        let directory = tempfile::tempdir().unwrap();
        let file =
            |name: &str, bytes: &[u8]| Attachment::in_directory(directory.path(), name, bytes);
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
        let picture = Picture {
            path: PathBuf::new(),
            part: json!({"a": 1}),
        };
        assert_eq!(content("x", &[picture]), both);
    }
}
