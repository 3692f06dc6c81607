//! What a message says about the file that comes with it. Everything in it is somebody's claim.

use serde_json::Value;

use super::{UNKNOWN, names::FileName};
use crate::{
    agent::{Attachment, Content, Sort},
    homeserver::MediaUri,
    session::FileKey,
};

/// The most bytes of a MIME type (RFC 6838, section 4.2: twice 127 and a slash).
const LONGEST_MIMETYPE: usize = 255;

/// A file that a message announces.
#[derive(Clone, Debug)]
pub struct Announced {
    pub sort: Sort,
    pub name: FileName,
    pub mimetype: String,
    /// Of a voice message, its length in milliseconds, 0 where the message states none.
    pub voice_ms: Option<u64>,
    /// In bytes; `None` where the message states none or nonsense.
    pub size: Option<u64>,
    /// `None` where the message does not lead to a file.
    pub source: Option<Source>,
}

/// Where a file is, and how it is read.
#[derive(Clone, Debug)]
pub struct Source {
    pub uri: MediaUri,
    /// For an encrypted file.
    pub key: Option<FileKey>,
}

impl Announced {
    /// The file that a message's content announces, and its caption; `None` for messages without a
    /// file.
    pub fn read(content: &Value) -> Option<(Self, Option<&str>)> {
        let sort = Sort::of(content["msgtype"].as_str()?)?;
        let text = |field: &str| content[field].as_str().filter(|text| !text.is_empty());
        let (filename, body) = (text("filename"), text("body"));
        // Without a file name of its own, the body is the file name (spec, "Media captions").
        let caption = body.filter(|body| filename.is_some_and(|filename| filename != *body));
        Some((Self::of(sort, content), caption))
    }

    /// The file of this sort that a content announces.
    pub fn of(sort: Sort, content: &Value) -> Self {
        let text = |field: &str| content[field].as_str().filter(|text| !text.is_empty());
        let name = text("filename").or(text("body")).and_then(FileName::clean);
        let name = name.unwrap_or_else(|| default_name(sort));
        let info = &content["info"];
        Self {
            mimetype: mimetype(info, &name),
            voice_ms: voice(content),
            size: info["size"].as_u64(),
            source: Source::read(content),
            sort,
            name,
        }
    }
}

impl Announced {
    /// The file as the agent gets it.
    pub fn attachment(&self, content: Content, quoted: bool) -> Attachment {
        Attachment {
            sort: self.sort,
            name: self.name.shown(),
            mimetype: self.mimetype.clone(),
            voice_ms: self.voice_ms,
            quoted,
            content,
        }
    }
}

/// Of a voice message (MSC3245), its length in milliseconds.
fn voice(content: &Value) -> Option<u64> {
    let is_voice = ["org.matrix.msc3245.voice", "m.voice"].map(|field| content.get(field));
    is_voice.iter().flatten().next()?;
    let details = &content["org.matrix.msc1767.audio"]["duration"];
    let length = details.as_u64().or(content["info"]["duration"].as_u64());
    Some(length.unwrap_or_default())
}

impl Source {
    fn read(content: &Value) -> Option<Self> {
        // Whoever sends both means the encrypted file; the other is for those who cannot read it.
        let (url, key) = match &content["file"] {
            Value::Null => (&content["url"], None),
            file => (&file["url"], Some(FileKey::read(file)?)),
        };
        let uri = MediaUri::parse(url.as_str()?)?;
        Some(Self { uri, key })
    }
}

fn default_name(sort: Sort) -> FileName {
    match sort {
        Sort::File => FileName::plain("attachment"),
        _ => FileName::plain(&sort.to_string()),
    }
}

/// The stated MIME type without its parameters; where there is none, the one of the name.
fn mimetype(info: &Value, name: &FileName) -> String {
    let stated = info["mimetype"].as_str().unwrap_or_default();
    let essence = stated.split(';').next().unwrap_or_default().trim();
    if is_mimetype(essence) {
        return essence.to_ascii_lowercase();
    }
    let guess = mime_guess::from_path(name.shown()).first_raw();
    guess.unwrap_or(UNKNOWN).to_owned()
}

