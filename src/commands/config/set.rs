//! `nanobot config set`: change the value of a key in the file.

use std::io::{self, IsTerminal};

use serde_json::{Value, json};

use super::{Outcome, change, get};
use crate::{
    cli::config::Set,
    config::{Document, Key, KeyPath, Paths, Secret},
    error::{Error, Kind, Result},
    files::read_text,
    terminal::{Question, Terminal},
};

/// No value is longer, in bytes; a file piped in by mistake must not fill the memory.
const LONGEST: u64 = 1024 * 1024;

pub async fn run(args: &Set, paths: &Paths, terminal: Terminal) -> Result<Outcome> {
    let before = Document::load(paths.config_file())?;
    let path = KeyPath::resolve(&args.key, &before)?;
    if !path.is_known() && !args.allow_unknown && before.get(&path.path()).is_none() {
        return Err(usage(path.unknown())
            .hint("list the keys with `nanobot config list`; --allow-unknown sets it anyway"));
    }
    let mut notes: Vec<_> = path.doubt().into_iter().collect();
    let value = if args.add.is_empty() && args.remove.is_empty() {
        whole(args, &path, &before, terminal).await?
    } else {
        entries(args, &path, &before, &mut notes)?
    };
    let mut after = before.clone();
    after.set(&path.path(), &value)?;
    notes.extend(get::spellings(&after, &path));
    change::Change {
        verb: "Set",
        path,
        before,
        after,
        notes,
        dry_run: args.dry_run,
    }
    .make()
}

fn usage(message: impl Into<String>) -> Error {
    Error::new(Kind::Usage, message)
}

/// The value that takes the old one's place.
async fn whole(args: &Set, path: &KeyPath, before: &Document, terminal: Terminal) -> Result<Value> {
    let current = before.get(&path.path());
    let read = |text: &str| {
        let value = match (args.text, path.key()) {
            (true, None) => Ok(Value::from(text)),
            _ => path.read(text, current.as_ref()),
        };
        value.map_err(|words| usage(format!("{} {words}", path.path())).hint(example(path)))
    };
    if !args.rest.is_empty() {
        return Err(usage("the value must be one word").hint("quote it"));
    }
    match &args.value {
        Some(text) => {
            let value = read(text);
            // Also what is no valid value may be a secret that was mistyped.
            refuse_secret(path, before, value.as_ref().unwrap_or(&json!(text)))?;
            value
        }
        None if args.stdin => read(from_stdin(path, terminal).await?.expose()),
        None if path.key().is_some_and(Key::is_secret) => {
            read(typed(path, terminal).await?.expose())
        }
        None => Err(usage(format!("the value for {} is missing", path.path()))
            .hint("add it after the key, or read it from standard input with --stdin")),
    }
}

fn example(path: &KeyPath) -> String {
    match path.key() {
        Some(key) if key.type_name == "object" => format!(
            "write an object in JSON, or set a key of it, as in `nanobot config set {}.type echo`",
            key.name
        ),
        Some(key) => format!("{} is: {}", key.name, key.about),
        None => "use --text to store it as a string".to_owned(),
    }
}

/// Refuses a secret that came as an argument. What names a variable is none.
fn refuse_secret(path: &KeyPath, before: &Document, value: &Value) -> Result<()> {
    // Nothing but this value at its place tells whether there is a secret in it.
    let mut alone = before.clone();
    alone.unset(&path.path())?;
    if alone.set(&path.path(), value).is_err() || !alone.is_secret(path) {
        // What cannot be set is refused where it is set.
        return Ok(());
    }
    let name = path
        .key()
        .map_or_else(|| path.path(), |key| key.name.to_owned());
    Err(usage(format!(
        "{} is a secret, and other users of this machine can see command arguments",
        path.path()
    ))
    .hint(format!(
        "read it from a file: `nanobot config set {name} --stdin <FILE`, or refer to a variable: \
         '${{NAME}}'"
    )))
}

/// Asks for the value without showing it.
async fn typed(path: &KeyPath, terminal: Terminal) -> Result<Secret> {
    let words = path.path();
    let question = Question {
        echo: false,
        ..Question::new(&words, "--stdin")
    };
    terminal.ask(question, |text| Ok(Secret::new(text))).await
}

async fn from_stdin(path: &KeyPath, terminal: Terminal) -> Result<Secret> {
    if io::stdin().is_terminal() {
        return typed(path, terminal).await;
    }
    let text = read_text(io::stdin(), LONGEST)
        .map_err(|error| usage("cannot read the value from standard input").because(error))?
        .ok_or_else(|| usage("the value on standard input is longer than 1 MiB"))?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    Ok(Secret::new(line.strip_suffix('\r').unwrap_or(line)))
}

/// The list in the file without what is to go and with what is to come.
fn entries(
    args: &Set,
    path: &KeyPath,
    document: &Document,
    notes: &mut Vec<String>,
) -> Result<Value> {
    let name = path.path();
    let current = document.get(&name);
    let is_list = path.takes_entries(current.as_ref());
    let mut list = match current {
        None if is_list => Vec::new(),
        Some(Value::Array(list)) if is_list => list,
        _ => {
            return Err(usage(format!("{name} is not a list"))
                .hint("set the whole value instead of using --add and --remove"));
        }
    };
    let had_some = !list.is_empty();
    for text in &args.remove {
        let count = list.len();
        list.retain(|entry| entry.as_str() != Some(text));
        if list.len() == count {
            // Elsewhere it could be anything, a secret too.
            let entry = path.key().map(|_| format!("{text:?}"));
            let entry = entry.as_deref().unwrap_or("this entry");
            return Err(
                Error::failure(format!("{entry} is not in {name}")).hint(format!(
                    "see the list with `nanobot config get {name}`; nothing was written"
                )),
            );
        }
    }
    for text in &args.add {
        let entry = path
            .read_entry(text)
            .map_err(|words| usage(format!("{name} {words}")).hint("correct the value of --add"))?;
        refuse_secret(path, document, &json!([entry]))?;
        if list.contains(&entry) {
            notes.push(format!("{name} already has this entry."));
        } else {
            list.push(entry);
        }
    }
    if path.key().is_some_and(|key| key.name == "allowFrom") {
        guard(&list, had_some, !args.add.is_empty(), notes)?;
    }
    Ok(Value::from(list))
}

/// Sees that a changed `allowFrom` lets nobody in who is not meant.
fn guard(list: &[Value], had_some: bool, adds: bool, notes: &mut Vec<String>) -> Result<()> {
    if had_some && list.is_empty() {
        return Err(
            usage("an empty allowFrom allows everyone to talk to the bot").hint(
                "add someone with --add in the same command, or allow everyone explicitly: \
                 `nanobot config set allowFrom '*'`",
            ),
        );
    }
    if adds && list.contains(&json!("*")) {
        notes.push("allowFrom still contains \"*\", so everyone may talk to the bot.".to_owned());
    }
    Ok(())
}
