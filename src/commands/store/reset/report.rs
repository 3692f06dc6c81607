//! What is said of a reset that is done.

use std::path::Path;

use serde_json::{Map, json};

use super::journal::{Journal, NewIdentity};
use crate::{
    commands::{Outcome, inheritance::describe, recovery_key},
    config::Secret,
    homeserver::Account,
    inbox::Inheritance,
    session::{Cure, owner_chain},
};

/// What to say. `archived` is where the old store is kept, `gone` whether the old device is logged
/// out, `recovery_key` one that was made, `cure` what verifies the device where it is not.
pub(super) fn outcome(
    journal: &Journal,
    archived: Option<&Path>,
    gone: bool,
    recovery_key: Option<&Secret>,
    cure: Option<Cure>,
) -> Outcome {
    let findings = &journal.findings;
    let (old, new) = (&journal.old_device, &journal.new_device);
    let new_identity = findings.new_identity != NewIdentity::No;
    let stale_recovery =
        findings.new_identity == NewIdentity::WithOldRecovery && recovery_key.is_none();
    let verified = match (findings.verified, new_identity) {
        (true, false) => "verified by its owner",
        (true, true) => "verified by its owner, whose identity is new",
        (false, _) => "not yet verified by its owner",
    };
    let mut lines = vec![
        format!("{} has a new device: {new}, {verified}", journal.user_id),
        "A second device and the new one have read each other's messages".to_owned(),
        format!("Room keys taken over: {}", findings.room_keys),
    ];
    lines.extend(describe(Inheritance {
        taken: findings.taken,
        left: findings.left,
    }));
    if gone {
        lines.push(format!("Device {old} is logged out"));
    }
    lines.extend(archived.map(|archived| {
        format!(
            "The old store is kept in {}: good for its keys, never to be put back",
            archived.display()
        )
    }));
    if let Some(cure) = cure {
        lines.push(format!("The device is not verified: {}", cure.advice()));
    }
    if stale_recovery {
        lines.push(
            "The recovery key and the backup of room keys that the account had belong to its old \
             identity, and nothing new goes there. To replace them with one more identity: nanobot \
             login --reset-identity --recovery"
                .to_owned(),
        );
    }
    lines.push("Next: nanobot gateway".to_owned());
    let fields = [
        ("user_id", json!(journal.user_id)),
        ("old_device", json!(old)),
        ("new_device", json!(new)),
        ("verified", json!(findings.verified)),
        ("new_identity", json!(new_identity)),
        ("stale_recovery", json!(stale_recovery)),
        ("proven", json!(findings.proven)),
        ("room_keys", json!(findings.room_keys)),
        ("unanswered_taken_over", json!(findings.taken)),
        ("unanswered_left", json!(findings.left)),
        ("archived_store", json!(archived)),
        ("old_device_logged_out", json!(gone)),
    ];
    let mut outcome = Outcome {
        text: lines.join("\n"),
        json: Map::from_iter(fields.map(|(name, value)| (name.to_owned(), value))),
        ..Outcome::default()
    };
    if let Some(key) = recovery_key {
        recovery_key::show(&mut outcome, key);
    }
    outcome
}

/// What verifies the new device, as far as can be told.
pub(super) async fn cure(account: &Account, journal: &Journal) -> Option<Cure> {
    let (user_id, device_id) = (&journal.user_id, &journal.new_device);
    let found = async {
        let chain = owner_chain(account, user_id, device_id).await?;
        Cure::find(account, user_id, device_id, chain).await
    };
    found
        .await
        .inspect_err(|error| tracing::debug!(%error, "cannot tell what verifies the device"))
        .unwrap_or_default()
}
