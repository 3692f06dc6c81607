pub mod advice;
pub mod backup;
pub mod failure;
pub mod identity;
pub mod secret_storage;
