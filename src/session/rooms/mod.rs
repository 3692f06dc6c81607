pub mod direct;
pub mod handle;
pub mod newest;
pub mod notices;
pub mod trust;
pub mod upgrade;
pub mod vacancy;
