//! `nanobot config set`: change the value of a key in the file.

use std::io::{self, IsTerminal, Read};

use serde_json::{Value, json};

use super::{Outcome, change, get};
use crate::{
    cli::config::Set,
    config::{Document, KeyPath, Paths, Secret, schema},
    error::{Error, Kind, Result},
    terminal::{Question, Terminal},
};

/// No value is longer, in bytes; a file piped in by mistake must not fill the memory.
const LONGEST: u64 = 1024 * 1024;

pub(super) async fn run(args: &Set, paths: &Paths, terminal: Terminal) -> Result<Outcome> {
    let before = Document::load(paths.config_file())?;
    let path = KeyPath::resolve(&args.key, &before)?;
    if !path.is_known() && !args.allow_unknown && before.get(&path.path()).is_none() {
        return Err(usage(path.unknown()).hint(
            "`nanobot config list` shows every key; --allow-unknown writes it all the same",
        ));
    }
    let mut notes = Vec::new();
    let value = if args.add.is_empty() && args.remove.is_empty() {
        whole(args, &path, &before, terminal).await?
    } else {
        let entries = Entries::of(&path, &before)?;
        entries.change(args, &before, &mut notes)?
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
        return Err(usage("the value must be one word").hint("put it in quotes"));
    }
    match &args.value {
        Some(text) => {
            let value = read(text);
            // Also what is no valid value may be a secret that was mistyped.
            refuse_secret(path, before, value.as_ref().unwrap_or(&json!(text)))?;
            value
        }
        None if args.stdin => read(from_stdin(path, terminal).await?.expose()),
        None if path.key().is_some_and(schema::Key::is_secret) => {
            read(typed(path, terminal).await?.expose())
        }
        None => Err(usage(format!("the value for {} is missing", path.path()))
            .hint("give it after the key, or --stdin to read it from standard input")),
    }
}

fn example(path: &KeyPath) -> String {
    match path.key() {
        Some(key) => format!("{} is: {}", key.name, key.about),
        None => "give --text to write it as a text".to_owned(),
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
        "{} is secret, and everyone on this machine can see the arguments of a command",
        path.path()
    ))
    .hint(format!(
        "pipe it in: `nanobot config set {name} --stdin <FILE`, or name a variable that has it: \
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
    let mut text = String::new();
    io::stdin()
        .take(LONGEST + 1)
        .read_to_string(&mut text)
        .map_err(|error| usage("cannot read the value from standard input").because(error))?;
    if text.len() as u64 > LONGEST {
        return Err(usage("the value on standard input is longer than 1 MiB"));
    }
    let line = text.strip_suffix('\n').unwrap_or(&text);
    Ok(Secret::new(line.strip_suffix('\r').unwrap_or(line)))
}

/// The entries of a list in the file.
struct Entries<'a> {
    path: &'a KeyPath,
    list: Vec<Value>,
}

impl<'a> Entries<'a> {
    fn of(path: &'a KeyPath, document: &Document) -> Result<Self> {
        let current = document.get(&path.path());
        let no_list = || {
            usage(format!("{} is not a list", path.path()))
                .hint("give a value instead of --add and --remove")
        };
        if !path.takes_entries(current.as_ref()) {
            return Err(no_list());
        }
        match current {
            None => Ok(Self {
                path,
                list: Vec::new(),
            }),
            Some(Value::Array(list)) => Ok(Self { path, list }),
            Some(_) => Err(no_list()),
        }
    }

    /// The list without what is to go and with what is to come.
    fn change(mut self, args: &Set, document: &Document, notes: &mut Vec<String>) -> Result<Value> {
        let had_some = !self.list.is_empty();
        for text in &args.remove {
            self.remove(text)?;
        }
        for text in &args.add {
            self.add(text, document, notes)?;
        }
        let guards = self
            .path
            .key()
            .is_some_and(|key| key.name == schema::ALLOW_FROM.name);
        if guards && had_some && self.list.is_empty() {
            return Err(
                usage("an empty allowFrom lets everyone talk to the bot").hint(
                    "name someone with --add in the same command, or say that everyone is meant: \
                 `nanobot config set allowFrom '*'`",
                ),
            );
        }
        if guards && !args.add.is_empty() && self.list.contains(&json!("*")) {
            notes.push("\"*\" is still in allowFrom, so everyone may talk to the bot.".to_owned());
        }
        Ok(Value::from(self.list))
    }

    fn remove(&mut self, text: &str) -> Result<()> {
        let before = self.list.len();
        self.list.retain(|entry| entry.as_str() != Some(text));
        if self.list.len() < before {
            return Ok(());
        }
        let name = self.path.path();
        // Elsewhere it could be anything, a secret too.
        Err(match self.path.key() {
            Some(_) => Error::failure(format!("{text:?} is not in {name}")),
            None => Error::failure(format!("this entry is not in {name}")),
        }
        .hint(format!(
            "`nanobot config get {name}` prints the list; nothing was written"
        )))
    }

    fn add(&mut self, text: &str, document: &Document, notes: &mut Vec<String>) -> Result<()> {
        let name = self.path.path();
        let entry = self
            .path
            .read_entry(text)
            .map_err(|words| usage(format!("{name} {words}")).hint("correct what follows --add"))?;
        refuse_secret(self.path, document, &json!([entry]))?;
        if self.list.contains(&entry) {
            notes.push(format!("An entry of --add is already in {name}."));
        } else {
            self.list.push(entry);
        }
        Ok(())
    }
}
