//! `store.*`: the bot's files, and the disk they are on.

use std::path::Path;

use crate::{
    doctor::{
        check::{Advice, Check, Explanation, Verdict},
        checks::NEW_DEVICE,
        facts::{Facts, FileFacts, Gateway, StoreFacts},
    },
    error::Kind,
    inbox::{Damage, Stored},
    session::older_copy,
};

/// Less free space than this, in bytes, is soon used up.
const LITTLE: u64 = 100 << 20;
/// With less than this, in bytes, nothing can be written safely.
const NOTHING: u64 = 4 << 20;
/// A larger store than this, in bytes, is worth a word.
const LARGE: u64 = 2 << 30;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "store.disk-space",
        title: "There is room on the disk",
        probe: "files",
        needs: &[],
        judge: disk_space,
        explanation: Explanation {
            meaning: "The space that this user may still use on the disk of the store.",
            matters: "On a full disk the gateway stops, because it answers nothing that it could \
                      not write down first.",
            causes: &["logs or other programs", "received files in media/matrix"],
        },
        remedy: Advice {
            text: "free some space",
            commands: &["df -h"],
        },
    },
    Check {
        id: "store.writable",
        title: "The bot can write its files",
        probe: "files",
        needs: &["config.syntax", "store.disk-space"],
        judge: |facts| Some(writable(facts.store.as_ref()?)),
        explanation: Explanation {
            meaning: "A small file is really written where the store is, or would be, and taken away \
                      again.",
            matters: "The gateway keeps its keys and its place in the conversation there: it stops \
                      when it cannot write.",
            causes: &[
                "the directory belongs to another user (a service's, or root's)",
                "the disk is full or mounted read-only",
                "a file stands where the directory should be",
            ],
        },
        remedy: Advice {
            text: "let this user write there, or name another place with --config",
            commands: &[],
        },
    },
    Check {
        id: "store.filesystem",
        title: "The store is on a local disk",
        probe: "files",
        needs: &[],
        judge: filesystem,
        explanation: Explanation {
            meaning: "The kind of filesystem that the store is on.",
            matters: "SQLite's locks do not hold on network filesystems: the keys may be damaged.",
            causes: &["the home directory is on a network share"],
        },
        remedy: Advice {
            text: "move the directory to a local disk and name it with --config or NANOBOT_HOME",
            commands: &[],
        },
    },
    Check {
        id: "store.permissions",
        title: "Only its owner can read the store",
        probe: "files",
        needs: &[],
        judge: |facts| permissions(facts.store.as_ref()?),
        explanation: Explanation {
            meaning: "matrix-store and media/matrix should have mode 0700 and the files of the store \
                      0600; in the directory around them others should not be able to write.",
            matters: "Whoever can read the store has the bot's encryption keys.",
            causes: &[
                "the files were copied or restored",
                "another program made the directory",
            ],
        },
        remedy: Advice {
            text: "take the others' permissions away",
            commands: &["nanobot doctor --fix"],
        },
    },
    Check {
        id: "store.reset",
        title: "No reset of the store was left unfinished",
        probe: "files",
        needs: &["store.writable"],
        judge: reset,
        explanation: Explanation {
            meaning: "nanobot store reset keeps a journal (store-reset.json) until it is done.",
            matters: "Store and configuration may belong to different devices, so the gateway \
                      refuses to start.",
            causes: &[
                "the reset was killed, or the machine went down",
                "the homeserver went away before the old device was logged out",
            ],
        },
        remedy: Advice {
            text: "finish it: the command goes on where it was",
            commands: &["nanobot store reset"],
        },
    },
    Check {
        id: "store.present",
        title: "The store is there",
        probe: "files",
        needs: &["config.login", "store.writable", "store.reset"],
        judge: present,
        explanation: Explanation {
            meaning: "matrix-store holds the private keys of the bot's device. A login makes it.",
            matters: "A device whose private keys are gone can never be used for encryption again: \
                      the bot needs a new one.",
            causes: &[
                "the directory was deleted to start afresh, as an old advice says",
                "the configuration was copied to another machine without it",
                "the token was copied from another client instead of logging in",
            ],
        },
        remedy: NEW_DEVICE,
    },
    Check {
        id: "store.databases",
        title: "The store is not damaged",
        probe: "databases",
        needs: &["store.present"],
        judge: databases,
        explanation: Explanation {
            meaning: "SQLite looks through the encryption store and what the bot knows of its rooms, \
                      while no gateway runs. The journal has a check of its own.",
            matters: "The gateway cannot start, or loses keys while it runs.",
            causes: &[
                "a damaged disk",
                "files that were copied while a gateway ran",
            ],
        },
        remedy: NEW_DEVICE,
    },
    Check {
        id: "store.readable",
        title: "The store can be opened",
        probe: "account",
        needs: &["store.databases"],
        judge: readable,
        explanation: Explanation {
            meaning: "The encryption store is opened as the gateway opens it. While a gateway runs \
                      this is left to it.",
            matters: "Without its keys the device can neither read nor write encrypted messages.",
            causes: &[
                "a damaged disk, or files that were copied while a gateway ran",
                "the store was written by a later version",
            ],
        },
        remedy: NEW_DEVICE,
    },
    Check {
        id: "store.account",
        title: "The store is the configured device's",
        probe: "account",
        needs: &["store.readable"],
        judge: account,
        explanation: Explanation {
            meaning: "The device in the store is compared with userId and deviceId.",
            matters: "The gateway refuses to start: these keys are of no use to another device.",
            causes: &[
                "userId or deviceId was edited",
                "matrix-store was copied from another bot",
            ],
        },
        remedy: NEW_DEVICE,
    },
    Check {
        id: "store.version",
        title: "The journal was not written by a newer nanobot",
        probe: "journal",
        needs: &["store.present"],
        judge: version,
        explanation: Explanation {
            meaning: "The journal (inbox.sqlite3) holds what came in and what is to be answered. Its \
                      version is compared with what this program knows.",
            matters: "The gateway refuses to start, instead of losing what it does not understand.",
            causes: &["nanobot was put back to an older version"],
        },
        remedy: Advice {
            text: "update this nanobot to the version that wrote it",
            commands: &["nanobot --version"],
        },
    },
    Check {
        id: "store.integrity",
        title: "The journal is not damaged",
        probe: "journal",
        needs: &["store.version"],
        judge: integrity,
        explanation: Explanation {
            meaning: "SQLite checks the journal's whole file, while no gateway runs.",
            matters: "The gateway cannot start.",
            causes: &[
                "a damaged disk",
                "files that were copied while a gateway ran",
            ],
        },
        remedy: Advice {
            text: "move inbox.sqlite3 out of matrix-store; messages that wait in it are not answered, \
                   and the bot goes on from the encryption store's own position",
            commands: &[],
        },
    },
    Check {
        id: "store.copy",
        title: "The store is not an older copy",
        probe: "generation",
        needs: &["store.integrity"],
        judge: copy,
        explanation: Explanation {
            meaning: "The account remembers how often the gateway was started with this store, and \
                      the store does.",
            matters: "An older copy has lost keys that were made since, so its encryption is broken \
                      for good. The gateway refuses to start with it.",
            causes: &[
                "matrix-store was restored from a backup",
                "the machine was put back to a snapshot",
            ],
        },
        remedy: NEW_DEVICE,
    },
    Check {
        id: "store.size",
        title: "The store is of a normal size",
        probe: "files",
        needs: &[],
        judge: |facts| Some(size(facts.store.as_ref()?)),
        explanation: Explanation {
            meaning: "The size of all files in matrix-store.",
            matters: "A store that grows without end fills the disk and slows the bot down.",
            causes: &["a bot in very large or very many rooms"],
        },
        remedy: Advice {
            text: "let the bot leave rooms it is not needed in",
            commands: &[],
        },
    },
];

