//! `nanobot agent ask`: one question, one answer.

use std::{
    io::{self, IsTerminal},
    path::Path,
    time::Instant,
};

use serde_json::json;

use super::Outcome;
use crate::{
    agent::{Agent, Answer, Draft, Failure, Question, without_block},
    cli::agent::Ask,
    error::{Error, Kind, Result},
    files::read_text,
    terminal::{Terminal, print_piece},
    text::is_hostile,
};

/// The most bytes of a question; what is longer is none.
const LONGEST: u64 = 1024 * 1024;

pub async fn run(args: &Ask, agent: &dyn Agent, json: bool, terminal: Terminal) -> Result<Outcome> {
    let text = question(args.text.as_deref()).await?;
    let question = Question::at_terminal(text, &args.conversation);
    let conversation = question.conversation();
    if args.new {
        agent.forget(&conversation).await?;
    }
    let start = Instant::now();
    let shows = !json && io::stdout().is_terminal();
    let answer = if shows {
        watch(agent, &question).await?
    } else {
        let (draft, _) = Draft::new();
        let answered = agent.answer(&question, &draft);
        terminal.during("Asking the agent", answered).await
    };
    let answer = answer.map_err(|failure| failure.error)?;
    let took = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
    let text = if shows {
        String::new()
    } else {
        in_text(&answer)
    };
    let result = json!({
        "answer": answer.text,
        "attachments": paths(&answer),
        "reaction": answer.extras.reaction,
        "poll": answer.extras.poll,
        "conversation": conversation,
        "milliseconds": took,
    });
    Ok(Outcome::new(text, &result))
}

/// The answer, shown while it is written.
async fn watch(agent: &dyn Agent, question: &Question) -> Result<Result<Answer, Failure>> {
    let (draft, mut seen) = Draft::new();
    let mut shown = String::new();
    let print = |text: &str| {
        let printed = print_piece(text).map(drop);
        printed.map_err(|error| Error::failure("cannot write the result").because(error))
    };
    let mut answered = agent.answer(question, &draft);
    let answer = loop {
        tokio::select! {
            answer = &mut answered => break answer,
            Ok(()) = seen.changed() => {
                let text = fit_to_show(without_block(&seen.borrow_and_update()));
                print(&addition(&mut shown, text))?;
            }
        }
    };
    if let Ok(answer) = &answer {
        print(&addition(&mut shown, in_text(answer)))?;
    }
    if !shown.is_empty() {
        print("\n")?;
    }
    Ok(answer)
}

/// What is to be written where so much is shown: what is new, or all of it on a new line where it
/// has become another.
fn addition(shown: &mut String, text: String) -> String {
    let new = match text.strip_prefix(shown.as_str()) {
        Some(new) => new.to_owned(),
        None if text.is_empty() => return String::new(),
        None => format!("\n{text}"),
    };
    *shown = text;
    new
}

/// An answer and its files, fit for a terminal.
fn in_text(answer: &Answer) -> String {
    let mut lines = Vec::new();
    if !answer.text.is_empty() {
        lines.push(answer.text.clone());
    }
    let files = paths(answer).into_iter();
    lines.extend(files.map(|path| format!("[file: {}]", path.display())));
    if let Some(poll) = &answer.extras.poll {
        lines.push(format!("[poll: {}]", poll.in_words()));
    }
    if let Some(reaction) = &answer.extras.reaction {
        lines.push(format!("[reaction: {reaction}]"));
    }
    fit_to_show(&lines.join("\n"))
}

fn paths(answer: &Answer) -> Vec<&Path> {
    let files = answer.attachments.iter();
    files.map(|file| file.path.as_path()).collect()
}

/// Words from outside, with their lines and tabs and nothing else that moves a cursor.
fn fit_to_show(text: &str) -> String {
    let harmless = |c| matches!(c, '\n' | '\t') || !is_hostile(c);
    text.chars()
        .map(|c| if harmless(c) { c } else { ' ' })
        .collect()
}

/// The question, from the command line or standard input.
async fn question(given: Option<&str>) -> Result<String> {
    let usage = |what: &str| {
        Error::new(Kind::Usage, what)
            .hint("ask it")
            .command("nanobot agent ask \"Who are you?\"")
    };
    let text = match given {
        Some(text) if text != "-" => text.to_owned(),
        None if io::stdin().is_terminal() => return Err(usage("the question is missing")),
        _ => tokio::task::spawn_blocking(|| read_text(io::stdin(), LONGEST))
            .await
            .map_err(|error| Error::failure("cannot read standard input").because(error))?
            .map_err(|error| usage("cannot read the question").because(error))?
            .ok_or_else(|| usage("the question is longer than 1 MiB"))?,
    };
    if text.trim().is_empty() {
        return Err(usage("the question is empty"));
    }
    Ok(text.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(texts: &[&str]) -> String {
        let mut shown = String::new();
        let added = texts
            .iter()
            .map(|text| addition(&mut shown, (*text).to_owned()));
        added.collect()
    }

    #[test]
    fn what_is_new_is_added() {
        assert_eq!(printed(&["a", "ab", "ab", "abc"]), "abc");
        assert_eq!(printed(&["abc"]), "abc");
        assert_eq!(printed(&[""]), "");
        // It was asked again.
        assert_eq!(printed(&["ab", "", "x", "xy"]), "ab\nxy");
    }

    #[test]
    fn lines_stay_and_nothing_else_moves_the_cursor() {
        assert_eq!(fit_to_show("a\n\tb\u{1b}[2J\rc"), "a\n\tb [2J c");
    }
}
