pub mod direct;
pub mod handle;
pub mod notices;
pub mod trust;
pub mod upgrade;
