//! `store.*`: the bot's files, the disk they are on, and the message queue (the journal).

use super::prelude::*;
use crate::{
    doctor::facts::FileFacts,
    error::Kind,
    ipc::KeptArchive,
    journal::{Damage, Stored},
    session::older_copy,
    text::shell_quote,
};

/// Less free space than this, in bytes, is soon used up.
const LITTLE: u64 = 100 << 20;
/// A larger store than this, in bytes, is a warning.
const LARGE: u64 = 2 << 30;

/// Said of what another nanobot uses that does not report its status.
const SILENT: &str = "another nanobot is using it";

pub fn checks() -> Vec<Check> {
    vec![
        Check::new("store.disk-space", "files", &[]).judge(disk_space),
        Check::new(
            "store.writable",
            "files",
            &["config.syntax", "store.disk-space"],
        )
        .judge(writable),
        Check::new("store.filesystem", "files", &[]).judge(filesystem),
        Check::new("store.permissions", "files", &[]).judge(permissions),
        Check::new("store.reset", "files", &["store.writable"]).judge(reset),
        Check::new(
            "store.present",
            "files",
            &["config.login", "store.writable", "store.reset"],
        )
        .judge(present),
        Check::new("store.databases", "databases", &["store.present"]).judge(databases),
        Check::new("store.readable", "account", &["store.databases"]).judge(readable),
        Check::new("store.size", "files", &[]).judge(size),
        Check::new("store.archives", "gateway", &[]).judge(archives),
        Check::new("store.version", "journal", &["store.present"]).judge(version),
        Check::new("store.integrity", "journal", &["store.version"]).judge(integrity),
        Check::new("store.copy", "generation", &["store.integrity"]).judge(copy),
    ]
}

/// Whose store it is. A token of another device is the cause where both are wrong.
pub fn ownership() -> Vec<Check> {
    vec![
        Check::new(
            "store.account",
            "account",
            &["store.readable", "token.device"],
        )
        .judge(account),
    ]
}

/// Goes on where no gateway runs; what it has open is left to it.
pub(super) fn unless_running(facts: &Facts) -> Result<(), Box<Verdict>> {
    match facts.gateway() {
        Ok(Gateway::Running(_)) => Err(Box::new(Verdict::pass("the running gateway is using it"))),
        _ => Ok(()),
    }
}

/// Goes on where nobody uses the store.
pub(super) fn unless_used(facts: &Facts) -> Result<(), Box<Verdict>> {
    unless_running(facts)?;
    match facts.gateway() {
        Ok(Gateway::Silent { .. }) => Err(Box::new(Verdict::skip(SILENT))),
        _ => Ok(()),
    }
}

fn writable(facts: &Facts) -> Judgement {
    let store = facts.store()?;
    let place = store.directory.display();
    Ok(match &store.unwritable {
        Some(found) => Verdict::fail(format!(
            "cannot write {}: {}",
            found.path.display(),
            found.why
        ))
        .remedy(found.remedy.clone()),
        None => Verdict::pass(format!("{place} is writable")),
    })
}

fn disk_space(facts: &Facts) -> Judgement {
    let space = facts.store()?.disk.as_ref().ok_or(Missing)?.space;
    let free = space.free;
    let detail = format!("{} MiB free", free >> 20);
    let verdict = if space.is_full() {
        Verdict::fail(detail)
    } else {
        Verdict::warn_if(free < LITTLE, detail)
    };
    Ok(verdict.evidence("free_bytes", free))
}

fn filesystem(facts: &Facts) -> Judgement {
    let disk = facts.store()?.disk.as_ref().ok_or(Missing)?;
    Ok(match disk.network {
        Some(name) => Verdict::warn(format!("the store is on a network filesystem ({name})")),
        None => Verdict::pass("it is not on a known network filesystem"),
    })
}

