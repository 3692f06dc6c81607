pub mod history;
pub mod pace;
pub mod progress;
pub mod record;
pub mod run;
pub mod session;
pub mod step;
