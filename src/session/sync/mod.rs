pub mod history;
pub mod look_up;
pub mod pace;
pub mod progress;
pub mod record;
pub mod run;
pub mod session;
pub mod step;