fn permissions(facts: &Facts) -> Judgement {
    let files = &facts.store()?.files;
    let open: Vec<_> = files.iter().filter(|file| is_open(file)).collect();
    let Some(first) = open.first() else {
        files.first().ok_or(Missing)?;
        return Ok(Verdict::pass("all files are private"));
    };
    let others = match open.len() - 1 {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    let paths = open.iter().map(|file| file.path.display().to_string());
    let paths: Vec<_> = paths.collect();
    let detail = format!(
        "{} has mode {:04o}, so other users have access{others}",
        first.path.display(),
        first.mode
    );
    Ok(Verdict::warn(detail).evidence("paths", paths))
}

/// Whether others than the owner may do anything with a file or directory of the bot.
pub fn is_open(file: &FileFacts) -> bool {
    file.mode & 0o077 != 0
}

fn reset(facts: &Facts) -> Judgement {
    Ok(if !facts.store()?.reset_unfinished {
        Verdict::pass("there is none")
    } else if let Ok(Gateway::Silent { .. }) = facts.gateway() {
        Verdict::skip(SILENT)
    } else {
        Verdict::fail("a reset of the encryption store was started and not finished")
    })
}

fn present(facts: &Facts) -> Judgement {
    let store = facts.store()?;
    let place = store.directory.display();
    if store.exists {
        return Ok(Verdict::pass(place.to_string()));
    }
    Ok(match &facts.keys {
        Some(Ok(keys)) if keys.device.is_none() => {
            Verdict::pass("the device is new: the gateway creates the store when it starts")
        }
        Some(Ok(_)) => Verdict::fail(format!(
            "{place} does not exist, but the device has published keys: the store was deleted, or \
             the token was copied from another client"
        )),
        // Nearly every device that is configured has been used.
        _ => Verdict::fail(format!(
            "{place} does not exist: unless the device is new, its keys are gone"
        )),
    })
}

fn readable(facts: &Facts) -> Judgement {
    unless_used(facts)?;
    let store = facts.store()?;
    Ok(match facts.account.as_ref().ok_or(Missing)? {
        Ok(Some(_)) => Verdict::pass("the keys are readable"),
        Ok(None) if !store.exists => Verdict::skip("there is none yet"),
        Ok(None) => Verdict::warn(format!(
            "there are no keys in {}: unless the device is new, they are gone",
            store.directory.display()
        )),
        Err(error) if error.kind() == Kind::StoreInUse => {
            Verdict::skip("another nanobot is using it")
        }
        Err(error) => Verdict::error(error),
    })
}

fn databases(facts: &Facts) -> Judgement {
    unless_used(facts)?;
    let damaged = match facts.damaged.as_ref().ok_or(Missing)? {
        Ok(damaged) => damaged,
        Err(error) => return Ok(Verdict::error(error)),
    };
    let told = |damage: &Damage| format!("{} is damaged: {}", damage.file, damage.why);
    let lines: Vec<_> = damaged.iter().map(told).collect();
    Ok(if lines.is_empty() {
        Verdict::pass("its databases are intact")
    } else {
        Verdict::fail(lines.join("\n"))
    })
}

fn account(facts: &Facts) -> Judgement {
    let configured = facts.credentials()?;
    let store = facts.own_keys()?.ok_or(Missing)?;
    let same_user = store.user_id == configured.user_id;
    if same_user && store.device_id == configured.device_id {
        return Ok(Verdict::pass(format!(
            "it belongs to device {}",
            store.device_id
        )));
    }
    let verdict = Verdict::fail(format!(
        "matrix-store has the keys of {}'s device {}, but the configured device is {} of {}",
        store.user_id, store.device_id, configured.device_id, configured.user_id
    ));
    Ok(if same_user {
        verdict
            .advice("log in again, which uses the store's device if it still exists")
            .command("nanobot login")
    } else {
        verdict
    })
}

fn size(facts: &Facts) -> Judgement {
    let store = facts.store()?;
    let is_inside = |file: &&FileFacts| {
        !file.is_directory && file.path.parent() == Some(store.directory.as_path())
    };
    let inside = store.files.iter().filter(is_inside);
    let bytes: u64 = inside.map(|file| file.size).sum();
    let detail = format!("{} MiB", bytes.div_ceil(1 << 20));
    Ok(Verdict::warn_if(bytes > LARGE, detail).evidence("bytes", bytes))
}

fn archives(facts: &Facts) -> Judgement {
    let Some(storage) = &facts.status()?.storage else {
        return Ok(Verdict::skip("the gateway has not looked at them yet"));
    };
    let kept = &storage.kept_archives;
    if kept.is_empty() {
        let count = storage.archives.files;
        return Ok(Verdict::pass(format!("{count} kept, none over its limits")));
    }
    let lines: Vec<_> = kept.iter().map(ToString::to_string).collect();
    let mut verdict = Verdict::warn(lines.join("\n"));
    let has_keys = |archive: &&KeptArchive| archive.room_keys > 0;
    for archive in kept.iter().filter(has_keys) {
        let path = facts.store()?.directory.with_file_name(&archive.name);
        let path = shell_quote(&path.display().to_string());
        verdict = verdict.command(format!("nanobot store import-keys --from {path}"));
    }
    // It takes the identity out of an archive.
    if kept.iter().any(|archive| archive.identity) {
        verdict = verdict.command("nanobot login");
    }
    Ok(verdict.evidence("archives", storage.archives.bytes))
}

fn version(facts: &Facts) -> Judgement {
    unless_used(facts)?;
    Ok(match known(facts.journal.as_ref())? {
        None => Verdict::pass("there is no message queue yet"),
        Some(Stored::Sound { version, .. }) => Verdict::pass(format!("it has version {version}")),
        Some(Stored::Newer { version }) => Verdict::fail(format!(
            "the message queue has version {version}, which this nanobot does not support"
        )),
        // Another check reports it.
        Some(Stored::Damaged { .. }) => return Err(Missing.into()),
    })
}

fn integrity(facts: &Facts) -> Judgement {
    unless_running(facts)?;
    Ok(match facts.journal.as_ref().ok_or(Missing)? {
        Ok(Some(Stored::Damaged { why })) => {
            Verdict::fail(format!("the message queue is damaged: {why}"))
        }
        Ok(None) => Verdict::pass("there is no message queue yet"),
        Ok(Some(_)) => Verdict::pass("the message queue is intact"),
        Err(error) => Verdict::error(error),
    })
}

fn copy(facts: &Facts) -> Judgement {
    unless_running(facts)?;
    let Some(Stored::Sound { summary, .. }) = known(facts.journal.as_ref())? else {
        return Ok(Verdict::skip("there is no message queue yet"));
    };
    let remembered = answer(facts.generation.as_ref())?;
    Ok(match older_copy(summary.generation, *remembered) {
        Some(error) => Verdict::fail(error.to_string()),
        None => Verdict::pass("the account has no newer counter"),
    })
}
