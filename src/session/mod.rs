//! The bot's own Matrix device: is it sound, open it, sync it, speak through it.
//!
//! This room and `gateway` are the only ones that know matrix-sdk.

mod crypto;
mod device;
mod intake;
mod recovery;
mod rooms;
mod sdk;
mod self_test;
mod store;
mod sync;
mod verification;

pub use crypto::{
    archives::{
        ARCHIVE, Archived, archived, archived_at, archives, find_identity, latest_archives,
    },
    file_key::{FileKey, encrypt},
    key_store::{IdentitySecrets, KeyStore},
    room_keys::RoomKeys,
};
pub use device::{
    credentials::{Credentials, configured_options, credentials},
    generation::{older_copy, remembered_generation},
    key_check::{KeyCheck, KeyConflict, KeyProblem},
    preflight::{DeviceState, Fault, Readiness, refuse_token},
    signatures::{Chain, Flaw, owner_chain, verify_chain, verify_key},
    store_account::{StoreAccount, new_device_id},
};
#[cfg(test)]
pub use intake::any_tests;
pub use intake::{
    classify::{Audience, is_said},
    event::{Envelope, reaction_relation},
};
pub use recovery::{
    advice::{IdentityFix, Remains},
    backup::{BackupWatch, RoomKeyBackup},
    failure::{COST, RecoveryFailure},
    identity::Identity,
    secret_storage::{RecoveryKey, SecretStorage},
};
pub use rooms::{
    direct::DIRECT_ROOM,
    handle::{RoomFacts, Rooms},
    newest::Newest,
    notices::TYPING_LASTS,
    trust::Trust,
    upgrade::{Successor, Upgrade},
};
pub use sdk::RoomFailure;
pub use self_test::SelfTester;
pub use sync::{
    before::Earlier,
    look_up::Found,
    pace::SyncFault,
    progress::Progress,
    session::Session,
    step::{FIRST_SYNC, Step},
};
pub use verification::registry::{VerificationHost, Verifications};
