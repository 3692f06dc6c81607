//! What a message says about the file that comes with it. Everything in it is somebody's claim.

use serde_json::{Map, Value, json};

use super::names::FileName;
use crate::{agent::Sort, homeserver::MediaUri, session::FileKey};

/// The most bytes of a MIME type (RFC 6838, section 4.2: twice 127 and a slash).
const LONGEST_MIMETYPE: usize = 255;
/// The MIME type of a file of which nothing is known.
const UNKNOWN: &str = "application/octet-stream";

/// A file that a message announces.
#[derive(Clone, Debug)]
pub(in crate::gateway) struct Announced {
    pub(super) sort: Sort,
    pub(super) name: FileName,
    pub(super) mimetype: String,
    /// In bytes; `None` where the message states none or nonsense.
    pub(super) size: Option<u64>,
    /// `None` where the message does not lead to a file.
    pub(super) source: Option<Source>,
}

/// Where a file is, and how it is read.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) uri: MediaUri,
    /// For an encrypted file.
    pub(super) key: Option<FileKey>,
}

impl Announced {
    /// Takes the file out of a message's content, which then is a text: the file's caption.
    /// `None` for messages without a file.
    pub(in crate::gateway) fn take(content: &mut Map<String, Value>) -> Option<Self> {
        let sort = content.get("msgtype")?.as_str().and_then(Sort::of)?;
        let filename = text(content, "filename");
        let body = text(content, "body");
        let name = filename.as_deref().or(body.as_deref());
        let info = content.remove("info").unwrap_or_default();
        let name = name
            .and_then(FileName::clean)
            .unwrap_or_else(|| default_name(sort));
        let announced = Self {
            mimetype: mimetype(&info, &name),
            size: info["size"].as_u64(),
            source: Source::take(content),
            sort,
            name,
        };
        // Without a file name of its own, the body is the file name (spec, "Media captions").
        let caption = body.filter(|body| filename.is_some_and(|filename| filename != *body));
        if caption.is_none() {
            content.remove("formatted_body");
            content.remove("format");
        }
        content.insert("msgtype".to_owned(), json!("m.text"));
        content.insert("body".to_owned(), json!(caption.unwrap_or_default()));
        Some(announced)
    }

    /// The name as people read it.
    pub(in crate::gateway) fn name(&self) -> String {
        self.name.shown()
    }
}

impl Source {
    fn take(content: &mut Map<String, Value>) -> Option<Self> {
        let url = content.remove("url").unwrap_or_default();
        // Whoever sends both means the encrypted file; the other is for those who cannot read it.
        let (url, key) = match content.remove("file").unwrap_or_default() {
            Value::Null => (url, None),
            file => (file["url"].clone(), Some(FileKey::read(&file)?)),
        };
        let uri = MediaUri::parse(url.as_str()?).ok()?;
        Some(Self { uri, key })
    }
}

fn text(content: &Map<String, Value>, key: &str) -> Option<String> {
    let text = content.get(key)?.as_str()?;
    (!text.is_empty()).then(|| text.to_owned())
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
    let valid = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_alphanumeric())
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
    };
    text.len() <= LONGEST_MIMETYPE
        && text
            .split_once('/')
            .is_some_and(|(kind, subtype)| valid(kind) && valid(subtype))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(content: Value) -> (Announced, Value) {
        let Value::Object(mut content) = content else {
            panic!("{content}");
        };
        let announced = Announced::take(&mut content).unwrap();
        (announced, Value::Object(content))
    }

    fn image(more: &Value) -> (Announced, Value) {
        let mut content = json!({
            "msgtype": "m.image", "body": "a.png", "url": "mxc://example.org/abc",
            "info": {"mimetype": "image/png", "size": 5},
        });
        for (key, value) in more.as_object().unwrap() {
            content[key] = value.clone();
        }
        take(content)
    }

    #[test]
    fn a_picture_is_announced() {
        let (announced, rest) = image(&json!({}));
        assert_eq!(announced.sort, Sort::Image);
        assert_eq!(announced.name(), "a.png");
        assert_eq!(announced.mimetype, "image/png");
        assert_eq!(announced.size, Some(5));
        assert!(announced.source.unwrap().key.is_none());
        assert_eq!(rest, json!({"msgtype": "m.text", "body": ""}));
    }

    #[test]
    fn a_body_beside_another_file_name_is_a_caption() {
        let html = json!({"format": "org.matrix.custom.html", "formatted_body": "<b>look</b>"});
        let mut more = html.clone();
        more["filename"] = json!("b.png");
        more["body"] = json!("look");
        let (announced, rest) = image(&more);
        assert_eq!(announced.name(), "b.png");
        assert_eq!(
            (&rest["body"], &rest["formatted_body"]),
            (&json!("look"), &json!("<b>look</b>"))
        );
        let mut more = html;
        more["filename"] = json!("a.png");
        let (_, rest) = image(&more);
        assert_eq!(
            (&rest["body"], rest.get("formatted_body")),
            (&json!(""), None)
        );
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
                assert_eq!(announced.name(), name);
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
            let mut map = content.as_object().unwrap().clone();
            assert!(Announced::take(&mut map).is_none());
            assert_eq!(Value::Object(map), content);
        }
    }
}
