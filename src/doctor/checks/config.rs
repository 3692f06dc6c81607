//! `config.*`, `secrets.*`: the configuration file, the variables over it, and where the access
//! token is kept.

use super::prelude::*;
use crate::{
    config::{Finding, KeyringState, Matrix, Origin, Severity},
    error::Kind,
};

/// The findings of `config.syntax`; all others are about a file that can be read.
const UNREADABLE: &[&str] = &["syntax", "too-large", "byte-order-mark"];
const VALUES: &[&str] = &["invalid-value", "zero-downloads"];
const VARIABLES: &[&str] = &["unset-variable", "unknown-variable"];
pub const UNKNOWN_KEYS: &[&str] = &[
    "misspelled-allow-from",
    "unknown-key",
    "unknown-root-key",
    "unknown-section",
];
pub const SPELLINGS: &[&str] = &["old-spelling", "two-spellings"];

pub fn checks() -> Vec<Check> {
    vec![
        Check::new("config.present", "config", &[]).judge(present),
        Check::new("config.syntax", "config", &["config.present"]).judge(readable),
        Check::new("config.values", "config", &["config.syntax"])
            .judge(found(VALUES, "every value is valid")),
        Check::new("config.variables", "config", &["config.syntax"])
            .judge(found(VARIABLES, "no variable is missing or misspelled")),
        Check::new("config.unknown-keys", "config", &["config.syntax"])
            .judge(found(UNKNOWN_KEYS, "every key is known")),
        Check::new("config.spelling", "config", &["config.syntax"])
            .judge(found(SPELLINGS, "every key is spelled as documented")),
        Check::new("config.permissions", "config", &["config.present"])
            .judge(found(&["permissions"], "the file is private")),
        Check::new("config.password", "config", &["config.syntax"]).judge(found(
            &["password-in-file"],
            "there is no password in the file",
        )),
        Check::new("config.comments", "config", &["config.syntax"])
            .judge(found(&["comments"], "there are no comments in the file")),
    ]
}

/// What needs the token, wherever it is kept.
pub fn login() -> Vec<Check> {
    vec![
        Check::new(
            "config.login",
            "config",
            &["config.values", "secrets.keyring"],
        )
        .judge(logged_in),
        Check::new("config.enabled", "config", &["config.login"]).judge(enabled),
    ]
}

fn present(facts: &Facts) -> Judgement {
    let config = facts.config()?;
    let file = config.path.display();
    Ok(if config.exists {
        Verdict::pass(file.to_string())
    } else {
        Verdict::fail(format!("there is no configuration at {file}")).kind(Kind::NotLoggedIn)
    })
}

fn readable(facts: &Facts) -> Judgement {
    match &facts.config()?.findings {
        Ok(_) => found(UNREADABLE, "the file can be read")(facts),
        // An editor cannot open it either.
        Err(error) => Ok(Verdict::error(error).without_commands()),
    }
}

/// The findings of these kinds as one verdict.
pub fn found(
    kinds: &'static [&'static str],
    well: impl Into<String> + Clone,
) -> impl Fn(&Facts) -> Judgement {
    move |facts| {
        let findings = facts.config()?.findings.as_ref().map_err(|_| Missing)?;
        let is_meant = |finding: &&Finding| kinds.contains(&finding.id);
        let findings: Vec<_> = findings.iter().filter(is_meant).collect();
        let Some(worst) = findings.iter().map(|finding| finding.severity).max() else {
            return Ok(Verdict::pass(well.clone()));
        };
        let sentence = |finding: &&Finding| match finding.position {
            Some(position) => format!("{position}: {}", finding.message),
            None => finding.message.clone(),
        };
        let sentences: Vec<_> = findings.iter().map(sentence).collect();
        let mut verdict = match worst {
            Severity::Error => Verdict::fail(sentences.join("\n")).kind(Kind::Config),
            Severity::Warning => Verdict::warn(sentences.join("\n")),
        };
        if let [only] = findings.as_slice() {
            verdict.remedy = only.fix.clone();
        } else {
            let commands = findings.iter().flat_map(|finding| &finding.fix.commands);
            verdict.remedy.commands.extend(commands.cloned());
        }
        let keys = findings.iter().filter_map(|finding| finding.key.as_ref());
        Ok(verdict.evidence("keys", keys.collect::<Vec<_>>()))
    }
}

fn enabled(facts: &Facts) -> Judgement {
    Ok(if facts.matrix()?.enabled {
        Verdict::pass("channels.matrix.enabled is true")
    } else {
        Verdict::fail("channels.matrix.enabled is not true, so the gateway does not start")
            .kind(Kind::Config)
    })
}

fn logged_in(facts: &Facts) -> Judgement {
    Ok(match facts.config()?.credentials.as_ref().ok_or(Missing)? {
        Ok(credentials) => Verdict::pass(format!(
            "{}, device {}",
            credentials.user_id, credentials.device_id
        )),
        // A variable of the environment is missing, and a login would not set it.
        Err(error) if error.kind() == Kind::Config => Verdict::error(error).without_commands(),
        Err(error) => Verdict::error(error),
    })
}

pub fn secrets() -> Vec<Check> {
    vec![
        Check::new("secrets.source", "config", &["config.values"]).judge(source),
        Check::new("secrets.keyring", "keyring", &["config.values"]).judge(keyring),
        Check::new("secrets.reboot", "keyring", &["secrets.keyring"]).judge(reboot),
    ]
}

fn source(facts: &Facts) -> Judgement {
    let origin = facts.token_origin()?;
    if matches!(origin, Origin::Default) {
        return Ok(Verdict::skip("there is no token"));
    }
    let verdict = match forgotten(facts.matrix()?, &origin) {
        Some(place) => Verdict::warn(format!(
            "it comes from {origin}, which overrides the one in {place}"
        ))
        .advice("remove the one that you do not need: a login changes only the one in the file")
        .command("nanobot config unset accessToken"),
        None => found(&["token-in-file"], format!("it comes from {origin}"))(facts)?,
    };
    Ok(verdict.evidence("origin", origin.name()))
}

/// Where the file has a token that is overridden. An old spelling of its key has a check
/// of its own.
fn forgotten<'a>(matrix: &'a Matrix, counts: &Origin) -> Option<&'a Origin> {
    let is_file = |origin: &Origin| matches!(origin, Origin::File { .. });
    let mut shadowed = matrix.shadowed("accessToken").iter();
    shadowed.find(|origin| is_file(origin) && !is_file(counts))
}

fn keyring(facts: &Facts) -> Judgement {
    Ok(match used_keyring(facts)? {
        KeyringState::Works { name, .. } => Verdict::pass(format!("{name} works")),
        KeyringState::Unavailable(why) => {
            Verdict::fail(format!("the keyring cannot be used: {why}"))
        }
    })
}

fn reboot(facts: &Facts) -> Judgement {
    Ok(match used_keyring(facts)? {
        KeyringState::Works {
            name,
            persistent: false,
        } => Verdict::warn(format!("{name} loses its entries at a reboot")),
        _ => Verdict::pass("the keyring keeps its entries; system services cannot read them"),
    })
}

/// The keyring, if the token is kept there.
fn used_keyring(facts: &Facts) -> Result<&KeyringState, Box<Verdict>> {
    if !matches!(facts.token_origin()?, Origin::Keyring { .. }) {
        return Err(Box::new(Verdict::pass(
            "the token is not stored in the keyring",
        )));
    }
    Ok(facts.keyring.as_ref().ok_or(Missing)?)
}
