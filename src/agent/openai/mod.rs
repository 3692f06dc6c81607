//! The agent that asks a model: any place that answers OpenAI's chat API.

pub mod chat;
mod prompt;
pub mod providers;
mod settings;

use std::path::PathBuf;

use futures_util::future::{BoxFuture, FutureExt};
use serde_json::{Value, json};

use self::{
    chat::{Fault, ImageLimits, Why},
    settings::OpenAi,
};
use super::{
    Agent, Answer, Answering, Check, Draft, Failure, Kind, Question,
    interface::HERE,
    memory::{Turn, newest, quarter},
};
use crate::error::Result;

pub(super) use settings::shared;

/// How much of text files is told with a question at least and at most, in bytes.
const LEAST_TEXT: usize = 8 * 1024;
const MOST_TEXT: usize = 256 * 1024;

pub(super) const KIND: Kind = Kind {
    name: "openai",
    about: "a model with an OpenAI-compatible API",
    keys: &[
        ("agent.model", "Model that answers"),
        ("agent.apiBase", "Base URL of the model's API"),
        ("agent.apiKey", "Key of the model's API"),
        ("agent.systemPrompt", "Instructions for the model"),
    ],
    runs_programs: false,
    conversations: HERE,
    build: |section, surroundings| Ok(Box::new(OpenAi::read(section, surroundings)?)),
};

impl Agent for OpenAi {
    fn describe(&self) -> String {
        let (model, name) = (&self.model, &self.endpoint.name);
        format!("model {model}, {name}")
    }

    fn answer<'a>(&'a self, question: &'a Question, draft: &'a Draft) -> Answering<'a> {
        async move {
            let text = self.reply(question, draft).await?;
            Ok(Answer::of_model(text, self.actions))
        }
        .boxed()
    }

    fn forget<'a>(&'a self, conversation: &'a str) -> BoxFuture<'a, Result<()>> {
        let key = conversation.to_owned();
        self.history
            .recall(move |history| history.forget(&key))
            .boxed()
    }

    fn models(&self) -> BoxFuture<'_, Result<Vec<String>>> {
        self.endpoint.list_models().boxed()
    }

    fn reach(&self) -> BoxFuture<'_, Result<()>> {
        self.endpoint.reach().boxed()
    }

    fn check(&self, may_ask: bool) -> BoxFuture<'_, Vec<Check>> {
        async move {
            let mut question = Value::Object(self.fields.clone());
            question["messages"] = json!([message("user", "Hi")]);
            question["stream"] = json!(false);
            question[settings::most_tokens_key(&self.model)] = json!(1);
            let question = may_ask.then_some(&question);
            self.endpoint.check(Some(&self.model), question).await
        }
        .boxed()
    }
}

impl OpenAi {
    async fn reply(&self, question: &Question, draft: &Draft) -> Result<String, Failure> {
        let conversation = question.conversation();
        let mut limits = prompt::PICTURES;
        limits.count = if self.images { limits.count } else { 0 };
        let most_text = self.most_text();
        let (text, pictures) = prompt::user_message(question, most_text, &mut limits).await;
        let turns = if let Some(turns) = &question.history {
            let mut turns = turns.clone();
            // Whoever remembers them may have them on another machine.
            for turn in &mut turns {
                turn.pictures.clear();
            }
            turns
        } else {
            let key = conversation.clone();
            let turns = self.history.recall(move |history| history.load(&key)).await;
            turns.map_err(Failure::lost)?
        };
        let is_it = |turn: &&Turn| turn.is_of(&question.event_id, &text);
        if let Some(turn) = turns.iter().find(is_it) {
            tracing::debug!(
                event_id = question.event_id,
                "answered before; repeating that answer"
            );
            return Ok(turn.answer.clone());
        }
        let budget = self.budget;
        let mut known = newest(&turns, budget);
        limits.count = if self.images { self.history_images } else { 0 };
        let content = chat::content(&text, &pictures);
        let mut said = self.ask(question, &content, (known, limits), draft).await;
        if let Err(fault) = &said
            && fault.why == Why::TooLong
            && !known.is_empty()
        {
            known = newest(known, quarter(known));
            tracing::warn!(
                conversation,
                turns = known.len(),
                "the conversation is too long for the model; asking again with its last part"
            );
            draft.show("");
            said = self.ask(question, &content, (known, limits), draft).await;
        }
        let answer = said.map_err(|fault| self.endpoint.failure(&fault))?;
        if question.history.is_some() {
            return Ok(answer);
        }
        let turn = Turn {
            event: question.event_id.clone(),
            question: text,
            answer: answer.clone(),
            pictures: pictures.into_iter().map(|picture| picture.path).collect(),
        };
        let kept = known.len();
        let added = self
            .history
            .recall(move |history| history.add(&conversation, turn, kept, budget));
        added.await.map_err(Failure::lost)?;
        Ok(answer)
    }

    /// How much of text files is told with a question, in bytes: they are part of the history then.
    fn most_text(&self) -> usize {
        let half = self.budget.tokens / 2 * 3;
        half.clamp(LEAST_TEXT, MOST_TEXT)
    }

    /// Asks, with what `extraBody` has before all else.
    async fn ask(
        &self,
        question: &Question,
        content: &Value,
        (known, mut limits): (&[Turn], ImageLimits),
        draft: &Draft,
    ) -> Result<String, Fault> {
        let system = prompt::system(self.system_prompt.as_deref(), self.actions, question);
        let mut newest_first = vec![message("user", content.clone())];
        for turn in known.iter().rev() {
            let paths = turn.pictures.iter().map(PathBuf::as_path);
            let pictures = chat::pictures(paths, &mut limits).await;
            newest_first.push(message("assistant", turn.answer.as_str()));
            newest_first.push(message("user", chat::content(&turn.question, &pictures)));
        }
        newest_first.push(message("system", system));
        let messages: Vec<_> = newest_first.into_iter().rev().collect();
        let mut fields = self.fields.clone();
        fields.entry("messages").or_insert(messages.into());
        self.endpoint.ask(&fields.into(), draft).await
    }
}

fn message(role: &str, content: impl Into<Value>) -> Value {
    json!({"role": role, "content": content.into()})
}
