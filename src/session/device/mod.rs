pub mod credentials;
pub mod generation;
pub mod key_check;
pub mod preflight;
pub mod signatures;
pub mod store_account;
