//! The calls of the client-server API, before login and as an account.

mod account;
mod account_data;
mod flows;
mod homeserver;
mod initial_sync;
mod keys;
mod login;
mod media;
mod rooms;

pub use account::{Account, Device, Whoami};
pub use account_data::Backup;
pub use flows::LoginFlows;
pub(super) use homeserver::VERSIONS;
pub use homeserver::{Homeserver, Versions};
pub use initial_sync::{InitialSync, Invitation, inviter};
pub use keys::{DeviceKeys, PublishedKeys};
pub use login::Login;
pub use media::{Download, MediaUri};
pub use rooms::Reaction;
