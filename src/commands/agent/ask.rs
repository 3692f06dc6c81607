//! `nanobot agent ask`: one question, one answer.

mod screen;

use std::{
    io::{self, IsTerminal, Read},
    time::Instant,
};

use serde_json::{Map, json};

use self::screen::{Screen, fit_to_show};
use super::{Outcome, of_file};
use crate::{
    agent::{Agent, Answer, Draft, Failure, Question},
    cli::agent::Ask,
    config::Paths,
    error::{Error, Kind, Result},
    terminal::Terminal,
};

/// The most bytes of a question; what is longer is none.
const LONGEST: u64 = 1024 * 1024;

pub(super) async fn run(
    args: &Ask,
    paths: &Paths,
    json: bool,
    terminal: Terminal,
) -> Result<Outcome> {
    let agent = of_file(paths)?.agent;
    let text = question(args.text.as_deref()).await?;
    let question = Question::at_terminal(text, &args.conversation);
    let conversation = question.conversation();
    if args.new {
        agent.forget(&conversation).await?;
    }
    let start = Instant::now();
    let shows = !json && io::stdout().is_terminal();
    let answer = if shows {
        watched(agent.as_ref(), &question).await?
    } else {
        let (draft, _) = Draft::new();
        let answered = agent.answer(&question, &draft);
        terminal.during("Asking the agent", answered).await
    };
    let answer = answer.map_err(|failure| failure.error)?;
    let took = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(Outcome {
        text: if shows {
            String::new()
        } else {
            in_text(&answer)
        },
        json: Map::from_iter([
            ("answer".to_owned(), json!(answer.text)),
            ("attachments".to_owned(), json!(answer.attachments)),
            ("conversation".to_owned(), json!(conversation)),
            ("milliseconds".to_owned(), json!(took)),
        ]),
        ..Outcome::default()
    })
}

/// The answer, shown while it is written.
async fn watched(agent: &dyn Agent, question: &Question) -> Result<Result<Answer, Failure>> {
    let (draft, mut seen) = Draft::new();
    let mut screen = Screen::default();
    let mut answered = agent.answer(question, &draft);
    loop {
        tokio::select! {
            answer = &mut answered => {
                match &answer {
                    Ok(answer) => screen.end_with(&in_text(answer))?,
                    Err(_) => screen.break_off()?,
                }
                return Ok(answer);
            }
            Ok(()) = seen.changed() => {
                let text = seen.borrow_and_update().clone();
                screen.show(&fit_to_show(&text))?;
            }
        }
    }
}

/// An answer and its files, fit for a terminal.
fn in_text(answer: &Answer) -> String {
    let files = answer.attachments.iter();
    let files = files.map(|path| format!("[file: {}]", path.display()));
    let text = (!answer.text.is_empty()).then(|| answer.text.clone());
    let lines: Vec<_> = text.into_iter().chain(files).collect();
    fit_to_show(&lines.join("\n"))
}

/// The question, from the command line or standard input.
async fn question(given: Option<&str>) -> Result<String> {
    let usage = |what: &str| {
        Error::new(Kind::Usage, what).hint("ask it: nanobot agent ask \"Who are you?\"")
    };
    let text = match given {
        Some(text) if text != "-" => text.to_owned(),
        None if io::stdin().is_terminal() => return Err(usage("the question is missing")),
        _ => tokio::task::spawn_blocking(read_stdin)
            .await
            .map_err(|error| Error::failure("reading ended").because(error))?
            .map_err(|error| usage("cannot read the question").because(error))?,
    };
    if text.len() as u64 > LONGEST {
        return Err(usage("the question is longer than 1 MiB"));
    }
    if text.trim().is_empty() {
        return Err(usage("the question is empty"));
    }
    Ok(text.trim_end().to_owned())
}

fn read_stdin() -> io::Result<String> {
    let mut text = String::new();
    io::stdin().take(LONGEST + 1).read_to_string(&mut text)?;
    Ok(text)
}
