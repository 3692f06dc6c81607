//! A service as a systemd unit: the file under `contrib`, with what differs put in.

use super::{
    definition::{Account, Definition, Level},
    quote,
};

const SYSTEM: &str = include_str!("../../contrib/systemd/system/nanobot.service");
const USER: &str = include_str!("../../contrib/systemd/user/nanobot.service");

/// Begins the comment over the lines that programs of others may break under.
const CONFINING: &str = "# An agent of type \"command\"";
/// What is put in where an access token is handed over.
const CREDENTIAL: &str = "#LoadCredential";

/// The text of the unit.
pub fn render(service: &Definition) -> String {
    let mut unit = Unit::read(match service.level {
        Level::System => SYSTEM,
        Level::User => USER,
    });
    let line = |arguments: Vec<&str>| {
        let arguments = arguments.into_iter().map(quote::argument);
        let program = [quote::word(&service.program)].into_iter();
        [program.chain(arguments).collect::<Vec<_>>().join(" ")]
    };
    unit.set("ExecStart", &line(service.arguments()));
    unit.set("ExecReload", &line(service.reload_arguments()));
    match &service.account {
        Account::Itself => {}
        Account::Dynamic(name) => {
            let home = quote::word(&format!("NANOBOT_HOME=%S/{name}")).replace("%%S", "%S");
            unit.set("Environment", &[home, "MALLOC_ARENA_MAX=2".to_owned()]);
            unit.set("StateDirectory", &[quote::word(name)]);
        }
        Account::Owner(owner) => {
            unit.comment(
                "# The bot's directory",
                "# Whoever the bot's directory belongs to:",
            );
            unit.rename("DynamicUser", "User");
            unit.set("User", &[quote::whole(&owner.name)]);
            unit.remove("StateDirectory");
            unit.remove("StateDirectoryMode");
            unit.set("Environment", &["MALLOC_ARENA_MAX=2".to_owned()]);
            let directory = quote::word(&service.directory);
            unit.set("ProtectHome", &["read-only".to_owned()]);
            unit.add("ProtectHome", "ReadWritePaths", &directory);
        }
    }
    if service.level == Level::System {
        unit.set("RuntimeDirectory", &[quote::whole(&service.name)]);
    }
    if let Some(path) = &service.path {
        unit.add(
            "Environment",
            "Environment",
            &quote::word(&format!("PATH={path}")),
        );
    }
    if let Some(file) = &service.environment_file {
        unit.add("Environment", "EnvironmentFile", &quote::whole(file));
    }
    if let Some(file) = &service.access_token {
        let file = quote::whole(file);
        unit.rename(CREDENTIAL, "LoadCredential");
        unit.set(
            "LoadCredential",
            &[format!("nanobot-matrix-access-token:{file}")],
        );
    }
    if !service.is_confined {
        unit.remove_paragraph(CONFINING);
    }
    unit.text(&service.name)
}

/// The lines of a unit.
struct Unit(Vec<String>);

impl Unit {
    fn read(text: &str) -> Self {
        Self(text.lines().map(str::to_owned).collect())
    }

    fn is_of(line: &str, key: &str) -> bool {
        line.strip_prefix(key)
            .is_some_and(|rest| rest.starts_with('='))
    }

    /// Gives a setting these values, where the first of them stood.
    fn set(&mut self, key: &str, values: &[String]) {
        let Some(place) = self.0.iter().position(|line| Self::is_of(line, key)) else {
            return;
        };
        self.remove(key);
        let lines = values.iter().map(|value| format!("{key}={value}"));
        self.0.splice(place..place, lines);
    }

    fn remove(&mut self, key: &str) {
        self.0.retain(|line| !Self::is_of(line, key));
    }

    fn rename(&mut self, key: &str, to: &str) {
        for line in self.0.iter_mut().filter(|line| Self::is_of(line, key)) {
            *line = line.replacen(key, to, 1);
        }
    }

    /// Adds a setting after the last line of another one.
    fn add(&mut self, after: &str, key: &str, value: &str) {
        let last = self.0.iter().rposition(|line| Self::is_of(line, after));
        if let Some(last) = last {
            self.0.insert(last + 1, format!("{key}={value}"));
        }
    }

    /// Replaces a comment that begins so.
    fn comment(&mut self, begins: &str, with: &str) {
        let found = self.0.iter_mut().find(|line| line.starts_with(begins));
        if let Some(line) = found {
            with.clone_into(line);
        }
    }

    /// Removes what follows the comment that begins so, up to the next empty line, and that line.
    fn remove_paragraph(&mut self, begins: &str) {
        let Some(start) = self.0.iter().position(|line| line.starts_with(begins)) else {
            return;
        };
        let length = self.0[start..].iter().position(String::is_empty);
        let end = length.map_or(self.0.len(), |length| start + length + 1);
        self.0.drain(start..end);
    }

    /// All of it; its comments name the service by its name.
    fn text(mut self, name: &str) -> String {
        for line in self
            .0
            .iter_mut()
            .filter(|line| line.starts_with("# Own changes"))
        {
            *line = line.replace("edit nanobot", &format!("edit {name}"));
        }
        self.0.push(String::new());
        self.0.join("\n")
    }
}

#[cfg(test)]
mod tests;
