//! The bot's own Matrix device: is it sound, open it, sync it, speak through it.
//!
//! This room and `gateway` are the only ones that know matrix-sdk.

mod account;
mod backup;
mod credentials;
mod cure;
mod direct;
mod failure;
mod file_key;
mod history;
mod identity;
mod key_store;
mod lost_keys;
mod open;
mod preflight;
mod presence;
mod recovery;
mod recovery_key;
mod room_keys;
mod rooms;
mod self_test;
mod shown;
mod signatures;
mod sync;
mod timeline;
mod transfer;
mod urgent;
mod verification;

pub use account::StoreAccount;
pub use backup::RoomKeyBackup;
pub use credentials::{Credentials, configured_options};
pub use cure::{Cure, is_another_verified};
pub use direct::DIRECT_ROOM;
pub use failure::RoomFailure;
pub use file_key::{FileKey, encrypt};
pub use identity::Identity;
pub use key_store::{Imported, KeyStore};
pub use open::{KeyConflict, Session};
pub use preflight::{DeviceKeyPair, Facts, Fault, Readiness, judge};
pub use presence::TYPING_LASTS;
pub use recovery::{Existing, RecoveryFailure, SecretStorage};
pub use recovery_key::RecoveryKey;
pub use room_keys::RoomKeys;
pub use rooms::{RoomFacts, Rooms};
pub use self_test::SelfTester;
pub use shown::{KeyTrouble, Shown};
pub use signatures::{Chain, Flaw, owner_chain, verify_chain, verify_key};
pub use sync::Step;
pub use transfer::{IdentitySecrets, new_device_id};
pub use urgent::Urgent;
pub use verification::{VerificationHost, Verifications};
