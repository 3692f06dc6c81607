//! The agent that asks a model: any place that answers OpenAI's chat API.

mod budget;
mod history;
mod prompt;
mod settings;

use futures_util::future::{BoxFuture, FutureExt};
use serde_json::{Value, json};

use self::{
    budget::newest,
    history::{History, Turn},
    prompt::Asked,
    settings::Settings,
};
use super::{
    Agent, Answer, Check, Draft, Failure, Kind, Question,
    chat::{Fault, Said, Why},
};
use crate::error::Result;

pub(super) use settings::{Shared, shared};

pub(super) const KIND: Kind = Kind {
    name: "openai",
    about: "asks a model that answers OpenAI's chat API, and remembers the conversation",
    build: |section, surroundings| {
        let settings = Settings::read(section, surroundings)?;
        let history = History::of(&surroundings.directory);
        Ok(Box::new(OpenAi { settings, history }))
    },
};

/// What is said where an answer reached the longest that the model may give.
const CUT_OFF: &str = "\n\n*(The answer is cut off here: it is as long as my model may answer.)*";

#[derive(Debug)]
struct OpenAi {
    settings: Settings,
    history: History,
}

impl Agent for OpenAi {
    fn describe(&self) -> String {
        let Settings {
            model, endpoint, ..
        } = &self.settings;
        format!("the model {model} of {}", endpoint.name())
    }

    fn answer<'a>(
        &'a self,
        question: &'a Question,
        draft: &'a Draft,
    ) -> BoxFuture<'a, Result<Answer, Failure>> {
        async move {
            let text = self.reply(question, draft).await?;
            Ok(Answer {
                text,
                ..Answer::default()
            })
        }
        .boxed()
    }

    fn forget<'a>(&'a self, conversation: &'a str) -> BoxFuture<'a, Result<()>> {
        self.history.forget(conversation).boxed()
    }

    fn check(&self) -> BoxFuture<'_, Vec<Check>> {
        let Settings {
            model, endpoint, ..
        } = &self.settings;
        endpoint.check(Some(model)).boxed()
    }
}

impl OpenAi {
    async fn reply(&self, question: &Question, draft: &Draft) -> Result<String, Failure> {
        let conversation = question.conversation();
        let asked = Asked::new(question, self.settings.images).await;
        let turns = self.history.load(&conversation).await.map_err(lost)?;
        if let Some(turn) = turns.iter().find(|turn| turn.is_of(question, &asked.text)) {
            tracing::debug!(
                event = question.event_id,
                "answered before, and asked again"
            );
            return Ok(turn.answer.clone());
        }
        let budget = self.settings.budget;
        let mut known = newest(&turns, budget);
        let mut said = self.ask(question, &asked, known, draft).await;
        if let Err(fault) = &said
            && fault.why == Why::TooLong
            && !known.is_empty()
        {
            known = newest(known, budget::quarter(known));
            tracing::warn!(
                conversation,
                turns = known.len(),
                "the conversation is too long for the model; asking again with its end"
            );
            draft.show("");
            said = self.ask(question, &asked, known, draft).await;
        }
        let said = said.map_err(|fault| self.settings.endpoint.failure(&fault))?;
        let text = if said.cut_off {
            format!("{}{CUT_OFF}", said.text)
        } else {
            said.text
        };
        let turn = Turn {
            event: question.event_id.clone(),
            question: asked.text,
            answer: text.clone(),
        };
        let kept = known.len();
        self.history
            .add(&conversation, turn, kept, budget)
            .await
            .map_err(lost)?;
        Ok(text)
    }

    async fn ask(
        &self,
        question: &Question,
        asked: &Asked,
        known: &[Turn],
        draft: &Draft,
    ) -> Result<Said, Fault> {
        let Settings { endpoint, .. } = &self.settings;
        endpoint
            .ask(&self.body(question, asked, known), draft)
            .await
    }

    /// The request. What `extraBody` has goes before all else.
    fn body(&self, question: &Question, asked: &Asked, known: &[Turn]) -> Value {
        let Settings {
            model,
            generation,
            system_prompt,
            stream,
            extra_body,
            ..
        } = &self.settings;
        let mut messages = vec![message(
            "system",
            prompt::system(system_prompt.as_deref(), question),
        )];
        for turn in known {
            messages.push(message("user", turn.question.as_str()));
            messages.push(message("assistant", turn.answer.as_str()));
        }
        messages.push(message("user", asked.content()));
        let mut body = json!({"model": model, "messages": messages, "stream": stream});
        let is_fixed = settings::reasons_by_itself(model);
        if let Some(most) = generation.max_tokens {
            let key = if is_fixed {
                "max_completion_tokens"
            } else {
                "max_tokens"
            };
            body[key] = json!(most);
        }
        if let Some(effort) = &generation.reasoning_effort {
            body["reasoning_effort"] = json!(effort);
        } else if let Some(temperature) = generation.temperature.filter(|_| !is_fixed) {
            body["temperature"] = json!(temperature);
        }
        for (key, value) in extra_body {
            body[key] = value.clone();
        }
        body
    }
}

fn message(role: &str, content: impl Into<Value>) -> Value {
    json!({"role": role, "content": content.into()})
}

/// The history cannot be read or written: without it, it would be another conversation.
fn lost(error: crate::error::Error) -> Failure {
    let words = "I cannot keep our conversation right now; please tell whoever runs this bot.";
    Failure::new(words, error)
}