fn writable(store: &StoreFacts) -> Verdict {
    let place = store.directory.display();
    match &store.unwritable {
        Some(why) => Verdict::fail(format!("cannot write in {place}: {why}")),
        None => Verdict::pass(format!("files can be written in {place}")),
    }
}

fn disk_space(facts: &Facts) -> Option<Verdict> {
    let free = facts.store.as_ref()?.disk.as_ref()?.free;
    let detail = format!("{} MiB are free", free >> 20);
    Some(
        match free {
            0..NOTHING => Verdict::fail(detail),
            NOTHING..LITTLE => Verdict::warn(detail),
            _ => Verdict::pass(detail),
        }
        .evidence("free_bytes", free),
    )
}

fn filesystem(facts: &Facts) -> Option<Verdict> {
    Some(match facts.store.as_ref()?.disk.as_ref()?.network {
        Some(name) => Verdict::warn(format!("the store is on a network filesystem ({name})")),
        None => Verdict::pass("it is no network filesystem that we know"),
    })
}

fn permissions(store: &StoreFacts) -> Option<Verdict> {
    let open: Vec<_> = store.files.iter().filter(|file| is_open(file)).collect();
    let Some(first) = open.first() else {
        return (!store.files.is_empty()).then(|| Verdict::pass("all files are private"));
    };
    let others = match open.len() - 1 {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    let paths: Vec<&Path> = open.iter().map(|file| file.path.as_path()).collect();
    Some(
        Verdict::warn(format!(
            "{} has mode {:04o}, which is not for its owner alone{others}",
            first.path.display(),
            first.mode
        ))
        .evidence("paths", paths),
    )
}

/// Whether others than the owner may do anything with a file or directory of the bot.
pub(in crate::doctor) fn is_open(file: &FileFacts) -> bool {
    file.mode & 0o077 != 0
}

fn reset(facts: &Facts) -> Option<Verdict> {
    Some(if !facts.store.as_ref()?.reset_unfinished {
        Verdict::pass("none is under way")
    } else if is_silent(facts) {
        Verdict::skip(SILENT)
    } else {
        Verdict::fail("a reset of the encryption store was begun here and not finished")
    })
}

fn present(facts: &Facts) -> Option<Verdict> {
    let store = facts.store.as_ref()?;
    let place = store.directory.display();
    if store.exists {
        return Some(Verdict::pass(place.to_string()));
    }
    let published = facts.keys.as_ref().and_then(|keys| keys.as_ref().ok());
    Some(match published.map(|keys| &keys.device) {
        Some(None) => Verdict::pass("the device is new: the gateway makes it when it starts"),
        Some(Some(_)) => Verdict::fail(format!(
            "there is no {place}, and the device has published keys: the store was deleted, or the \
             token was copied from another client"
        )),
        // Nearly every device that is configured has been used.
        None => Verdict::fail(format!(
            "there is no {place}: unless the device is new, its keys are gone"
        )),
    })
}

/// Said of what is left to the gateway that has the store open.
const OPEN: &str = "the running gateway has it open";

/// Said of what another nanobot uses that tells nothing of itself.
const SILENT: &str = "another nanobot uses it";

fn is_silent(facts: &Facts) -> bool {
    matches!(facts.gateway, Some(Ok(Gateway::Silent { .. })))
}

fn is_running(facts: &Facts) -> bool {
    let gateway = facts.gateway.as_ref();
    gateway.is_some_and(|gateway| {
        gateway
            .as_ref()
            .is_ok_and(|gateway| gateway.status().is_some())
    })
}

fn readable(facts: &Facts) -> Option<Verdict> {
    if is_running(facts) {
        return Some(Verdict::pass(OPEN));
    }
    if is_silent(facts) {
        return Some(Verdict::skip(SILENT));
    }
    let store = facts.store.as_ref()?;
    Some(match facts.account.as_ref()? {
        Ok(Some(_)) => Verdict::pass("the keys can be read"),
        Ok(None) if !store.exists => Verdict::skip("there is none yet"),
        Ok(None) => Verdict::warn(format!(
            "there are no keys in {}: unless the device is new, they are gone",
            store.directory.display()
        )),
        Err(trouble) if trouble.kind == Kind::StoreInUse => {
            Verdict::skip("another nanobot has it open")
        }
        Err(trouble) => Verdict::troubled(trouble),
    })
}

fn databases(facts: &Facts) -> Option<Verdict> {
    if is_running(facts) {
        return Some(Verdict::pass(OPEN));
    }
    if is_silent(facts) {
        return Some(Verdict::skip(SILENT));
    }
    let damaged = match facts.damaged.as_ref()? {
        Ok(damaged) => damaged,
        Err(trouble) => return Some(Verdict::troubled(trouble)),
    };
    let told = |damage: &Damage| format!("{} is damaged: {}", damage.file, damage.why);
    let lines: Vec<_> = damaged.iter().map(told).collect();
    Some(if lines.is_empty() {
        Verdict::pass("its databases are sound")
    } else {
        Verdict::fail(lines.join("\n"))
    })
}

fn version(facts: &Facts) -> Option<Verdict> {
    if is_running(facts) {
        return Some(Verdict::pass(OPEN));
    }
    if is_silent(facts) {
        return Some(Verdict::skip(SILENT));
    }
    Some(match facts.journal.as_ref()?.as_ref().ok()? {
        None => Verdict::pass("there is no journal yet"),
        Some(Stored::Sound { version, .. }) => Verdict::pass(format!("it is version {version}")),
        Some(Stored::Newer { version }) => Verdict::fail(format!(
            "the journal is of version {version}, which this nanobot does not know"
        )),
        // Told by another check.
        Some(Stored::Damaged { .. }) => return None,
    })
}

fn integrity(facts: &Facts) -> Option<Verdict> {
    if is_running(facts) {
        return Some(Verdict::pass(OPEN));
    }
    Some(match facts.journal.as_ref()? {
        Ok(Some(Stored::Damaged { why })) => {
            Verdict::fail(format!("the journal is damaged: {why}"))
        }
        Ok(None) => Verdict::pass("there is no journal yet"),
        Ok(Some(_)) => Verdict::pass("the journal is sound"),
        Err(trouble) => Verdict::troubled(trouble),
    })
}

fn copy(facts: &Facts) -> Option<Verdict> {
    if is_running(facts) {
        return Some(Verdict::pass(OPEN));
    }
    let ours = match facts.journal.as_ref()?.as_ref().ok()? {
        Some(Stored::Sound { summary, .. }) => summary.generation,
        _ => return Some(Verdict::skip("there is no journal yet")),
    };
    let remembered = match facts.generation.as_ref()? {
        Ok(remembered) => *remembered,
        Err(failure) => return Some(Verdict::unanswered(failure)),
    };
    Some(match older_copy(ours, remembered) {
        Some(error) => Verdict::fail(error.to_string()),
        None => Verdict::pass("the account remembers no newer one"),
    })
}

fn account(facts: &Facts) -> Option<Verdict> {
    let configured = facts.config.as_ref()?.credentials()?;
    let store = facts.own_keys().ok()??;
    let same = store.user_id == configured.user_id && store.device_id == configured.device_id;
    Some(if same {
        Verdict::pass(format!("it is device {}'s", store.device_id))
    } else {
        Verdict::fail(format!(
            "matrix-store holds the keys of {}'s device {}, but the configured device is {} of {}",
            store.user_id, store.device_id, configured.device_id, configured.user_id
        ))
    })
}

fn size(store: &StoreFacts) -> Verdict {
    let inside = store
        .files
        .iter()
        .filter(|file| !file.is_directory && file.path.parent() == Some(store.directory.as_path()));
    let bytes: u64 = inside.map(|file| file.size).sum();
    let detail = format!("{} MiB", bytes.div_ceil(1 << 20));
    if bytes > LARGE {
        Verdict::warn(detail)
    } else {
        Verdict::pass(detail)
    }
    .evidence("bytes", bytes)
}
