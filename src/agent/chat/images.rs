//! Pictures that came with a question, as parts of a message.

use std::path::Path;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

use crate::agent::{Attachment, Content, Question};

/// How many pictures are shown to a model, and how large they may be, in bytes.
#[derive(Clone, Copy, Debug)]
pub(in crate::agent) struct ImageLimits {
    pub(in crate::agent) each: u64,
    pub(in crate::agent) all: u64,
    pub(in crate::agent) count: usize,
}

/// The pictures of a question as parts, and what is said of every other file.
pub(in crate::agent) async fn parts(
    question: &Question,
    limits: ImageLimits,
    describe: impl Fn(&Attachment) -> String,
) -> (Vec<Value>, Vec<String>) {
    let (mut pictures, mut others, mut left) = (Vec::new(), Vec::new(), limits.all);
    for attachment in &question.attachments {
        let most = if pictures.len() < limits.count {
            limits.each.min(left)
        } else {
            0
        };
        match picture(attachment, most).await {
            Some((mimetype, bytes)) => {
                left = left.saturating_sub(bytes.len() as u64);
                let url = format!("data:{mimetype};base64,{}", STANDARD.encode(&bytes));
                pictures.push(json!({"type": "image_url", "image_url": {"url": url}}));
            }
            None => others.push(describe(attachment)),
        }
    }
    (pictures, others)
}

/// The bytes of a kept file that is a picture of a kind that models take, up to this size.
async fn picture(attachment: &Attachment, most: u64) -> Option<(&'static str, Vec<u8>)> {
    let Content::Kept { path, .. } = &attachment.content else {
        return None;
    };
    match read(path, most).await {
        Ok(bytes) => Some((mimetype(&bytes)?, bytes)),
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "a file cannot be shown to the model");
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
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => Some("image/webp"),
        _ => None,
    }
}

#[cfg(test)]
mod unit {
    use super::*;
    use crate::agent::Sort;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n0123";

    fn attached(directory: &Path, name: &str, bytes: &[u8]) -> Attachment {
        let path = directory.join(name);
        std::fs::write(&path, bytes).unwrap();
        Attachment {
            sort: Sort::File,
            name: name.to_owned(),
            mimetype: "application/octet-stream".to_owned(),
            content: Content::Kept {
                path,
                size: bytes.len() as u64,
            },
        }
    }

    async fn of(attachments: Vec<Attachment>, each: u64, all: u64) -> (Vec<Value>, Vec<String>) {
        let question = Question {
            attachments,
            ..Question::default()
        };
        let limits = ImageLimits {
            each,
            all,
            count: 2,
        };
        parts(&question, limits, |attachment| attachment.name.clone()).await
    }

    #[tokio::test]
    async fn pictures_are_told_by_their_bytes_and_limited() {
        let directory = tempfile::tempdir().unwrap();
        let file = |name: &str, bytes: &[u8]| attached(directory.path(), name, bytes);
        let all = vec![
            file("a", PNG),
            file("b.png", b"text"),
            file("c", b"\xff\xd8\xff"),
            file("d", PNG),
        ];
        let (pictures, others) = of(all.clone(), 100, 100).await;
        let urls = pictures
            .iter()
            .map(|part| part["image_url"]["url"].as_str().unwrap());
        let urls: Vec<_> = urls.collect();
        assert_eq!(
            urls,
            [
                "data:image/png;base64,iVBORw0KGgowMTIz",
                "data:image/jpeg;base64,/9j/"
            ]
        );
        assert_eq!(others, ["b.png", "d"]);
        let (pictures, others) = of(all.clone(), 11, 100).await;
        assert_eq!((pictures.len(), others.len()), (1, 3));
        let (pictures, _) = of(vec![all[0].clone(), all[3].clone()], 100, 20).await;
        assert_eq!(pictures.len(), 1);
        let gone = Attachment {
            content: Content::Kept {
                path: "/nowhere".into(),
                size: 1,
            },
            ..all[0].clone()
        };
        assert_eq!(of(vec![gone], 100, 100).await.1, ["a"]);
    }
}
