pub mod archives;
pub mod file_key;
pub mod key_store;
pub mod lost_keys;
pub mod room_keys;
