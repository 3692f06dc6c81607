//! The bot's own Matrix device: is it sound, open it, sync it, speak through it.
//!
//! This room and `gateway` are the only ones that know matrix-sdk.

mod account;
mod backup;
mod credentials;
mod direct;
mod failure;
mod file_key;
mod generation;
mod history;
mod identity;
mod intake;
mod journaling;
mod key_store;
mod lost_keys;
mod open;
mod pace;
mod preflight;
mod presence;
mod recovery;
mod room_keys;
mod rooms;
mod self_test;
mod sent;
mod shown;
mod signatures;
mod sync;
mod transfer;
mod trust;
mod urgent;
mod verification;

pub use account::StoreAccount;
pub use backup::RoomKeyBackup;
pub use credentials::{Credentials, configured_options};
pub use direct::DIRECT_ROOM;
pub use failure::RoomFailure;
pub use file_key::{FileKey, encrypt};
pub use generation::{begin_generation, older_copy, remembered_generation};
pub use identity::Identity;
pub use intake::Audience;
pub use key_store::{Imported, KeyStore};
pub use open::{KeyConflict, Session};
pub use pace::SyncFault;
pub use preflight::{DeviceKeyPair, Facts, Fault, Readiness, judge};
pub use presence::TYPING_LASTS;
pub use recovery::{Existing, RecoveryFailure, SecretStorage};
pub use room_keys::RoomKeys;
pub use rooms::{RoomFacts, Rooms};
pub use self_test::SelfTester;
pub use shown::{KeyTrouble, Shown};
pub use signatures::{Chain, Flaw, owner_chain, verify_chain, verify_key};
pub use sync::Step;
pub use transfer::{IdentitySecrets, new_device_id};
pub use trust::Trust;
pub use urgent::Urgent;
pub use verification::{VerificationHost, Verifications};
