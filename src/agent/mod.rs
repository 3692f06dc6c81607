//! Who answers a message once it is clear that it may be answered.

mod attachment;
mod echo;

pub use attachment::{Attachment, Content, Sort};
pub use echo::Echo;

/// What an agent is asked: what somebody wrote, and the files that came with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// The words. Where somebody sent only a file, its name.
    pub text: String,
    /// The files.
    pub attachments: Vec<Attachment>,
}

impl Question {
    /// The words and, each on a line of its own, the [`Attachment::marker`]s: for agents that
    /// take nothing but text.
    #[must_use]
    pub fn with_markers(&self) -> String {
        self.lines(Attachment::marker)
    }

    fn lines(&self, describe: impl Fn(&Attachment) -> String) -> String {
        let words = (!self.text.trim().is_empty()).then(|| self.text.clone());
        let files = self.attachments.iter().map(describe);
        words
            .into_iter()
            .chain(files)
            .collect::<Vec<_>>()
            .join("\n")
    }
}

/// Something that answers messages.
pub trait Agent: Send + Sync + 'static {
    /// The answer to this question, as plain text; `None` says nothing.
    fn answer(&self, question: &Question) -> impl Future<Output = Option<String>> + Send;
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn question(text: &str, contents: &[Content]) -> Question {
        let attachment = |content: &Content| Attachment {
            sort: Sort::Image,
            name: "a.png".to_owned(),
            mimetype: "image/png".to_owned(),
            content: content.clone(),
        };
        Question {
            text: text.to_owned(),
            attachments: contents.iter().map(attachment).collect(),
        }
    }

    fn kept() -> Content {
        Content::Kept {
            path: PathBuf::from("/data/1_a.png"),
            size: 5,
        }
    }

    #[test]
    fn markers_are_those_of_the_python_tool() {
        let asked = question(
            "look",
            &[kept(), Content::TooLarge, Content::Blocked, Content::Failed],
        );
        assert_eq!(
            asked.with_markers(),
            "look\n\
             [attachment: /data/1_a.png]\n\
             [attachment: a.png - too large]\n\
             [attachment: a.png - too large]\n\
             [attachment: a.png - download failed]"
        );
        assert_eq!(question("just words", &[]).with_markers(), "just words");
    }

    #[tokio::test]
    async fn the_echo_names_a_file_and_not_where_it_lies() {
        let answer = Echo.answer(&question("look", &[kept()])).await.unwrap();
        assert_eq!(
            answer,
            "look\n[attachment: a.png - image, image/png, 5 bytes]"
        );
        let answer = Echo.answer(&question("a.png", &[Content::Blocked])).await;
        assert_eq!(answer.unwrap(), "a.png\n[attachment: a.png - too large]");
        assert_eq!(Echo.answer(&question(" ", &[])).await, None);
    }
}