/// Whether this is a type and a subtype (RFC 6838, section 4.2).
fn is_mimetype(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric();
    let in_name = |c: char| plain(c) || "!#$&-^_.+".contains(c);
    let valid = |part: &str| part.starts_with(plain) && part.chars().all(in_name);
    let parts = text.split_once('/');
    text.len() <= LONGEST_MIMETYPE && parts.is_some_and(|(kind, sub)| valid(kind) && valid(sub))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn image(more: &Value) -> (Announced, Option<String>) {
        let mut content = json!({
            "msgtype": "m.image", "body": "a.png", "url": "mxc://example.org/abc",
            "info": {"mimetype": "image/png", "size": 5},
        });
        for (key, value) in more.as_object().unwrap() {
            content[key] = value.clone();
        }
        let (announced, caption) = Announced::read(&content).unwrap();
        (announced, caption.map(str::to_owned))
    }

    #[test]
    fn a_picture_is_announced() {
        let (announced, caption) = image(&json!({}));
        assert_eq!(announced.sort, Sort::Image);
        assert_eq!(announced.name.shown(), "a.png");
        assert_eq!(announced.mimetype, "image/png");
        assert_eq!(announced.size, Some(5));
        assert!(announced.source.unwrap().key.is_none());
        assert_eq!(caption, None);
    }

    #[test]
    fn a_body_beside_another_file_name_is_a_caption() {
        let (announced, caption) = image(&json!({"filename": "b.png", "body": "look"}));
        assert_eq!(announced.name.shown(), "b.png");
        assert_eq!(caption.as_deref(), Some("look"));
        let (_, caption) = image(&json!({"filename": "a.png"}));
        assert_eq!(caption, None);
    }

    #[test]
    fn a_voice_message_has_a_length() {
        let voice = |more: &Value| image(more).0.voice_ms;
        assert_eq!(voice(&json!({})), None);
        let marked = json!({"org.matrix.msc3245.voice": {}});
        assert_eq!(voice(&marked), Some(0));
        let mut long = marked.clone();
        long["info"] = json!({"duration": 1000});
        assert_eq!(voice(&long), Some(1000));
        long["org.matrix.msc1767.audio"] = json!({"duration": 2000, "waveform": []});
        assert_eq!(voice(&long), Some(2000));
    }

    #[test]
    fn only_a_whole_number_is_a_size() {
        for (size, read) in [
            (json!(0), Some(0)),
            (json!(4_294_967_296_u64), Some(4_294_967_296)),
            (json!(-1), None),
            (json!(true), None),
            (json!(1.5), None),
            (json!(1e30), None),
            (json!("5"), None),
            (json!(null), None),
        ] {
            let (announced, _) = image(&json!({"info": {"size": size}}));
            assert_eq!(announced.size, read, "{size}");
        }
        assert_eq!(image(&json!({"info": [1]})).0.size, None);
    }

    #[test]
    fn a_type_is_stated_or_guessed_and_never_more_than_a_type() {
        for (stated, name, read) in [
            (json!("IMAGE/PNG"), "a.png", "image/png"),
            (json!("audio/ogg; codecs=opus"), "a.ogg", "audio/ogg"),
            (json!("text/plain\nX: y"), "a.jpg", "image/jpeg"),
            (json!("../x"), "a", UNKNOWN),
            (json!(7), "a.pdf", "application/pdf"),
            (json!(format!("x/{}", "y".repeat(300))), "a", UNKNOWN),
        ] {
            let (announced, _) = image(&json!({"body": name, "info": {"mimetype": stated}}));
            assert_eq!(announced.mimetype, read, "{stated}");
        }
    }

    #[test]
    fn a_file_without_a_name_is_called_what_it_is() {
        for (msgtype, name) in [
            ("m.image", "image"),
            ("m.audio", "audio"),
            ("m.video", "video"),
            ("m.file", "attachment"),
        ] {
            for body in [json!(""), json!(".."), json!(null), json!(3)] {
                let (announced, _) = image(&json!({"msgtype": msgtype, "body": body}));
                assert_eq!(announced.name.shown(), name);
            }
        }
    }

    #[test]
    fn what_leads_nowhere_has_no_source() {
        for more in [
            json!({"url": "https://example.org/x"}),
            json!({"url": "mxc://example.org/../x"}),
            json!({"url": null}),
            json!({"file": {"url": "mxc://example.org/abc"}}),
            json!({"file": "mxc://example.org/abc"}),
        ] {
            assert!(image(&more).0.source.is_none(), "{more}");
        }
    }

    #[test]
    fn other_messages_announce_nothing() {
        for content in [
            json!({"msgtype": "m.text", "body": "hi"}),
            json!({"msgtype": "m.location", "body": "hi"}),
            json!({"body": "hi"}),
            json!({"msgtype": 5}),
        ] {
            assert!(Announced::read(&content).is_none(), "{content}");
        }
    }
}
