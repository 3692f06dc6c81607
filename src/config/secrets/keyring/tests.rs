use std::time::Instant;

use keyring_core::{api::CredentialStoreApi, mock};

use super::*;
use crate::error::Kind;

fn keyring_of(store: &Arc<mock::Store>) -> Keyring {
    let store = Arc::clone(store);
    Keyring {
        open: Arc::new(move || Ok(Arc::clone(&store) as Arc<CredentialStore>)),
        limit: LIMIT,
    }
}

/// Makes the next use of an entry fail.
fn break_entry(store: &mock::Store, name: &str, error: keyring_core::Error) {
    let entry = store.build(SERVICE, name, None).unwrap();
    let entry: &mock::Cred = entry.as_any().downcast_ref().unwrap();
    entry.set_error(error);
}

#[test]
fn a_token_is_kept_for_its_device_alone() {
    let keyring = keyring_of(&mock::Store::new().unwrap());
    let (ours, other) = (Entry::of("@a:b", "ONE"), Entry::of("@a:b", "TWO"));
    assert_eq!(keyring.read(&ours).unwrap(), None);
    keyring.write(&ours, &Secret::new("first")).unwrap();
    keyring.write(&ours, &Secret::new("second")).unwrap();
    keyring.write(&other, &Secret::new("other")).unwrap();
    assert_eq!(keyring.read(&ours).unwrap(), Some(Secret::new("second")));
    assert!(keyring.remove(&ours).unwrap());
    assert!(!keyring.remove(&ours).unwrap());
    assert_eq!(keyring.read(&other).unwrap(), Some(Secret::new("other")));
}

#[test]
fn a_recovery_key_has_an_entry_of_its_own_and_words_of_its_own() {
    let store = mock::Store::new().unwrap();
    let keyring = keyring_of(&store);
    let (key, token) = (Entry::of_recovery_key("@a:b"), Entry::of("@a:b", "ONE"));
    keyring.write(&key, &Secret::new("the key")).unwrap();
    assert_eq!(keyring.read(&token).unwrap(), None);
    assert_eq!(keyring.read(&Entry::of_recovery_key("@c:b")).unwrap(), None);
    assert_eq!(keyring.read(&key).unwrap(), Some(Secret::new("the key")));

    let locked = std::io::Error::other("locked away").into();
    break_entry(
        &store,
        key.name(),
        keyring_core::Error::NoStorageAccess(locked),
    );
    let error = keyring.read(&key).unwrap_err();
    assert!(error.to_string().contains("the recovery key"), "{error}");
    assert!(!error.hint_text().unwrap().contains("token"), "{error:?}");
    assert!(keyring.remove(&key).unwrap());
}

#[test]
fn a_probe_leaves_nothing_behind_and_knows_what_does_not_last() {
    let store = mock::Store::new().unwrap();
    let state = keyring_of(&store).probe();
    let name = "Mock".to_owned();
    let persistent = false;
    assert_eq!(state, KeyringState::Works { name, persistent });
    let entries = store.search(&std::collections::HashMap::new()).unwrap();
    let left = |entry: &keyring_core::Entry| entry.get_password().is_ok();
    assert!(!entries.is_empty() && !entries.iter().any(left));
    assert_eq!(
        describe(store.as_ref(), Some("login")),
        KeyringState::Works {
            name: "Mock, collection login".to_owned(),
            persistent
        }
    );
}

#[test]
fn an_error_has_words_and_none_of_the_secret() {
    let store = mock::Store::new().unwrap();
    let keyring = keyring_of(&store);
    let entry = Entry::of("@a:b", "ONE");
    let locked = || std::io::Error::other("locked away").into();
    for (error, words) in [
        (
            keyring_core::Error::NoStorageAccess(locked()),
            "locked away",
        ),
        (
            keyring_core::Error::PlatformFailure(locked()),
            "locked away",
        ),
        (
            keyring_core::Error::BadEncoding(b"canary".into()),
            "damaged",
        ),
        (
            keyring_core::Error::BadDataFormat(b"canary".into(), locked()),
            "damaged",
        ),
    ] {
        break_entry(&store, entry.name(), error);
        let error = keyring.read(&entry).unwrap_err();
        assert_eq!(error.kind(), Kind::Failure);
        assert!(error.to_string().contains(words), "{error}");
        assert!(error.hint_text().unwrap().contains("--token-store file"));
        // Both as text and as a list of bytes.
        let debug = format!("{error:?}");
        assert!(
            !debug.contains("canary") && !debug.contains("99, 97"),
            "{debug}"
        );
    }
    let probe = format!("probe {}", process::id());
    let refused = keyring_core::Error::NoStorageAccess(locked());
    break_entry(&store, &probe, refused);
    let KeyringState::Unavailable(why) = keyring.probe() else {
        panic!("it cannot be written");
    };
    assert!(why.contains("nothing can be written"), "{why}");
}

#[test]
fn one_that_never_answers_is_left_behind() {
    let (_hold, wait) = std::sync::mpsc::channel::<()>();
    let wait = std::sync::Mutex::new(wait);
    let keyring = Keyring {
        open: Arc::new(move || {
            let _ = wait.lock().unwrap().recv();
            Err("it was let go".to_owned())
        }),
        limit: Duration::from_millis(50),
    };
    let start = Instant::now();
    let KeyringState::Unavailable(why) = keyring.probe() else {
        panic!("it never answered");
    };
    assert!(why.contains("no answer within 0.05 s"), "{why}");
    assert!(start.elapsed() < LIMIT);
}

#[test]
fn one_whose_library_fails_is_told() {
    let keyring = Keyring {
        open: Arc::new(|| Err("there is no bus".to_owned())),
        limit: LIMIT,
    };
    let why = "there is no bus".to_owned();
    assert_eq!(keyring.probe(), KeyringState::Unavailable(why));
    let entry = Entry::of("@a:b", "ONE");
    let error = keyring.remove(&entry).unwrap_err().to_string();
    assert!(
        error.ends_with("cannot be removed: there is no bus"),
        "{error}"
    );
}
