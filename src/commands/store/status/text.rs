//! The status for a person.

use std::fmt::Display;

use indicatif::HumanBytes;

use super::{Status, server::Server, sizes::Sizes};
use crate::{
    commands::store::archives::{Archive, Contents},
    session::Chain,
};

/// The width of the names.
const NAMES: usize = 15;

pub(super) fn render(status: &Status) -> String {
    let mut lines = vec![
        row("Account", &status.credentials.user_id),
        row("Device", &status.credentials.device_id),
        row("Fingerprint", fingerprint(status)),
    ];
    match &status.server {
        Ok(server) => lines.extend(seen(status, server)),
        Err(error) => {
            lines.push(row("Verified", "unknown"));
            lines.push(row("Homeserver", format!("not asked: {error}")));
        }
    }
    lines.extend(held(status));
    lines.extend(archives(&status.archives));
    lines.join("\n")
}

fn row(name: &str, value: impl Display) -> String {
    format!("{name:NAMES$} {value}")
}

/// The public key as Element shows it.
fn fingerprint(status: &Status) -> String {
    match &status.local.keys {
        Some(keys) => in_fours(&keys.ed25519),
        None => "unknown".to_owned(),
    }
}

fn in_fours(key: &str) -> String {
    let characters: Vec<_> = key.chars().collect();
    let groups = characters.chunks(4).map(|group| group.iter().collect());
    groups.collect::<Vec<String>>().join(" ")
}

/// What others see.
fn seen(status: &Status, server: &Server) -> Vec<String> {
    let published = match status.is_published() {
        Some(true) => "the homeserver shows the keys that are here",
        Some(false) => "no: the homeserver shows other keys than those here, or none",
        None => "unknown",
    };
    let verified = match (server.chain, &server.master) {
        (Chain::Whole, Some(master)) => {
            format!("by its owner, whose master key is {}", in_fours(master))
        }
        (chain, _) => format!("no: {}", chain.describe()),
    };
    let backup = match &server.backup {
        Some(backup) => format!("version {}, {} room keys", backup.version, backup.count),
        None => "none".to_owned(),
    };
    let secrets = if server.secret_storage {
        "set up; the recovery key opens it"
    } else {
        "none"
    };
    vec![
        row("Published", published),
        row("Verified", verified),
        row("One-time keys", server.one_time_keys),
        row("Key backup", backup),
        row("Secret storage", secrets),
    ]
}

/// What is here.
fn held(status: &Status) -> Vec<String> {
    let local = &status.local;
    let mut lines = Vec::new();
    if let Some(pid) = local.gateway {
        lines.push(row("Gateway", format!("runs (pid {pid})")));
    }
    if let Some(count) = local.room_keys {
        lines.push(row("Room keys", count));
    }
    if let Some(backlog) = &local.backlog {
        let words = format!(
            "{} messages wait for an answer, {} for their key",
            backlog.waiting, backlog.undecryptable.count
        );
        lines.push(row("Journal", words));
        let parked = &backlog.parked;
        if let Some(newest) = parked.recent.first() {
            let words = format!(
                "{} without an answer; the newest, in {}: {}",
                parked.count, newest.room_id, newest.reason
            );
            lines.push(row("Given up", words));
        }
    }
    lines.push(row("Size", size(status.sizes)));
    lines.extend(local.troubles.iter().map(|why| row("Not looked at", why)));
    lines
}

fn size(sizes: Sizes) -> String {
    format!(
        "{}: keys {}, rooms {}, journal {}, other {}",
        HumanBytes(sizes.total()),
        HumanBytes(sizes.keys),
        HumanBytes(sizes.rooms),
        HumanBytes(sizes.journal),
        HumanBytes(sizes.other),
    )
}

fn archives(archives: &[Archive]) -> Vec<String> {
    if archives.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![String::new(), "Archived stores".to_owned()];
    lines.extend(archives.iter().map(archive));
    lines.push(
        "An archive is good for its room keys only, never to run its device again:\n  \
         nanobot store import-keys --from ARCHIVE"
            .to_owned(),
    );
    lines
}

fn archive(archive: &Archive) -> String {
    let name = archive.path.file_name().unwrap_or_default();
    let contents = match &archive.contents {
        Ok(Some(Contents { account, room_keys })) => format!(
            "device {} of {}, {room_keys} room keys",
            account.device_id, account.user_id
        ),
        Ok(None) => "no device".to_owned(),
        Err(error) => format!("cannot be read: {error}"),
    };
    let since = archive.since.as_deref().unwrap_or("at an unknown time");
    format!(
        "  {}  {since}, {}, {contents}",
        name.display(),
        HumanBytes(archive.size)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_shown_in_groups_of_four() {
        assert_eq!(in_fours("abcdefghi"), "abcd efgh i");
    }
}
