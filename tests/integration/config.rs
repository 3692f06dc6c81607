//! `nanobot config` as a person and a script meet it.

mod bad_input;
mod edit;
mod environment;
mod python_tool;
mod reading;
mod schema;
mod secrets;
mod writing;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::harness::bot::Home;
use crate::harness::output::Output;

const MODE: u32 = 0o600;

/// A home with this configuration, as private as it should be.
fn home(config: &str) -> Home {
    home_of_bytes(config.as_bytes())
}

fn home_of_bytes(config: &[u8]) -> Home {
    let home = Home::new();
    fs::create_dir_all(home.path()).unwrap();
    fs::write(home.config_path(), config).unwrap();
    fs::set_permissions(home.config_path(), fs::Permissions::from_mode(MODE)).unwrap();
    home
}

/// A home with these keys in `channels.matrix`.
fn home_with(section: &str) -> Home {
    home(&format!(
        "{{\n  \"channels\": {{\n    \"matrix\": {section}\n  }}\n}}\n"
    ))
}

fn text(home: &Home) -> String {
    fs::read_to_string(home.config_path()).unwrap()
}

fn mode(home: &Home) -> u32 {
    fs::metadata(home.config_path())
        .unwrap()
        .permissions()
        .mode()
        & 0o7777
}

/// Runs `nanobot config` with these words.
async fn config(home: &Home, arguments: &[&str]) -> Output {
    config_with_stdin(home, arguments, "").await
}

async fn config_with_stdin(home: &Home, arguments: &[&str], stdin: &str) -> Output {
    let arguments: Vec<_> = ["config"].iter().chain(arguments).copied().collect();
    home.run(&arguments, stdin).await
}

/// Runs it in an environment with these variables as well.
async fn config_with_env(home: &Home, arguments: &[&str], pairs: &[(&str, &str)]) -> Output {
    let arguments: Vec<_> = ["config"].iter().chain(arguments).copied().collect();
    let mut command = home.command(&arguments);
    command.envs(pairs.iter().copied());
    home.run_command(command, "").await
}
